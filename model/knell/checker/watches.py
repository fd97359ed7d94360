"""Watching for the first state that satisfies a condition.

A broken invariant, a witness and the premise of an implication are all the same to a search: a
condition, and the first state in which it holds. A condition is a disjunction of *leaves* over
cells. Where no condition held before a step, one can hold after it only by a leaf that reads a
changed cell. So after a step only those leaves are evaluated, specialised to the cell's new
content where the step writes a constant: most fold away.

This is exact for the first state of each condition, which is all that is asked: the state from
which it was discovered came earlier, so did not satisfy the condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from knell.checker.errors import fail
from knell.checker.source import (
    Packed,
    Source,
    compile_functions,
    function,
    name_cells,
    parts_first,
)
from knell.language.ground import Ground, Terms
from knell.language.grounding import Program

Hits: TypeAlias = Callable[[Packed], int]


@dataclass(frozen=True, eq=False)
class Watch:
    """A condition: it holds where some leaf does."""

    leaves: tuple[Ground, ...]


def watch_for(term: Ground) -> Watch:
    """Watch for states in which the term holds."""
    split = term.kind == "or" and not term.fallible
    return Watch(term.parts if split else (term,))


def watch_against(terms: Terms, term: Ground) -> Watch:
    """Watch for states in which the term does not hold."""
    split = term.kind == "and" and not term.fallible
    return Watch(tuple(terms.not_(part) for part in (term.parts if split else (term,))))


class Watches:
    """All conditions of a search; a set of them is a bit mask, by their order."""

    def __init__(self, program: Program, watches: Sequence[Watch]) -> None:
        self.program = program
        self.watches = watches
        self.pending = 0
        self._reading: dict[int, list[tuple[int, Ground]]] = {}
        self._changed: dict[tuple[int, int | None], Hits | None] = {}
        self._after: dict[int, tuple[Hits, ...]] = {}
        self.keep_only((1 << len(watches)) - 1)

    def keep_only(self, pending: int) -> None:
        """Watch from now on for these conditions alone."""
        self.pending = pending
        self._reading = {}
        self._changed = {}
        self._after = {}
        for number, leaf in self._leaves():
            for part in parts_first([leaf]):
                if part.kind == "cell":
                    self._reading.setdefault(part.value, []).append((number, leaf))

    def hits(self) -> Hits:
        """A function that evaluates all pending conditions, whatever the step before was."""
        return self._compile(self._leaves()) or (lambda _: 0)

    def after(self, instance: int) -> tuple[Hits, ...]:
        """Functions that together find the pending conditions that the instance made true."""
        if instance not in self._after:
            written = self.program.instances[instance].updates
            found = (
                self._when(cell, new.value if new.kind == "const" else None)
                for cell, new in written
            )
            self._after[instance] = tuple(hits for hits in found if hits is not None)
        return self._after[instance]

    def _leaves(self) -> list[tuple[int, Ground]]:
        return [
            (number, leaf)
            for number, watch in enumerate(self.watches)
            if self.pending >> number & 1
            for leaf in watch.leaves
        ]

    def _when(self, cell: int, content: int | None) -> Hits | None:
        """The conditions that a change of the cell may have made true."""
        if (cell, content) not in self._changed:
            leaves = self._reading.get(cell, [])
            if content is not None:
                leaves = [
                    (number, specialise(self.program.terms, leaf, {cell: content}))
                    for number, leaf in leaves
                ]
            self._changed[cell, content] = self._compile(leaves)
        return self._changed[cell, content]

    def _compile(self, leaves: Iterable[tuple[int, Ground]]) -> Hits | None:
        by_watch: dict[int, dict[Ground, None]] = {}
        for number, leaf in leaves:
            if leaf is not self.program.terms.false:
                by_watch.setdefault(number, {})[leaf] = None
        if not by_watch:
            return None
        source = Source()
        roots = [leaf for some in by_watch.values() for leaf in some]
        shared, names = source.share(roots, {}, 3)
        lines = [*name_cells(roots, len(self.program.layout.cells)), *shared, "hits = 0"]
        for number, some in by_watch.items():
            condition = " or ".join(source.text(leaf, names) for leaf in some)
            lines.append(f"if {condition}: hits |= {1 << number}")
        text = function("hits", [*lines, "return hits"])
        scope = compile_functions([*source.functions, text], {"fail": fail})
        return cast("Hits", scope["hits"])


def condition(program: Program, term: Ground) -> Callable[[Packed], int]:
    """A function that evaluates a truth value in a state."""
    source = Source()
    shared, names = source.share([term], {}, 2)
    lines = [*name_cells([term], len(program.layout.cells)), *shared]
    text = function("holds", [*lines, f"return {source.text(term, names)}"])
    scope = compile_functions([*source.functions, text], {"fail": fail})
    return cast("Callable[[Packed], int]", scope["holds"])


def specialise(terms: Terms, term: Ground, contents: Mapping[int, int]) -> Ground:
    """The term in those states in which some cells have the given contents."""
    done: dict[Ground, Ground] = {}
    for part in parts_first([term]):
        parts = [done[p] for p in part.parts]
        if part.kind == "cell" and part.value in contents:
            done[part] = terms.const(contents[part.value])
        elif all(a is b for a, b in zip(parts, part.parts, strict=True)):
            done[part] = part
        else:
            done[part] = _remake(terms, part, parts)
    return done[term]


def _remake(terms: Terms, term: Ground, parts: list[Ground]) -> Ground:
    """A term of the same kind with other parts."""
    match term.kind:
        case "not":
            return terms.not_(parts[0])
        case "and":
            return terms.and_(*parts)
        case "or":
            return terms.or_(*parts)
        case "==":
            return terms.equal(*parts)
        case "<":
            return terms.less(*parts, strict=True)
        case "ite":
            return terms.ite(*parts)
    return terms.arithmetic(term.kind, *parts)
