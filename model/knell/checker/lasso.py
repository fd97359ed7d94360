"""Lassos: endless runs in which a response waits for ever, as counterexamples.

The way in is a shortest one: among all ways from an initial state over a state with the premise
and on through states without the goal, into any of the response's traps. The loop is made step
by step: to the nearest place that serves an instance whose fairness the loop does not respect
yet, and home when there is none. It is short, if not always the shortest.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from knell.checker.explored import Edges, Explored
from knell.checker.liveness import Fairness, Regions, Trap, Traps
from knell.checker.questions import Response
from knell.language.grounding import Program
from knell.language.properties import Property

Step = tuple[int, int]  # an instance, and the state that it leads to


@dataclass(frozen=True)
class Lasso:
    """States and instances; with ``loop`` the last step leads back to ``states[loop]``."""

    states: list[int]
    instances: list[int]
    loop: int


class Refuter(Protocol):
    """Tells which leads-to properties a graph refutes."""

    def refutation(self, declared: Property) -> tuple[Response, Lasso] | None:
        """Of the property's instances the one that is soonest trapped; of these the first."""


class Analysis:
    """Which leads-to properties the graph refutes, and how."""

    def __init__(self, program: Program, responses: Sequence[Response], explored: Explored) -> None:
        self.responses = responses
        regions = Regions(program, responses, explored)
        fairness = Fairness(program, regions.edges)
        self.traps = Traps(regions, fairness, len(responses)).of
        self.lassos = Lassos(regions, fairness)

    def refutation(self, declared: Property) -> tuple[Response, Lasso] | None:
        """As :meth:`Refuter.refutation`."""

        def shortest(k: int, below: int) -> Lasso | None:
            return self.lassos.shortest(k, self.traps[k], below) if self.traps[k] else None

        return soonest(self.responses, declared, shortest)


def soonest(
    responses: Sequence[Response],
    declared: Property,
    shortest: Callable[[int, int], Lasso | None],
) -> tuple[Response, Lasso] | None:
    """Of a property's responses the one with the shortest way in; of these the first.

    ``shortest`` makes a response's lasso, if its way in has fewer states than so many.
    """
    best = None
    below = sys.maxsize
    for k, response in enumerate(responses):
        if response.declared is declared:
            lasso = shortest(k, below)
            if lasso is not None:
                best = response, lasso
                below = lasso.loop + 1
    return best


class Lassos:
    """Makes lassos of the responses of one search."""

    def __init__(self, regions: Regions, fairness: Fairness) -> None:
        self.regions = regions
        self.fairness = fairness
        self.edges = regions.edges

    def shortest(self, response: int, traps: Sequence[Trap], below: int) -> Lasso | None:
        """The response's lasso, if its way in has fewer than ``below`` states."""
        trap_of: dict[int, Trap] = {}
        for trap in traps:
            for u in trap.states:
                trap_of.setdefault(u, trap)
        way = self._way_in(response, trap_of, below)
        if way is None:
            return None
        states, instances = way
        trap = trap_of[states[-1]]
        loop = len(states) - 1
        if len(trap.states) > 1:
            for instance, state in TrapRounds(self.edges, self.fairness, trap).around(states[-1]):
                instances.append(instance)
                states.append(state)
            states.pop()  # the loop's last step leads home
        return Lasso(states, instances, loop)

    def _way_in(
        self, response: int, traps: dict[int, Trap], below: int
    ) -> tuple[list[int], list[int]] | None:
        """A shortest way over the premise into a trap, found depth by depth."""
        explored, regions = self.regions.explored, self.regions
        starts: dict[int, list[int]] = {}
        for u, mask in enumerate(regions.starts):
            if mask >> response & 1:
                starts.setdefault(bisect_right(explored.level_ends, u), []).append(u)
        came: dict[int, tuple[int, int] | None] = {}
        front: list[int] = []
        depth = 0
        while (front or any(d >= depth for d in starts)) and depth + 1 < below:
            for u in starts.get(depth, ()):
                if u not in came:
                    came[u] = None
                    front.append(u)
            trapped = [u for u in front if u in traps]
            if trapped:
                return self._backwards(min(trapped, key=lambda u: len(traps[u].states)), came)
            front = list(self._advance(front, came, response))
            depth += 1
        return None

    def _advance(
        self, front: list[int], came: dict[int, tuple[int, int] | None], response: int
    ) -> Iterator[int]:
        waiting = self.regions.waiting
        for u in front:
            for k, v in steps_from(self.edges, u):
                if v < len(waiting) and waiting[v] >> response & 1 and v not in came:
                    came[v] = (u, k)
                    yield v

    def _backwards(
        self, state: int, came: dict[int, tuple[int, int] | None]
    ) -> tuple[list[int], list[int]]:
        states, instances = [state], []
        while (step := came[states[-1]]) is not None:
            states.append(step[0])
            instances.append(step[1])
        before, path = self.regions.explored.path(states[-1])
        return before[:-1] + states[::-1], path + instances[::-1]


