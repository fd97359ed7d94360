"""The language as first-order logic for z3, sorts of any size.

A sort is an uninterpreted sort; an ordered one has a strict total order. What is finite is
spelt out: a quantifier over an enumeration is a conjunction, a variable with an enumeration in its
domain is one symbol a value, and a variable into an enumeration is one relation a value, exactly
one of which holds. So the solver sees relations, functions between sorts, and nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

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
from knell.language.model import Model
from knell.language.symbols import Rigid, Variable
from knell.language.types import BOOL, SortType, Type
from knell.prover.backend import z3
from knell.spec.errors import KnellError

Cases: TypeAlias = Mapping[int, Any]
"""A value of a finite type: for each value the formula that says that it is this one."""
Scope: TypeAlias = Mapping[Bound, Any]
"""For each variable in scope a term of z3, or its cases."""

WIDEST = 24  # values of a finite type that are spelt out


class Symbols:
    """The symbols of one model, and its formulas over them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.sorts = {of: z3.DeclareSort(of.name) for of in model.sorts}
        self._functions: dict[object, Any] = {}
        self._constants: dict[tuple[SortType, int], Any] = {}
        self._parameters: dict[Bound, Any] = {}

    # Formulas

    def truth(  # noqa: C901, PLR0911  # one case for each kind of expression
        self, expr: Expr, scope: Scope
    ) -> Any:
        """The formula."""
        match expr:
            case Const(value=value):
                return z3.BoolVal(bool(value))
            case Not(a=a):
                return z3.Not(self.truth(a, scope))
            case And(parts=parts):
                return z3.And(*(self.truth(part, scope) for part in parts))
            case Or(parts=parts):
                return z3.Or(*(self.truth(part, scope) for part in parts))
            case Implies(premise=a, conclusion=b):
                return z3.Implies(self.truth(a, scope), self.truth(b, scope))
            case Equal(a=a, b=b):
                return self._equal(a, b, scope)
            case Less(a=a, b=b, strict=strict):
                return self._less(a, b, scope, strict=strict)
            case Ite(condition=c, a=a, b=b):
                return z3.If(self.truth(c, scope), self.truth(a, scope), self.truth(b, scope))
            case Quantified():
                return self._quantified(expr, scope)
            case Bound():
                return self.cases(expr, scope)[1]
            case Read() | RigidRead():
                return self._read(expr, scope, None)
        raise TypeError(f"{type(expr).__name__} is no formula")

    def element(self, expr: Expr, scope: Scope) -> Any:
        """The term of an expression whose value is an element of a sort."""
        match expr:
            case Bound():
                return scope[expr]
            case Const(of=of, value=value) if isinstance(of, SortType):
                return self.constant(of, value)
            case Ite(condition=c, a=a, b=b):
                return z3.If(self.truth(c, scope), self.element(a, scope), self.element(b, scope))
            case Read() | RigidRead():
                return self._read(expr, scope, None)
        raise TypeError(f"{type(expr).__name__} is no element of a sort")

    def cases(self, expr: Expr, scope: Scope) -> Cases:
        """The value of an expression of a finite type."""
        if isinstance(expr, Bound):
            found = scope[expr]
            return found if isinstance(found, Mapping) else {found: z3.BoolVal(True)}
        if expr.type is BOOL:
            holds = self.truth(expr, scope)
            return {0: z3.Not(holds), 1: holds}
        match expr:
            case Const(value=value):
                return {value: z3.BoolVal(True)}
            case Ite(condition=c, a=a, b=b):
                test = self.truth(c, scope)
                yes, no = self.cases(a, scope), self.cases(b, scope)
                false = z3.BoolVal(False)
                return {v: z3.If(test, yes.get(v, false), no.get(v, false)) for v in {**yes, **no}}
            case Arithmetic(operator=operator, a=a, b=b):
                pairs = itertools.product(
                    self.cases(a, scope).items(), self.cases(b, scope).items()
                )
                return _gathered(
                    (_compute(operator, x, y), z3.And(p, q)) for (x, p), (y, q) in pairs
                )
            case Count(bound=bound, body=body):
                return self._count(bound, body, scope)
            case Read() | RigidRead():
                spelt_out(expr.type)
                return {v: self._read(expr, scope, v) for v in expr.type.values()}
        raise TypeError(f"{type(expr).__name__} has no value of a finite type")

    def _quantified(self, expr: Quantified, scope: Scope) -> Any:
        junction = z3.And if expr.kind == "forall" else z3.Or
        many = [v for v in expr.bound if isinstance(v.of, SortType)]
        own = {v: self.variable(v) for v in many}
        spelt = self._spelt(expr.bound, {**scope, **own})
        terms = [self.truth(expr.body, inner) for inner in spelt]
        body = junction(*terms) if len(terms) != 1 else terms[0]
        if not own:
            return body
        quantifier = z3.ForAll if expr.kind == "forall" else z3.Exists
        return quantifier(list(own.values()), body)

    def _spelt(self, bound: Iterable[Bound], scope: Scope) -> Iterator[Scope]:
        """The scope with each combination of values of the variables of finite types."""
        finite = [v for v in bound if not isinstance(v.of, SortType)]
        for v in finite:
            spelt_out(v.of)
        for values in itertools.product(*(v.of.values() for v in finite)):
            yield {**scope, **dict(zip(finite, values, strict=True))}

    def _count(self, bound: tuple[Bound, ...], body: Expr, scope: Scope) -> Cases:
        for v in bound:
            if isinstance(v.of, SortType):
                raise KnellError(
                    f"count over {v.of.name}: how many there are has no bound",
                    place=self.model.place,
                    mend="prove a given size with --k-induction, or keep a flag instead",
                )
        total: Cases = {0: z3.BoolVal(True)}
        for inner in self._spelt(bound, scope):
            one = self.truth(body, inner)
            both = ((n, z3.And(p, z3.Not(one))) for n, p in total.items())
            more = ((n + 1, z3.And(p, one)) for n, p in total.items())
            total = _gathered([*both, *more])
        return total

    def _equal(self, a: Expr, b: Expr, scope: Scope) -> Any:
        if a.type is BOOL:
            return self.truth(a, scope) == self.truth(b, scope)
        if isinstance(a.type, SortType):
            return self.element(a, scope) == self.element(b, scope)
        left, right = self.cases(a, scope), self.cases(b, scope)
        return z3.Or(*(z3.And(p, right[v]) for v, p in left.items() if v in right))

    def _less(self, a: Expr, b: Expr, scope: Scope, *, strict: bool) -> Any:
        if isinstance(a.type, SortType):
            x, y = self.element(a, scope), self.element(b, scope)
            below = self.order(a.type)(x, y)
            return below if strict else z3.Or(below, x == y)
        pairs = itertools.product(self.cases(a, scope).items(), self.cases(b, scope).items())
        return z3.Or(
            *(z3.And(p, q) for (x, p), (y, q) in pairs if x < y or (x == y and not strict))
        )

    # Symbols

    def variable(self, bound: Bound) -> Any:
        """A variable of z3 for one of the language."""
        assert isinstance(bound.of, SortType)
        return z3.Const(f"{bound.name}!{id(bound)}", self.sorts[bound.of])

    def parameter(self, bound: Bound) -> Any:
        """What stands for a fixed element: a constant, or one of finitely many values.

        Two variables are two, also where a model gives them one name.
        """
        if bound not in self._parameters:
            label = f"{bound.name}#{len(self._parameters)}"
            self._parameters[bound] = (
                z3.Const(label, self.sorts[bound.of])
                if isinstance(bound.of, SortType)
                else {v: z3.Bool(f"{label}={bound.of.show(v)}") for v in bound.of.values()}
            )
        return self._parameters[bound]

    def constant(self, of: SortType, value: int) -> Any:
        """The element that the model calls by its name."""
        key = of, value
        if key not in self._constants:
            self._constants[key] = z3.Const(of.show(value), self.sorts[of])
        return self._constants[key]

    def order(self, of: SortType) -> Any:
        """The strict total order of an ordered sort."""
        key = of
        if key not in self._functions:
            sort = self.sorts[of]
            self._functions[key] = z3.Function(f"{of.name}<", sort, sort, z3.BoolSort())
        return self._functions[key]

    def symbol(
        self,
        of: Variable | Rigid,
        point: tuple[int | None, ...],
        value: int | None,
        *,
        primed: bool,
    ) -> Any:
        """The symbol for a function at the finite arguments in ``point``, and for one value."""
        key = of, point, value, primed
        if key not in self._functions:
            parts = [d.show(v) for d, v in zip(of.domain, point, strict=True) if v is not None]
            name = ".".join([of.name + "'" * primed, *parts])
            if value is not None:
                name += f"={of.to.show(value)}"
            domain = [self.sorts[d] for d in of.domain if isinstance(d, SortType)]
            to = self.sorts[of.to] if isinstance(of.to, SortType) else z3.BoolSort()
            self._functions[key] = z3.Function(name, *domain, to)
        return self._functions[key]

    def _read(self, expr: Read | RigidRead, scope: Scope, value: int | None) -> Any:
        """A function at arguments; those of finite types choose among its symbols."""
        of: Variable | Rigid = expr.variable if isinstance(expr, Read) else expr.rigid
        primed = isinstance(expr, Read) and expr.primed
        terms = [self.element(a, scope) for a in expr.args if isinstance(a.type, SortType)]
        finite = [
            None if isinstance(d, SortType) else self.cases(a, scope)
            for a, d in zip(expr.args, of.domain, strict=True)
        ]
        result: Any = None
        for point in itertools.product(*([None] if c is None else list(c) for c in finite)):
            if any(
                v is not None and not d.lo <= v <= d.hi
                for v, d in zip(point, of.domain, strict=True)
            ):
                continue
            here = z3.And(
                *(
                    c[v]
                    for c, v in zip(finite, point, strict=True)
                    if c is not None and v is not None
                )
            )
            there = self.symbol(of, point, value, primed=primed)(*terms)
            result = there if result is None else z3.If(here, there, result)
        return result

    # What is always so

    def background(self) -> Iterator[Any]:
        """That values are one of their type, constants differ, and orders order."""
        functions: list[Variable | Rigid] = [*self.model.variables, *self.model.rigids]
        for of in functions:
            if of.to is not BOOL and not isinstance(of.to, SortType):
                yield from self._one_of(of)
        for of_sort in self.model.sorts:
            mine = [c for (s, _), c in self._constants.items() if s is of_sort]
            if len(mine) > 1:
                yield z3.Distinct(*mine)
            if of_sort.ordered:
                yield from self._total(of_sort)

    def exactly_one(self, cases: Cases) -> Any:
        """That one case holds, and no two."""
        some = z3.Or(*cases.values())
        pairs = itertools.combinations(cases.values(), 2)
        return z3.And(some, *(z3.Not(z3.And(p, q)) for p, q in pairs))

    def _one_of(self, of: Variable | Rigid) -> Iterator[Any]:
        spelt_out(of.to, of)
        many = [d for d in of.domain if isinstance(d, SortType)]
        terms = [z3.Const(f"x{k}", self.sorts[d]) for k, d in enumerate(many)]
        finite = [[None] if isinstance(d, SortType) else list(d.values()) for d in of.domain]
        for point in itertools.product(*finite):
            cases = {v: self.symbol(of, point, v, primed=False)(*terms) for v in of.to.values()}
            one = self.exactly_one(cases)
            yield z3.ForAll(terms, one) if terms else one

    def _total(self, of: SortType) -> Iterator[Any]:
        less, sort = self.order(of), self.sorts[of]
        x, y, w = (z3.Const(n, sort) for n in ("x", "y", "w"))
        yield z3.ForAll([x], z3.Not(less(x, x)))
        yield z3.ForAll([x, y, w], z3.Implies(z3.And(less(x, y), less(y, w)), less(x, w)))
        yield z3.ForAll([x, y], z3.Or(less(x, y), x == y, less(y, x)))


def spelt_out(of: Type, symbol: Variable | Rigid | None = None) -> None:
    """Refuse a finite type with too many values to spell out."""
    if of.size > WIDEST:
        raise KnellError(
            f"{of.name} has {of.size} values, too many for a proof of any size",
            place=symbol.place if symbol is not None else of.name,
            mend="use --bmc K or --k-induction K, which take integers",
        )


def _gathered(pairs: Iterable[tuple[int, Any]]) -> Cases:
    found: dict[int, list[Any]] = {}
    for value, condition in pairs:
        found.setdefault(value, []).append(condition)
    return {v: z3.Or(*conditions) for v, conditions in found.items()}


def _compute(operator: str, a: int, b: int) -> int:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "//":
            return a // b
    return a % b
