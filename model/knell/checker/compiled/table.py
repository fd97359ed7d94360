"""The table of known states: open addressing, whole states, sequential growth.

The place of a state is ``hash * capacity / 2**64``, so any capacity will do, and the order of
places is the order of hashes. To grow is then to read the old table and to write the new one from
one end to the other, with no jumps: what costs time in a large table is jumping.

Two kinds:

* *plain*, for states of one word whose numbers nobody asks for: a place holds the state itself,
  its free highest bit set;
* *numbered*: a place holds half of the state's hash and its number plus one. The state is read
  only where these halves are equal, so nearly only where it is the same. The half of the hash is
  all that growth needs to know.

An empty place is 0 in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, read

_FILLED = -(1 << 63)  # the highest bit, as LLVM writes it
_FACTORS = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


@dataclass(frozen=True)
class Table:
    """Writes the code that hashes, finds and inserts states of some words."""

    words: int
    numbered: bool

    def hash(self, code: Code, words: Sequence[str]) -> str:
        """The hash of a state: of it all if plain, the half that a place holds if numbered."""
        mixed = code.op("mul", words[0], _FACTORS[0])
        for word in words[1:]:
            mixed = code.op("xor", mixed, code.op("lshr", mixed, 32))
            mixed = code.op("mul", code.op("xor", mixed, word), _FACTORS[1])
        mixed = code.op("xor", mixed, code.op("lshr", mixed, 32))
        mixed = code.op("mul", mixed, _FACTORS[2])
        return code.op("lshr", mixed, 32) if self.numbered else mixed

    def place(self, code: Code, hash_: str, capacity: str) -> str:
        """Where the search for a state begins."""
        if self.numbered:
            return code.op("lshr", code.op("mul", hash_, capacity), 32)
        return high_product(code, hash_, capacity)

    def load(self, code: Code, pointer: str) -> list[str]:
        """The words at an address."""
        return [code.load(code.at(pointer, w)) for w in range(self.words)]

    def insert_plain(self) -> str:
        """``insert(state word, place, ctx)``: whether the state is new."""
        code = Code(
            "insert",
            (("i64", "word"), ("i64", "place"), ("ptr", "ctx")),
            "i1",
            inline="alwaysinline",
        )
        entry = code.op("or", "%word", _FILLED)
        table, capacity = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.CAPACITY)
        place = code.slot("%place")
        with code.loop(lambda: "true"):
            where = code.at(table, code.load(place))
            found = code.load(where)
            with code.when(code.compare("eq", found, entry)):
                code.give("false")
            with code.when(code.compare("eq", found, 0)):
                code.store(entry, where)
                code.give("true")
            _advance(code, place, capacity)
        code.give("false")
        return code.text()

    def insert_numbered(self) -> str:
        """``insert(state, hash, new number, ctx)``: the state's number."""
        code = Code(
            "insert",
            (("ptr", "state"), ("i64", "hash"), ("i64", "number"), ("ptr", "ctx")),
            "i64",
            inline="alwaysinline",
        )
        words = self.load(code, "%state")
        table, capacity = address(code, "%ctx", At.TABLE), read(code, "%ctx", At.CAPACITY)
        states = address(code, "%ctx", At.STATES)
        half = code.op("shl", "%hash", 32)
        place = code.slot(self.place(code, "%hash", capacity))
        with code.loop(lambda: "true"):
            where = code.at(table, code.load(place))
            found = code.load(where)
            with code.when(code.compare("eq", found, 0)):
                code.store(code.op("or", half, code.add("%number", 1)), where)
                code.give("%number")
            other = code.op("xor", found, half)
            with code.when(code.compare("ult", other, 1 << 32)):
                number = code.sub(other, 1)
                known = self.load(code, code.at(states, code.op("mul", number, self.words)))
                with code.when(same(code, words, known)):
                    code.give(number)
            _advance(code, place, capacity)
        code.give("0")
        return code.text()

    def rehash(self) -> str:
        """``rehash(old, from, to, new, capacity)``: carry part of a table over to a larger one."""
        parameters = (
            ("ptr", "old"),
            ("i64", "from"),
            ("i64", "to"),
            ("ptr", "new"),
            ("i64", "capacity"),
        )
        code = Code("rehash", parameters)
        with code.count("%from", "%to") as k:
            entry = code.load(code.at("%old", k))
            with code.when(code.compare("ne", entry, 0)):
                if self.numbered:
                    hash_ = code.op("lshr", entry, 32)
                else:
                    hash_ = self.hash(code, [code.op("and", entry, ~_FILLED)])
                place = code.slot(0)
                code.store(self.place(code, hash_, "%capacity"), place)
                with code.loop(
                    lambda: code.compare("ne", code.load(code.at("%new", code.load(place))), 0)
                ):
                    _advance(code, place, "%capacity")
                code.store(entry, code.at("%new", code.load(place)))
        return code.text()


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


def _advance(code: Code, place: str, capacity: str) -> None:
    following = code.add(code.load(place), 1)
    wraps = code.compare("eq", following, capacity)
    code.store(code.select(wraps, 0, following), place)
