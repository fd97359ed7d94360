"""Random walks in native code: the walks of :mod:`knell.checker.simulate`, step by step.

``walk(ctx, from, to, length, seed)`` takes some walks; the one to be taken next is left in the
context. Every state that is visited is kept once, with the step by which it was first reached.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from knell.checker.chance import FACTORS, STEP, start_of
from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.loop import Loop, Stop
from knell.checker.compiled.memory import Memory
from knell.checker.compiled.search import CompiledSearch
from knell.checker.compiled.table import high_product
from knell.checker.explored import ROOT, Walks


@dataclass(frozen=True)
class WalkLoop:
    """Writes the walks over the states of a loop."""

    loop: Loop

    def texts(self) -> Iterator[str]:
        """The functions."""
        yield _mixed()
        yield self._walk()

    def _walk(self) -> str:
        parameters = [("i64", name) for name in ("from", "to", "length", "seed")]
        code = Code("walk", (("ptr", "ctx"), *parameters), "i64")
        count = place_of(code, "%ctx", At.COUNT)
        with code.count("%from", "%to") as number:
            code.store(number, place_of(code, "%ctx", At.NEXT_WALK))
            known = code.load(count)
            with code.when(code.compare("uge", known, read(code, "%ctx", At.MOST))):
                code.give(int(Stop.BOUND))
            reach = code.add(known, "%length")
            with code.when(code.compare("uge", reach, read(code, "%ctx", At.ROOM))):
                code.give(int(Stop.ROOM))
            self._take(code, number)
        code.store("%to", place_of(code, "%ctx", At.NEXT_WALK))
        code.give(int(Stop.DONE))
        return code.text()

    def _take(self, code: Code, number: str) -> None:
        """Take one walk."""
        words, count = self.loop.words, place_of(code, "%ctx", At.COUNT)
        states, moves, by = (address(code, "%ctx", at) for at in (At.STATES, At.MOVES, At.BY))
        start = code.call("mixed", f"i64 {code.add('%seed', number)}", "i64")
        chance = code.slot(start)
        here = code.slot(_below(code, chance, read(code, "%ctx", At.INITIAL)))
        length, going = code.slot(1), code.slot("true", "i1")

        def goes_on() -> str:
            short = code.compare("ult", code.load(length), "%length")
            return code.op("and", short, code.load(going, "i1"), "i1")

        with code.loop(goes_on):
            u = code.load(here)
            state = code.at(states, code.op("mul", u, words))
            n = code.call("expand", f"ptr {state}, i64 {u}, i64 0, ptr %ctx", "i64")
            self._check(code, u, Stop.ERROR)
            some = code.compare("ne", n, 0)
            code.store(some, going, "i1")
            with code.when(some):
                j = _below(code, chance, n)
                known = code.load(count)
                target = code.at(moves, code.op("mul", j, words))
                arrived = code.call("enter", f"ptr {target}, ptr %ctx", "i64")
                k = code.widen(code.load(code.at(by, j, "i32"), "i32"), "i32")
                code.bump(code.at(address(code, "%ctx", At.STEPS), k))
                with code.when(code.compare("eq", arrived, known)):
                    code.store(u, code.at(address(code, "%ctx", At.PARENTS), arrived))
                    code.store(k, code.at(address(code, "%ctx", At.VIA), arrived))
                self._check(code, None, Stop.LOOK)
                code.store(arrived, here)
                code.bump(length)
        longest = place_of(code, "%ctx", At.LONGEST)
        longer = code.compare("ugt", code.load(length), code.load(longest))
        code.store(code.select(longer, code.load(length), code.load(longest)), longest)

    def _check(self, code: Code, state: str | None, why: Stop) -> None:
        """Stop at an error of the model."""
        with code.when(code.compare("ne", read(code, "%ctx", At.ERROR), 0)):
            if state is not None:
                code.store(state, place_of(code, "%ctx", At.ERROR_STATE))
            code.give(int(why))


def _mixed() -> str:
    code = Code("mixed", (("i64", "word"),), "i64", inline="alwaysinline")
    word = "%word"
    for shift, factor in zip((30, 27), FACTORS, strict=True):
        word = code.op("mul", code.op("xor", word, code.op("lshr", word, shift)), factor)
    code.give(code.op("xor", word, code.op("lshr", word, 31)))
    return code.text()


def _below(code: Code, chance: str, n: str) -> str:
    """The next random number, from 0 to n - 1."""
    state = code.add(code.load(chance), STEP)
    code.store(state, chance)
    return high_product(code, code.call("mixed", f"i64 {state}", "i64"), n)


class CompiledWalks(CompiledSearch):
    """The states that random walks visit. A state is known by the way that first led to it."""

    walking = True
    walks_at_once = 1024

    def texts(self) -> Iterator[str]:
        yield from super().texts()
        yield from WalkLoop(self.loop).texts()

    def allocate(self) -> None:
        super().allocate()
        self.steps = np.zeros((1, max(1, len(self.program.instances))), dtype=np.int64)
        self.point({At.STEPS: self.steps})
        self._ways = [Memory(self.most * 8) for _ in range(2)]
        for at, memory in zip((At.PARENTS, At.VIA), self._ways, strict=True):
            self.context[at] = memory.address
        self._parents, self._via = (memory.view(np.int64) for memory in self._ways)

    def start(self) -> None:
        super().start()
        self.context[At.INITIAL] = self.context[At.COUNT]

    def parent(self, number: int) -> tuple[int, int]:
        if number < int(self.context[At.INITIAL]):
            return ROOT, ROOT
        return int(self._parents[number]), int(self._via[number])

    def walk(self, numbers: range, length: int, seed: int, walks: Walks) -> int:
        number = ctypes.c_int64
        walk = self.native.function("walk", *[number] * 6)
        context = self.context
        context[At.MOST] = self.most_states
        next_, why = numbers.start, Stop.ROOM
        while why is Stop.ROOM:
            if int(context[At.COUNT]) + length >= int(context[At.ROOM]):
                self.make_room(length)
            why = Stop(walk(context.ctypes.data, next_, numbers.stop, length, start_of(seed)))
            next_ = int(context[At.NEXT_WALK])
        self.raise_error(why)
        self.explored.refresh()
        self.explored.taken = self.steps[0, : len(self.program.instances)].tolist()
        walks.generated = self.explored.level_ends[0] + int(self.taken.sum())
        walks.longest = int(context[At.LONGEST])
        return next_
