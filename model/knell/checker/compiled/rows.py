"""Instances on their way through the kernel's branches, with the clauses still to be tested."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knell.language.ground import Ground


@dataclass(frozen=True)
class Row:
    """An instance and its clauses. A clause that can fail is tested after all before it."""

    instance: int
    clauses: list[Ground]

    def without(self, clause: Ground) -> Row:
        """The row once the clause is known to hold."""
        return Row(self.instance, [c for c in self.clauses if c is not clause])

    @property
    def movable(self) -> list[Ground]:
        """The clauses that may be tested next: those before the first that can fail."""
        return list(itertools.takewhile(lambda clause: not clause.fallible, self.clauses))


def conjuncts(terms: Iterable[Ground]) -> list[Ground]:
    """The conjuncts of a conjunction, each once."""
    parts = (part for t in terms for part in (t.parts if t.kind == "and" else (t,)))
    return list(dict.fromkeys(part for part in parts if part.kind != "const" or not part.value))


def longest(rows: Sequence[Row]) -> tuple[Ground | None, int]:
    """The clause that the most rows from the first on share, and how many they are."""
    best: tuple[Ground | None, int] = (None, 1)
    movable = [row.movable for row in rows]
    for clause in movable[0]:
        n = next((k for k, some in enumerate(movable) if clause not in some), len(rows))
        if n > best[1]:
            best = clause, n
    return best
