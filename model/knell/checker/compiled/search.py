"""The compiled search, under the interface of the reference's.

States are known by their number, in the order of the reference. Parents are not stored: states
are found in the order in which their parents are expanded, so a few marks tell in which thousand
expansions a state was found, and doing these again tells by which.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from knell.checker.compiled.again import Again
from knell.checker.compiled.asked import asked
from knell.checker.compiled.canonical import Canonical
from knell.checker.compiled.code import DECLARATIONS
from knell.checker.compiled.context import At
from knell.checker.compiled.edges import KeptEdges
from knell.checker.compiled.errors import NotCompilableError, misstep_of
from knell.checker.compiled.explored import CompiledExplored
from knell.checker.compiled.growth import ASIDE
from knell.checker.compiled.lasso import ArrayAnalysis
from knell.checker.compiled.lines import LINE
from knell.checker.compiled.loop import SPAN, Loop, Stop
from knell.checker.compiled.memory import Memory, disk_bytes, physical_bytes
from knell.checker.compiled.moves import Moves
from knell.checker.compiled.native import Native
from knell.checker.compiled.packing import Packing
from knell.checker.compiled.responses import responses
from knell.checker.compiled.snapshot import dump, load
from knell.checker.compiled.store import IN_MEMORY, Store
from knell.checker.compiled.table import omission
from knell.checker.explored import ROOT
from knell.checker.lasso import Refuter
from knell.checker.questions import Questions
from knell.checker.search import Search
from knell.checker.snapshot import Snapshot
from knell.checker.source import Packed
from knell.checker.symmetry import Group
from knell.language.errors import ModelError
from knell.language.grounding import Program

_BLOCK = 64  # states of a block, at most
FULL = 0.68  # of a table; beyond, too many lines are full
_SMALL = 1 << 18  # lines up to which a table doubles; beyond, memory counts more than time
_GROWTH = 1.35
_MOST_INSTANCES = 20_000
_MOST_NUMBERED = (1 << 32) - 2
_WITHOUT_END = 1 << 62


def more_lines(lines: int) -> int:
    """The lines to which a table of some lines grows."""
    return lines * 2 if lines < _SMALL else int(lines * _GROWTH)


class CompiledSearch(Search):
    """A search that can be run in portions. It shares the interface of the reference, no more."""

    portion = 1 << 16
    workers = 1
    kind = "compiled"
    walking = False

    def __init__(
        self,
        program: Program,
        questions: Questions,
        group: Group | None = None,
        store: Store = IN_MEMORY,
    ) -> None:
        self.program = program
        self.store = store
        self.questions = questions
        self.most_states = _WITHOUT_END
        self.packing = Packing(program.layout, orderly=group is not None)
        self.orbits = Canonical(program.layout, self.packing, group) if group else None
        self.again = Again(self)
        self.canonical = self.again.settled if group else None
        self._pack = tuple
        instances = program.instances
        if len(instances) > _MOST_INSTANCES:
            raise NotCompilableError(f"the model has {len(instances)} action instances")
        has_edges = bool(questions.responses) and not self.walking
        words = self.packing.words
        if store.fingerprints and (has_edges or self.walking):
            what = "random walks" if self.walking else "a leads-to"
            raise NotCompilableError(
                f"{what} cannot be told by fingerprints",
                place="--fingerprints",
                mend="leave it out",
            )
        hashed = store.fingerprints and words > 1  # a state of one word is its own fingerprint
        self.loop = Loop(
            words,
            max(1, len(instances)),
            fingerprints=hashed,
            numbered=(words > 1 and not hashed) or has_edges or self.walking,
            edges=has_edges,
            canonical=group is not None,
            workers=self.workers,
        )
        self.native = Native("\n".join(self.texts()))
        number = ctypes.c_int64
        self.enter = self.native.function("enter", number, number, number)
        self.grow_table = self.native.function("grow", number, *[number] * 4)
        self.edges: KeptEdges | None = None
        self.kept: list[Any] = []  # arrays that only the native code knows
        self.allocate()
        actions = program.model.actions
        self.firsts: list[int | None] = [
            next((k for k, one in enumerate(instances) if one.action is action), None)
            for action in actions
        ]
        self.explored: CompiledExplored = CompiledExplored(self, len(instances))

    def texts(self) -> Iterator[str]:
        """All functions."""
        questions = self.questions
        yield DECLARATIONS
        yield from asked(questions, self.packing)
        yield from responses(questions, self.packing)
        moves = Moves(self.program, self.packing, questions.demands, questions.step_premises)
        yield from moves.texts()
        if self.orbits is not None:
            yield from self.orbits.texts()
        yield from self.loop.texts()

    def allocate(self) -> None:
        """Make contexts and what they point to."""
        self.allocate_for(1, self.loop.batch_room)
        self.table = self.new_table(self.context, max(1 << 11, self.loop.batch_room))
        self._set_room()
        if self.loop.edges:
            room = (self.most, self.loop.batch_room)
            self.edges = KeptEdges(self.context, self.native, len(self.questions.responses), room)

    def allocate_for(self, workers: int, room: int) -> None:
        """Make the contexts of some workers, each with room for some moves."""
        questions, words = self.questions, self.packing.words
        shape = (workers, len(At))
        self.contexts = np.zeros(shape, dtype=np.int64)
        self.context = self.contexts[0]
        actions = len(self.program.model.actions)
        self.taken = np.zeros((workers, actions), dtype=np.int64)
        self.hits = np.full((workers, max(1, len(questions.watches))), -1, dtype=np.int64)
        pairs = 2 * max(1, len(questions.properties))
        self.missteps = np.full((workers, pairs), -1, dtype=np.int64)
        self.seen = np.zeros((workers, max(1, len(questions.awaited))), dtype=np.int64)
        self.made = np.zeros((workers, room * words), dtype=np.int64)
        self.by = np.zeros((workers, room), dtype=np.int32)
        hashes = np.zeros((workers, room), dtype=np.int64)
        firsts = np.zeros((workers, room + _BLOCK + 1), dtype=np.int64)
        disk = self.store.disk
        most = (physical_bytes() if disk is None else disk_bytes(disk)) // (8 * words)
        self.most: int = min(most, _MOST_NUMBERED) if self.loop.numbered else most
        self._states = Memory(self.most * words * 8, disk)
        self.states = self._states.view(np.int64)
        self._marks = Memory((self.most // SPAN + 2) * 8)
        self.marks = self._marks.view(np.int64)
        places = {
            At.TAKEN: self.taken,
            At.HITS: self.hits,
            At.MISSTEPS: self.missteps,
            At.SEEN: self.seen,
            At.MOVES: self.made,
            At.BY: self.by,
            At.SLOTS: hashes,
            At.FIRST: firsts,
        }
        self.point(places)
        self.contexts[:, At.STATES] = self.states.ctypes.data
        self.contexts[:, At.MARKS] = self.marks.ctypes.data
        self.contexts[:, At.BLOCK] = _BLOCK
        self.contexts[:, At.DEADLOCK] = self.contexts[:, At.ERROR_STATE] = -1
        self.contexts[:, At.UNSEEN] = len(questions.awaited)

    def point(self, places: Mapping[At, Any]) -> None:
        """Let each context point to its row of some arrays."""
        for at, rows in places.items():
            self.kept.append(rows)
            for context, row in zip(self.contexts, rows, strict=True):
                context[at] = row.ctypes.data

    def new_table(self, context: Any, lines: int) -> Memory:
        """A table of some lines."""
        table = Memory(physical_bytes())
        context[At.TABLE] = table.address
        self.grow(context, lines)
        return table

    def analysis(self) -> Refuter:
        assert self.edges is not None
        edges, graph = self.edges, self.edges.graph()
        return ArrayAnalysis(
            self.program,
            self.questions.responses,
            self.explored,
            graph,
            (edges.starts(graph.size), edges.lacks),
        )

    def grow(self, context: Any, lines: int) -> None:
        """Let a table grow, where it stands."""
        if lines * LINE * 8 > physical_bytes():
            raise MemoryError
        old = int(context[At.LINES])
        aside = np.zeros(ASIDE + 1, dtype=np.int64)
        if self.grow_table(int(context[At.TABLE]), old, lines, aside.ctypes.data):
            raise MemoryError
        context[At.LINES] = lines

    @property
    def omission(self) -> float | None:
        if not self.store.fingerprints:
            return None
        return omission(len(self.explored.states)) if self.loop.fingerprints else 0.0

    @property
    def lookups(self) -> int:
        """How many successors have been looked up in a table."""
        return int(self.contexts[:, At.LOOKUPS].sum())

    @property
    def bytes_held(self) -> int:
        """What table, states, marks and steps take now in memory, in bytes."""
        context = self.context
        expanded, edges = int(context[At.EXPANDED]), int(context[At.EDGES])
        tables = int(self.contexts[:, At.LINES].sum()) * LINE * 8
        states = 0 if self.store.disk else int(context[At.COUNT]) * self.packing.words * 8
        marks = -(-expanded // SPAN) * 8
        return tables + states + marks + (8 * (edges + expanded) if self.loop.edges else 0)

    def _set_room(self) -> None:
        full = int(self.context[At.LINES] * LINE * FULL)
        self.context[At.ROOM] = min(full, self.most) - self.loop.batch_room

    def start(self) -> None:
        """Find the initial states."""
        for content in self.program.initial():
            packed = np.array(self.packing.pack(content), dtype=np.int64)
            self.enter(packed.ctypes.data, self.context.ctypes.data)
            self.raise_error(Stop.LOOK)
            if self.context[At.COUNT] >= self.context[At.ROOM]:
                self.make_room()
        if not len(self.explored.states):
            raise ModelError(
                "no state satisfies the initial conditions",
                place=self.program.model.place,
                mend="see m.init and the init of the variables",
            )
        self.explored.refresh()
        self.explored.level_ends.append(len(self.explored.states))

    def dump(self) -> Snapshot:
        return dump(self)

    def load(self, notes: dict[str, Any], arrays: list[memoryview]) -> None:
        load(self, notes, arrays)

    def expand(self, until: int) -> None:
        """Expand the next states, at most up to the state ``until``."""
        self.context[At.MOST] = self.most_states
        while (why := self.work(until)) is Stop.ROOM:
            self.make_room()
        self.raise_error(why)
        self.explored.refresh()

    def work(self, until: int) -> Stop:
        """Expand states until there is a reason to stop."""
        number = ctypes.c_int64
        search = self.native.function("search", number, number, number)
        return Stop(search(self.context.ctypes.data, until))

    def make_room(self, wanted: int = 1) -> None:
        """Let the table grow until it has room for some more states."""
        context = self.context
        need = int(context[At.COUNT]) + wanted + self.loop.batch_room + 1
        lines = int(context[At.LINES])
        while int(lines * LINE * FULL) < need:
            lines = more_lines(lines)
        if lines > int(context[At.LINES]):
            self.grow(context, lines)
            self._set_room()
        if need > self.most or (self.loop.edges and context[At.EDGES] >= context[At.EDGE_ROOM]):
            raise MemoryError

    def parent(self, number: int) -> tuple[int, int]:
        """The state from which a state was found, and by which instance; or ``ROOT`` twice."""
        if number < self.explored.level_ends[0]:
            return ROOT, ROOT
        return self.again.parent(number)

    def steps_from(self, state: Packed) -> list[tuple[int, Packed]]:
        return self.again.steps_from(state)

    def raise_error(self, why: Stop) -> None:
        """Raise the error of the model that was met, with the way that leads to it."""
        if why not in (Stop.ERROR, Stop.LOOK) or not self.contexts[:, At.ERROR].any():
            return
        failed = self.contexts[self.contexts[:, At.ERROR] != 0]
        context = min(failed, key=lambda own: int(own[At.ERROR_STATE]))
        if not self.explored.level_ends:
            self.explored.level_ends.append(len(self.explored.states))
        raise self.explain(misstep_of(context), int(context[At.ERROR_STATE]))
