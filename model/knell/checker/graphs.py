"""Strongly connected components of large graphs that have few cycles.

States of a protocol rarely come again, so most of a state graph is no part of a cycle. States
that no cycle leads to are peeled off first; what is left is given to networkx.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import networkx as nx

Graph: TypeAlias = Mapping[int, Sequence[int]]

if TYPE_CHECKING:
    _Directed: TypeAlias = nx.DiGraph[int]
else:
    _Directed = nx.DiGraph

_NO_ATTRIBUTES: dict[str, object] = {}


class _View(_Directed):
    """A graph for algorithms that ask only for states and their successors; it copies nothing.

    To copy the steps into a graph of networkx would take several times as long as the search for
    components itself, and hundreds of bytes a step. Algorithms iterate over what they find at a
    state, so a sequence of successors may stand where networkx keeps a dictionary.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._node = dict.fromkeys(graph, _NO_ATTRIBUTES)
        self._adj = graph


def cycles(graph: Graph) -> list[set[int]]:
    """The strongly connected components that hold a cycle, by their least member.

    ``graph`` maps every state to its successors, all of them states of the graph. A step from a
    state to itself makes no cycle.
    """
    return sorted((c for c in strong_components(peel(graph)) if len(c) > 1), key=min)


def strong_components(graph: Graph) -> Iterator[set[int]]:
    """All strongly connected components."""
    return nx.strongly_connected_components(_View(graph))


def peel(graph: Graph) -> Graph:
    """The graph without the states that no cycle leads to."""
    arriving = dict.fromkeys(graph, 0)
    for targets in graph.values():
        for v in targets:
            arriving[v] += 1
    free = [u for u, n in arriving.items() if n == 0]
    for u in free:
        for v in graph[u]:
            arriving[v] -= 1
            if arriving[v] == 0:
                free.append(v)
    gone = set(free)
    return {u: targets for u, targets in graph.items() if u not in gone}
