"""Whether a proof obligation lies in the fragment in which the solver always answers.

The fragment is that of effectively propositional logic with stratified functions. Every function
into a sort, and every ``exists`` that depends on a ``forall`` around it, leads from the sorts of
its arguments to the sort of its value. If these arrows form no cycle, then a formula that has a
model has one whose size is bounded by the formula: the solver ends, and what it then calls a
counterexample is one.

A formula counts as it is *assumed*: what is to be proved is assumed to be false, which turns
``forall`` into ``exists``. The parameters of the action are fixed, so nothing depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knell.language.expressions import (
    And,
    Bound,
    Expr,
    Implies,
    Ite,
    Not,
    Or,
    Quantified,
)
from knell.language.model import Model
from knell.language.simplify import free
from knell.language.substitution import children
from knell.language.symbols import Rigid, Variable
from knell.language.types import BOOL, SortType, Type


@dataclass(frozen=True, eq=False)
class Arrow:
    """From the sort of an argument, or of a ``forall``, to that of a value, or of an ``exists``."""

    source: SortType
    target: SortType
    what: str
    place: str
    formula: Quantified | None = None


@dataclass(frozen=True)
class Assumed:
    """A formula that a query assumes, and where it comes from."""

    formula: Expr
    what: str
    place: str


def is_open(of: Type) -> bool:
    """Whether the type has no size of its own while a proof runs."""
    return isinstance(of, SortType)


def declared(model: Model) -> Iterator[Arrow]:
    """The arrows of the functions into a sort."""
    symbols: list[tuple[Variable | Rigid, str]] = [
        *((v, "variable") for v in model.variables),
        *((r, "rigid function") for r in model.rigids),
    ]
    for symbol, kind in symbols:
        if isinstance(symbol.to, SortType):
            for of in symbol.domain:
                if isinstance(of, SortType):
                    yield Arrow(of, symbol.to, f"{kind} {symbol.name}", symbol.place)


Depends = Mapping[Bound, frozenset[Bound]]
"""For each variable in scope, the ``forall`` variables that its value depends on."""


def arrows(assumed: Assumed) -> Iterator[Arrow]:
    """The arrows of one formula's quantifiers."""
    for node, over in _dependent(assumed.formula, {}, positive=True):
        for source in dict.fromkeys(v.of for v in over):
            for target in dict.fromkeys(v.of for v in node.bound):
                if isinstance(source, SortType) and isinstance(target, SortType):
                    yield Arrow(source, target, assumed.what, assumed.place, node)


def _dependent(  # noqa: C901, PLR0912  # one case for each kind of expression
    expr: Expr, depends: Depends, *, positive: bool
) -> Iterator[tuple[Quantified, frozenset[Bound]]]:
    """Each ``exists``, as it is assumed, with the ``forall`` variables that it depends on."""
    match expr:
        case Not(a=a):
            yield from _dependent(a, depends, positive=not positive)
        case Implies(premise=a, conclusion=b):
            yield from _dependent(a, depends, positive=not positive)
            yield from _dependent(b, depends, positive=positive)
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _dependent(part, depends, positive=positive)
        case Quantified(kind=kind, bound=bound, body=body):
            over = frozenset[Bound]().union(*(depends.get(v, frozenset()) for v in free(expr)))
            if (kind == "forall") == positive:
                inner = {v: frozenset([v]) if is_open(v.of) else frozenset() for v in bound}
            else:
                inner = dict.fromkeys(bound, over)
                if over:
                    yield expr, over
            yield from _dependent(body, {**depends, **inner}, positive=positive)
        case Ite(condition=c, a=a, b=b) if expr.type is BOOL:
            for sign in (True, False):
                yield from _dependent(c, depends, positive=sign)
            for part in (a, b):
                yield from _dependent(part, depends, positive=positive)
        case _:
            for part in children(expr):
                for sign in (True, False):
                    yield from _dependent(part, depends, positive=sign)


def cyclic(found: Iterable[Arrow]) -> list[Arrow]:
    """The arrows that lie on a cycle."""
    every = list(found)
    leads: dict[SortType, set[SortType]] = {}
    for arrow in every:
        leads.setdefault(arrow.source, set()).add(arrow.target)

    def reached(start: SortType) -> set[SortType]:
        seen: set[SortType] = set()
        stack = [start]
        while stack:
            for target in leads.get(stack.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return seen

    reach = {source: reached(source) for source in leads}
    return [
        arrow
        for arrow in every
        if arrow.source in reach.get(arrow.target, ()) or arrow.source is arrow.target
    ]
