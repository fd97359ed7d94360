"""Expressions: what guards, updates and properties are made of.

A plain first-order syntax tree. Operators build trees, they compute nothing: ``a == b`` is an
:class:`Equal`, ``a & b`` a conjunction. A Python literal next to an expression is read by that
expression's type: ``phase[r] == "prepared"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from knell.language.errors import ModelError
from knell.language.types import BOOL, IntType, SortType, Type, int_between

if TYPE_CHECKING:
    from knell.language.symbols import Rigid, Variable

ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "//", "%"]


class Expr:
    """A typed expression. Not a Python truth value: it has no value until it is judged."""

    __slots__ = ()

    @property
    def type(self) -> Type:
        """The type of the expression's value."""
        raise NotImplementedError

    @property
    def next(self) -> Expr:
        """The value after the step, which only state variables have."""
        raise ModelError(
            "only a state variable has a value after the step",
            mend="write (f.next[x] + y.next) for the sum after the step",
        )

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]  # builds a tree
        return Equal(*_same_type(self, other, "=="))

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]  # builds a tree
        return Not(self == other)

    def __lt__(self, other: object) -> Expr:
        return Less(*_comparable(self, other, "<"), strict=True)

    def __le__(self, other: object) -> Expr:
        return Less(*_comparable(self, other, "<="), strict=False)

    def __gt__(self, other: object) -> Expr:
        a, b = _comparable(self, other, ">")
        return Less(b, a, strict=True)

    def __ge__(self, other: object) -> Expr:
        a, b = _comparable(self, other, ">=")
        return Less(b, a, strict=False)

    def __and__(self, other: object) -> Expr:
        return And((_operand(self, "&"), _operand(other, "&")))

    __rand__ = __and__

    def __or__(self, other: object) -> Expr:
        return Or((_operand(self, "|"), _operand(other, "|")))

    __ror__ = __or__

    def __invert__(self) -> Expr:
        return Not(_operand(self, "~"))

    def __add__(self, other: object) -> Expr:
        return arithmetic("+", self, other)

    def __radd__(self, other: object) -> Expr:
        return arithmetic("+", other, self)

    def __sub__(self, other: object) -> Expr:
        return arithmetic("-", self, other)

    def __rsub__(self, other: object) -> Expr:
        return arithmetic("-", other, self)

    def __mul__(self, other: object) -> Expr:
        return arithmetic("*", self, other)

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> Expr:
        return arithmetic("//", self, other)

    def __mod__(self, other: object) -> Expr:
        return arithmetic("%", self, other)

    def __neg__(self) -> Expr:
        return arithmetic("-", 0, self)

    def __bool__(self) -> bool:
        raise ModelError(
            "an expression has no truth value while the model is being built",
            mend="use & | ~ for and, or, not; ite(c, a, b) or when(c) for if; "
            "(a < b) & (b < c) for a < b < c; x.is_in(a, b) for x in (a, b)",
        )

    def is_in(self, *values: object) -> Expr:
        """Whether the value is one of ``values``."""
        return Or(tuple(truth(self == value, "is_in") for value in values))


@dataclass(frozen=True, eq=False, slots=True)
class Const(Expr):
    """A literal."""

    of: Type
    value: int

    @property
    def type(self) -> Type:
        return self.of


TRUE = Const(BOOL, 1)
FALSE = Const(BOOL, 0)


@dataclass(frozen=True, eq=False, slots=True)
class Bound(Expr):
    """A parameter of an action, or a variable bound by a quantifier or by ``each``."""

    of: Type
    name: str

    @property
    def type(self) -> Type:
        return self.of


@dataclass(frozen=True, eq=False)
class Read(Expr):
    """The value of a state variable at ``args``, now or (``primed``) after the step."""

    variable: Variable
    args: tuple[Expr, ...]
    primed: bool = False

    @property
    def type(self) -> Type:
        return self.variable.to

    @property
    def next(self) -> Expr:
        """The value after the step, at the same arguments: ``f[x].next`` is ``f.next[x]``."""
        return Read(self.variable, self.args, primed=True)

    def set(self, value: object) -> None:  # noqa: ARG002  # a scalar takes it
        """Refuse: a function is updated at its arguments."""
        name = self.variable.name
        raise ModelError(f"{name} takes arguments", mend=f"write {name}[...] = value")


@dataclass(frozen=True, eq=False, slots=True)
class RigidRead(Expr):
    """The value of a rigid function, which no step changes, at ``args``."""

    rigid: Rigid
    args: tuple[Expr, ...]

    @property
    def type(self) -> Type:
        return self.rigid.to


@dataclass(frozen=True, eq=False, slots=True)
class Boolean(Expr):
    """Any expression whose value is a truth value."""

    @property
    def type(self) -> Type:
        return BOOL


@dataclass(frozen=True, eq=False, slots=True)
class Not(Boolean):
    """Negation."""

    a: Expr


@dataclass(frozen=True, eq=False, slots=True)
class And(Boolean):
    """Conjunction; the empty one is true."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Or(Boolean):
    """Disjunction; the empty one is false."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Implies(Boolean):
    """Implication, kept apart from ``Or`` so that its premise can be watched for vacuity."""

    premise: Expr
    conclusion: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Equal(Boolean):
    """Equality of two values of one type."""

    a: Expr
    b: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Less(Boolean):
    """``a < b`` (``strict``) or ``a <= b``, on integers and ordered sorts."""

    a: Expr
    b: Expr
    strict: bool


