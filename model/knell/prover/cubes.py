"""What a counterexample to induction says, literal by literal, and which part of it is impossible.

The state before the step is a *cube*: all that holds of its elements, which are different from
each other. A part of it that no reachable state shows, wherever one looks for its elements, is
denied by a clause: an invariant of the states that were looked at.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from knell.checker.reachable import Reached
from knell.language.expressions import Bound, Const, Equal, Expr, Quantified, Read, RigidRead
from knell.language.model import Model
from knell.language.simplify import conj, neg
from knell.language.substitution import walk
from knell.language.symbols import Rigid, Variable
from knell.language.types import BOOL, IntType, SortType, Type
from knell.prover.results import Counterexample, Table

Element: TypeAlias = tuple[SortType, str]
Place: TypeAlias = Mapping[Element, int | None]
"""Where the elements of a cube are looked for; some may be nowhere."""


@dataclass(frozen=True)
class Literal:
    """That a function has a value at a point; elements of sorts stand for any."""

    of: Variable | Rigid
    point: tuple[Element | int, ...]
    value: Element | int

    @property
    def elements(self) -> Iterator[Element]:
        """The elements that it speaks of."""
        return (p for p in (*self.point, self.value) if isinstance(p, tuple))

    def formula(self, bound: Mapping[Element, Bound]) -> Expr:
        """The literal as a formula about variables that stand for the elements."""
        args = tuple(
            bound[p] if isinstance(p, tuple) else Const(of, p)
            for p, of in zip(self.point, self.of.domain, strict=True)
        )
        read: Expr = (
            Read(self.of, args) if isinstance(self.of, Variable) else RigidRead(self.of, args)
        )
        if isinstance(self.value, tuple):
            return Equal(read, bound[self.value])
        if self.of.to is BOOL:
            return read if self.value else neg(read)
        return Equal(read, Const(self.of.to, self.value))

    def text(self) -> str:
        """The literal as a model writes it, with the elements' names for variables."""
        args = ", ".join(
            p[1] if isinstance(p, tuple) else f'"{of.show(p)}"'
            for p, of in zip(self.point, self.of.domain, strict=True)
        )
        read = f"{self.of.name}[{args}]" if args else self.of.name
        if isinstance(self.value, tuple):
            return f"({read} == {self.value[1]})"
        if self.of.to is BOOL:
            return read if self.value else f"~{read}"
        shown = self.of.to.show(self.value)
        return (
            f"({read} == {shown})" if isinstance(self.of.to, IntType) else f'({read} == "{shown}")'
        )


class Cube:
    """The state before the step of a counterexample."""

    def __init__(self, model: Model, shown: Counterexample) -> None:
        self.elements: list[Element] = [
            (of, f"{of.name.lower()}{k}")
            for of in model.sorts
            for k in range(1, shown.sizes[of.name] + 1)
        ]
        tables: list[tuple[Variable | Rigid, Table]] = [
            *((v, shown.before[v.name]) for v in model.variables),
            *((r, shown.rigid[r.name]) for r in model.rigids),
        ]
        self.literals = [
            Literal(of, tuple(map(_part, of.domain, point)), _part(of.to, value))
            for of, table in tables
            for point, value in table.items()
        ]
        self.relevant = _relevant(model, shown)

    def clause(self, chosen: Iterable[int]) -> tuple[Expr, str]:
        """That these literals never hold together, of elements that differ; and how to write it."""
        literals = [self.literals[k] for k in chosen]
        used = list(dict.fromkeys(e for literal in literals for e in literal.elements))
        pairs = [(a, b) for a, b in itertools.combinations(used, 2) if a[0] is b[0]]
        bound = {element: Bound(element[0], element[1]) for element in used}
        apart = [neg(Equal(bound[a], bound[b])) for a, b in pairs]
        denied = neg(conj([*apart, *(literal.formula(bound) for literal in literals)]))
        parts = [f"{a[1]} != {b[1]}" for a, b in pairs] + [each.text() for each in literals]
        text = f"~every({', '.join(parts)})" if len(parts) > 1 else f"~({parts[0]})"
        if not bound:
            return denied, text
        sorts, names = ", ".join(e[0].name for e in used), ", ".join(e[1] for e in used)
        formula = Quantified("forall", tuple(bound.values()), denied)
        return formula, f"forall({sorts}, lambda {names}: {text})"


