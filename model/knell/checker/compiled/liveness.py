"""The search for fair cycles on arrays: what :mod:`knell.checker.liveness` does, state by state.

No object of Python stands for a state. Sets of states are arrays of flags, the waiting responses
of a state are bits of words, and all components of a graph are judged at once: for each component
and fair instance it is counted how many of its states enable the instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from knell.checker.compiled.graph import Graph, components, first_of_each
from knell.language.grounding import Program

WIDTH = 64  # responses of a word
_PEELED = 6  # times that states on no cycle are left out before components are looked for
Ask = Callable[[Any], Any]


@dataclass(frozen=True)
class Core:
    """The part of a graph on which runs may go round: its states, and all steps out of these.

    ``sources`` and ``targets`` number the states of the core; -1 stands for a state outside.
    """

    states: Any
    sources: Any
    targets: Any
    instances: Any

    def restrict(self, some: Any) -> Core:
        """The core of some of the states alone."""
        numbers = np.where(some, np.cumsum(some) - 1, -1)
        steps = some[self.sources]
        targets = self.targets[steps]
        return Core(
            self.states[some],
            numbers[self.sources[steps]],
            np.where(targets >= 0, numbers[targets], -1),
            self.instances[steps],
        )

    def components(self) -> tuple[Any, Any]:
        """For each state the number of its component, and the sizes of all components."""
        steps = self.targets >= 0
        return components(len(self.states), self.sources[steps], self.targets[steps])


def waiting(graph: Graph, starts: Any, ask: Ask) -> Any:
    """For each state the responses that wait in it, as words of bits; see ``Regions`` there.

    ``ask`` tells of some states, which responses lack their goals in them.
    """
    waits, fresh = starts.copy(), starts.copy()
    lacking, known = np.zeros_like(starts), np.zeros(graph.size, dtype=bool)
    front = np.flatnonzero(fresh.any(axis=1))
    while len(front):
        origin, steps = graph.out(front)
        targets = graph.targets[steps]
        new = fresh[front][origin]
        fresh[front] = 0
        inside = targets < graph.size
        targets, new = targets[inside], new[inside]
        new &= ~waits[targets]
        some = new.any(axis=1)
        targets, new = targets[some], new[some]
        unknown = targets[~known[targets]]
        unknown = unknown[first_of_each(unknown)]
        lacking[unknown] = ask(unknown)
        known[unknown] = True
        new &= lacking[targets]
        order = np.argsort(targets, kind="stable")
        front, at = np.unique(targets[order], return_index=True)
        if len(front):
            fresh[front] = np.bitwise_or.reduceat(new[order], at, axis=0)
            front = front[fresh[front].any(axis=1)]
            waits[front] |= fresh[front]
    return waits


class Fair:
    """The fair instances: their numbers (-1 for others), and whether they are strongly so."""

    def __init__(self, program: Program) -> None:
        fair = [k for k, one in enumerate(program.instances) if one.action.fairness is not None]
        self.count = len(fair)
        self.number = np.full(len(program.instances), -1, dtype=np.int64)
        self.number[fair] = np.arange(self.count)
        self.is_strong = np.array(
            [program.instances[k].action.fairness == "strong" for k in fair], dtype=bool
        )


@dataclass(frozen=True)
class Trapped:
    """Traps: states in which a run may ``stay``, and sets of states that it may go round.

    ``labels`` tells the set of each state, 0 for none, and ``sizes`` the sizes of sets.
    """

    stay: Any
    labels: Any
    sizes: Any

    def size_at(self, states: Any) -> Any:
        """The sizes of the least traps at some states, 0 for none."""
        return np.where(self.stay[states], 1, self.sizes[self.labels[states]])


class Traps:
    """For each response the states in which it can wait for ever."""

    def __init__(self, graph: Graph, waits: Any, fair: Fair) -> None:
        self.waits = waits
        self.fair = fair
        somewhere = waits.any(axis=1)
        moving = graph.counts(fair.number[graph.instances] >= 0)
        self.still = somewhere & (moving == 0)
        self.core = _core(graph, somewhere)
        self._parts: dict[bytes, Any] = {}

    def of(self, response: int) -> Trapped:
        """Where the response can wait for ever."""
        word, bit = divmod(response, WIDTH)
        waits = self.waits[:, word] >> np.uint64(bit) & np.uint64(1) != 0
        labels = np.zeros(len(waits), dtype=np.int32)
        sizes = [np.zeros(1, dtype=np.int64)]
        part = waits[self.core.states]
        key = np.packbits(part).tobytes()
        if key not in self._parts:
            self._parts[key] = self._fair_parts(part)
        for states, own in self._parts[key]:
            labels[states] = own + sum(map(len, sizes))
            sizes.append(np.bincount(own))
        return Trapped(waits & self.still, labels, np.concatenate(sizes))

    def _fair_parts(self, some: Any) -> list[tuple[Any, Any]]:
        """The fair components among some states of the core: states and labels, in portions."""
        return list(self._decompose(self.core.restrict(some)))

    def _decompose(self, core: Core) -> Iterator[tuple[Any, Any]]:
        while len(core.states):
            core = _cyclic(core)
            labels, sizes = core.components()
            dropped, unfair = self._judge(core, labels, sizes)
            again = np.zeros(len(sizes), dtype=bool)
            again[labels[core.sources[unfair]]] = True
            good = ~(again | dropped)[labels]
            if good.any():
                yield core.states[good], np.unique(labels[good], return_inverse=True)[1]
            rest = (again & ~dropped)[labels]
            rest[core.sources[unfair]] = False
            core = core.restrict(rest)

    def _judge(self, core: Core, labels: Any, sizes: Any) -> tuple[Any, Any]:
        """The components that neglect a weakly fair instance; steps of neglected strong ones."""
        numbers = self.fair.number[core.instances]
        fair = numbers >= 0
        component = labels[core.sources]
        inside = core.targets >= 0
        inside[inside] = component[inside] == labels[core.targets[inside]]
        key = component * np.int64(max(1, self.fair.count)) + numbers
        enabled, enabling = np.unique(key[fair], return_counts=True)
        neglected = ~np.isin(enabled, key[fair & inside])
        of, number = enabled // max(1, self.fair.count), enabled % max(1, self.fair.count)
        strong = self.fair.is_strong[number]
        dropped = np.zeros(len(sizes), dtype=bool)
        dropped[of[neglected & ~strong & (enabling == sizes[of])]] = True
        return dropped, fair & np.isin(key, enabled[neglected & strong])


def _core(graph: Graph, somewhere: Any) -> Core:
    states = np.flatnonzero(somewhere)
    numbers = np.where(somewhere, np.cumsum(somewhere) - 1, -1)
    sources, steps = graph.out(states)
    targets = graph.targets[steps]
    inside = targets < graph.size
    local = np.full(len(targets), -1, dtype=np.int64)
    local[inside] = numbers[targets[inside]]
    return _cyclic(Core(states, sources, local, graph.instances[steps]))


def _cyclic(core: Core) -> Core:
    """The core without the states on no cycle; few are left, mostly, and often none.

    Somewhere a cycle leads to a lower number, and every state on it is reached and left.
    """
    inside = core.targets >= 0
    sources, targets = core.sources[inside], core.targets[inside]
    alive = np.full(len(core.states), bool((targets < sources).any()))
    for _ in range(_PEELED if alive.any() else 0):
        alive = np.bincount(targets, minlength=len(alive)) > 0
        alive &= np.bincount(sources, minlength=len(alive)) > 0
        kept = alive[sources] & alive[targets]
        sources, targets = sources[kept], targets[kept]
    core = core.restrict(alive)
    if not alive.any():
        return core
    labels, sizes = core.components()
    return core.restrict(sizes[labels] > 1)
