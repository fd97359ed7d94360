"""The three phases of a round: gather, insert, settle; see :mod:`knell.checker.compiled.rounds`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.lines import line_at
from knell.checker.compiled.loop import SPAN
from knell.checker.compiled.table import Table

AHEAD = 24  # look-ups whose lines are asked for in advance
CONTEXT = (("ptr", "ctx"),)


@dataclass(frozen=True)
class Phases:
    """Writes the phases.

    ``part`` is how many states a worker expands in a round, ``most`` how many moves one may have.
    An owner has room for the moves of each worker, one worker after the other.
    """

    table: Table
    workers: int
    part: int
    most: int
    canonical: bool

    @property
    def room(self) -> int:
        """How many moves a worker can have in a round."""
        return self.part * self.most

    def texts(self) -> Iterator[str]:
        """The functions."""
        yield self._own()
        yield self._enter()
        yield self._refill()
        yield self._gather_part()
        yield self._insert_part()
        yield self._settle_part()

    def _own(self) -> str:
        """``own(move, n, ctx)``: hand a state's move, the ``n``-th of the round, to its owner."""
        parameters = (("ptr", "move"), ("i64", "n"), ("ptr", "ctx"))
        code = Code("own", parameters, inline="alwaysinline")
        words = self.table.load(code, "%move")
        hash_, owner = self.split(code, words)
        count = code.at(address(code, "%ctx", At.OWNED_COUNT), owner)
        everyone = address(code, "%ctx", At.EVERYONE)
        other = code.load(code.at(everyone, owner, "ptr"), "ptr")
        place = code.add(read(code, "%ctx", At.OFFSET), code.load(count))
        at = code.at(address(code, other, At.OWNED), code.op("mul", place, self.table.words))
        for w, word in enumerate(words):
            code.store(word, code.at(at, w))
        code.store(hash_, code.at(address(code, other, At.OWNED_HASHES), place))
        order = code.at(address(code, other, At.OWNED_ORDER), place, "i32")
        code.store(code.narrow("%n"), order, "i32")
        code.bump(count)
        return code.text()

    def _enter(self) -> str:
        """``enter(state, ctx)``: add an initial state, if it is new."""
        code = Code("enter", (("ptr", "state"), ("ptr", "ctx")), "i64")
        self._settle_state(code, "%state")
        count = read(code, "%ctx", At.COUNT)
        place = self._insert_one(code, "%state", count)
        with code.when(code.compare("ne", place, "null", "ptr")):
            code.call("append", "ptr %state, ptr %ctx")
        code.give(count)
        return code.text()

    def _refill(self) -> str:
        """``refill(ctx, from, to)``: put known states into the tables of their owners."""
        code = Code("refill", (*CONTEXT, ("i64", "from"), ("i64", "to")))
        states = address(code, "%ctx", At.STATES)
        with code.count("%from", "%to") as u:
            self._insert_one(code, code.at(states, code.op("mul", u, self.table.words)), u)
        return code.text()

    def _insert_one(self, code: Code, state: str, number: str) -> str:
        """Insert a state into its owner's table; the new entry's address, or null."""
        hash_, owner = self.split(code, self.table.load(code, state))
        everyone = address(code, "%ctx", At.EVERYONE)
        other = code.load(code.at(everyone, owner, "ptr"), "ptr")
        table, lines = address(code, other, At.TABLE), read(code, other, At.LINES)
        place = self._insert(code, state, hash_, number, (table, lines))
        is_new = code.compare("ne", place, "null", "ptr")
        code.bump(place_of(code, other, At.USED), code.widen(is_new))
        return place

    def split(self, code: Code, words: list[str]) -> tuple[str, str]:
        """The hash of a state that its owner's table works with, and the owner."""
        full = self.table.mix(code, words)
        low = code.op("and", full, 0xFFFFFFFF)
        owner = code.op("lshr", code.op("mul", low, self.workers), 32)
        return self.table.kept(code, full), owner

    def _settle_state(self, code: Code, state: str) -> None:
        """Put the state that stands for it in its place."""
        if self.canonical:
            code.call("settle", f"ptr {state}")

    def _gather_part(self) -> str:
        """``gather_part(ctx, from, to)``: make the moves of some states."""
        code = Code("gather_part", (*CONTEXT, ("i64", "from"), ("i64", "to")))
        counts = address(code, "%ctx", At.OWNED_COUNT)
        for owner in range(self.workers):
            code.store(0, code.at(counts, owner))
        states, first = (address(code, "%ctx", at) for at in (At.STATES, At.FIRST))
        moves = address(code, "%ctx", At.MOVES)
        n = code.slot(0)
        with code.count("%from", "%to") as u:
            before = code.load(n)
            code.store(before, code.at(first, code.sub(u, "%from")))
            state = code.at(states, code.op("mul", u, self.table.words))
            end = code.call("expand", f"ptr {state}, i64 {u}, i64 0, ptr %ctx", "i64")
            with code.count(0, end) as j:
                move = code.at(moves, code.op("mul", j, self.table.words))
                self._settle_state(code, move)
                code.call("own", f"ptr {move}, i64 {code.add(before, j)}, ptr %ctx")
            code.store(code.add(before, end), n)
        code.store(code.load(n), code.at(first, code.sub("%to", "%from")))
        return code.text()

    def _insert_part(self) -> str:
        """``insert_part(ctx, me)``: look up the moves that this worker owns."""
        code = Code("insert_part", (*CONTEXT, ("i64", "me")))
        everyone = address(code, "%ctx", At.EVERYONE)
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        with code.count(0, self.workers) as w:
            other = code.load(code.at(everyone, w, "ptr"), "ptr")
            self._insert_from(code, other, (table, lines), code.op("mul", w, self.room))
        return code.text()

    def _insert_from(self, code: Code, other: str, table: tuple[str, str], start: str) -> None:
        moves, hashes, new, entries = (
            address(code, "%ctx", at) for at in (At.OWNED, At.OWNED_HASHES, At.NEW, At.NEW_ENTRIES)
        )
        known = read(code, address(code, "%ctx", At.SHARED), At.COUNT)
        count = code.load(code.at(address(code, other, At.OWNED_COUNT), "%me"))
        end = code.add(start, count)
        found = code.slot(start)
        with code.count(start, end) as k:
            ahead = code.load(code.at(hashes, code.add(k, AHEAD)))
            line = self.table.line(code, ahead, table[1])
            code.prefetch(line_at(code, table[0], line), write=True)
            state = code.at(moves, code.op("mul", k, self.table.words))
            hash_ = code.load(code.at(hashes, k))
            place = self._insert(code, state, hash_, code.add(known, k), table)
            n = code.load(found)
            code.store(code.narrow(k), code.at(new, n, "i32"), "i32")
            if self.table.numbered:
                code.store(place, code.at(entries, n, "ptr"), "ptr")
            is_new = code.compare("ne", place, "null", "ptr")
            code.bump(found, code.widen(is_new))
        total = code.sub(code.load(found), start)
        code.store(total, code.at(address(code, other, At.NEW_COUNT), "%me"))
        code.bump(place_of(code, "%ctx", At.USED), total)
        code.bump(place_of(code, "%ctx", At.LOOKUPS), count)

    def _insert(
        self, code: Code, state: str, hash_: str, number: str, table: tuple[str, str]
    ) -> str:
        """The address of the new entry, or null if the state is known."""
        where = f"ptr {table[0]}, i64 {table[1]}"
        arguments = f"ptr {state}, i64 {hash_}, i64 {number}, ptr %ctx, {where}"
        return code.call("claim", arguments, "ptr")

    def _settle_part(self) -> str:
        """``settle_part(ctx, from, to, number, me)``: number the new states of a part."""
        parameters = (("i64", "from"), ("i64", "to"), ("i64", "number"), ("i64", "me"))
        code = Code("settle_part", (*CONTEXT, *parameters))
        first, marks = (address(code, "%ctx", at) for at in (At.FIRST, At.MARKS))
        number = code.slot("%number")
        heads = [self._head(code, owner) for owner in range(self.workers)]

        def least() -> str:
            value = code.load(heads[0].order)
            for head in heads[1:]:
                value = code.call(
                    "llvm.umin.i64", f"i64 {value}, i64 {code.load(head.order)}", "i64"
                )
            return value

        with code.count("%from", "%to") as u:
            with code.when(code.compare("eq", code.op("and", u, SPAN - 1), 0)):
                code.store(code.load(number), code.at(marks, code.op("udiv", u, SPAN)))
            end = code.load(code.at(first, code.add(code.sub(u, "%from"), 1)))
            next_ = code.slot(least())
            with code.loop(lambda: code.compare("ult", code.load(next_), end)):
                order = code.load(next_)
                for head in heads:
                    with code.when(code.compare("eq", code.load(head.order), order)):
                        self._settle(code, head, code.load(number))
                        head.advance(code)
                code.bump(number)
                code.store(least(), next_)
        return code.text()

    def _head(self, code: Code, owner: int) -> _Head:
        """Where an owner's list of the worker's new states begins."""
        everyone = address(code, "%ctx", At.EVERYONE)
        other = code.load(code.at(everyone, owner, "ptr"), "ptr")
        start = code.op("mul", "%me", self.room)
        count = code.load(code.at(address(code, "%ctx", At.NEW_COUNT), owner))
        head = _Head(other, code.slot(start), code.add(start, count), code.slot(0))
        head.look(code)
        return head

    def _settle(self, code: Code, head: _Head, number: str) -> None:
        words = self.table.words
        states = address(code, "%ctx", At.STATES)
        moves = address(code, head.owner, At.OWNED)
        move = code.at(moves, code.op("mul", head.place(code), words))
        target = code.at(states, code.op("mul", number, words))
        for w, word in enumerate(self.table.load(code, move)):
            code.store(word, code.at(target, w))
        if self.table.numbered:
            entries = address(code, head.owner, At.NEW_ENTRIES)
            entry = code.load(code.at(entries, code.load(head.at), "ptr"), "ptr")
            code.store(code.narrow(code.add(number, 1)), entry, "i32")
        code.call("look", f"ptr {target}, i64 {number}, ptr %ctx")


@dataclass(frozen=True)
class _Head:
    """Where one owner's list is read: slots of the position, and of the move's order there."""

    owner: str
    at: str
    end: str
    order: str

    def place(self, code: Code) -> str:
        """The place of the move among those that the owner was handed."""
        new = address(code, self.owner, At.NEW)
        return code.widen(code.load(code.at(new, code.load(self.at), "i32"), "i32"), "i32")

    def look(self, code: Code) -> None:
        """Note the order of the move here; past the end it is the greatest of all."""
        code.store(-1, self.order)
        with code.when(code.compare("ult", code.load(self.at), self.end)):
            orders = address(code, self.owner, At.OWNED_ORDER)
            order = code.load(code.at(orders, self.place(code), "i32"), "i32")
            code.store(code.widen(order, "i32"), self.order)

    def advance(self, code: Code) -> None:
        """Go on to the next move."""
        code.bump(self.at)
        self.look(code)