class Rounds:
    """Makes rounds inside a trap; how its states are kept is the business of a subclass."""

    def __init__(self, fairness: Fairness) -> None:
        self.fairness = fairness

    def nearest(self, start: int, home: int, weak: int, strong: int) -> list[Step]:
        """The shortest way inside the trap whose last step serves one of some instances.

        A step serves an instance by taking it, or, if it is weakly fair, by leading to where it
        is not enabled. Where no instance is to be served, it is the way to ``home``.
        """
        raise NotImplementedError

    def around(self, home: int) -> list[Step]:
        """Steps inside the trap, from a state back to it, that respect all fairness."""
        fairness = self.fairness
        enabled = fairness.enabled(home)
        always, ever, taken = enabled & fairness.weak, enabled & fairness.strong, 0
        steps: list[Step] = []
        here = home
        while not steps or here != home or (always | ever) & ~taken:
            for k, v in self.nearest(here, home, always & ~taken, ever & ~taken):
                steps.append((k, v))
                taken |= fairness.bits[k]
                always &= fairness.enabled(v)
                ever |= fairness.enabled(v) & fairness.strong
                here = v
        return steps


class TrapRounds(Rounds):
    """Rounds inside a trap that is a set of states."""

    def __init__(self, edges: Edges, fairness: Fairness, trap: Trap) -> None:
        super().__init__(fairness)
        self.edges = edges
        self.trap = trap

    def nearest(self, start: int, home: int, weak: int, strong: int) -> list[Step]:
        serves = self._serving(home, weak, strong)
        came: dict[int, tuple[int, int]] = {}
        queue = deque([start])
        while queue:
            u = queue.popleft()
            for k, v in steps_from(self.edges, u):
                if v not in self.trap.states:
                    continue
                if serves(k, v):
                    return [*_trail(came, start, u), (k, v)]
                if v != start and v not in came:
                    came[v] = (u, k)
                    queue.append(v)
        raise AssertionError("a trap serves every fair instance")

    def _serving(self, home: int, weak: int, strong: int) -> Callable[[int, int], bool]:
        """Whether a step serves one of the instances; if there are none, whether it leads home."""
        fairness = self.fairness
        if not weak | strong:
            return lambda _, v: v == home
        return lambda k, v: bool(fairness.bits[k] & (weak | strong) or weak & ~fairness.enabled(v))


def steps_from(edges: Edges, state: int) -> Iterator[Step]:
    """The changing steps of a state."""
    for e in range(edges.first[state], edges.first[state + 1]):
        yield edges.instances[e], edges.targets[e]


def _trail(came: dict[int, tuple[int, int]], start: int, end: int) -> list[Step]:
    """The steps from the start to the end, where ``came`` tells how each state was reached."""
    steps = []
    while end != start:
        before, instance = came[end]
        steps.append((instance, end))
        end = before
    return steps[::-1]
