"""What a search costs without its table: the successors of all its states, made and left."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address
from knell.checker.compiled.search import CompiledSearch


class MakingSearch(CompiledSearch):
    """A search that can make the successors of its states once more."""

    def texts(self) -> Iterator[str]:
        yield from super().texts()
        yield self._make()

    def _make(self) -> str:
        """``make_all(ctx, states)``: how many successors the first states have."""
        code = Code("make_all", (("ptr", "ctx"), ("i64", "states")), "i64")
        states, total = address(code, "%ctx", At.STATES), code.slot(0)
        with code.count(0, "%states") as u:
            state = code.at(states, code.op("mul", u, self.packing.words))
            arguments = f"ptr {state}, i64 {u}, i64 0, ptr %ctx"
            code.bump(total, code.call("expand", arguments, "i64"))
        code.give(code.load(total))
        return code.text()

    def seconds_to_make(self) -> float:
        """Seconds to make the successors of all states that were found."""
        number = ctypes.c_int64
        make = self.native.function("make_all", *[number] * 3)
        states = len(self.explored.states)
        start = time.perf_counter()
        made = make(self.again.scratch().ctypes.data, states)
        seconds = time.perf_counter() - start
        assert made == self.lookups
        return seconds
