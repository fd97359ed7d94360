"""The compiled search, under the interface of the reference's.

States are known by their number, in the order of the reference. Parents are not stored: states
are found in the order in which their parents are expanded, so a few marks tell in which thousand
expansions a state was found, and doing these again tells by which.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from knell.checker.compiled.asked import asked
from knell.checker.compiled.code import DECLARATIONS
from knell.checker.compiled.context import At
from knell.checker.compiled.loop import SPAN, Loop, Stop
from knell.checker.compiled.memory import Memory, physical_bytes
from knell.checker.compiled.moves import Moves
from knell.checker.compiled.native import Native
from knell.checker.compiled.packing import Packing
from knell.checker.compiled.table import ASIDE, LINE
from knell.checker.compiled.terms import NotCompilableError
from knell.checker.explored import ROOT, Edges, Explored
from knell.checker.questions import Questions
from knell.checker.search import Search, arrived_at
from knell.checker.source import Packed
from knell.language.errors import ModelError
from knell.language.grounding import Program

_BLOCK = 64  # states of a block, at most
_FULL = 0.75  # of a table
_GROWTH = 1.5
_MOST_INSTANCES = 20_000
_MOST_NUMBERED = (1 << 32) - 2
_WITHOUT_END = 1 << 62


class States(Sequence[Packed]):
    """The states that were found, unpacked as they are asked for."""

    def __init__(self, search: CompiledSearch) -> None:
        self.search = search

    def __len__(self) -> int:
        return int(self.search.context[At.COUNT])

    @overload
    def __getitem__(self, number: int) -> Packed: ...
    @overload
    def __getitem__(self, number: slice) -> list[Packed]: ...
    def __getitem__(self, number: int | slice) -> Packed | list[Packed]:
        if isinstance(number, slice):
            return [self[k] for k in range(*number.indices(len(self)))]
        words = self.search.packing.words
        packed = self.search.states[number * words : (number + 1) * words].tolist()
        return self.search.packing.unpack(packed)


class CompiledExplored(Explored):
    """What the compiled search knows so far, read from its context."""

    def __init__(self, search: CompiledSearch, instances: int) -> None:
        self.search = search
        super().__init__(taken=[0] * instances)
        self.states = States(search)  # type: ignore[assignment]  # read, never written

    def refresh(self) -> None:
        """Read the context."""
        search = self.search
        context = search.context
        self.expanded = int(context[At.EXPANDED])
        for k, count in zip(search.firsts, search.taken.tolist(), strict=True):
            if k is not None:
                self.taken[k] = count
        hits = ((k, state) for k, state in enumerate(search.hits.tolist()) if state >= 0)
        self.hits = dict(hits)
        pairs = search.missteps.reshape(-1, 2).tolist()
        self.missteps = {k: (u, i) for k, (u, i) in enumerate(pairs) if u >= 0}
        deadlock = int(context[At.DEADLOCK])
        self.deadlock = None if deadlock < 0 else deadlock
        self.awaited = {k for k, seen in enumerate(search.seen.tolist()) if seen}

    def path(self, state: int) -> tuple[list[int], list[int]]:
        states, instances = [state], []
        while (parent := self.search.parent(states[-1]))[0] != ROOT:
            states.append(parent[0])
            instances.append(parent[1])
        return states[::-1], instances[::-1]


class CompiledSearch(Search):
    """A search that can be run in portions. It shares the interface of the reference, no more."""

    portion = 1 << 16

    def __init__(self, program: Program, questions: Questions) -> None:
        self.program = program
        self.questions = questions
        self.canonical = None
        self.most_states = _WITHOUT_END
        self.packing = Packing(program.layout)
        instances = program.instances
        if len(instances) > _MOST_INSTANCES:
            raise NotCompilableError(f"the model has {len(instances)} action instances")
        has_edges = bool(questions.responses)
        words = self.packing.words
        self.loop = Loop(words, len(instances), numbered=words > 1 or has_edges, edges=has_edges)
        self.native = Native("\n".join(self._texts()))
        self._search = self.native.function("search", ctypes.c_int64, *[ctypes.c_int64] * 2)
        self._enter = self.native.function("enter", ctypes.c_int64, *[ctypes.c_int64] * 2)
        self._grow_table = self.native.function("grow", ctypes.c_int64, *[ctypes.c_int64] * 4)
        self._parent_of = self.native.function("parent_of", ctypes.c_int64, *[ctypes.c_int64] * 4)
        self._allocate()
        actions = program.model.actions
        self.firsts: list[int | None] = [
            next((k for k, one in enumerate(instances) if one.action is action), None)
            for action in actions
        ]
        self.explored: CompiledExplored = CompiledExplored(self, len(instances))

    def _texts(self) -> Iterator[str]:
        questions = self.questions
        yield DECLARATIONS
        yield from asked(questions, self.packing)
        moves = Moves(self.program, self.packing, questions.demands, questions.step_premises)
        yield from moves.texts()
        yield from self.loop.texts()

    def _allocate(self) -> None:
        questions, room = self.questions, self.loop.batch_room
        self.context = np.zeros(len(At), dtype=np.int64)
        self.taken = np.zeros(len(self.program.model.actions), dtype=np.int64)
        self.hits = np.full(max(1, len(questions.watches)), -1, dtype=np.int64)
        self.missteps = np.full(max(1, len(questions.properties)) * 2, -1, dtype=np.int64)
        self.seen = np.zeros(max(1, len(questions.awaited)), dtype=np.int64)
        words = self.packing.words
        self._moves = np.zeros(room * words, dtype=np.int64)
        self.by = np.zeros(room, dtype=np.int32)
        self._hashes = np.zeros(room, dtype=np.int64)
        self._first = np.zeros(room + _BLOCK + 1, dtype=np.int64)
        most = physical_bytes() // (8 * words)
        self._most = min(most, _MOST_NUMBERED) if self.loop.numbered else most
        self._states = Memory(self._most * words * 8)
        self.states = self._states.view(np.int64)
        self._marks = Memory((self._most // SPAN + 2) * 8)
        self.marks = self._marks.view(np.int64)
        places = {
            At.TAKEN: self.taken,
            At.HITS: self.hits,
            At.MISSTEPS: self.missteps,
            At.SEEN: self.seen,
            At.MOVES: self._moves,
            At.BY: self.by,
            At.SLOTS: self._hashes,
            At.FIRST: self._first,
            At.STATES: self.states,
            At.MARKS: self.marks,
        }
        for at, place in places.items():
            self.context[at] = place.ctypes.data
        self.context[At.BLOCK] = _BLOCK
        self.context[At.DEADLOCK] = -1
        self.context[At.UNSEEN] = len(questions.awaited)
        self.table = Memory(physical_bytes())
        self._aside = np.zeros(ASIDE + 1, dtype=np.int64)
        self.context[At.TABLE] = self.table.address
        self.context[At.ERROR_STATE] = -1
        self._grow(max(1 << 11, room))
        if self.loop.edges:
            self._allocate_edges()

    def _allocate_edges(self) -> None:
        most = physical_bytes() // 8
        self._edge_memory = (Memory(self._most * 8), Memory(most * 4), Memory(most * 4))
        for at, memory in zip(
            (At.EDGE_FIRST, At.EDGE_TARGETS, At.EDGE_INSTANCES), self._edge_memory, strict=True
        ):
            self.context[at] = memory.address
        self.context[At.EDGE_ROOM] = most - self.loop.batch_room

    def finish(self) -> None:
        if not self.loop.edges:
            return
        counts = (int(self.context[At.EXPANDED]) + 1, *[int(self.context[At.EDGES])] * 2)
        arrays = (array("q"), array("i"), array("i"))
        for memory, count, into in zip(self._edge_memory, counts, arrays, strict=True):
            into.frombytes(memory.view(np.uint8, count * into.itemsize).tobytes())
        self.explored.edges = Edges(*arrays)

    def _grow(self, lines: int) -> None:
        """Let the table grow, where it stands."""
        if lines * LINE * 8 > self.table.size:
            raise MemoryError
        old = int(self.context[At.LINES])
        if self._grow_table(self.table.address, old, lines, self._aside.ctypes.data):
            raise MemoryError
        self.context[At.LINES] = lines
        room = min(int(lines * LINE * _FULL), self._most) - self.loop.batch_room
        self.context[At.ROOM] = room

    def start(self) -> None:
        """Find the initial states."""
        for content in self.program.initial():
            packed = np.array(self.packing.pack(content), dtype=np.int64)
            number = self._enter(packed.ctypes.data, self.context.ctypes.data)
            self._raise_error(Stop.LOOK, number)
            if self.context[At.COUNT] >= self.context[At.ROOM]:
                self._make_room()
        if not len(self.explored.states):
            raise ModelError(
                "no state satisfies the initial conditions",
                place=self.program.model.place,
                mend="see m.init and the init of the variables",
            )
        self.explored.refresh()
        self.explored.level_ends.append(len(self.explored.states))

    def expand(self, until: int) -> None:
        """Expand the next states, at most up to the state ``until``."""
        self.context[At.MOST] = self.most_states
        while True:
            why = Stop(self._search(self.context.ctypes.data, until))
            self._raise_error(why, int(self.context[At.ERROR_STATE]))
            if why is not Stop.ROOM:
                break
            self._make_room()
        self.explored.refresh()

    def _make_room(self) -> None:
        room = int(self.context[At.LINES] * LINE * _FULL) - self.loop.batch_room
        if self.context[At.COUNT] >= room:
            self._grow(int(self.context[At.LINES] * _GROWTH))
        if self.context[At.COUNT] >= self.context[At.ROOM] or (
            self.loop.edges and self.context[At.EDGES] >= self.context[At.EDGE_ROOM]
        ):
            raise MemoryError

    def parent(self, number: int) -> tuple[int, int]:
        """The state from which a state was found, and by which instance; or ``ROOT`` twice."""
        if number < self.explored.level_ends[0]:
            return ROOT, ROOT
        spans = -(-int(self.context[At.EXPANDED]) // SPAN)
        marks = self.marks[: max(1, spans)]
        span = int(np.searchsorted(marks, number, side="right")) - 1
        scratch = self._scratch()
        start, end = span * SPAN, min((span + 1) * SPAN, int(self.context[At.COUNT]))
        found = self._parent_of(scratch.ctypes.data, number, start, end)
        assert found >= 0
        return int(found), int(self.by[scratch[At.ERROR_DETAIL]])

    def _scratch(self) -> Any:
        """A context in which doing expansions again changes nothing that counts."""
        scratch = self.context.copy()
        self._unread = np.zeros(
            len(self.taken) + len(self.missteps) + len(self.seen), dtype=np.int64
        )
        for at in (At.TAKEN, At.MISSTEPS, At.SEEN):
            scratch[at] = self._unread.ctypes.data
        scratch[At.DEADLOCK] = scratch[At.UNSEEN] = 0
        return scratch

    def _raise_error(self, why: Stop, number: int) -> None:
        """Raise the error of the model that was met, with the way that leads to it."""
        error = int(self.context[At.ERROR])
        if error == 0 or why not in (Stop.ERROR, Stop.LOOK):
            return
        if not self.explored.level_ends:
            self.explored.level_ends.append(len(self.explored.states))
        _, path = self.way_to(number)
        instances = self.program.instances
        steps = [str(instances[k]) for k in path]
        if error > 0:
            raise arrived_at(self.program.failures[error - 1], steps)
        instance = instances[-error - 1]
        check = instance.checks[int(self.context[At.ERROR_DETAIL])]
        raise arrived_at(check[1], [*steps, str(instance)])
