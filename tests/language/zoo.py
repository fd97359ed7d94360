"""A model with one of everything, and random expressions and updates over it.

The declarations are few and small, so that a random index often leaves its domain and a random
sum often leaves its type: errors must agree as well as values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from knell.language import Model, count, each, every, exists, forall, iff, implies, ite, some, when
from knell.language.expressions import Bound, Expr
from knell.language.expressions import number as integer
from knell.language.types import BOOL, IntType, NamedType, Type

T = TypeVar("T")
Scope: TypeAlias = tuple[Bound, ...]
Builder: TypeAlias = Callable[[Type, Scope, int], Expr]


class Zoo:
    """A fresh model with one of everything."""

    def __init__(self) -> None:
        m = self.model = Model("zoo")
        A = self.A = m.sort("A", size=2)
        B = self.B = m.sort("B", names=("b1", "b2", "b3"), ordered=True)
        E = m.enum("E", "red", "green")
        number = self.number = m.int(-1, 2)
        place = m.int(0, 2)
        self.types: tuple[Type, ...] = (A, B, E, number)
        self.f = m.var("f", A, to=number, init=0)
        self.variables = (
            self.f,
            m.rel("p", A),
            m.rel("q", A, B),
            m.var("g", B, to=A, init="a1"),
            m.var("h", place, to=E, init="red"),
            m.var("k", place, A, to=place, init=0),
            m.rel("w", place),
        )
        self.x = m.scalar("x", to=number, init=0)
        self.y = m.scalar("y", to=place, init=0)
        self.t = m.scalar("t", to=BOOL, init=False)
        self.scalars = (
            self.x,
            self.y,
            self.t,
            m.scalar("e", to=E, init="red"),
            m.scalar("a", to=A, init="a1"),
            m.scalar("b", to=B, init="b1"),
        )
        self.functions = (
            *self.variables,
            m.rigid("near", A, B, value={("a1", "b1"), ("a2", "b3")}),
            m.rigid("next", B, to=B, value={"b1": "b2", "b2": "b3", "b3": "b3"}),
            m.rigid("cost", place, to=number, value=lambda i: i - 1),
        )


class Maker:
    """Makes random parts of a model, by hypothesis's choices."""

    def __init__(self, data: st.DataObject, zoo: Zoo) -> None:
        self.data = data
        self.zoo = zoo

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.data.draw(st.sampled_from(options))

    def between(self, least: int, most: int) -> int:
        """An integer."""
        return self.data.draw(st.integers(least, most))

    def state(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """A state, whether reachable or not."""
        return tuple(self.between(0, size - 1) for size in sizes)

    def expression(self, of: Type, scope: Scope, depth: int) -> Expr:
        """An expression of type ``of``; of any integers, if ``of`` has integers."""
        leaves: list[Expr] = [b for b in scope if of.admits(b.of)]
        leaves += [s for s in self.zoo.scalars if of.admits(s.type)]
        if depth == 0:
            return self.pick([self._literal(of), *leaves])
        inner: list[Builder] = [self._read, self._read, self._choice]
        if of is BOOL:
            inner += self._formulas()
        if isinstance(of, IntType):
            inner += [self._sum] * 3
        if self.between(0, 9) == 0:
            return self.pick([self._literal(of), *leaves])
        return self.pick(inner)(of, scope, depth - 1)

    def _literal(self, of: Type) -> Expr:
        value = self.between(of.lo, of.hi)
        if isinstance(of, NamedType):
            return of[of.names[value]]
        if of is BOOL:
            return every() if value else some()
        return ite(every(), value, 0)

    def _read(self, of: Type, scope: Scope, depth: int) -> Expr:
        function = self.pick([f for f in self.zoo.functions if of.admits(f.to)])
        return function[tuple(self.index(part, scope, depth) for part in function.domain)]

    def index(self, part: Type, scope: Scope, depth: int) -> Expr:
        """An argument, which an integer domain need not have."""
        inside = self.expression(part, scope, depth)
        return (
            inside + self.zoo.x if isinstance(part, IntType) and self.pick("yn") == "y" else inside
        )

    def _choice(self, of: Type, scope: Scope, depth: int) -> Expr:
        condition = self.expression(BOOL, scope, depth)
        return ite(condition, self.expression(of, scope, depth), self.expression(of, scope, depth))

    def _sum(self, _: Type, scope: Scope, depth: int) -> Expr:
        a = self.expression(self.zoo.number, scope, depth)
        match self.pick("+-*/%#"):
            case "+":
                return a + self.expression(self.zoo.number, scope, depth)
            case "-":
                return a - self.expression(self.zoo.number, scope, depth)
            case "*":
                return a * self.between(-2, 2)
            case "/":
                return a // self.between(1, 3)
            case "%":
                return a % self.between(1, 3)
        return self._bind(count, scope, depth)

    def _bind(self, quantify: Callable[..., Expr], scope: Scope, depth: int) -> Expr:
        first, second = self.pick(self.zoo.types), self.pick(self.zoo.types)
        if self.pick("12") == "1":
            return quantify(first, lambda u: self.expression(BOOL, (*scope, u), depth))
        return quantify(first, second, lambda u, v: self.expression(BOOL, (*scope, u, v), depth))

    def _formulas(self) -> list[Builder]:
        return [
            self._comparison,
            self._comparison,
            self._junction,
            self._junction,
            lambda _, scope, depth: self._bind(forall, scope, depth),
            lambda _, scope, depth: self._bind(exists, scope, depth),
        ]

    def _comparison(self, _: Type, scope: Scope, depth: int) -> Expr:
        zoo = self.zoo
        of = self.pick((*zoo.types, zoo.number))
        a, b = (self.expression(of, scope, depth) for _ in range(2))
        if of is zoo.number and self.pick("yn") == "y":
            b = integer(self.between(-4, 6), "a literal")  # often outside what `a` may be
        if of not in (zoo.number, zoo.B):
            return a == b if self.pick("=!") == "=" else a != b
        same = a
        return self.pick([a == b, a != b, a < b, a <= b, a > b, a >= b, a < same])

    def _junction(self, _: Type, scope: Scope, depth: int) -> Expr:
        a, b, c = (self.expression(BOOL, scope, depth) for _ in range(3))
        return self.pick(
            [~a, a & b & c, a | b | c, implies(a, b), iff(a, b), every(a, b, c), some(a, b)]
        )

    def updates(self, scope: Scope, depth: int = 2) -> None:
        """Updates of the running action, some of them conditional or for each."""
        for _ in range(self.between(1, 2)):
            match self.pick(("update", "each", "when")) if depth else "update":
                case "each":
                    for x in each(self.pick(self.zoo.types)):
                        self.updates((*scope, x), depth - 1)
                case "when":
                    with when(self.expression(BOOL, scope, 2)):
                        self.updates(scope, depth - 1)
                case _:
                    self._update(scope)

    def _update(self, scope: Scope) -> None:
        if self.pick("fs") == "s":
            scalar = self.pick(self.zoo.scalars)
            scalar.set(self.expression(scalar.type, scope, 2))
        else:
            variable = self.pick(self.zoo.variables)
            index = tuple(self.index(part, scope, 1) for part in variable.domain)
            variable[index] = self.expression(variable.to, scope, 2)
