"""Random numbers that every engine draws alike: SplitMix64, seeded for each walk by itself."""

from __future__ import annotations

from typing import Final

STEP: Final = 0x9E3779B97F4A7C15
FACTORS: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_WORD = (1 << 64) - 1


class Chance:
    """The random numbers of one walk."""

    def __init__(self, seed: int, walk: int) -> None:
        self.state = _mixed(start_of(seed) + walk & _WORD)

    def below(self, n: int) -> int:
        """A number from 0 to n - 1."""
        self.state = self.state + STEP & _WORD
        return _mixed(self.state) * n >> 64


def start_of(seed: int) -> int:
    """A word that tells seeds apart, however large."""
    word = 0
    while True:
        word = _mixed(word + (seed & _WORD) + STEP & _WORD)
        seed >>= 64
        if not seed:
            return word


def _mixed(word: int) -> int:
    word = (word ^ word >> 30) * FACTORS[0] & _WORD
    word = (word ^ word >> 27) * FACTORS[1] & _WORD
    return word ^ word >> 31
