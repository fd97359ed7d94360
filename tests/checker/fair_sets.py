"""A naive oracle of liveness: every set of states that a run may visit for ever.

A run visits some set of states for ever. That set is strongly connected by the steps inside it
(or it is one state, where the run stands still), and taking all of these steps for ever is fair
if any choice of them is. So all subsets of a few states are tried, one by one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hypothesis import strategies as st

from knell.language import ANY, Model, require
from knell.language.model import Fairness


@dataclass(frozen=True)
class Machine:
    """States ``0..size-1``; each action is a partial function on them, with its fairness."""

    size: int
    initial: frozenset[int]
    actions: tuple[tuple[Fairness, dict[int, int]], ...]
    premise: frozenset[int]
    goal: frozenset[int]

    @staticmethod
    def random() -> st.SearchStrategy[Machine]:
        return st.integers(1, 6).flatmap(_machines)

    def model(self) -> Model:
        m = Model("machine")
        place = m.int(0, self.size - 1)
        first = m.rigid("first", place, value=lambda u: u in self.initial)
        premise = m.rigid("premise", place, value=lambda u: u in self.premise)
        goal = m.rigid("goal", place, value=lambda u: u in self.goal)
        at = m.scalar("at", to=place, init=ANY)
        m.init(first=first[at])
        for k, (fairness, steps) in enumerate(self.actions):
            may = m.rigid(f"may{k}", place, value=lambda u, steps=steps: u in steps)
            to = m.rigid(f"to{k}", place, to=place, value=lambda u, steps=steps: steps.get(u, 0))
            m.action(fair=fairness)(_move(f"move{k}", at, may, to))
        m.leads_to("response", lambda: (premise[at], goal[at]))
        return m.finish()


def _move(name, at, may, to):
    def move():
        require(may=may[at])
        at.set(to[at])

    move.__name__ = name
    return move


def _machines(size: int) -> st.SearchStrategy[Machine]:
    states = st.integers(0, size - 1)
    some = st.frozensets(states)
    action = st.tuples(st.sampled_from((None, "weak", "strong")), st.dictionaries(states, states))
    return st.builds(
        Machine,
        st.just(size),
        st.frozensets(states, min_size=1, max_size=2),
        st.lists(action, min_size=1, max_size=4).map(tuple),
        some,
        some,
    )


def steps_to_a_fair_set(machine: Machine) -> int | None:
    """The fewest steps over the premise to states where a fair run may wait for ever."""
    steps = [
        (k, u, v) for k, (_, to) in enumerate(machine.actions) for u, v in to.items() if u != v
    ]
    open_states = set(range(machine.size)) - machine.goal
    inside = [(k, u, v) for k, u, v in steps if u in open_states and v in open_states]
    reached = distances(dict.fromkeys(machine.initial, 0), steps)
    starts = {u: d for u, d in reached.items() if u in machine.premise - machine.goal}
    waiting = distances(starts, inside)
    return min(
        (
            min(waiting[u] for u in some)
            for n in range(1, len(waiting) + 1)
            for some in itertools.combinations(sorted(waiting), n)
            if connected(set(some), inside) and fair(machine, set(some), steps)
        ),
        default=None,
    )


def distances(start, steps) -> dict[int, int]:
    reached = dict(start)
    for _ in range(len(steps) + 1):
        for _, u, v in steps:
            if u in reached:
                reached[v] = min(reached[u] + 1, reached.get(v, len(steps) + 9))
    return reached


def connected(states: set[int], steps) -> bool:
    own = [(k, u, v) for k, u, v in steps if u in states and v in states]
    return all(distances({u: 0}, own).keys() == states for u in states)


def fair(machine: Machine, states: set[int], steps) -> bool:
    for k, (fairness, _) in enumerate(machine.actions):
        enabled = {u for j, u, _ in steps if j == k}
        taken = any(j == k and u in states and v in states for j, u, v in steps)
        if fairness == "weak" and not taken and states <= enabled:
            return False
        if fairness == "strong" and not taken and states & enabled:
            return False
    return True
