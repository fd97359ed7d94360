"""The table of known states: whole states, in lines of eight places.

A *line* of eight places is a line of the processor's cache: it is fetched at once, and compared
at once. A state belongs in the line ``hash * lines / 2**64``; when that is full, in the next that
is not. So any number of lines will do, and the order of lines is the order of hashes. A table
grows where it stands; see :mod:`knell.checker.compiled.growth`.

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
from knell.checker.compiled.lines import LINE, VECTOR, advance, line_at, lowest, mask_of, spread

FILLED = -(1 << 63)  # the highest bit, as LLVM writes it
_FACTORS = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


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
        entry = code.op("or", "%word", FILLED)
        wanted = spread(code, entry)
        line = code.slot("%line")
        with code.loop(lambda: "true"):
            where = line_at(code, "%table", code.load(line))
            found = code.load(where, VECTOR)
            with code.when(mask_of(code, code.compare("eq", found, wanted, VECTOR))[1]):
                code.give("false")
            self._fill(code, where, found, entry, "true")
            advance(code, line, "%lines")
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
        wanted = spread(code, half)
        line = code.slot(self.line(code, "%hash", lines))
        with code.loop(lambda: "true"):
            where = line_at(code, table, code.load(line))
            found = code.load(where, VECTOR)

            def leave(number: str) -> None:
                known = self.load(code, code.at(states, code.op("mul", number, self.words)))
                with code.when(same(code, words, known)):
                    code.give(number)

            self._candidates(code, where, found, wanted, leave)
            entry = code.op("or", half, code.add("%number", 1))
            self._fill(code, where, found, entry, "%number")
            advance(code, line, lines)
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
            entry, wanted = code.op("or", half, code.add("%number", 1)), spread(code, half)
        else:
            entry = code.op("or", self.content(code, words), FILLED)
            wanted = spread(code, entry)
        line = code.slot(self.line(code, "%hash", "%lines"))
        with code.loop(lambda: "true"):
            where = line_at(code, "%table", code.load(line))
            found = code.load(where, VECTOR)
            if self.numbered:
                self._leave_if_known(code, where, found, wanted, words)
            else:
                with code.when(mask_of(code, code.compare("eq", found, wanted, VECTOR))[1]):
                    code.give("null")
            empty = code.compare("eq", found, "zeroinitializer", VECTOR)
            mask, some = mask_of(code, empty)
            with code.when(some):
                place = code.at(where, lowest(code, mask))
                code.store(entry, place)
                code.give(place)
            advance(code, line, "%lines")
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
        differing = code.op("xor", found, wanted, VECTOR)
        alike = code.compare("ult", differing, spread(code, str(1 << 32)), VECTOR)
        filled = code.compare("ne", found, "zeroinitializer", VECTOR)
        both = code.op("and", alike, filled, f"<{LINE} x i1>")
        mask = code.slot(mask_of(code, both)[0], "i8")
        with code.loop(lambda: code.compare("ne", code.load(mask, "i8"), 0, "i8")):
            rest = code.load(mask, "i8")
            entry = code.load(code.at(where, lowest(code, rest)))
            visit(code.sub(code.op("and", entry, 0xFFFFFFFF), 1))
            less = code.op("sub", rest, 1, "i8")
            code.store(code.op("and", rest, less, "i8"), mask, "i8")

    def _fill(self, code: Code, where: str, found: str, entry: str, result: str) -> None:
        """If the line has an empty place, put the entry there and return the result."""
        empty = code.compare("eq", found, "zeroinitializer", VECTOR)
        mask, some = mask_of(code, empty)
        with code.when(some):
            code.store(entry, code.at(where, lowest(code, mask)))
            code.give(result)


def omission(states: int) -> float:
    """How likely it is that fingerprints have hidden a state, at most, among so many."""
    return min(1.0, states * states / 2.0**64)


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
