"""Symmetry: which permutations of elements map runs to runs, and may be divided out.

The elements of a symmetric sort are interchangeable if nothing tells one from another: no action,
initial condition or selected property names an element. A rigid function on the sort may tell
them apart, so of its sorts only those permutations count that map all rigid functions to
themselves. A leads-to property follows one element through a run, which representatives of
orbits cannot do, so with one selected nothing is divided out.

A queue of elements names one too: the filler of its empty places.

The permutations that count form a group: all permutations of the *free* sorts, times an explicit
list of permutations of the sorts that rigid functions bind.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from knell.language.expressions import Const, Expr
from knell.language.grounding import Program
from knell.language.model import Model
from knell.language.properties import Property
from knell.language.substitution import walk
from knell.language.symbols import Rigid
from knell.language.types import SortType, Type
from knell.spec.errors import KnellError

Permutation: TypeAlias = Mapping[Type, Sequence[int]]
"""For each sort the new element in place of each old one."""

_MOST_PERMUTATIONS = 40_320  # that are tried against rigid functions


@dataclass(frozen=True)
class Group:
    """All permutations of the ``free`` sorts, combined with one of ``bound``."""

    free: tuple[SortType, ...]
    bound: tuple[Permutation, ...]

    @property
    def order(self) -> int:
        """How many permutations there are."""
        return math.prod((math.factorial(s.size) for s in self.free), start=len(self.bound))


def symmetry_group(
    program: Program, properties: Sequence[Property], wanted: bool | None
) -> Group | None:
    """The group to divide out, if there is one. ``wanted`` refuses instead of doing without."""
    if wanted is False:
        return None
    model = program.model
    candidates = [s for s in model.sorts if s.symmetric and s.size > 1]
    obstacles = list(_obstacles(model, properties, candidates))
    told_apart = {sort for sort, _, _ in obstacles}
    usable = [s for s in candidates if s not in told_apart and None not in told_apart]
    group = _group(model, usable)
    if group.order > 1:
        return group
    if wanted and obstacles:
        _, why, place = obstacles[0]
        raise KnellError(
            f"symmetry is not sound here: {why}", place=place, mend="leave out --symmetry"
        )
    return None


def _obstacles(
    model: Model, properties: Sequence[Property], sorts: Sequence[SortType]
) -> Iterator[tuple[SortType | None, str, str]]:
    """What forbids symmetry: of one sort, or (``None``) of all; why; and where it stands."""
    for declared in properties:
        if declared.kind == "leads_to":
            why = f"property {declared.id} is a leads-to, which follows single elements"
            yield None, why, declared.place
    for what, expr, place in _formulas(model, properties):
        for part in walk(expr):
            if isinstance(part, Const) and part.of in sorts:
                named = part.of.show(part.value)
                assert isinstance(part.of, SortType)
                yield part.of, f"{what} names {named} of sort {part.of.name}", place


def _formulas(model: Model, properties: Sequence[Property]) -> Iterator[tuple[str, Expr, str]]:
    """All expressions that decide what runs there are and what is asked of them."""
    for action in model.actions:
        what = f"action {action.name}"
        yield from ((what, clause.formula, clause.place) for clause in action.guard)
        for update in action.updates:
            parts = (*update.args, update.value, update.condition)
            yield from ((what, expr, update.place) for expr in parts)
    for variable in model.variables:
        if variable.initial.value is not None:
            yield f"the initial value of {variable.name}", variable.initial.value, variable.place
    for clause in model.initial:
        yield f"initial condition {clause.name}", clause.formula, clause.place
    if model.end is not None:
        yield "the stated end", model.end, model.place
    for declared in properties:
        what = f"property {declared.id}"
        yield from ((what, clause.formula, clause.place) for clause in declared.clauses)
        yield from ((what, step.formula, step.place) for step in declared.steps)


def _group(model: Model, sorts: Sequence[SortType]) -> Group:
    touching = {
        sort: [r for r in model.rigids if sort in r.domain or sort is r.to] for sort in sorts
    }
    bound = [sort for sort in sorts if touching[sort]]
    if math.prod(math.factorial(sort.size) for sort in bound) > _MOST_PERMUTATIONS:
        bound = []
    rigids = list(dict.fromkeys(r for sort in bound for r in touching[sort]))
    automorphisms = tuple(p for p in permutations(bound) if all(_keeps(p, r) for r in rigids))
    return Group(tuple(sort for sort in sorts if not touching[sort]), automorphisms)


def permutations(sorts: Sequence[SortType]) -> Iterator[Permutation]:
    """All combinations of permutations of some sorts; the identity comes first."""
    choices = (itertools.permutations(range(sort.size)) for sort in sorts)
    for chosen in itertools.product(*choices):
        yield dict(zip(sorts, chosen, strict=True))


def moved(permutation: Permutation, of: Type, value: int) -> int:
    """The value in place of ``value``."""
    images = permutation.get(of)
    return value if images is None else images[value]


def all_moved(
    permutation: Permutation, types: Sequence[Type], values: Sequence[int]
) -> tuple[int, ...]:
    """The values in place of some values."""
    return tuple(moved(permutation, of, v) for of, v in zip(types, values, strict=True))


def _keeps(permutation: Permutation, rigid: Rigid) -> bool:
    """Whether the permutation maps the rigid function to itself."""
    return all(
        rigid.table[all_moved(permutation, rigid.domain, point)]
        == moved(permutation, rigid.to, value)
        for point, value in rigid.table.items()
    )
