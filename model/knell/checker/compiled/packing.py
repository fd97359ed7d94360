"""Cells as bit fields of 64-bit words.

A cell of ``n`` values takes as many bits as ``n - 1`` needs, and never straddles two words. A
word keeps its highest bit free, so that a stored state is never mistaken for an empty place of
the table. Wide cells are placed first, each in the first word that has room; cells of the same
width keep their order.
"""

from __future__ import annotations

from collections.abc import Sequence
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

    def __init__(self, layout: Layout) -> None:
        widths = [(cell.to.size - 1).bit_length() for cell in layout.cells]
        used: list[int] = [0]
        fields: dict[int, Field] = {}
        for index in sorted(range(len(widths)), key=lambda k: -widths[k]):
            bits = widths[index]
            word = next((w for w, n in enumerate(used) if n + bits <= WORD), len(used))
            if word == len(used):
                used.append(0)
            fields[index] = Field(word, used[word], bits)
            used[word] += bits
        self.fields = [fields[k] for k in range(len(widths))]
        self.words = len(used)

    def pack(self, state: Sequence[int]) -> tuple[int, ...]:
        """The words of a state."""
        words = [0] * self.words
        for field, content in zip(self.fields, state, strict=True):
            words[field.word] |= content << field.shift
        return tuple(words)

    def unpack(self, words: Sequence[int]) -> tuple[int, ...]:
        """The state that some words hold."""
        return tuple((words[f.word] >> f.shift) & ((1 << f.bits) - 1) for f in self.fields)
