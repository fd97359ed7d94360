"""The compiled search on several workers; see :mod:`knell.checker.compiled.rounds`."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from knell.checker.compiled.context import At
from knell.checker.compiled.lines import LINE
from knell.checker.compiled.loop import Stop
from knell.checker.compiled.phases import AHEAD, Phases
from knell.checker.compiled.rounds import Rounds
from knell.checker.compiled.search import FULL, CompiledSearch, more_lines
from knell.checker.compiled.store import IN_MEMORY, Store
from knell.checker.questions import Questions
from knell.checker.symmetry import Group
from knell.language.grounding import Program

_MOST_STATES = 2048  # of a worker in a round
_MOST_MOVED = 1 << 20  # words of moves that a worker may be handed in a round


class ParallelSearch(CompiledSearch):
    """A search on several workers."""

    portion = 1 << 18

    def __init__(
        self,
        program: Program,
        questions: Questions,
        group: Group | None,
        workers: int,
        store: Store = IN_MEMORY,
    ) -> None:
        self.workers = workers
        super().__init__(program, questions, group, store)
        self._pool = ThreadPoolExecutor(workers)

    def texts(self) -> Iterator[str]:
        most = max(1, len(self.program.instances))
        moves = _MOST_MOVED // (most * self.packing.words * self.workers)
        part = max(1, min(_MOST_STATES, moves))
        self.phases = Phases(self.loop.table, self.workers, part, most, self.loop.canonical)
        yield from super().texts()
        yield from Rounds(self.phases).texts()

    def allocate(self) -> None:
        workers, room, words = self.workers, self.phases.room, self.packing.words
        self.allocate_for(workers, self.loop.batch_room)
        total = workers * room + AHEAD
        self.point(
            {
                At.FIRST: np.zeros((workers, self.phases.part + 1), dtype=np.int64),
                At.OWNED: np.zeros((workers, total * words), dtype=np.int64),
                At.OWNED_HASHES: np.zeros((workers, total), dtype=np.int64),
                At.OWNED_ORDER: np.zeros((workers, total), dtype=np.int32),
                At.OWNED_COUNT: np.zeros((workers, workers), dtype=np.int64),
                At.NEW: np.zeros((workers, total), dtype=np.int32),
                At.NEW_ENTRIES: np.zeros((workers, total), dtype=np.int64),
                At.NEW_COUNT: np.zeros((workers, workers), dtype=np.int64),
            }
        )
        self.contexts[:, At.OFFSET] = np.arange(workers) * room
        self._everyone = np.array([c.ctypes.data for c in self.contexts], dtype=np.int64)
        self.contexts[:, At.EVERYONE] = self._everyone.ctypes.data
        self.contexts[:, At.SHARED] = self.context.ctypes.data
        self.contexts[:, At.ME] = np.arange(workers)
        self.contexts[:, At.WORKERS] = workers
        self.context[At.ROOM] = self.most - workers * room
        lines = int(2 * workers * room / (LINE * FULL)) + 1
        self._tables = [self.new_table(context, lines) for context in self.contexts]
        self._set_table_rooms()

    def _set_table_rooms(self) -> None:
        full = (self.contexts[:, At.LINES] * LINE * FULL).astype(np.int64)
        self.contexts[:, At.TABLE_ROOM] = full - self.workers * self.phases.room

    def make_room(self, wanted: int = 1) -> None:
        full = [own for own in self.contexts if own[At.USED] >= own[At.TABLE_ROOM]]
        for done in [self._pool.submit(self._grow_own, own) for own in full]:
            done.result()
        self._set_table_rooms()
        if self.context[At.COUNT] + wanted > self.context[At.ROOM]:
            raise MemoryError

    def close(self) -> None:
        self._pool.shutdown()

    def _grow_own(self, context: Any) -> None:
        self.grow(context, more_lines(int(context[At.LINES])))

    def work(self, until: int) -> Stop:
        number = ctypes.c_int64
        work = self.native.function("work", number, number, number)
        self.contexts[:, At.MEETINGS] = self.context[At.ARRIVED] = 0
        others = [self._pool.submit(work, c.ctypes.data, until) for c in self.contexts[1:]]
        why = Stop(work(self.context.ctypes.data, until))
        for other in others:
            other.result()
        return why
