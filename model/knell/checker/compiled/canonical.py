"""The least state of an orbit, in native code: ``settle(state)`` puts it in place of the state.

States are compared as the reference compares them, cell by cell; an orderly packing makes this a
comparison of words. The columns of *simple* sorts are sorted by a network of comparisons without
branches. For the other sorts all permutations are tried: those that rigid functions leave, one by
one, and for each of them those of the free sorts, on a walk on which each follows from the one
before by exchanging two neighbours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from knell.checker.canonical import columns_of, is_simple, target_of
from knell.checker.compiled.code import Code
from knell.checker.compiled.errors import NotCompilableError
from knell.checker.compiled.packing import Field, Packing
from knell.checker.symmetry import Group, Permutation
from knell.language.layout import Layout
from knell.language.types import SortType

_MOST = 5040  # permutations that are tried
_SIGNATURE = (("ptr", "state"),)


@dataclass(frozen=True)
class Canonical:
    """Writes ``settle`` for a group of permutations."""

    layout: Layout
    packing: Packing
    group: Group

    def __post_init__(self) -> None:
        if self._tried > _MOST:
            raise NotCompilableError(
                f"symmetry leaves {self._tried} permutations to try, more than {_MOST}"
            )

    @cached_property
    def simple(self) -> list[SortType]:
        """The sorts whose columns are sorted."""
        free = self.group.free
        return [sort for sort in free if is_simple(self.layout, sort, free)]

    @cached_property
    def walked(self) -> list[SortType]:
        """The free sorts whose permutations are tried."""
        return [sort for sort in self.group.free if sort not in self.simple]

    @property
    def _tried(self) -> int:
        return math.prod((math.factorial(s.size) for s in self.walked), start=len(self.group.bound))

    def texts(self) -> Iterator[str]:
        """The functions, and the walk."""
        for k, sort in enumerate(self.simple):
            yield self._sort_columns(f"columns{k}", sort)
        for k, permutation in enumerate(self.group.bound):
            if k:  # the first is the identity
                yield self._image(f"image{k}", permutation)
        exchanges = list(self._exchanges())
        for k, permutation in enumerate(exchanges):
            yield self._image(f"exchange{k}", permutation)
        walk = list(_walk([sort.size for sort in self.walked]))
        if walk:
            yield _constant("walk", walk)
        yield self._try(len(exchanges), len(walk))
        yield self._settle()

    def _exchanges(self) -> Iterator[Permutation]:
        for sort in self.walked:
            for k in range(sort.size - 1):
                images = list(range(sort.size))
                images[k], images[k + 1] = k + 1, k
                yield {sort: images}

    def _settle(self) -> str:
        code = Code("settle", _SIGNATURE)
        words = self.packing.words
        if self._tried == 1:
            self._sort_all(code, "%state")
            return code.text()
        start, best, image = (_local(code, words) for _ in range(3))
        _copy(code, "%state", start, words)
        _copy(code, "%state", best, words)
        self._sort_all(code, best)
        for k in range(len(self.group.bound)):
            _copy(code, start, image, words)
            if k:
                code.call(f"image{k}", f"ptr {image}")
            code.call("try_all", f"ptr {image}, ptr {best}")
        _copy(code, best, "%state", words)
        return code.text()

    def _try(self, exchanges: int, steps: int) -> str:
        """``try_all(image, best)``: the least of an image and all that the walk makes of it."""
        code = Code("try_all", (("ptr", "image"), ("ptr", "best")))
        words = self.packing.words
        sorted_ = _local(code, words)

        def look() -> None:
            _copy(code, "%image", sorted_, words)
            self._sort_all(code, sorted_)
            with code.when(_less(code, sorted_, "%best", words)):
                _copy(code, sorted_, "%best", words)

        look()
        if steps:
            with code.count(0, steps) as k:
                step = code.load(code.at("@walk", k, "i8"), "i8")
                for number in range(exchanges):
                    with code.when(code.compare("eq", step, number, "i8")):
                        code.call(f"exchange{number}", "ptr %image")
                look()
        return code.text()

    def _sort_all(self, code: Code, state: str) -> None:
        for k in range(len(self.simple)):
            code.call(f"columns{k}", f"ptr {state}")

    def _image(self, name: str, permutation: Permutation) -> str:
        """A function that permutes the elements of a state."""
        code = Code(name, _SIGNATURE)
        fields, words = self.packing.fields, _load(code, self.packing.words)
        moves: dict[tuple[int, int, int], int] = {}
        parts: list[list[str]] = [[] for _ in words]
        for cell in self.layout.cells:
            source = fields[cell.index]
            target = fields[target_of(self.layout, cell, permutation)]
            renamed = permutation.get(cell.to)
            if renamed is None:
                way = (source.word, target.word, target.shift - source.shift)
                moves[way] = moves.get(way, 0) | source.mask
            else:
                content = _content(code, words, source)
                table = sum(image << (4 * k) for k, image in enumerate(renamed))
                image = code.op("lshr", table, code.op("shl", content, 2))
                image = code.op("and", image, (1 << target.bits) - 1)
                parts[target.word].append(code.op("shl", image, target.shift))
        for (source_word, target_word, by), mask in moves.items():
            part = code.op("and", words[source_word], mask)
            if by:
                part = code.op("shl" if by > 0 else "lshr", part, abs(by))
            parts[target_word].append(part)
        for w, some in enumerate(parts):
            value = "0"
            for part in some:
                value = code.op("or", value, part)
            code.store(value, code.at("%state", w))
        return code.text()

    def _sort_columns(self, name: str, sort: SortType) -> str:
        """A function that sorts the columns of a simple sort."""
        code = Code(name, _SIGNATURE)
        fields, words = self.packing.fields, _load(code, self.packing.words)
        columns = [[fields[c] for c in column] for column in columns_of(self.layout, sort)]
        pieces = list(_pieces([field.bits for field in columns[0]]))
        keys = [[_joined(code, words, column[a:b]) for a, b in pieces] for column in columns]
        for i, j in _network(len(keys)):
            less = _keys_less(code, keys[j], keys[i])
            pairs = list(zip(keys[i], keys[j], strict=True))
            keys[i] = [code.select(less, b, a) for a, b in pairs]
            keys[j] = [code.select(less, a, b) for a, b in pairs]
        masks = [0] * len(words)
        for field in itertools.chain.from_iterable(columns):
            masks[field.word] |= field.mask
        kept = [code.op("and", word, ~mask) for word, mask in zip(words, masks, strict=True)]
        for key, column in zip(keys, columns, strict=True):
            for word, (a, b) in zip(key, pieces, strict=True):
                self._spread(code, word, column[a:b], kept)
        for w, value in enumerate(kept):
            if masks[w]:
                code.store(value, code.at("%state", w))
        return code.text()

    def _spread(self, code: Code, key: str, fields: Sequence[Field], words: list[str]) -> None:
        """Put the cells that a key joins back into words."""
        left = sum(field.bits for field in fields)
        for field in fields:
            left -= field.bits
            content = code.op("and", code.op("lshr", key, left), (1 << field.bits) - 1)
            here = code.op("shl", content, field.shift)
            words[field.word] = code.op("or", words[field.word], here)


def _pieces(widths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of cells that fit one word."""
    start, bits = 0, 0
    for k, width in enumerate(widths):
        if bits + width > 63:
            yield start, k
            start, bits = k, 0
        bits += width
    yield start, len(widths)


