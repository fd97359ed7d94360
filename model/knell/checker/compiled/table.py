"""The table of known states: whole states, lines of eight places, growth where it stands.

A *line* of eight places is a line of the processor's cache: it is fetched at once, and compared
at once. A state belongs in the line ``hash * lines / 2**64``; when that is full, in the next that
is not. So any number of lines will do, and the order of lines is the order of hashes. A table
grows where it stands: from its end to its start every entry moves up to its new line, with no
jumps, for jumping is what costs time in a large table. Only the entries at the very start, which
may have nowhere to go yet, are set aside and put back at last.

Three kinds:

* *plain*, for states of one word whose numbers nobody asks for: a place holds the state itself,
  its free highest bit set;
* *numbered*: a place holds half of the state's hash and its number plus one. The state is read
  only where these halves are equal, so nearly only where it is the same. The half of the hash is
  all that growth needs to know;
* *fingerprints*: a place holds 63 bits of a state's hash, its highest bit set. Two states with one
  fingerprint are taken for one; see :func:`omission`.

An empty place is 0 in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, read

LINE = 8  # places of a line
ASIDE = 1 << 16  # entries that can be set aside
_LOW = 512  # lines at the start of a table that are set aside when it grows
_FILLED = -(1 << 63)  # the highest bit, as LLVM writes it
_FACTORS = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
_VECTOR = f"<{LINE} x i64>"


@dataclass(frozen=True)
class _Last:
    """The line that was filled last while a table grows, and how many of its places are filled."""

    line: str
    filled: str


@dataclass(frozen=True)
class Table:
    """Writes the code that hashes, finds and inserts states of some words."""

    words: int
    numbered: bool
    fingerprints: bool = False

    def hash(self, code: Code, words: Sequence[str]) -> str:
        """What the table keeps of the hash of a state."""
        return self.kept(code, self.mix(code, words))

    def mix(self, code: Code, words: Sequence[str]) -> str:
        """The hash of a state, 64 bits of it."""
        mixed = code.op("mul", words[0], _FACTORS[0])
        for word in words[1:]:
            mixed = code.op("xor", mixed, code.op("lshr", mixed, 32))
            mixed = code.op("mul", code.op("xor", mixed, word), _FACTORS[1])
        mixed = code.op("xor", mixed, code.op("lshr", mixed, 32))
        return code.op("mul", mixed, _FACTORS[2])

    def kept(self, code: Code, hash_: str) -> str:
        """What decides of the line: half of the hash if numbered, else all that an entry tells."""
        if self.fingerprints:
            return code.op("shl", hash_, 1)
        return code.op("lshr", hash_, 32) if self.numbered else hash_

    def content(self, code: Code, words: Sequence[str]) -> str:
        """What a place of a table without numbers holds, but for its highest bit."""
        return self.mix(code, words) if self.fingerprints else words[0]

    def line(self, code: Code, hash_: str, lines: str) -> str:
        """Where the search for a state begins."""
        if self.numbered:
            return code.op("lshr", code.op("mul", hash_, lines), 32)
        return high_product(code, hash_, lines)

    def load(self, code: Code, pointer: str) -> list[str]:
        """The words at an address."""
        return [code.load(code.at(pointer, w)) for w in range(self.words)]

    def insert_plain(self) -> str:
        """``insert(word, line, table, lines)``: whether the state is new."""
        parameters = (("i64", "word"), ("i64", "line"), ("ptr", "table"), ("i64", "lines"))
        code = Code("insert", parameters, "i1", inline="alwaysinline")
        entry = code.op("or", "%word", _FILLED)
        wanted = _spread(code, entry)
        line = code.slot("%line")
        with code.loop(lambda: "true"):
            where = line_at(code, "%table", code.load(line))
            found = code.load(where, _VECTOR)
            with code.when(_mask(code, code.compare("eq", found, wanted, _VECTOR))[1]):
                code.give("false")
            self._fill(code, where, found, entry, "true")
            _advance(code, line, "%lines")
        code.give("false")
        return code.text()

    def insert_numbered(self) -> str:
        """``insert(state, hash, new number, ctx)``: the state's number."""
        parameters = (("ptr", "state"), ("i64", "hash"), ("i64", "number"), ("ptr", "ctx"))
        code = Code("insert", parameters, "i64", inline="alwaysinline")
        words = self.load(code, "%state")
        table, lines = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.LINES)
        states = address(code, "%ctx", At.STATES)
        half = code.op("shl", "%hash", 32)
        wanted = _spread(code, half)
        line = code.slot(self.line(code, "%hash", lines))
        with code.loop(lambda: "true"):
            where = line_at(code, table, code.load(line))
            found = code.load(where, _VECTOR)

            def leave(number: str) -> None:
                known = self.load(code, code.at(states, code.op("mul", number, self.words)))
                with code.when(same(code, words, known)):
                    code.give(number)

            self._candidates(code, where, found, wanted, leave)
            entry = code.op("or", half, code.add("%number", 1))
            self._fill(code, where, found, entry, "%number")
            _advance(code, line, lines)
        code.give("0")
        return code.text()

    def claim(self) -> str:
        """``claim(state, hash, number, ctx, table, lines)``: the new entry's address, or null.

        For several workers. Numbers from the count of states on are those of moves that the
        worker owns.
        """
        parameters = (
            ("ptr", "state"),
            ("i64", "hash"),
            ("i64", "number"),
            ("ptr", "ctx"),
            ("ptr", "table"),
            ("i64", "lines"),
        )
        code = Code("claim", parameters, "ptr", inline="alwaysinline")
        words = self.load(code, "%state")
        if self.numbered:
            half = code.op("shl", "%hash", 32)
            entry, wanted = code.op("or", half, code.add("%number", 1)), _spread(code, half)
        else:
            entry = code.op("or", self.content(code, words), _FILLED)
            wanted = _spread(code, entry)
        line = code.slot(self.line(code, "%hash", "%lines"))
        with code.loop(lambda: "true"):
            where = line_at(code, "%table", code.load(line))
            found = code.load(where, _VECTOR)
            if self.numbered:
                self._leave_if_known(code, where, found, wanted, words)
            else:
                with code.when(_mask(code, code.compare("eq", found, wanted, _VECTOR))[1]):
                    code.give("null")
            empty = code.compare("eq", found, "zeroinitializer", _VECTOR)
            mask, some = _mask(code, empty)
            with code.when(some):
                place = code.at(where, _lowest(code, mask))
                code.store(entry, place)
                code.give(place)
            _advance(code, line, "%lines")
        code.give("null")
        return code.text()

    def _leave_if_known(
        self, code: Code, where: str, found: str, wanted: str, words: Sequence[str]
    ) -> None:
        shared = address(code, "%ctx", At.SHARED)
        count, states = read(code, shared, At.COUNT), address(code, shared, At.STATES)
        moves = address(code, "%ctx", At.OWNED)

        def leave(number: str) -> None:
            settled = code.compare("ult", number, count)
            index = code.select(settled, number, code.sub(number, count))
            source = code.select(settled, states, moves, "ptr")
            known = self.load(code, code.at(source, code.op("mul", index, self.words)))
            with code.when(same(code, words, known)):
                code.give("null")

        self._candidates(code, where, found, wanted, leave)

    def _candidates(
        self, code: Code, where: str, found: str, wanted: str, visit: Callable[[str], None]
    ) -> None:
        """Visit the numbers of a line whose half of the hash is the wanted one."""
        differing = code.op("xor", found, wanted, _VECTOR)
        alike = code.compare("ult", differing, _spread(code, str(1 << 32)), _VECTOR)
        filled = code.compare("ne", found, "zeroinitializer", _VECTOR)
        both = code.op("and", alike, filled, f"<{LINE} x i1>")
        mask = code.slot(_mask(code, both)[0], "i8")
        with code.loop(lambda: code.compare("ne", code.load(mask, "i8"), 0, "i8")):
            rest = code.load(mask, "i8")
            entry = code.load(code.at(where, _lowest(code, rest)))
            visit(code.sub(code.op("and", entry, 0xFFFFFFFF), 1))
            less = code.op("sub", rest, 1, "i8")
            code.store(code.op("and", rest, less, "i8"), mask, "i8")

    def _fill(self, code: Code, where: str, found: str, entry: str, result: str) -> None:
        """If the line has an empty place, put the entry there and return the result."""
        empty = code.compare("eq", found, "zeroinitializer", _VECTOR)
        mask, some = _mask(code, empty)
        with code.when(some):
            code.store(entry, code.at(where, _lowest(code, mask)))
            code.give(result)

    def grow(self) -> str:
        """``grow(table, lines, more lines, aside)``: 0, or -1 if there was no way."""
        parameters = (("ptr", "table"), ("i64", "old"), ("i64", "new"), ("ptr", "aside"))
        code = Code("grow", parameters, "i64")
        low = code.call("llvm.umin.i64", f"i64 %old, i64 {_LOW}", "i64")
        start, end = (code.op("mul", lines, LINE) for lines in (low, "%old"))
        kept = code.slot(0)
        last = _Last(code.slot(-1), code.slot(0))

        def keep(entry: str) -> None:
            code.store(entry, code.at("%aside", code.load(kept)))
            code.bump(kept)

        with code.count(0, start) as p:
            entry = code.load(code.at("%table", p))
            with code.when(code.compare("ne", entry, 0)):
                code.store(0, code.at("%table", p))
                keep(entry)
        with code.count(start, end) as up:
            p = code.sub(code.sub(code.add(end, start), up), 1)
            entry = code.load(code.at("%table", p))
            with code.when(code.compare("ne", entry, 0)):
                code.store(0, code.at("%table", p))
                home = self._home(code, entry)
                above = code.compare("ugt", home, code.op("udiv", p, LINE))
                with code.when(above):
                    self._put(code, entry, home, last)
                with code.when(code.op("xor", above, "true", "i1")):
                    full = code.compare("uge", code.load(kept), ASIDE)
                    with code.when(full):
                        code.give(-1)
                    keep(entry)
        with code.count(0, code.load(kept)) as k:
            entry = code.load(code.at("%aside", k))
            self._put(code, entry, self._home(code, entry), last)
        code.give(0)
        return code.text()

    def _home(self, code: Code, entry: str) -> str:
        """Where the search for an entry begins in a table of ``%new`` lines."""
        if self.numbered:
            return self.line(code, code.op("lshr", entry, 32), "%new")
        if self.fingerprints:
            return self.line(code, self.kept(code, entry), "%new")
        return self.line(code, self.hash(code, [code.op("and", entry, ~_FILLED)]), "%new")

    def _put(self, code: Code, entry: str, home: str, last: _Last) -> None:
        """Put an entry in the first line from ``home`` on that has room.

        Entries come almost in the order of their lines, so the line is most often the one that
        was filled last; then nothing need be read.
        """
        filled = code.load(last.filled)
        again = code.compare("eq", home, code.load(last.line))
        room = code.compare("ult", filled, LINE)
        known = code.op("and", again, room, "i1")
        with code.when(known):
            line = code.op("mul", home, LINE)
            code.store(entry, code.at("%table", code.add(line, filled)))
            code.store(code.add(filled, 1), last.filled)
        with code.when(code.op("xor", known, "true", "i1")):
            self._put_anywhere(code, entry, home, last)

    def _put_anywhere(self, code: Code, entry: str, home: str, last: _Last) -> None:
        line, done = code.slot(home), code.slot("false", "i1")

        def going() -> str:
            return code.op("xor", code.load(done, "i1"), "true", "i1")

        with code.loop(going):
            where = line_at(code, "%table", code.load(line))
            found = code.load(where, _VECTOR)
            empty = code.compare("eq", found, "zeroinitializer", _VECTOR)
            mask, some = _mask(code, empty)
            with code.when(some):
                place = _lowest(code, mask)
                code.store(entry, code.at(where, place))
                code.store(code.load(line), last.line)
                code.store(code.add(place, 1), last.filled)
                code.store("true", done, "i1")
            _advance(code, line, "%new")