@dataclass(frozen=True, eq=False, slots=True)
class Quantified(Boolean):
    """``forall`` or ``exists`` over all values of the bound variables' types."""

    kind: Literal["forall", "exists"]
    bound: tuple[Bound, ...]
    body: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Count(Expr):
    """For how many values of the bound variables the body holds."""

    bound: tuple[Bound, ...]
    body: Expr

    @property
    def type(self) -> Type:
        combinations = 1
        for variable in self.bound:
            combinations *= variable.of.size
        return int_between(0, combinations)


@dataclass(frozen=True, eq=False, slots=True)
class Arithmetic(Expr):
    """Integer arithmetic; ``//`` and ``%`` round as Python's and take a positive constant."""

    operator: ArithmeticOperator
    a: Expr
    b: Expr
    of: IntType

    @property
    def type(self) -> Type:
        return self.of


@dataclass(frozen=True, eq=False, slots=True)
class Ite(Expr):
    """``a`` where the condition holds, else ``b``."""

    condition: Expr
    a: Expr
    b: Expr

    @property
    def type(self) -> Type:
        if isinstance(self.a.type, IntType):
            return int_between(
                min(self.a.type.lo, self.b.type.lo), max(self.a.type.hi, self.b.type.hi)
            )
        return self.a.type


def coerce(value: object, to: Type, where: str) -> Expr:
    """``value`` as an expression of type ``to``; ``where`` says what asked for it."""
    if isinstance(value, Expr):
        if to.admits(value.type):
            return value
        raise ModelError(f"{where}: expected a value of {to.name}, got one of {value.type.name}")
    parsed = to.parse(value)
    if parsed is None:
        raise ModelError(f"{where}: {value!r} is no value of {to.name}", mend=_mend(value, to))
    return Const(to if to.lo <= parsed <= to.hi else int_between(parsed, parsed), parsed)


def in_range(value: Expr, of: Type, where: str) -> Expr:
    """The value, unless it is a literal that ``of`` does not have."""
    if isinstance(value, Const) and not of.lo <= value.value <= of.hi:
        raise ModelError(
            f"{where}: {value.value} is out of range", mend=f"its values are {of.lo}..{of.hi}"
        )
    return value


def truth(value: object, where: str) -> Expr:
    """``value`` as a boolean expression."""
    return coerce(value, BOOL, where)


def _operand(value: object, sign: str) -> Expr:
    """``value`` as a part of a junction, of which comparisons are often meant to be parts."""
    is_truth = isinstance(value, bool) or (isinstance(value, Expr) and value.type is BOOL)
    if is_truth or not isinstance(value, Expr | str | int):
        return truth(value, sign)
    shown = value.type.name if isinstance(value, Expr) else repr(value)
    example = "~(a == b)" if sign == "~" else f"(a == b) {sign} (c == d)"
    raise ModelError(
        f"{sign}: expected a value of {BOOL.name}, got {shown}",
        mend=f"{sign} binds tighter than a comparison; put each in parentheses: {example}",
    )


def _mend(value: object, to: Type) -> str:
    domain = getattr(value, "domain", None)
    if domain is not None:
        return f"give {len(domain)} argument(s): {getattr(value, 'name', 'f')}[...]"
    return f"use {', '.join(getattr(to, 'names', ())) or to.name}"


def number(value: object, where: str) -> Expr:
    """``value`` as an integer expression."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Const(int_between(value, value), value)
    if isinstance(value, Expr) and isinstance(value.type, IntType):
        return value
    shown = value.type.name if isinstance(value, Expr) else repr(value)
    mend = f'name its type: Type["{value}"]' if isinstance(value, str) else None
    raise ModelError(f"{where}: expected an integer, got {shown}", mend=mend)


def arithmetic(operator: ArithmeticOperator, left: object, right: object) -> Expr:
    """An arithmetic expression whose type is the exact interval of its values."""
    a, b = number(left, operator), number(right, operator)
    al, ah, bl, bh = a.type.lo, a.type.hi, b.type.lo, b.type.hi
    match operator:
        case "+":
            of = int_between(al + bl, ah + bh)
        case "-":
            of = int_between(al - bh, ah - bl)
        case "*":
            corners = (al * bl, al * bh, ah * bl, ah * bh)
            of = int_between(min(corners), max(corners))
        case _:
            if not isinstance(b, Const) or b.value < 1:
                raise ModelError(f"{operator}: the right side must be a positive constant")
            of = (
                int_between(al // b.value, ah // b.value)
                if operator == "//"
                else int_between(0, b.value - 1)
            )
    return Arithmetic(operator, a, b, of)


def _same_type(a: Expr, other: object, where: str) -> tuple[Expr, Expr]:
    return a, coerce(other, a.type, where)


def _comparable(a: Expr, other: object, where: str) -> tuple[Expr, Expr]:
    if isinstance(a.type, IntType) or (isinstance(a.type, SortType) and a.type.ordered):
        return _same_type(a, other, where)
    raise ModelError(
        f"{where}: {a.type.name} is not ordered",
        mend="compare integers, or declare the sort with ordered=True",
    )
