"""One worker's share of a search: the states whose hash is its own."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.errors import misstep_of
from knell.checker.compiled.loop import Loop
from knell.checker.compiled.search import CompiledSearch
from knell.checker.errors import MisstepError

_ROOM = 1 << 16  # moves that are made at once
_NUMBER = ctypes.c_int64
_SHIFT = 20  # of a parent's number in the key of a move; a state has fewer moves than this counts
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93))


@dataclass(frozen=True)
class Moves:
    """States that are moved to: their words, and for each its key, its parent and the instance.

    Keys are in the order in which a single worker would meet the moves.
    """

    words: Any
    keys: Any
    parents: Any
    instances: Any

    def chosen(self, some: Any) -> Moves:
        """Those at some positions, or with a flag."""
        return Moves(self.words[some], self.keys[some], self.parents[some], self.instances[some])

    def __len__(self) -> int:
        return len(self.keys)


def joined(pieces: list[Moves]) -> Moves:
    """The moves of several pieces."""
    fields = ("words", "keys", "parents", "instances")
    return Moves(*(np.concatenate([getattr(piece, each) for piece in pieces]) for each in fields))


def owners(words: Any, parts: int) -> Any:
    """The part that owns each state."""
    mixed = np.zeros(len(words), dtype=np.uint64)
    for column in range(words.shape[1]):
        mixed = (mixed ^ words[:, column].astype(np.uint64)) * _FACTORS[column % 2]
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(32)) * np.uint64(parts) >> np.uint64(32)


@dataclass(frozen=True)
class Told:
    """What a part has seen so far; numbers are those of the whole search."""

    states: int
    taken: list[int]
    hits: dict[int, int]
    missteps: dict[int, tuple[int, int]]
    deadlock: int | None
    awaited: set[int]
    error: MisstepError | None


class Part(CompiledSearch):
    """A search that takes the states that it is given, and makes the moves of the newest."""

    def texts(self) -> Iterator[str]:
        yield from super().texts()
        yield from _Calls(self.loop).texts()

    def allocate(self) -> None:
        super().allocate()
        self._found: list[Moves] = []  # how states were found, level by level
        self._levels: list[Any] = []  # and their numbers in the whole search
        self._level = 0  # the first of the newest states
        self._error: MisstepError | None = None

    def spread(self, parts: int) -> list[Moves]:
        """The moves of the newest states, for each part those that it owns."""
        pieces = [self._none()]
        numbers, at, end = self._levels[-1], 0, len(self._levels[-1])
        while at < end and self._error is None:
            piece, at = self._make(numbers, at)
            pieces.append(piece)
        made = joined(pieces)
        of = owners(made.words, parts)
        return [made.chosen(of == part) for part in range(parts)]

    def _none(self) -> Moves:
        empty = np.zeros(0, dtype=np.int64)
        return Moves(np.zeros((0, self.packing.words), dtype=np.int64), empty, empty, empty)

    def _make(self, numbers: Any, start: int) -> tuple[Moves, int]:
        """Moves of the newest states from one on, and the one to go on with."""
        room = _ROOM + self.loop.most
        out: list[Any] = [np.empty((room, self.packing.words), dtype=np.int64)]
        out += [np.empty(room, dtype=np.int64) for _ in range(3)]
        make = self.native.function("make", *[_NUMBER] * 11)
        states = self.states.ctypes.data + 8 * self.packing.words * self._level
        arguments = (states, numbers.ctypes.data, start, len(numbers), _ROOM)
        count = make(self.context.ctypes.data, *arguments, *(each.ctypes.data for each in out))
        self._note_error(int(self.context[At.ERROR_STATE]))
        return Moves(*(each[:count] for each in out)), int(self.context[At.NEXT_WALK])

    def take(self, *pieces: Moves) -> Any:
        """Take the states that are new, by the order of their keys; returns these keys."""
        moves = joined(list(pieces))
        moves = moves.chosen(np.argsort(moves.keys, kind="stable"))
        self.make_room(len(moves))
        self._level = int(self.context[At.COUNT])
        new = np.zeros(len(moves), dtype=np.int8)
        absorb = self.native.function("absorb", *[_NUMBER] * 5)
        words = np.ascontiguousarray(moves.words)
        absorb(self.context.ctypes.data, words.ctypes.data, len(moves), new.ctypes.data)
        self._found.append(moves.chosen(new != 0))
        return self._found[-1].keys

    def settle(self, me: int, first: int, *keys: Any) -> None:
        """Give the new states their numbers, from ``first`` on; ``keys`` are those of all parts."""
        own = keys[me]
        ranks = np.arange(len(own), dtype=np.int64)
        for part, others in enumerate(keys):
            if part != me:
                ranks += np.searchsorted(others, own)
        self._levels.append(ranks + first)
        if self.context[At.ERROR] and self._error is None:
            self._note_error(self._global(int(self.context[At.ERROR_STATE])))

    def _note_error(self, state: int) -> None:
        if self.context[At.ERROR] and self._error is None:
            self._error = misstep_of(self.context)
            self._error.state = state

    def _global(self, state: int) -> int:
        """The number in the whole search of a state here."""
        for numbers in self._levels:
            if state < len(numbers):
                return int(numbers[state])
            state -= len(numbers)
        raise AssertionError("the state has no number yet")

    def find(self, number: int) -> tuple[list[int], int, int] | None:
        """The words of a state, its parent and the instance, if the state is of this part."""
        for numbers, found in zip(self._levels, self._found, strict=True):
            at = int(np.searchsorted(numbers, number))
            if at < len(numbers) and numbers[at] == number:
                words = found.words[at].tolist()
                return words, int(found.parents[at]), int(found.instances[at])
        return None

    def told(self) -> Told:
        """What this part has seen so far."""
        self.explored.refresh()
        found = self.explored
        return Told(
            states=int(self.context[At.COUNT]),
            taken=found.taken,
            hits={watch: self._global(state) for watch, state in found.hits.items()},
            missteps=found.missteps,
            deadlock=found.deadlock,
            awaited=found.awaited,
            error=self._error,
        )


@dataclass(frozen=True)
class _Calls:
    """Writes what a part is called for."""

    loop: Loop

    def texts(self) -> Iterator[str]:
        """The functions."""
        yield self._make()
        yield self._absorb()

    def _make(self) -> str:
        """``make(ctx, states, numbers, from, to, room, ...)``: moves of states; how many."""
        pointers = [("ptr", name) for name in ("ctx", "states", "numbers")]
        bounds = [("i64", name) for name in ("from", "to", "room")]
        out = [("ptr", name) for name in ("words", "keys", "parents", "instances")]
        code = Code("make", [*pointers, *bounds, *out], "i64")
        words, n = self.loop.words, code.slot(0)
        moves, by = (address(code, "%ctx", at) for at in (At.MOVES, At.BY))
        following = place_of(code, "%ctx", At.NEXT_WALK)
        with code.count("%from", "%to") as u:
            code.store(u, following)
            with code.when(code.compare("uge", code.load(n), "%room")):
                code.give(code.load(n))
            number = code.load(code.at("%numbers", u))
            state = code.at("%states", code.op("mul", u, words))
            end = code.call("expand", f"ptr {state}, i64 {number}, i64 0, ptr %ctx", "i64")
            with code.when(code.compare("ne", read(code, "%ctx", At.ERROR), 0)):
                code.store(number, place_of(code, "%ctx", At.ERROR_STATE))
                code.give(code.load(n))
            with code.count(0, end) as j:
                move, at = code.at(moves, code.op("mul", j, words)), code.load(n)
                if self.loop.canonical:
                    code.call("settle", f"ptr {move}")
                for w in range(words):
                    word = code.load(code.at(move, w))
                    code.store(word, code.at("%words", code.add(code.op("mul", at, words), w)))
                key = code.op("or", code.op("shl", number, _SHIFT), j)
                code.store(key, code.at("%keys", at))
                code.store(number, code.at("%parents", at))
                instance = code.widen(code.load(code.at(by, j, "i32"), "i32"), "i32")
                code.store(instance, code.at("%instances", at))
                code.bump(n)
        code.store("%to", following)
        code.give(code.load(n))
        return code.text()

    def _absorb(self) -> str:
        """``absorb(ctx, words, count, new)``: enter states; a flag for each that is new."""
        parameters = (("ptr", "ctx"), ("ptr", "words"), ("i64", "count"), ("ptr", "new"))
        code = Code("absorb", parameters, "i64")
        known = place_of(code, "%ctx", At.COUNT)
        with code.count(0, "%count") as k:
            before = code.load(known)
            state = code.at("%words", code.op("mul", k, self.loop.words))
            code.call("enter", f"ptr {state}, ptr %ctx", "i64")
            new = code.op("sub", code.load(known), before)
            code.store(code.narrow(new, "i8"), code.at("%new", k, "i8"), "i8")
        code.give(0)
        return code.text()
