"""A partial-order reduction, to measure what it could gain: a search by stubborn sets.

Of each state only the moves of one stubborn set are followed: a set of instances that contains an
enabled one, with each enabled instance all that depend on it, and with each that is not enabled
all that write what one of its false clauses reads. Two instances depend on each other if one
writes what the other reads or writes. An instance that would change nothing counts as one that is
not enabled. That keeps the states from which nothing leads on, and promises nothing else: no
count, no shortest run, no property.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.kernel import Kernel
from knell.checker.source import Packed, cells_of, conjuncts
from knell.checker.watches import condition
from knell.language.ground import Ground
from knell.language.grounding import Program


@dataclass(frozen=True)
class Found:
    """How many states were found, and those from which nothing leads on."""

    states: int
    ends: frozenset[Packed]


class Stubborn:
    """Searches a program, in full or reduced."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.kernel = Kernel(program)
        guards = [list(conjuncts(term for _, term in one.guard)) for one in program.instances]
        self.guards = [[(condition(program, c), _cells([c])) for c in some] for some in guards]
        contents = [[term for _, term in one.updates] for one in program.instances]
        reads = [_cells([*some, *own]) for some, own in zip(guards, contents, strict=True)]
        self.writes = [sum(1 << cell for cell, _ in one.updates) for one in program.instances]
        self.dependent = [
            sum(
                1 << j
                for j, (read, written) in enumerate(zip(reads, self.writes, strict=True))
                if i == j or self.writes[i] & (read | written) or written & reads[i]
            )
            for i in range(len(program.instances))
        ]
        self._writers: dict[int, int] = {}

    def search(self, *, reduced: bool) -> Found:
        """Explore all states, or those that the reduction leaves."""
        packed = bytes if self.program.layout.bytewise else tuple
        seen: set[Packed] = {packed(state) for state in self.program.initial()}
        todo, ends = list(seen), set()
        while todo:
            state = todo.pop()
            moves = [move for move in self.kernel.successors(state) if move[1] != state]
            if not moves:
                ends.add(state)
            elif reduced:
                chosen = self._least(state, sum(1 << k for k, _ in moves))
                moves = [move for move in moves if chosen >> move[0] & 1]
            fresh = {after for _, after in moves} - seen
            seen |= fresh
            todo += fresh
        return Found(len(seen), frozenset(ends))

    def _least(self, state: Packed, enabled: int) -> int:
        """The enabled instances of the smallest of some stubborn sets."""
        sets = (self._closed(1 << k, state, enabled) & enabled for k in _bits(enabled))
        return min(sets, key=int.bit_count)

    def _closed(self, chosen: int, state: Packed, enabled: int) -> int:
        todo = chosen
        while todo:
            k = next(_bits(todo))
            needed = [] if enabled >> k & 1 else self._needed(k, state)
            more = min(needed, key=lambda some: (some & ~chosen).bit_count(), default=None)
            more = self.dependent[k] if more is None else more
            todo = (todo | more & ~chosen) & ~(1 << k)
            chosen |= more
        return chosen

    def _needed(self, k: int, state: Packed) -> list[int]:
        """For each false clause of the instance's guard, those that may make it true."""
        return [self._writing(cells) for holds, cells in self.guards[k] if not holds(state)]

    def _writing(self, cells: int) -> int:
        if cells not in self._writers:
            writing = (1 << j for j, written in enumerate(self.writes) if written & cells)
            self._writers[cells] = sum(writing)
        return self._writers[cells]


def _cells(terms: list[Ground]) -> int:
    return sum(1 << cell for cell in cells_of(terms))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
