"""Lassos on arrays: the same way in and the same rounds as :mod:`knell.checker.lasso` finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knell.checker.compiled.graph import Graph, first_of_each
from knell.checker.compiled.liveness import WIDTH, Ask, Fair, Trapped, Traps, waiting
from knell.checker.explored import Edges, Explored
from knell.checker.lasso import Lasso, Rounds, Step, soonest
from knell.checker.liveness import Fairness
from knell.checker.questions import Response
from knell.language.grounding import Program
from knell.language.properties import Property

_UNSEEN, _START = -2, -1


class ArrayAnalysis:
    """Which leads-to properties a large graph refutes, and how.

    ``asking`` holds the responses that start to wait in each state, as words of bits, and a
    function from states to those that lack their goals there.
    """

    def __init__(
        self,
        program: Program,
        responses: Sequence[Response],
        explored: Explored,
        graph: Graph,
        asking: tuple[Any, Ask],
    ) -> None:
        starts, ask = asking
        self.responses = responses
        self.explored = explored
        self.graph = graph
        self.starts = starts
        self.waits = waiting(graph, starts, ask)
        self.traps = Traps(graph, self.waits, Fair(program))
        edges = Edges(graph.first, graph.targets, graph.instances)  # read alone
        self.fairness = Fairness(program, edges)

    def refutation(self, declared: Property) -> tuple[Response, Lasso] | None:
        """As :meth:`knell.checker.lasso.Refuter.refutation`."""
        return soonest(self.responses, declared, self._shortest)

    def _shortest(self, response: int, below: int) -> Lasso | None:
        traps = self.traps.of(response)
        if not (traps.stay.any() or traps.labels.any()):
            return None
        way = self._way_in(response, traps, below)
        if way is None:
            return None
        states, instances = way
        loop = len(states) - 1
        if not traps.stay[states[-1]]:
            inside = traps.labels == traps.labels[states[-1]]
            rounds = ArrayRounds(self.graph, self.fairness, inside)
            for instance, state in rounds.around(states[-1]):
                instances.append(instance)
                states.append(state)
            states.pop()  # the loop's last step leads home
        return Lasso(states, instances, loop)

    def _way_in(
        self, response: int, traps: Trapped, below: int
    ) -> tuple[list[int], list[int]] | None:
        """A shortest way over the premise into a trap, found depth by depth."""
        waits, starts = (_bit(words, response) for words in (self.waits, self.starts))
        begin = np.flatnonzero(starts)
        depths = np.searchsorted(self.explored.level_ends, begin, side="right")
        way = _Ways(self.graph)
        front = begin[:0]
        depth = 0
        while (len(front) or (depths >= depth).any()) and depth + 1 < below:
            fresh = begin[depths == depth]
            fresh = fresh[way.came[fresh] == _UNSEEN]
            way.came[fresh] = _START
            front = np.concatenate((front, fresh))
            trapped = front[traps.size_at(front) > 0]
            if len(trapped):
                best = int(trapped[np.argmin(traps.size_at(trapped))])
                return self._backwards(best, way)
            front = way.advance(front, waits)
            depth += 1
        return None

    def _backwards(self, state: int, way: _Ways) -> tuple[list[int], list[int]]:
        states, instances = way.back(state)
        before, path = self.explored.path(states[0])
        return before[:-1] + states, path + instances


class ArrayRounds(Rounds):
    """Rounds inside a trap that is an array of flags."""

    def __init__(self, graph: Graph, fairness: Fairness, inside: Any) -> None:
        super().__init__(fairness)
        self.graph = graph
        self.inside = inside

    def nearest(self, start: int, home: int, weak: int, strong: int) -> list[Step]:
        serves = self._serving(weak, strong)
        ways = _Ways(self.graph)
        ways.came[start] = _START
        front = np.array([start])
        while len(front):
            origin, steps = self.graph.out(front)
            targets = self.graph.targets[steps]
            known = targets < self.graph.size
            known[known] = self.inside[targets[known]]
            origin, steps, targets = origin[known], steps[known], targets[known]
            if serves is None:
                hit = targets == home
            else:
                hit = serves[0][self.graph.instances[steps]] | serves[1][targets]
            if hit.any():
                at = int(np.argmax(hit))
                states, instances = ways.back(int(front[origin[at]]))
                instances.append(int(self.graph.instances[steps[at]]))
                states.append(int(targets[at]))
                return list(zip(instances, states[1:], strict=True))
            front = ways.advance(front, self.inside)
        raise AssertionError("a trap serves every fair instance")

    def _serving(self, weak: int, strong: int) -> tuple[Any, Any] | None:
        """The instances, and the states, that a step serves by taking or reaching them."""
        if not weak | strong:
            return None
        bits = self.fairness.bits
        taken = np.array([bool(bit & (weak | strong)) for bit in bits])
        pausing = np.array([bool(bit & weak) for bit in bits])
        enabled = self.graph.counts(pausing[self.graph.instances])
        return taken, enabled < pausing.sum()


class _Ways:
    """By which step each state was first come to."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.came = np.full(graph.size, _UNSEEN, dtype=np.int64)

    def advance(self, front: Any, allowed: Any) -> Any:
        """The allowed states that are come to from the front, in the order of the steps."""
        _, steps = self.graph.out(front)
        targets = self.graph.targets[steps]
        fresh = targets < self.graph.size
        fresh[fresh] = allowed[targets[fresh]] & (self.came[targets[fresh]] == _UNSEEN)
        steps, targets = steps[fresh], targets[fresh]
        chosen = first_of_each(targets)
        self.came[targets[chosen]] = steps[chosen]
        return targets[chosen]

    def back(self, state: int) -> tuple[list[int], list[int]]:
        """The states and instances on the way to a state."""
        states, instances = [state], []
        while (step := int(self.came[states[-1]])) != _START:
            instances.append(int(self.graph.instances[step]))
            states.append(int(np.searchsorted(self.graph.first, step, side="right")) - 1)
        return states[::-1], instances[::-1]


def _bit(words: Any, response: int) -> Any:
    """A flag for each state: whether the response's bit is set."""
    word, bit = divmod(response, WIDTH)
    return words[:, word] >> np.uint64(bit) & np.uint64(1) != 0
