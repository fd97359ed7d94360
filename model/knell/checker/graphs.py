"""Strongly connected components of large graphs that have few cycles.

States of a protocol rarely come again, so most of a state graph is no part of a cycle. States
that no cycle leads to are peeled off first, then those that lead to none; what is left, cycles
and ways between them, is given to networkx.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx

Graph: TypeAlias = Mapping[int, Sequence[int]]


if TYPE_CHECKING:
    _Directed: TypeAlias = nx.DiGraph[int]
else:
    _Directed = nx.DiGraph

_NO_ATTRIBUTES: dict[str, Any] = {}


class _Thin(_Directed):
    """A graph whose edges share one empty dictionary of attributes: it saves most of the memory."""

    edge_attr_dict_factory = staticmethod(lambda: _NO_ATTRIBUTES)


def cycles(graph: Graph) -> Iterator[set[int]]:
    """The strongly connected components that hold a cycle, by their least member.

    ``graph`` maps every state to its successors, all of them states of the graph. A step from a
    state to itself makes no cycle.
    """
    core = reverse(peel(reverse(peel(graph))))
    thin = _Thin()
    thin.add_edges_from((u, v) for u, targets in core.items() for v in targets if u != v)
    found = [c for c in nx.strongly_connected_components(thin) if len(c) > 1]
    return iter(sorted(found, key=min))


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


def reverse(graph: Graph) -> Graph:
    """The graph with its arrows turned round; arrows that leave the graph are dropped."""
    back: dict[int, list[int]] = {u: [] for u in graph}
    for u, targets in graph.items():
        for v in targets:
            if v in back:
                back[v].append(u)
    return back