def omission(states: int) -> float:
    """How likely it is that fingerprints have hidden a state, at most, among so many."""
    return min(1.0, states * states / 2.0**64)


def line_at(code: Code, table: str, line: str) -> str:
    """The address of a line."""
    return code.at(table, line, _VECTOR)


def same(code: Code, a: Sequence[str], b: Sequence[str]) -> str:
    """Whether two states are equal."""
    value = code.compare("eq", a[0], b[0])
    for x, y in zip(a[1:], b[1:], strict=True):
        value = code.op("and", value, code.compare("eq", x, y), "i1")
    return value


def high_product(code: Code, a: str, b: str) -> str:
    """The high half of the product of two words."""
    wide_a, wide_b = code.widen(a, "i64", "i128"), code.widen(b, "i64", "i128")
    product = code.op("mul", wide_a, wide_b, "i128")
    return code.value(f"trunc i128 {code.op('lshr', product, 64, 'i128')} to i64")


def _spread(code: Code, value: str) -> str:
    """The value, as many times as a line has places."""
    one = code.value(f"insertelement {_VECTOR} poison, i64 {value}, i64 0")
    zeros = f"<{LINE} x i32> zeroinitializer"
    return code.value(f"shufflevector {_VECTOR} {one}, {_VECTOR} poison, {zeros}")


def _mask(code: Code, truths: str) -> tuple[str, str]:
    """One bit for each place, and whether any is set."""
    mask = code.value(f"bitcast <{LINE} x i1> {truths} to i{LINE}")
    return mask, code.compare("ne", mask, 0, f"i{LINE}")


def _lowest(code: Code, mask: str) -> str:
    """The position of the lowest bit that is set."""
    place = code.value(f"call i{LINE} @llvm.cttz.i{LINE}(i{LINE} {mask}, i1 true)")
    return code.widen(place, f"i{LINE}")


def _advance(code: Code, line: str, lines: str) -> None:
    following = code.add(code.load(line), 1)
    wraps = code.compare("eq", following, lines)
    code.store(code.select(wraps, 0, following), line)
