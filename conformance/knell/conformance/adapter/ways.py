"""Shortest ways through the part of the model that an adapter supports."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knell.conformance.replay.expected import Graph


@dataclass
class Tree:
    """Shortest ways from the initial state.

    Attributes:
        order: The states that can be reached, the nearest first.
    """

    order: list[int] = field(default_factory=lambda: [0])
    _before: dict[int, tuple[int, int]] = field(default_factory=dict)

    def way(self, state: int) -> list[int]:
        """The instances on a shortest way to a state."""
        way = []
        while state:
            state, instance = self._before[state]
            way.append(instance)
        return way[::-1]

    def add(self, state: int, before: int, instance: int) -> None:
        """Note how a state is reached."""
        self._before[state] = (before, instance)
        self.order.append(state)


def reach(graph: Graph, taken: Sequence[Iterable[int]]) -> Tree:
    """Find the ways that take these instances alone; `taken` lists them for each state."""
    tree = Tree()
    met = {0}
    queue = deque([0])
    while queue:
        state = queue.popleft()
        for instance in sorted(taken[state]):
            target = graph.steps[state][instance].target
            if target not in met:
                met.add(target)
                tree.add(target, state, instance)
                queue.append(target)
    return tree
