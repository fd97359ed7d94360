"""Builders of formulas: quantifiers, implication, choice and counting."""

from __future__ import annotations

from collections.abc import Callable

from knell.language.errors import ModelError
from knell.language.expressions import (
    And,
    Bound,
    Count,
    Expr,
    Implies,
    Ite,
    Or,
    Quantified,
    coerce,
    number,
    truth,
)
from knell.language.signatures import bind
from knell.language.types import IntType, Type


def _bind(types_and_body: tuple[object, ...], where: str) -> tuple[tuple[Bound, ...], Expr]:
    *types, body = types_and_body
    if not types or not all(isinstance(of, Type) for of in types) or not callable(body):
        raise ModelError(
            f"{where} takes types, then a function",
            mend=f"write {where}(Sort, lambda x: ...)",
        )
    bound = bind(body, tuple(of for of in types if isinstance(of, Type)), where)
    return tuple(bound), truth(body(*bound), where)


def forall(*types_and_body: Type | Callable[..., object]) -> Expr:
    """``forall(A, B, lambda a, b: ...)``: the body holds for all values."""
    bound, body = _bind(types_and_body, "forall")
    return Quantified("forall", bound, body)


def exists(*types_and_body: Type | Callable[..., object]) -> Expr:
    """``exists(A, lambda a: ...)``: the body holds for some value."""
    bound, body = _bind(types_and_body, "exists")
    return Quantified("exists", bound, body)


def count(*types_and_body: Type | Callable[..., object]) -> Expr:
    """For how many values the body holds."""
    bound, body = _bind(types_and_body, "count")
    return Count(bound, body)


def implies(premise: object, conclusion: object) -> Expr:
    """Where the premise holds, so does the conclusion."""
    return Implies(truth(premise, "implies"), truth(conclusion, "implies"))


def iff(a: object, b: object) -> Expr:
    """Both hold or neither does."""
    return truth(a, "iff") == truth(b, "iff")


def every(*parts: object) -> Expr:
    """All parts hold; true if there are none."""
    return And(tuple(truth(part, "every") for part in parts))


def some(*parts: object) -> Expr:
    """Some part holds; false if there are none."""
    return Or(tuple(truth(part, "some") for part in parts))


def ite(condition: object, a: object, b: object) -> Expr:
    """``a`` where the condition holds, else ``b``; one of both must be an expression."""
    test = truth(condition, "ite")
    if isinstance(a, Expr) and not isinstance(a.type, IntType):
        return Ite(test, a, coerce(b, a.type, "ite"))
    if isinstance(b, Expr) and not isinstance(b.type, IntType):
        return Ite(test, coerce(a, b.type, "ite"), b)
    if isinstance(a, bool) and isinstance(b, bool):
        return Ite(test, truth(a, "ite"), truth(b, "ite"))
    return Ite(test, number(a, "ite"), number(b, "ite"))
