"""Cells as bit fields of 64-bit words.

A cell of ``n`` values takes as many bits as ``n - 1`` needs, and never straddles two words. A
word keeps its highest bit free, so that a stored state is never mistaken for an empty place of
the table. Wide cells are placed first, each in the first word that has room; cells of the same
width keep their order. An *orderly* packing keeps the order of all cells, the first in the highest
bits, so that states are in the order of their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knell.language.layout import Layout

WORD = 63  # usable bits


@dataclass(frozen=True)
class Field:
    """Where a cell is kept; a cell of one value has no bits."""

    word: int
    shift: int
    bits: int

    @property
    def mask(self) -> int:
        """Its bits, at their place."""
        return ((1 << self.bits) - 1) << self.shift


class Packing:
    """Packs the states of one layout."""

    def __init__(self, layout: Layout, *, orderly: bool = False) -> None:
        widths = [(cell.to.size - 1).bit_length() for cell in layout.cells]
        self.fields = list(_in_order(widths)) if orderly else _tightly(widths)
        self.words = 1 + max((field.word for field in self.fields), default=0)

    def pack(self, state: Sequence[int]) -> tuple[int, ...]:
        """The words of a state."""
        words = [0] * self.words
        for field, content in zip(self.fields, state, strict=True):
            words[field.word] |= content << field.shift
        return tuple(words)

    def unpack(self, words: Sequence[int]) -> tuple[int, ...]:
        """The state that some words hold."""
        return tuple((words[f.word] >> f.shift) & ((1 << f.bits) - 1) for f in self.fields)


def _tightly(widths: Sequence[int]) -> list[Field]:
    used: list[int] = [0]
    fields: dict[int, Field] = {}
    for index in sorted(range(len(widths)), key=lambda k: -widths[k]):
        bits = widths[index]
        word = next((w for w, n in enumerate(used) if n + bits <= WORD), len(used))
        if word == len(used):
            used.append(0)
        fields[index] = Field(word, used[word], bits)
        used[word] += bits
    return [fields[k] for k in range(len(widths))]


def _in_order(widths: Sequence[int]) -> Iterator[Field]:
    word, free = 0, WORD
    for bits in widths:
        if bits > free:
            word, free = word + 1, WORD
        free -= bits
        yield Field(word, free, bits)
