"""Properties: invariants, action properties, leads-to and witnesses, with named conjuncts."""

# the id of a property is called so

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from knell.language.checks import meaningful
from knell.language.errors import ModelError, caller
from knell.language.expressions import Bound, Expr, truth
from knell.language.recording import Clause
from knell.language.signatures import bind
from knell.language.substitution import substitute

if TYPE_CHECKING:
    from knell.language.model import Action

PropertyKind: TypeAlias = Literal["always", "action", "leads_to", "reachable"]


@dataclass(frozen=True, eq=False)
class OnAction:
    """A formula about the steps of one action, over that action's parameters."""

    action: Action
    formula: Expr


@dataclass(frozen=True, eq=False)
class StepClause:
    """A conjunct of an action property that speaks of one action's steps only."""

    name: str
    action: Action
    formula: Expr
    place: str


@dataclass(frozen=True, eq=False)
class Property:
    """What is claimed of the model.

    ``clauses`` are its named conjuncts (for leads-to: ``premise`` and ``goal``), ``steps`` the
    conjuncts that speak of one action; ``bound`` are the variables of a leads-to, each instance
    of which is a claim of its own. ``witness`` names the property that shows this one not vacuous.
    """

    id: str
    kind: PropertyKind
    clauses: tuple[Clause, ...]
    steps: tuple[StepClause, ...]
    about: str
    claims: tuple[str, ...]
    witness: str | None
    place: str
    bound: tuple[Bound, ...] = ()


def on(action: Action, formula: Callable[..., object]) -> OnAction:
    """A conjunct about the steps of ``action``: ``on(vote, lambda n: ...)``."""
    bound = bind(formula, tuple(p.of for p in action.parameters), f"on({action.name})")
    body = truth(formula(*bound), f"on({action.name})")
    meaningful(body, f"on({action.name})", bound=bound, after=True)
    return OnAction(action, substitute(body, dict(zip(bound, action.parameters, strict=True))))


def declare_conjuncts(
    id: str, kind: PropertyKind, formula: object
) -> tuple[tuple[Clause, ...], tuple[StepClause, ...]]:
    """Named conjuncts of a property, from one formula or a mapping of names to formulas."""
    conjuncts = formula if isinstance(formula, Mapping) else {id: formula}
    if not conjuncts:
        raise ModelError(f"{id} claims nothing", mend="give it a formula")
    clauses, steps = [], []
    for name, part in conjuncts.items():
        if isinstance(part, OnAction):
            if kind != "action":
                raise ModelError(f"{id}: on(...) belongs in m.step, not in m.{kind}")
            steps.append(StepClause(str(name), part.action, part.formula, caller()))
        else:
            where = id if name == id else f"{id} {name}"
            clause = meaningful(truth(part, where), where, after=kind == "action")
            clauses.append(Clause(str(name), clause, caller()))
    return tuple(clauses), tuple(steps)