class Impossible:
    """Finds parts of a cube that none of the states shows."""

    def __init__(self, cube: Cube, reached: Reached) -> None:
        self.cube = cube
        self.reached = reached
        self.program = reached.program

    @cached_property
    def shown(self) -> Any:
        """Which literals hold together, in some state at some place: a row of bits for each."""
        states = np.array(self.reached.states, dtype=np.int16)
        rows: set[bytes] = set()
        width = 0
        for place in self._places():
            columns = [self._holds(literal, place, states) for literal in self.cube.literals]
            packed = np.packbits(np.stack(columns, axis=1), axis=1)
            width = packed.shape[1]
            rows.update(row.tobytes() for row in np.unique(packed, axis=0))
        return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, width)

    def part(self, seed: int) -> list[int] | None:
        """The positions of few literals that never hold together; ``None`` if all do somewhere."""
        kept = list(range(len(self.cube.literals)))
        if self._is_shown(kept):
            return None
        order = kept[:]
        random.Random(seed).shuffle(order)  # noqa: S311  # no secret
        order.sort(key=self._worth)
        size = len(order)
        while size:
            for start in range(0, len(order), size):
                less = [k for k in kept if k not in set(order[start : start + size])]
                if not self._is_shown(less):
                    kept = less
            order = [k for k in order if k in kept]
            size = min(size, len(order)) // 2
        return kept

    def _worth(self, position: int) -> tuple[bool, bool]:
        """What is tried first to do without: what the step has nothing to do with, or is false."""
        literal = self.cube.literals[position]
        return literal.of in self.cube.relevant, literal.value != 0

    def _is_shown(self, chosen: Sequence[int]) -> bool:
        wanted = np.zeros(len(self.cube.literals), dtype=bool)
        wanted[list(chosen)] = True
        bits = np.packbits(wanted)
        return bool(((self.shown & bits) == bits).all(axis=1).any())

    def _places(self) -> Iterator[Place]:
        """All ways to look for different elements at different places."""
        sorts = list(dict.fromkeys(of for of, _ in self.cube.elements))
        choices = [list(self._injections(of)) for of in sorts]
        for combination in itertools.product(*choices):
            yield {e: value for part in combination for e, value in part.items()}

    def _injections(self, of: SortType) -> Iterator[dict[Element, int | None]]:
        own = [e for e in self.cube.elements if e[0] is of]
        values: list[int | None] = [*of.values(), *[None] * max(0, len(own) - of.size)]
        for chosen in set(itertools.permutations(values, len(own))):
            yield dict(zip(own, chosen, strict=True))

    def _holds(self, literal: Literal, place: Place, states: Any) -> Any:
        point = tuple(place[p] if isinstance(p, tuple) else p for p in literal.point)
        value = place[literal.value] if isinstance(literal.value, tuple) else literal.value
        nowhere = np.zeros(len(states), dtype=bool)
        if value is None or None in point:
            return nowhere
        known = tuple(p for p in point if p is not None)
        if isinstance(literal.of, Rigid):
            return nowhere | (literal.of.table.get(known) == value)
        cell = self.program.layout.find(literal.of, known)
        return nowhere if cell is None else states[:, cell] + literal.of.to.lo == value


def _relevant(model: Model, shown: Counterexample) -> set[Variable | Rigid]:
    """What the action of a counterexample, and the conjunct that it breaks, speak of."""
    formulas = [clause.formula for clause in model.invariants if clause.name == shown.conjunct]
    formulas += [
        clause.formula
        for declared in model.properties
        for clause in declared.clauses
        if shown.conjunct in (f"{declared.id}.{clause.name}", declared.id)
    ]
    for action in model.actions:
        if action.name == shown.action:
            formulas += [clause.formula for clause in action.guard]
            formulas += [part for u in action.updates for part in (u.condition, u.value)]
    parts = (part for formula in formulas for part in walk(formula))
    return {
        part.variable if isinstance(part, Read) else part.rigid
        for part in parts
        if isinstance(part, Read | RigidRead)
    }


def _part(of: Type, shown: str | bool | int) -> Element | int:
    """A value of a table as an element, or as the number that the language gives it."""
    if isinstance(of, SortType):
        return of, str(shown)
    if isinstance(shown, (bool, int)):
        return int(shown)
    value = of.parse(shown)
    return int(shown) if value is None else value
