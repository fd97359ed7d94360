"""The search loop in native code.

States are expanded in blocks. First all successors of a block are made and hashed, and the places
of the table where they belong are asked for; then they are inserted, in order. So the table, which
is in no cache, answers many questions at a time instead of one after another.

``search(ctx, until)`` returns why it stopped; see :class:`Stop`. It stops before a block, never
inside one, except at an error of the model. A block in which an error occurs is done again state
by state, so that the error that is reported is the first; so are blocks near the bound of states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.growth import Growth
from knell.checker.compiled.lines import line_at
from knell.checker.compiled.table import Table, same

SPAN = 1024  # expansions between two marks
BATCH = 96  # successors after which a block is inserted


class Stop(IntEnum):
    """Why the search returned."""

    DONE = 0
    ROOM = 1  # the driver must make room
    BOUND = 2  # the bound of states is reached
    ERROR = 3  # an error of the model, when the state ERROR_STATE was expanded
    LOOK = 4  # an error of the model, when the state ERROR_STATE was looked at


@dataclass(frozen=True)
class Loop:
    """Writes the loop for states of some words; ``most`` is how many moves a state may have."""

    words: int
    most: int
    numbered: bool
    edges: bool
    canonical: bool = False
    workers: int = 1
    fingerprints: bool = False

    @property
    def table(self) -> Table:
        """The table that fits."""
        return Table(self.words, self.numbered, self.fingerprints)

    @property
    def batch_room(self) -> int:
        """How many successors a block may have."""
        return BATCH + self.most

    def texts(self) -> Iterator[str]:
        """The functions."""
        yield self.table.insert_numbered() if self.numbered else self.table.insert_plain()
        yield Growth(self.table).text()
        yield self.table.claim()
        yield self._append()
        yield self._add()
        if self.workers == 1:
            yield self._enter()
            yield self._refill()
        yield self._gather()
        yield self._search()
        yield self._parent_of()

    def _add(self) -> str:
        """``add(state, hash, ctx, table, lines)``: the number of a state, added if it is new.

        In a plain table the hash is the line where the search begins, and the number of a known
        state is not known.
        """
        parameters = (
            ("ptr", "state"),
            ("i64", "hash"),
            ("ptr", "ctx"),
            ("ptr", "table"),
            ("i64", "lines"),
        )
        code = Code("add", parameters, "i64", inline="alwaysinline")
        if self.numbered:
            count = read(code, "%ctx", At.COUNT)
            arguments = f"ptr %state, i64 %hash, i64 {count}, ptr %ctx"
            number = code.call("insert", arguments, "i64")
            new = code.compare("eq", number, count)
        else:
            word = self.table.content(code, self.table.load(code, "%state"))
            arguments = f"i64 {word}, i64 %hash, ptr %table, i64 %lines"
            new = code.call("insert", arguments, "i1")
            number = "-1"
        with code.when(new):
            code.call("append", "ptr %state, ptr %ctx")
        code.give(number)
        return code.text()

    def _append(self) -> str:
        """``append(state, ctx)``: give a new state its number, and look at it."""
        code = Code("append", (("ptr", "state"), ("ptr", "ctx")))
        count = read(code, "%ctx", At.COUNT)
        states = address(code, "%ctx", At.STATES)
        at = code.at(states, code.op("mul", count, self.words))
        for w, word in enumerate(self.table.load(code, "%state")):
            code.store(word, code.at(at, w))
        code.store(code.add(count, 1), place_of(code, "%ctx", At.COUNT))
        code.call("look", f"ptr %state, i64 {count}, ptr %ctx")
        return code.text()

    def _key(self, code: Code, state: str, lines: str) -> tuple[str, str]:
        """What is kept of a state's hash until it is inserted, and its line."""
        hash_ = self.table.hash(code, self.table.load(code, state))
        line = self.table.line(code, hash_, lines)
        return (hash_ if self.numbered else line), line

    def _enter(self) -> str:
        """``enter(state, ctx)``: the number of an initial state."""
        code = Code("enter", (("ptr", "state"), ("ptr", "ctx")), "i64")
        if self.canonical:
            code.call("settle", "ptr %state")
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        key, _ = self._key(code, "%state", lines)
        arguments = f"ptr %state, i64 {key}, ptr %ctx, ptr {table}, i64 {lines}"
        code.give(code.call("add", arguments, "i64"))
        return code.text()

    def _refill(self) -> str:
        """``refill(ctx, from, to)``: put known states into the table."""
        code = Code("refill", (("ptr", "ctx"), ("i64", "from"), ("i64", "to")))
        states = address(code, "%ctx", At.STATES)
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        with code.count("%from", "%to") as u:
            state = code.at(states, code.op("mul", u, self.words))
            key, _ = self._key(code, state, lines)
            if self.numbered:
                code.call("insert", f"ptr {state}, i64 {key}, i64 {u}, ptr %ctx", "i64")
            else:
                word = self.table.content(code, self.table.load(code, state))
                code.call("insert", f"i64 {word}, i64 {key}, ptr {table}, i64 {lines}", "i1")
        return code.text()

    def _gather(self) -> str:
        """``gather(u, n, ctx)``: append the moves of a state to the block, hashed."""
        code = Code("gather", (("i64", "u"), ("i64", "n"), ("ptr", "ctx")), "i64")
        moves, hashes = (address(code, "%ctx", at) for at in (At.MOVES, At.SLOTS))
        states, table = (address(code, "%ctx", at) for at in (At.STATES, At.TABLE))
        lines = read(code, "%ctx", At.LINES)
        state = code.at(states, code.op("mul", "%u", self.words))
        end = code.call("expand", f"ptr {state}, i64 %u, i64 %n, ptr %ctx", "i64")
        with code.count("%n", end) as j:
            target = code.at(moves, code.op("mul", j, self.words))
            if self.canonical:
                code.call("settle", f"ptr {target}")
            key, line = self._key(code, target, lines)
            code.store(key, code.at(hashes, j))
            code.prefetch(line_at(code, table, line), write=True)
        code.give(end)
        return code.text()

    def _search(self) -> str:
        code = Code("search", (("ptr", "ctx"), ("i64", "until")), "i64")
        expanded = place_of(code, "%ctx", At.EXPANDED)
        count = place_of(code, "%ctx", At.COUNT)
        single = code.slot("false", "i1")
        with code.loop(lambda: code.compare("ult", code.load(expanded), "%until")):
            known = code.load(count)
            self._stop_early(code, known)
            u = code.load(expanded)
            self._mark(code, u, known)
            end = self._end_of_block(code, u, known, single)
            n, size = self._fill(code, u, end)
            failed = code.compare("ne", read(code, "%ctx", At.ERROR), 0)
            with code.when(failed):
                again = code.label("again")
                alone = code.label("alone")
                code.branch(code.compare("eq", size, 1), alone, again)
                code.place(alone)
                code.store(u, place_of(code, "%ctx", At.ERROR_STATE))
                code.give(int(Stop.ERROR))
                code.line(f"{again}:")
                code.store(0, place_of(code, "%ctx", At.ERROR))
                code.store("true", single, "i1")
            ready = code.op("xor", failed, "true", "i1")
            with code.when(ready):
                if self.edges:
                    self._insert_with_edges(code, u, size)
                else:
                    self._insert(code, n)
                code.store(code.add(u, size), expanded)
                code.bump(place_of(code, "%ctx", At.LOOKUPS), n)
        code.give(int(Stop.DONE))
        return code.text()

    def _stop_early(self, code: Code, known: str) -> None:
        full = code.compare("uge", known, read(code, "%ctx", At.ROOM))
        if self.edges:
            edges, room = (read(code, "%ctx", at) for at in (At.EDGES, At.EDGE_ROOM))
            full = code.op("or", full, code.compare("uge", edges, room), "i1")
        with code.when(code.compare("uge", known, read(code, "%ctx", At.MOST))):
            code.give(int(Stop.BOUND))
        with code.when(full):
            code.give(int(Stop.ROOM))

    def _mark(self, code: Code, u: str, known: str) -> None:
        first = code.compare("eq", code.op("and", u, SPAN - 1), 0)
        with code.when(first):
            marks = address(code, "%ctx", At.MARKS)
            code.store(known, code.at(marks, code.op("udiv", u, SPAN)))

    def _end_of_block(self, code: Code, u: str, known: str, single: str) -> str:
        """A block ends before the next mark, and where it would be too large."""

        def least(a: str, b: str) -> str:
            return code.call("llvm.umin.i64", f"i64 {a}, i64 {b}", "i64")

        span = code.add(code.op("or", u, SPAN - 1), 1)
        end = least("%until", least(span, code.add(u, read(code, "%ctx", At.BLOCK))))
        reach = code.add(known, self.batch_room)
        near = code.compare("uge", reach, read(code, "%ctx", At.MOST))
        alone = code.op("or", near, code.load(single, "i1"), "i1")
        return code.select(alone, code.add(u, 1), end)

    def _fill(self, code: Code, u: str, end: str) -> tuple[str, str]:
        """Gather the moves of a block; returns how many they are, and of how many states."""
        n, at = code.slot(0), code.slot(0)
        code.store(0, n)
        code.store(u, at)
        first = address(code, "%ctx", At.FIRST)

        def more() -> str:
            room = code.compare("ult", code.load(n), BATCH)
            return code.op("and", room, code.compare("ult", code.load(at), end), "i1")

        with code.loop(more):
            here = code.load(at)
            if self.edges:
                code.store(code.load(n), code.at(first, code.sub(here, u)))
            moves = code.call("gather", f"i64 {here}, i64 {code.load(n)}, ptr %ctx", "i64")
            code.store(moves, n)
            code.bump(at)
        size = code.sub(code.load(at), u)
        if self.edges:
            code.store(code.load(n), code.at(first, size))
        return code.load(n), size

    def _insert(self, code: Code, n: str) -> None:
        moves, hashes = (address(code, "%ctx", at) for at in (At.MOVES, At.SLOTS))
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        with code.count(0, n) as j:
            self._add_move(code, (moves, hashes), j, (table, lines))
        self._check_error(code)

    def _add_move(self, code: Code, block: tuple[str, str], j: str, table: tuple[str, str]) -> str:
        """Insert a move: ``block`` is where moves and hashes are, ``table`` its place and lines."""
        target = code.at(block[0], code.op("mul", j, self.words))
        key = code.load(code.at(block[1], j))
        arguments = f"ptr {target}, i64 {key}, ptr %ctx, ptr {table[0]}, i64 {table[1]}"
        return code.call("add", arguments, "i64")

    def _check_error(self, code: Code) -> None:
        """Stop where a state could not be looked at."""
        failed = code.compare("ne", read(code, "%ctx", At.ERROR), 0)
        with code.when(failed):
            code.give(int(Stop.LOOK))

    def _insert_with_edges(self, code: Code, u: str, size: str) -> None:
        moves, hashes = (address(code, "%ctx", at) for at in (At.MOVES, At.SLOTS))
        first, by = (address(code, "%ctx", at) for at in (At.FIRST, At.BY))
        targets = address(code, "%ctx", At.EDGE_TARGETS)
        instances = address(code, "%ctx", At.EDGE_INSTANCES)
        edge_first = address(code, "%ctx", At.EDGE_FIRST)
        edges = place_of(code, "%ctx", At.EDGES)
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        with code.count(0, size) as k:
            start = code.load(code.at(first, k))
            end = code.load(code.at(first, code.add(k, 1)))
            with code.count(start, end) as j:
                number = self._add_move(code, (moves, hashes), j, (table, lines))
                edge = code.load(edges)
                code.store(code.narrow(number), code.at(targets, edge, "i32"), "i32")
                instance = code.load(code.at(by, j, "i32"), "i32")
                code.store(instance, code.at(instances, edge, "i32"), "i32")
                code.store(code.add(edge, 1), edges)
            following = code.add(code.add(u, k), 1)
            code.store(code.load(edges), code.at(edge_first, following))
        self._check_error(code)

    def _parent_of(self) -> str:
        """``parent_of(ctx, v, from, to)``: the first state there with a move to ``v``."""
        parameters = (("ptr", "ctx"), ("i64", "v"), ("i64", "from"), ("i64", "to"))
        code = Code("parent_of", parameters, "i64")
        states, moves = (address(code, "%ctx", at) for at in (At.STATES, At.MOVES))
        wanted = self.table.load(code, code.at(states, code.op("mul", "%v", self.words)))
        with code.count("%from", "%to") as u:
            n = code.call("gather", f"i64 {u}, i64 0, ptr %ctx", "i64")
            with code.count(0, n) as j:
                target = code.at(moves, code.op("mul", j, self.words))
                found = same(code, wanted, self.table.load(code, target))
                with code.when(found):
                    code.store(j, place_of(code, "%ctx", At.ERROR_DETAIL))
                    code.give(u)
        code.give(-1)
        return code.text()