def _joined(code: Code, words: Sequence[str], fields: Sequence[Field]) -> str:
    """The cells as one number; the first cell counts most."""
    key = "0"
    for field in fields:
        key = code.op("or", code.op("shl", key, field.bits), _content(code, words, field))
    return key


def _content(code: Code, words: Sequence[str], field: Field) -> str:
    return code.op("and", code.op("lshr", words[field.word], field.shift), (1 << field.bits) - 1)


def _keys_less(code: Code, a: Sequence[str], b: Sequence[str]) -> str:
    less = "false"
    for x, y in reversed(list(zip(a, b, strict=True))):
        same = code.compare("eq", x, y)
        less = code.select(same, less, code.compare("ult", x, y), "i1")
    return less


def _less(code: Code, a: str, b: str, words: int) -> str:
    """Whether one state comes before another."""
    loaded = [[code.load(code.at(pointer, w)) for w in range(words)] for pointer in (a, b)]
    return _keys_less(code, *loaded)


def _load(code: Code, words: int) -> list[str]:
    return [code.load(code.at("%state", w)) for w in range(words)]


def _local(code: Code, words: int) -> str:
    return code.slot("zeroinitializer", f"[{words} x i64]")


def _copy(code: Code, source: str, target: str, words: int) -> None:
    for w in range(words):
        code.store(code.load(code.at(source, w)), code.at(target, w))


def _network(n: int) -> Iterator[tuple[int, int]]:
    """Batcher's odd-even merge sort: comparisons, in order, that sort any ``n`` keys."""
    p = 1
    while p < n:
        k = p
        while k >= 1:
            for j in range(k % p, n - k, 2 * k):
                for i in range(min(k, n - j - k)):
                    if (i + j) // (2 * p) == (i + j + k) // (2 * p):
                        yield i + j, i + j + k
            k //= 2
        p *= 2


def _walk(sizes: Sequence[int]) -> Iterator[int]:
    """Exchanges that lead from the identity through all permutations of all sorts.

    Exchanges are numbered sort by sort. Each sort is walked to its end, and back, as Steinhaus,
    Johnson and Trotter did for one.
    """
    if not sizes:
        return
    own = list(_walk_one(sizes[0]))
    rest = [step + sizes[0] - 1 for step in _walk(sizes[1:])]
    yield from own
    for step in rest:
        yield step
        own.reverse()  # an exchange undoes itself
        yield from own


def _walk_one(n: int) -> Iterator[int]:
    """The walk through the permutations of ``n`` elements: positions of neighbours to exchange."""
    if n < 2:
        return
    down, up = list(range(n - 2, -1, -1)), list(range(n - 1))
    yield from down
    at_front = True
    for step in _walk_one(n - 1):
        yield step + 1 if at_front else step
        yield from up if at_front else down
        at_front = not at_front


def _constant(name: str, numbers: Sequence[int]) -> str:
    content = ", ".join(f"i8 {number}" for number in numbers)
    return f"@{name} = private constant [{len(numbers)} x i8] [{content}]"
