"""The search on several workers, with the result of one.

The states of a level are expanded in rounds. A round gives each worker a run of neighbouring
states, and has three phases; between phases the workers wait for each other:

1. *gather*: each worker makes the moves of its states and hashes them. A hash decides which
   worker owns a move, for each worker has a table of its own; the move is handed to its owner.
2. *insert*: each worker looks up the moves that it owns, by order of the states that they come
   from, and lists those that are new.
3. *settle*: each worker gives the new states among its moves their numbers, which follow from
   how many are new before them, and looks at them. The owners' lists are in order, so they are
   merged.

So no place is ever written by two workers, no lock is needed, and every state gets the number
that a single worker would give it. Where a state is not yet settled, its number is its place
among the moves that its owner was handed, counted on from the last state.

A round in which an error of the model occurs is done again with a single state at a time; so are
rounds near the bound of states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.loop import Stop
from knell.checker.compiled.phases import CONTEXT, Phases

_SPINS = 2000  # times to look before giving the processor away

DECLARATIONS = "declare i32 @sched_yield()\n"


@dataclass(frozen=True)
class Rounds:
    """Writes ``work(ctx, until)``, which all workers call, each with its context."""

    phases: Phases

    def texts(self) -> Iterator[str]:
        """The functions."""
        yield DECLARATIONS
        yield _meet()
        yield from self.phases.texts()
        yield self._work()

    def _work(self) -> str:
        code = Code("work", (*CONTEXT, ("i64", "until")), "i64")
        shared = address(code, "%ctx", At.SHARED)
        me = read(code, "%ctx", At.ME)
        single = code.slot("false", "i1")
        expanded, known = (place_of(code, shared, at) for at in (At.EXPANDED, At.COUNT))
        with code.loop(lambda: code.compare("ult", code.load(expanded), "%until")):
            u, count = code.load(expanded), code.load(known)
            self._stop_early(code, shared, count)
            near = code.compare(
                "uge",
                code.add(count, self.phases.room * self.phases.workers),
                read(code, shared, At.MOST),
            )
            alone = code.op("or", near, code.load(single, "i1"), "i1")
            start, end, last = self._share(code, u, me, alone)
            code.call("gather_part", f"ptr %ctx, i64 {start}, i64 {end}")
            code.call("meet", f"ptr {shared}, ptr %ctx")
            failed = self._anyone_failed(code)
            with code.when(failed):
                with code.when(alone):
                    code.store(u, place_of(code, "%ctx", At.ERROR_STATE))
                    code.give(int(Stop.ERROR))
                code.call("meet", f"ptr {shared}, ptr %ctx")
                code.store(0, place_of(code, "%ctx", At.ERROR))
                code.store("true", single, "i1")
                code.call("meet", f"ptr {shared}, ptr %ctx")
            with code.when(code.op("xor", failed, "true", "i1")):
                code.call("insert_part", f"ptr %ctx, i64 {me}")
                code.call("meet", f"ptr {shared}, ptr %ctx")
                before, total = self._count_new(code, me)
                number = code.add(count, before)
                code.call(
                    "settle_part", f"ptr %ctx, i64 {start}, i64 {end}, i64 {number}, i64 {me}"
                )
                code.call("meet", f"ptr {shared}, ptr %ctx")
                with code.when(code.compare("eq", me, 0)):
                    code.store(code.add(count, total), known)
                    code.store(last, expanded)
                code.call("meet", f"ptr {shared}, ptr %ctx")
                with code.when(self._anyone_failed(code)):
                    code.give(int(Stop.LOOK))
        code.give(int(Stop.DONE))
        return code.text()

    def _stop_early(self, code: Code, shared: str, count: str) -> None:
        with code.when(code.compare("uge", count, read(code, shared, At.MOST))):
            code.give(int(Stop.BOUND))
        everyone = address(code, "%ctx", At.EVERYONE)
        full = code.compare("uge", count, read(code, shared, At.ROOM))
        for w in range(self.phases.workers):
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            used, room = read(code, other, At.USED), read(code, other, At.TABLE_ROOM)
            full = code.op("or", full, code.compare("uge", used, room), "i1")
        with code.when(full):
            code.give(int(Stop.ROOM))

    def _share(self, code: Code, u: str, me: str, alone: str) -> tuple[str, str, str]:
        """The states that this worker expands, and where the round ends."""

        def least(a: str, b: str) -> str:
            return code.call("llvm.umin.i64", f"i64 {a}, i64 {b}", "i64")

        last = least("%until", code.add(u, self.phases.part * self.phases.workers))
        last = code.select(alone, code.add(u, 1), last)
        size = code.sub(last, u)
        each = code.op("udiv", code.add(size, self.phases.workers - 1), self.phases.workers)
        start = least(last, code.add(u, code.op("mul", me, each)))
        return start, least(last, code.add(start, each)), last

    def _anyone_failed(self, code: Code) -> str:
        everyone = address(code, "%ctx", At.EVERYONE)
        failed = "false"
        for w in range(self.phases.workers):
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            own = code.compare("ne", read(code, other, At.ERROR), 0)
            failed = code.op("or", failed, own, "i1")
        return failed

    def _count_new(self, code: Code, me: str) -> tuple[str, str]:
        """How many new states come before those of this worker, and how many there are."""
        everyone = address(code, "%ctx", At.EVERYONE)
        before, total = "0", "0"
        for w in range(self.phases.workers):
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            news = address(code, other, At.NEW_COUNT)
            own = "0"
            for owner in range(self.phases.workers):
                own = code.add(own, code.load(code.at(news, owner)))
            total = code.add(total, own)
            earlier = code.compare("ult", w, me)
            before = code.add(before, code.select(earlier, own, 0))
        return before, total


def _meet() -> str:
    """``meet(shared, ctx)``: wait until all workers are here."""
    code = Code("meet", (("ptr", "shared"), ("ptr", "ctx")), inline="noinline")
    due_at = place_of(code, "%ctx", At.MEETINGS)
    due = code.add(code.load(due_at), read(code, "%ctx", At.WORKERS))
    code.store(due, due_at)
    arrived = place_of(code, "%shared", At.ARRIVED)
    code.value(f"atomicrmw add ptr {arrived}, i64 1 seq_cst")
    spins = code.slot(0)

    def waiting() -> str:
        now = code.value(f"load atomic i64, ptr {arrived} seq_cst, align 8")
        return code.compare("ult", now, due)

    with code.loop(waiting):
        code.bump(spins)
        with code.when(code.compare("ugt", code.load(spins), _SPINS)):
            code.value("call i32 @sched_yield()")
    return code.text()
