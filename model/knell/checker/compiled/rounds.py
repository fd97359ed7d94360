"""The search on several workers, with the result of one.

The states of a level are expanded in rounds. A round gives each worker a run of neighbouring
states, and has three phases; between phases the workers wait for each other:

1. *gather*: each worker makes the moves of its states and hashes them. A hash decides which
   worker owns a move, for each worker has a table of its own.
2. *insert*: each worker looks up the moves that it owns, by order of the states that they come
   from, and marks those that are new.
3. *settle*: each worker gives its new states their numbers, which follow from how many are new
   before them, and looks at them.

So no place is ever written by two workers, no lock is needed, and every state gets the number
that a single worker would give it. Where a state is not yet settled, its number is the number of
the move that found it, counted on from the last state.

A round in which an error of the model occurs is done again with a single state at a time; so are
rounds near the bound of states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.loop import SPAN, Stop
from knell.checker.compiled.table import Table, line_at

_AHEAD = 24  # look-ups whose lines are asked for in advance
_SPINS = 2000  # times to look before giving the processor away

DECLARATIONS = "declare i32 @sched_yield()\n"
_CONTEXT = (("ptr", "ctx"),)


@dataclass(frozen=True)
class Rounds:
    """Writes ``work(ctx, until)``, which all workers call, each with its context.

    ``part`` is how many states a worker expands in a round, ``most`` how many moves one may have;
    the moves of the workers stand ``stride`` apart.
    """

    table: Table
    workers: int
    part: int
    most: int
    stride: int

    @property
    def room(self) -> int:
        """How many moves a worker can have in a round."""
        return self.part * self.most

    def texts(self) -> Iterator[str]:
        """The functions."""
        yield DECLARATIONS
        yield _meet()
        yield self._own()
        yield self._enter()
        yield self._gather_part()
        yield self._insert_part()
        yield self._settle_part()
        yield self._work()

    def _own(self) -> str:
        """``own(move, ctx)``: hash a move and put it down for its owner."""
        code = Code("own", (("i64", "j"), ("ptr", "ctx")), inline="alwaysinline")
        moves = address(code, "%ctx", At.MOVES)
        move = code.at(moves, code.op("mul", "%j", self.table.words))
        hash_, owner = self.split(code, self.table.load(code, move))
        code.store(hash_, code.at(address(code, "%ctx", At.SLOTS), "%j"))
        counts = address(code, "%ctx", At.OWNED_COUNT)
        count = code.at(counts, owner)
        lists = address(code, "%ctx", At.OWNED)
        place = code.add(code.op("mul", owner, self.room), code.load(count))
        code.store(code.narrow("%j"), code.at(lists, place, "i32"), "i32")
        code.bump(count)
        return code.text()

    def _enter(self) -> str:
        """``enter(state, ctx)``: add an initial state, if it is new."""
        code = Code("enter", (("ptr", "state"), ("ptr", "ctx")), "i64")
        hash_, owner = self.split(code, self.table.load(code, "%state"))
        everyone = address(code, "%ctx", At.EVERYONE)
        other = code.load(code.at(everyone, owner, "ptr"), "ptr")
        table, lines = address(code, other, At.TABLE), read(code, other, At.LINES)
        count = read(code, "%ctx", At.COUNT)
        place = self._insert(code, "%state", hash_, count, (table, lines))
        with code.when(code.compare("ne", place, "null", "ptr")):
            code.call("append", "ptr %state, ptr %ctx")
            code.bump(place_of(code, other, At.USED))
        code.give(count)
        return code.text()

    def split(self, code: Code, words: list[str]) -> tuple[str, str]:
        """The hash of a state that its owner's table works with, and the owner."""
        full = self.table.mix(code, words)
        low = code.op("and", full, 0xFFFFFFFF)
        owner = code.op("lshr", code.op("mul", low, self.workers), 32)
        return self.table.kept(code, full), owner

    def _gather_part(self) -> str:
        """``gather_part(ctx, from, to)``: make the moves of some states."""
        code = Code("gather_part", (*_CONTEXT, ("i64", "from"), ("i64", "to")))
        counts = address(code, "%ctx", At.OWNED_COUNT)
        for owner in range(self.workers):
            code.store(0, code.at(counts, owner))
        states, first = (address(code, "%ctx", at) for at in (At.STATES, At.FIRST))
        n = code.slot(0)
        with code.count("%from", "%to") as u:
            here = code.load(n)
            code.store(here, code.at(first, code.sub(u, "%from")))
            state = code.at(states, code.op("mul", u, self.table.words))
            end = code.call("expand", f"ptr {state}, i64 {u}, i64 {here}, ptr %ctx", "i64")
            with code.count(here, end) as j:
                code.call("own", f"i64 {j}, ptr %ctx")
            code.store(end, n)
        code.store(code.load(n), code.at(first, code.sub("%to", "%from")))
        return code.text()

    def _insert_part(self) -> str:
        """``insert_part(ctx, me)``: look up the moves that this worker owns."""
        code = Code("insert_part", (*_CONTEXT, ("i64", "me")))
        everyone = address(code, "%ctx", At.EVERYONE)
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        shared = address(code, "%ctx", At.SHARED)
        base = read(code, shared, At.COUNT)
        with code.count(0, self.workers) as w:
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            self._insert_from(code, other, (table, lines), code.add(base, self._offset(code, w)))
        return code.text()

    def _offset(self, code: Code, worker: str) -> str:
        return code.op("mul", worker, self.stride)

    def _insert_from(self, code: Code, other: str, table: tuple[str, str], base: str) -> None:
        moves, hashes = (address(code, other, at) for at in (At.MOVES, At.SLOTS))
        new, news = address(code, other, At.NEW), address(code, other, At.NEW_COUNT)
        count = code.load(code.at(address(code, other, At.OWNED_COUNT), "%me"))
        owned = code.at(address(code, other, At.OWNED), code.op("mul", "%me", self.room), "i32")

        def nth(k: str) -> str:
            return code.widen(code.load(code.at(owned, k, "i32"), "i32"), "i32")

        found = code.slot(0)
        with code.count(0, count) as k:
            ahead = code.add(k, _AHEAD)
            with code.when(code.compare("ult", ahead, count)):
                hash_ = code.load(code.at(hashes, nth(ahead)))
                line = self.table.line(code, hash_, table[1])
                code.prefetch(line_at(code, table[0], line), write=True)
            j = nth(k)
            hash_ = code.load(code.at(hashes, j))
            place = self._insert(
                code,
                code.at(moves, code.op("mul", j, self.table.words)),
                hash_,
                code.add(base, j),
                table,
            )
            is_new = code.compare("ne", place, "null", "ptr")
            code.store(place, code.at(new, j, "ptr"), "ptr")
            code.bump(found, code.widen(is_new))
        code.store(code.load(found), code.at(news, "%me"))
        used = place_of(code, "%ctx", At.USED)
        code.bump(used, code.load(found))

    def _insert(
        self, code: Code, state: str, hash_: str, number: str, table: tuple[str, str]
    ) -> str:
        """The address of the new entry, or null if the state is known."""
        where = f"ptr {table[0]}, i64 {table[1]}"
        arguments = f"ptr {state}, i64 {hash_}, i64 {number}, ptr %ctx, {where}"
        return code.call("claim", arguments, "ptr")

    def _settle_part(self) -> str:
        """``settle_part(ctx, from, to, number)``: number the new states of a part."""
        code = Code("settle_part", (*_CONTEXT, ("i64", "from"), ("i64", "to"), ("i64", "number")))
        moves, new = (address(code, "%ctx", at) for at in (At.MOVES, At.NEW))
        states, first = (address(code, "%ctx", at) for at in (At.STATES, At.FIRST))
        marks = address(code, "%ctx", At.MARKS)
        number = code.slot("%number")
        words = self.table.words
        with code.count("%from", "%to") as u:
            with code.when(code.compare("eq", code.op("and", u, SPAN - 1), 0)):
                code.store(code.load(number), code.at(marks, code.op("udiv", u, SPAN)))
            at = code.at(first, code.sub(u, "%from"))
            with code.count(code.load(at), code.load(code.at(at, 1))) as j:
                entry = code.load(code.at(new, j, "ptr"), "ptr")
                with code.when(code.compare("ne", entry, "null", "ptr")):
                    v = code.load(number)
                    move = code.at(moves, code.op("mul", j, words))
                    target = code.at(states, code.op("mul", v, words))
                    for w, word in enumerate(self.table.load(code, move)):
                        code.store(word, code.at(target, w))
                    if self.table.numbered:
                        code.store(code.narrow(code.add(v, 1)), entry, "i32")
                    code.call("look", f"ptr {target}, i64 {v}, ptr %ctx")
                    code.bump(number)
        return code.text()

    def _work(self) -> str:
        code = Code("work", (*_CONTEXT, ("i64", "until")), "i64")
        shared = address(code, "%ctx", At.SHARED)
        me = read(code, "%ctx", At.ME)
        single = code.slot("false", "i1")
        expanded, known = (place_of(code, shared, at) for at in (At.EXPANDED, At.COUNT))
        with code.loop(lambda: code.compare("ult", code.load(expanded), "%until")):
            u, count = code.load(expanded), code.load(known)
            self._stop_early(code, shared, count)
            near = code.compare(
                "uge", code.add(count, self.room * self.workers), read(code, shared, At.MOST)
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
                code.call("settle_part", f"ptr %ctx, i64 {start}, i64 {end}, i64 {number}")
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
        for w in range(self.workers):
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            used, room = read(code, other, At.USED), read(code, other, At.TABLE_ROOM)
            full = code.op("or", full, code.compare("uge", used, room), "i1")
        with code.when(full):
            code.give(int(Stop.ROOM))

    def _share(self, code: Code, u: str, me: str, alone: str) -> tuple[str, str, str]:
        """The states that this worker expands, and where the round ends."""

        def least(a: str, b: str) -> str:
            return code.call("llvm.umin.i64", f"i64 {a}, i64 {b}", "i64")

        last = least("%until", code.add(u, self.part * self.workers))
        last = code.select(alone, code.add(u, 1), last)
        size = code.sub(last, u)
        each = code.op("udiv", code.add(size, self.workers - 1), self.workers)
        start = least(last, code.add(u, code.op("mul", me, each)))
        return start, least(last, code.add(start, each)), last

    def _anyone_failed(self, code: Code) -> str:
        everyone = address(code, "%ctx", At.EVERYONE)
        failed = "false"
        for w in range(self.workers):
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            own = code.compare("ne", read(code, other, At.ERROR), 0)
            failed = code.op("or", failed, own, "i1")
        return failed

    def _count_new(self, code: Code, me: str) -> tuple[str, str]:
        """How many new states come before those of this worker, and how many there are."""
        everyone = address(code, "%ctx", At.EVERYONE)
        before, total = "0", "0"
        for w in range(self.workers):
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            news = address(code, other, At.NEW_COUNT)
            own = "0"
            for owner in range(self.workers):
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
