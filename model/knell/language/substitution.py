"""Walking and rebuilding expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knell.language.expressions import (
    And,
    Arithmetic,
    Bound,
    Const,
    Count,
    Equal,
    Expr,
    Implies,
    Ite,
    Less,
    Not,
    Or,
    Quantified,
    Read,
    RigidRead,
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of an expression."""
    match expr:
        case Const() | Bound():
            return ()
        case Read(args=args) | RigidRead(args=args):
            return args
        case Not(a=a):
            return (a,)
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Implies(premise=a, conclusion=b):
            return (a, b)
        case Equal(a=a, b=b) | Less(a=a, b=b) | Arithmetic(a=a, b=b):
            return (a, b)
        case Ite(condition=c, a=a, b=b):
            return (c, a, b)
        case Quantified(body=body) | Count(body=body):
            return (body,)
    raise TypeError(f"unknown expression {type(expr).__name__}")


def rebuild(  # noqa: C901, PLR0911, PLR0912  # one case for each kind of expression
    expr: Expr, parts: tuple[Expr, ...]
) -> Expr:
    """The same expression with other direct parts."""
    match expr:
        case Const() | Bound():
            return expr
        case Read(variable=variable, primed=primed):
            return Read(variable, parts, primed)
        case RigidRead(rigid=rigid):
            return RigidRead(rigid, parts)
        case Not():
            return Not(*parts)
        case And():
            return And(parts)
        case Or():
            return Or(parts)
        case Implies():
            return Implies(*parts)
        case Equal():
            return Equal(*parts)
        case Less(strict=strict):
            return Less(parts[0], parts[1], strict)
        case Arithmetic(operator=operator, of=of):
            return Arithmetic(operator, parts[0], parts[1], of)
        case Ite():
            return Ite(*parts)
        case Quantified(kind=kind, bound=bound):
            return Quantified(kind, bound, parts[0])
        case Count(bound=bound):
            return Count(bound, parts[0])
    raise TypeError(f"unknown expression {type(expr).__name__}")


def substitute(expr: Expr, values: Mapping[Bound, Expr]) -> Expr:
    """``expr`` with bound variables replaced.

    Every binder makes fresh variables, so nothing is captured.
    """
    if isinstance(expr, Bound):
        return values.get(expr, expr)
    parts = children(expr)
    return rebuild(expr, tuple(substitute(part, values) for part in parts)) if parts else expr


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, the whole first."""
    yield expr
    for part in children(expr):
        yield from walk(part)
