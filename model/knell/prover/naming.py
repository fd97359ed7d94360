"""Giving a name to an ``exists`` that would leave the decidable fragment.

Where a formula says of every ``i`` that some ``j`` of the same sort is so and so, the solver may
invent elements without end. Such an ``exists j: F(i, j)`` gets a name, a relation ``D(i)``, and of
the name only this is assumed:

* ``F(i, j)`` implies ``D(i)``, before the step and after it;
* ``D(i)`` before implies ``D(i)`` after, for an action of which it has been proved that ``F``
  persists (``F(i, j)`` before implies ``F(i, j)`` after).

All of it is true of what the name stands for. So a proof that uses names proves the model's
property; a counterexample that uses them may be one of the names alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knell.language.effects import Step
from knell.language.expressions import Bound, Expr, Implies, Quantified, Read
from knell.language.recording import Update
from knell.language.simplify import canonical, free, instantiate, neg, rewrite
from knell.language.substitution import walk
from knell.language.symbols import Initial, Variable
from knell.language.types import BOOL


@dataclass(frozen=True, eq=False)
class Name:
    """A relation that stands for ``exists bound: body``; ``over`` are its arguments.

    ``what`` is the formula of the model that the ``exists`` is part of.
    """

    relation: Variable
    over: tuple[Bound, ...]
    bound: tuple[Bound, ...]
    body: Expr
    what: str
    place: str

    def implied_by(self, body: Expr, *, after: bool) -> Expr:
        """That the body, as it is before or after the step, implies the name."""
        name = Read(self.relation, self.over, primed=after)
        return Quantified("forall", (*self.over, *self.bound), Implies(body, name))

    def persists(self) -> Expr:
        """That the name holds after the step if it did before."""
        before = Read(self.relation, self.over)
        after = Read(self.relation, self.over, primed=True)
        return Quantified("forall", self.over, Implies(before, after))


class Names:
    """The names of one model, by what they stand for."""

    def __init__(self) -> None:
        self.by_meaning: dict[str, Name] = {}

    @property
    def all(self) -> list[Name]:
        """All names, the oldest first."""
        return list(self.by_meaning.values())

    def owns(self, variable: Variable) -> bool:
        """Whether the variable is a name."""
        return any(name.relation is variable for name in self.by_meaning.values())

    def give(self, found: Iterable[tuple[Quantified, str, str]]) -> None:
        """Name these formulas, each with what it is part of and its place, but no one twice."""
        for node, what, place in found:
            _, exists, body = _as_exists(node)
            over = tuple(free(exists))
            key = canonical(exists)
            if key in self.by_meaning:
                continue
            label = f"some#{len(self.by_meaning) + 1}"
            domain = tuple(v.of for v in over)
            relation = Variable(label, domain, BOOL, Initial((), None), place)
            self.by_meaning[key] = Name(relation, over, node.bound, body, what, place)

    def use(self, formula: Expr) -> Expr:
        """The formula with names for what they stand for."""
        if not self.by_meaning:
            return formula

        def replace(expr: Expr) -> Expr | None:
            if not isinstance(expr, Quantified):
                return None
            positive, exists, _ = _as_exists(expr)
            name = self.by_meaning.get(canonical(exists))
            if name is None:
                return None
            atom = Read(name.relation, tuple(free(exists)))
            return atom if positive else neg(atom)

        return rewrite(formula, replace)

    def witnesses(self, fixed: Sequence[Bound]) -> Iterator[Expr]:
        """That what a name stands for is there, for fixed elements of which the name holds."""
        for name in self.all:
            choices = ([f for f in fixed if f.of is v.of] for v in name.over)
            for values in itertools.product(*choices):
                body = instantiate(self.meaning(name), dict(zip(name.over, values, strict=True)))
                named = Read(name.relation, values)
                yield Implies(named, Quantified("exists", name.bound, body))

    def meaning(self, name: Name) -> Expr:
        """What the name stands for, with names inside."""
        return self.use(name.body)


def _as_exists(node: Quantified) -> tuple[bool, Quantified, Expr]:
    """The quantifier as ``exists`` or as the negation of one."""
    if node.kind == "exists":
        return True, node, node.body
    body = neg(node.body)
    return False, Quantified("exists", node.bound, body), body


class NamedStep(Step):
    """The effect of an action; a name that the action touches is another relation after it."""

    def __init__(self, updates: tuple[Update, ...], names: Names) -> None:
        super().__init__(updates)
        self.names = names
        self._moved: set[Variable] = set()
        for name in names.all:  # a name comes after those that its meaning uses
            reads = {p.variable for p in walk(names.meaning(name)) if isinstance(p, Read)}
            if any(v in self.updates or v in self._moved for v in reads):
                self._moved.add(name.relation)

    def changes(self, variable: Variable) -> bool:
        return variable in self._moved or super().changes(variable)

    def value(self, variable: Variable, args: tuple[Expr, ...]) -> Expr:
        if self.names.owns(variable):
            return Read(variable, args, primed=variable in self._moved)
        return self.names.use(super().value(variable, args))
