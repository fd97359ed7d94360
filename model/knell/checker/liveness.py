"""Leads-to under fairness: the search for fair cycles in which the goal never holds.

``P leads to Q`` fails exactly if some run reaches a state with P and not Q and then goes on for
ever, fairly, through states without Q. A finite graph has such a run exactly if, within the
states without Q, a state with P and not Q can reach one of these:

* a state in which no fair instance is enabled: the run may stand still there;
* a strongly connected set of states in which each weakly fair instance is taken on some step or
  disabled in some state, and each strongly fair one is taken on some step or disabled in all
  states: the run may go round through all of it.

For strong fairness such sets are found as Streett did: where an instance is enabled in a
component but never taken in it, the states that enable it are removed and the rest is decomposed
again. For weak fairness no part of such a component can do better, so all of it is dropped.

An instance is enabled, for fairness, in the states that it changes. So a state's enabled
instances are those of its edges, and only of states that were expanded are they known: in a graph
that is not complete a run through these alone is as good a counterexample, but its absence
proves nothing.

All instances of all properties are handled together, as bits of one mask per state.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass

from knell.checker.errors import MisstepError
from knell.checker.explored import Edges, Explored
from knell.checker.graphs import cycles
from knell.checker.questions import Response
from knell.checker.watches import Watches, watch_for
from knell.language.ground import Ground
from knell.language.grounding import Program


@dataclass(frozen=True)
class Trap:
    """States among which a run may stay for ever and be fair; one state: by standing still."""

    states: frozenset[int]


class Fairness:
    """The fair instances that each state enables, and that steps take, as bit masks."""

    def __init__(self, program: Program, edges: Edges) -> None:
        self.edges = edges
        self.bits = [0] * len(program.instances)
        self.weak = self.strong = 0
        self._enabled: dict[int, int] = {}
        fair = (k for k, i in enumerate(program.instances) if i.action.fairness is not None)
        for n, k in enumerate(fair):
            self.bits[k] = 1 << n
            if program.instances[k].action.fairness == "weak":
                self.weak |= 1 << n
            else:
                self.strong |= 1 << n

    def enabled(self, state: int) -> int:
        """The fair instances that can change the state."""
        mask = self._enabled.get(state)
        if mask is None:
            mask = 0
            for k in self.edges.instances[self.edges.first[state] : self.edges.first[state + 1]]:
                mask |= self.bits[k]
            self._enabled[state] = mask
        return mask

    def taken(self, states: Set[int]) -> int:
        """The fair instances with a step inside the set."""
        mask = 0
        edges = self.edges
        for u in states:
            for e in range(edges.first[u], edges.first[u + 1]):
                if edges.targets[e] in states:
                    mask |= self.bits[edges.instances[e]]
        return mask


class Regions:
    """For each state, the responses that are waiting in it for their goal, as a bit mask.

    A response waits in a state if some run meets its premise and then reaches the state without
    meeting its goal.
    """

    def __init__(self, program: Program, responses: Sequence[Response], explored: Explored) -> None:
        self.program = program
        self.explored = explored
        edges = explored.edges
        assert edges is not None
        self.edges = edges
        terms = program.terms
        starts = [terms.and_(r.premise, terms.not_(r.goal)) for r in responses]
        self.starts = list(map(self._asked(starts), range(explored.expanded)))
        self.waiting = self._spread([terms.not_(r.goal) for r in responses])

    def _asked(self, conditions: Sequence[Ground]) -> Callable[[int], int]:
        """A function from the number of a state to the conditions that hold in it."""
        states = self.explored.states
        hits = Watches(self.program, [watch_for(c) for c in conditions]).hits()

        def ask(state: int) -> int:
            try:
                return hits(states[state])
            except MisstepError as misstep:
                misstep.state = state
                raise

        return ask

    def _spread(self, unmet: Sequence[Ground]) -> list[int]:
        """Carry waiting responses along the steps, as long as their goals do not hold."""
        first, targets = self.edges.first, self.edges.targets
        lacks = self._asked(unmet)
        lacking: list[int | None] = [None] * len(self.starts)
        waiting = list(self.starts)
        fresh = list(self.starts)
        queue = deque(u for u, mask in enumerate(fresh) if mask)
        while queue:
            u = queue.popleft()
            mask, fresh[u] = fresh[u], 0
            for v in targets[first[u] : first[u + 1]]:
                if v >= len(waiting) or not mask & ~waiting[v]:
                    continue
                lack = lacking[v]
                if lack is None:
                    lack = lacking[v] = lacks(v)
                new = mask & lack & ~waiting[v]
                if new:
                    waiting[v] |= new
                    if not fresh[v]:
                        queue.append(v)
                    fresh[v] |= new
        return waiting

    def graph(self, states: set[int]) -> dict[int, list[int]]:
        """The steps inside a set of states."""
        first, targets = self.edges.first, self.edges.targets
        return {u: [v for v in targets[first[u] : first[u + 1]] if v in states] for u in states}


class Traps:
    """For each response, the sets of states in which it can wait for ever."""

    def __init__(self, regions: Regions, fairness: Fairness, count: int) -> None:
        self.regions = regions
        self.fairness = fairness
        self.of: list[list[Trap]] = [[] for _ in range(count)]
        somewhere = {u for u, mask in enumerate(regions.waiting) if mask}
        self._stand_still(somewhere)
        for component in cycles(regions.graph(somewhere)):
            self._go_round(component)

    def _stand_still(self, somewhere: set[int]) -> None:
        for u in sorted(somewhere):
            if not self.fairness.enabled(u):
                for k in bits(self.regions.waiting[u]):
                    self.of[k].append(Trap(frozenset((u,))))

    def _go_round(self, component: set[int]) -> None:
        """The traps inside a component; responses that wait in the same states share the work."""
        waiting = self.regions.waiting
        anywhere = 0
        for u in component:
            anywhere |= waiting[u]
        found: dict[frozenset[int], list[Trap]] = {}
        for k in bits(anywhere):
            states = frozenset(u for u in component if waiting[u] >> k & 1)
            if states not in found:
                found[states] = list(self._fair_parts(states, whole=states == component))
            self.of[k].extend(found[states])

    def _fair_parts(self, states: frozenset[int], *, whole: bool) -> Iterator[Trap]:
        """The fair strongly connected parts of a set; the ``whole`` set may be connected itself."""
        if self._neglected(states) is None:
            return
        parts = [set(states)] if whole else cycles(self.regions.graph(set(states)))
        for part in parts:
            unfair = self._neglected(part)
            if unfair is None:
                continue
            if not unfair:
                yield Trap(frozenset(part))
                continue
            rest = frozenset(u for u in part if not self.fairness.enabled(u) & unfair)
            yield from self._fair_parts(rest, whole=False)

    def _neglected(self, part: Set[int]) -> int | None:
        """Strongly fair instances that are enabled but never taken; ``None`` if a weak one is."""
        fairness = self.fairness
        always, ever = fairness.weak, 0
        for u in part:
            enabled = fairness.enabled(u)
            always &= enabled
            ever |= enabled
        taken = fairness.taken(part)
        return None if always & ~taken else ever & fairness.strong & ~taken


def bits(mask: int) -> Iterator[int]:
    """The positions of the bits of a mask, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
