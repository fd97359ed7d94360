"""The search over a team of parts, under the interface of the reference's search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from knell.checker.cluster.part import Moves, Part, Told, owners
from knell.checker.cluster.team import Team
from knell.checker.compiled.errors import NotCompilableError
from knell.checker.explored import ROOT, Explored
from knell.checker.questions import Questions
from knell.checker.search import Search
from knell.checker.snapshot import Snapshot
from knell.checker.source import Packed
from knell.checker.symmetry import Group
from knell.language.errors import ModelError
from knell.language.grounding import Program

_LEVEL = 1 << 62


class _States(Sequence[Packed]):
    """The states of all parts; each is asked for by its number."""

    def __init__(self, search: ClusterSearch) -> None:
        self.search = search
        self.total = 0

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, number: int) -> Packed: ...
    @overload
    def __getitem__(self, number: slice) -> list[Packed]: ...
    def __getitem__(self, number: int | slice) -> Packed | list[Packed]:
        if isinstance(number, slice):
            return [self[k] for k in range(*number.indices(self.total))]
        return self.search.one.packing.unpack(self.search.find(number)[0])


class _ClusterExplored(Explored):
    """What the parts know so far."""

    def __init__(self, search: ClusterSearch, instances: int) -> None:
        super().__init__(taken=[0] * instances)
        self.search = search
        self.known = _States(search)
        self.states = self.known  # type: ignore[assignment]  # read, never written

    def path(self, state: int) -> tuple[list[int], list[int]]:
        states, instances = [state], []
        while (way := self.search.find(states[-1]))[1] != ROOT:
            states.append(way[1])
            instances.append(way[2])
        return states[::-1], instances[::-1]

    def note(self, told: Sequence[Told]) -> None:
        """Join what the parts tell."""
        self.taken = [sum(counts) for counts in zip(*(each.taken for each in told), strict=True)]
        for each in told:
            for watch, state in each.hits.items():
                self.hits[watch] = min(state, self.hits.get(watch, state))
            for number, step in each.missteps.items():
                self.missteps[number] = min(step, self.missteps.get(number, step))
            self.awaited |= each.awaited
        stuck = [each.deadlock for each in told if each.deadlock is not None]
        self.deadlock = min(stuck, default=None)


class ClusterSearch(Search):
    """A search that expands a level at a time; bounds of states are looked at between levels."""

    portion = _LEVEL
    kind = "ray"

    def __init__(
        self, program: Program, questions: Questions, group: Group | None, team: Team
    ) -> None:
        if questions.responses:
            raise NotCompilableError(
                "the ray engine cannot judge a leads-to",
                place="--engine ray",
                mend="select other properties by --property, or leave out --engine",
            )
        self.program = program
        self.questions = questions
        self.team = team
        self.workers = team.size
        self.most_states = _LEVEL
        self.one = Part(program, questions, group)  # for single states, and the way to them
        self.canonical = self.one.canonical
        self._pack = tuple
        self.explored: _ClusterExplored = _ClusterExplored(self, len(program.instances))

    def start(self) -> None:
        one, found = self.one, self.explored
        initial = [tuple(state) for state in self.program.initial()]
        if one.canonical is not None:
            initial = [tuple(one.canonical(state)) for state in initial]
        if not initial:
            raise ModelError(
                "no state satisfies the initial conditions",
                place=self.program.model.place,
                mend="see m.init and the init of the variables",
            )
        words = np.array([one.packing.pack(state) for state in initial], dtype=np.int64)
        keys = np.arange(len(words))
        root = np.full(len(words), ROOT)
        moves = Moves(words, keys, root, root)
        of = owners(words, self.team.size)
        self._settle([[moves.chosen(of == part)] for part in range(self.team.size)])
        found.level_ends.append(len(found.states))

    def expand(self, until: int) -> None:
        size = self.team.size
        made = self.team.send("spread", [(size,)] * size, returns=size)
        self._settle([[made[source][owner] for source in range(size)] for owner in range(size)])
        self.explored.expanded = until

    def _settle(self, moves: list[list[Moves]]) -> None:
        """Let the owners take their moves, and number what is new."""
        team, found = self.team, self.explored
        keys = team.send("take", moves)
        known = len(found.states)
        numbered = team.send("settle", [(me, known, *keys) for me in range(team.size)])
        team.get(numbered)
        told: list[Told] = team.get(team.send("told", [()] * team.size))
        found.known.total = sum(each.states for each in told)
        errors = [each.error for each in told if each.error is not None]
        if errors:
            if not found.level_ends:
                found.level_ends.append(len(found.states))
            first = min(errors, key=lambda error: error.state)
            raise self.explain(first, first.state)
        found.note(told)

    def find(self, number: int) -> tuple[list[int], int, int]:
        """The words of a state, its parent and the instance that led to it."""
        answers = self.team.get(self.team.send("find", [(number,)] * self.team.size))
        (answer,) = (each for each in answers if each is not None)
        return answer  # type: ignore[no-any-return]

    def steps_from(self, state: Packed) -> list[tuple[int, Packed]]:
        return self.one.steps_from(state)

    def close(self) -> None:
        self.team.close()

    def dump(self) -> Snapshot:
        raise AssertionError("the ray engine keeps no checkpoints")
