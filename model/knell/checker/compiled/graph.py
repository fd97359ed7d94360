"""The graph of a compiled search as arrays: steps, frontiers, strongly connected components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from knell.checker.graphs import strong_components

_FEW = 20_000  # steps of a graph that needs no other library


@dataclass(frozen=True)
class Graph:
    """The changing steps of the expanded states: those of ``u`` are at ``first[u]:first[u + 1]``.

    A target may be a state that was not expanded; its number is ``size`` or more.
    """

    first: Any
    targets: Any
    instances: Any

    @property
    def size(self) -> int:
        """How many states were expanded."""
        return len(self.first) - 1

    def out(self, states: Any) -> tuple[Any, Any]:
        """The steps out of some states: for each its state's position there, and its number."""
        start = self.first[states]
        count = self.first[states + 1] - start
        origin = np.repeat(np.arange(len(states)), count)
        before = np.cumsum(count) - count
        return origin, np.arange(len(origin)) + np.repeat(start - before, count)

    def counts(self, wanted: Any) -> Any:
        """For each state, how many of its steps are among the wanted ones (a flag for each)."""
        sums = np.concatenate(([0], np.cumsum(wanted, dtype=np.int64)))
        return sums[self.first[1:]] - sums[self.first[:-1]]


def first_of_each(numbers: Any) -> Any:
    """The positions at which each number occurs first, ascending."""
    return np.sort(np.unique(numbers, return_index=True)[1])


def components(size: int, sources: Any, targets: Any) -> tuple[Any, Any]:
    """For each of ``size`` states the label of its component, and the sizes of components."""
    labels = (_few if len(sources) < _FEW else _many)(size, sources, targets)
    return labels, np.bincount(labels, minlength=1)


def _few(size: int, sources: Any, targets: Any) -> Any:
    graph: dict[int, list[int]] = {u: [] for u in range(size)}
    for u, v in zip(sources.tolist(), targets.tolist(), strict=True):
        graph[u].append(v)
    labels = np.zeros(size, dtype=np.int64)
    for label, component in enumerate(strong_components(graph)):
        labels[list(component)] = label
    return labels


def _many(size: int, sources: Any, targets: Any) -> Any:
    # Imported here, for to import it takes longer than most searches.
    from scipy.sparse import csr_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ones = np.ones(len(sources), dtype=np.int8)
    matrix = csr_array((ones, (sources, targets)), shape=(size, size))
    return connected_components(matrix, directed=True, connection="strong")[1]
