"""Expressions simplified as they are built, so that what is decided does not reach the solver.

These are the language's own expressions; nothing here changes what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from knell.language.expressions import (
    FALSE,
    TRUE,
    And,
    Bound,
    Const,
    Count,
    Equal,
    Expr,
    Implies,
    Ite,
    Not,
    Or,
    Quantified,
    Read,
    RigidRead,
)
from knell.language.substitution import children, rebuild
from knell.language.types import BOOL


def is_true(formula: Expr) -> bool:
    """Whether the formula is the constant true."""
    return isinstance(formula, Const) and formula.of is BOOL and formula.value == 1


def is_false(formula: Expr) -> bool:
    """Whether the formula is the constant false."""
    return isinstance(formula, Const) and formula.of is BOOL and formula.value == 0


def conj(parts: Iterable[Expr]) -> Expr:
    """The conjunction."""
    kept: list[Expr] = []
    for part in parts:
        if is_false(part):
            return FALSE
        if isinstance(part, And):
            kept.extend(part.parts)
        elif not is_true(part):
            kept.append(part)
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else And(tuple(kept))


def disj(parts: Iterable[Expr]) -> Expr:
    """The disjunction."""
    kept: list[Expr] = []
    for part in parts:
        if is_true(part):
            return TRUE
        if isinstance(part, Or):
            kept.extend(part.parts)
        elif not is_false(part):
            kept.append(part)
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else Or(tuple(kept))


def neg(formula: Expr) -> Expr:
    """The negation."""
    if is_true(formula):
        return FALSE
    if is_false(formula):
        return TRUE
    return formula.a if isinstance(formula, Not) else Not(formula)


def implied(premise: Expr, conclusion: Expr) -> Expr:
    """The implication."""
    if is_false(premise) or is_true(conclusion):
        return TRUE
    if is_true(premise):
        return conclusion
    return neg(premise) if is_false(conclusion) else Implies(premise, conclusion)


def equal(a: Expr, b: Expr) -> Expr:
    """Equality."""
    if a is b:
        return TRUE
    if isinstance(a, Const) and isinstance(b, Const):
        return TRUE if a.value == b.value else FALSE
    if a.type is BOOL:
        for one, other in ((a, b), (b, a)):
            if is_true(one):
                return other
            if is_false(one):
                return neg(other)
    return Equal(a, b)


def choice(condition: Expr, a: Expr, b: Expr) -> Expr:
    """``a`` where the condition holds, else ``b``."""
    if is_true(condition) or a is b:
        return a
    if is_false(condition):
        return b
    if a.type is BOOL:
        if is_true(a):
            return disj([condition, b])
        if is_false(a):
            return conj([neg(condition), b])
        if is_true(b):
            return implied(condition, a)
        if is_false(b):
            return conj([condition, a])
    return Ite(condition, a, b)


def quantified(of: Quantified, body: Expr) -> Expr:
    """The same quantifier over another body; sorts are never empty."""
    return body if isinstance(body, Const) else Quantified(of.kind, of.bound, body)


def remake(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """The expression with other direct parts, simplified."""
    match expr:
        case Not():
            return neg(parts[0])
        case And():
            return conj(parts)
        case Or():
            return disj(parts)
        case Implies():
            return implied(parts[0], parts[1])
        case Equal():
            return equal(parts[0], parts[1])
        case Ite():
            return choice(parts[0], parts[1], parts[2])
        case Quantified():
            return quantified(expr, parts[0])
    return rebuild(expr, parts)


def rewrite(expr: Expr, replace: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with some parts replaced, the outermost first; simplified."""
    found = replace(expr)
    if found is not None:
        return found
    parts = children(expr)
    if not parts:
        return expr
    return remake(expr, tuple(rewrite(part, replace) for part in parts))


def instantiate(expr: Expr, values: Mapping[Bound, Expr]) -> Expr:
    """The expression with bound variables replaced; simplified."""
    if not values:
        return expr
    return rewrite(expr, lambda e: values.get(e) if isinstance(e, Bound) else None)


def free(expr: Expr) -> Iterator[Bound]:
    """The variables that occur without their binder, each once, in order."""
    yield from dict.fromkeys(_free(expr, frozenset()))


def _free(expr: Expr, bound: frozenset[Bound]) -> Iterator[Bound]:
    match expr:
        case Bound():
            if expr not in bound:
                yield expr
        case Quantified(bound=inner) | Count(bound=inner):
            yield from _free(expr.body, bound | frozenset(inner))
        case _:
            for part in children(expr):
                yield from _free(part, bound)


def canonical(expr: Expr, fixed: Sequence[Bound] = ()) -> str:
    """A text that is equal for formulas that differ in the names of variables only.

    Variables that are ``fixed`` are told apart by their place among these.
    """
    numbers: dict[Bound, int] = {}
    places = {b: k for k, b in enumerate(fixed)}

    def go(e: Expr) -> str:
        match e:
            case Bound() if e in places:
                return f"!{places[e]}:{e.of.name}"
            case Bound():
                return f"?{numbers.setdefault(e, len(numbers))}:{e.of.name}"
            case Const(of=of, value=value):
                return f"{of.name}.{value}"
            case Quantified(kind=kind, bound=bound):
                names = " ".join(go(b) for b in bound)
                return f"({kind} {names} {go(e.body)})"
            case Read(variable=variable, primed=primed):
                head = f"{variable.name}{chr(39) * primed}"
            case RigidRead(rigid=rigid):
                head = rigid.name
            case _:
                head = type(e).__name__ + str(
                    getattr(e, "operator", "") or getattr(e, "strict", "")
                )
        return f"({head} {' '.join(go(part) for part in children(e))})"

    return go(expr)
