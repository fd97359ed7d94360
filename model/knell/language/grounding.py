"""From the model to ground terms: quantifiers expanded, parameters fixed, functions made cells.

A :class:`Program` is what the explicit engines run: initial states and, for each instance of
each action, its guard clauses and updates as ground terms. It is derived from the model and adds
nothing to it; :mod:`knell.language.evaluate` is the meaning that it must keep.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from knell.language.errors import ModelError
from knell.language.evaluate import (
    Environment,
    Evaluator,
    assigned_twice,
    extend,
    out_of_range,
    outside_domain,
)
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
from knell.language.ground import Ground, Terms
from knell.language.layout import Layout
from knell.language.limits import MOST_INSTANCES, MOST_TERMS, refuse_more
from knell.language.model import Action, Model
from knell.language.recording import Clause, Update
from knell.language.symbols import Variable
from knell.language.types import Type


@dataclass(frozen=True, eq=False)
class Instance:
    """One action with values for its parameters.

    ``updates`` maps cells to their new (encoded) content, all read from the state before;
    ``checks`` are conditions under which executing it is an error of the model.
    """

    action: Action
    env: Environment
    guard: tuple[tuple[Clause, Ground], ...]
    updates: tuple[tuple[int, Ground], ...]
    checks: tuple[tuple[Ground, ModelError], ...]

    @property
    def parameters(self) -> dict[str, str]:
        """Parameter names to the names of their values."""
        return {p.name: p.of.show(self.env[p]) for p in self.action.parameters}

    def __str__(self) -> str:
        return f"{self.action.name}({', '.join(self.parameters.values())})"


class Program:
    """The ground form of a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.layout = Layout(model)
        self.terms = Terms()
        self.evaluator = Evaluator(self.layout)
        self.failures: list[ModelError] = []
        self._check_rigid()

    @cached_property
    def instances(self) -> list[Instance]:
        """All instances that some state may enable, by order of actions, then of parameters."""
        for action in self.model.actions:
            number = math.prod(p.of.size for p in action.parameters)
            refuse_more(number, MOST_INSTANCES, f"instances of {action.name}", action.place)
        return [
            instance
            for action in self.model.actions
            for env in extend({}, action.parameters)
            if (instance := self._instance(action, env)) is not None
        ]

    def initial(self) -> Iterator[tuple[int, ...]]:
        """The initial states, in lexicographic order."""
        choices = []
        for cell in self.layout.cells:
            start = cell.variable.initial
            if start.value is None:
                choices.append(range(cell.to.size))
                continue
            env = dict(zip(start.bound, cell.args, strict=True)) if start.bound else {}
            value = self.evaluator.value(start.value, (), env) - cell.to.lo
            if not 0 <= value < cell.to.size:
                raise ModelError(
                    f"initial value of {cell} is out of range", place=cell.variable.place
                )
            choices.append(range(value, value + 1))
        for state in itertools.product(*choices):
            if all(self.evaluator.value(c.formula, state, {}) for c in self.model.initial):
                yield state

    def ground(
        self,
        expr: Expr,
        env: Environment | None = None,
        *,
        place: str,
        after: Mapping[int, Ground] | None = None,
    ) -> Ground:
        """The ground term of ``expr``.

        ``after`` gives the new content of changed cells, for the primed reads of an action
        property about one instance: the result then speaks of the state before the step alone.
        """
        return _Grounder(self, place, after).go(expr, env or {})

    def _instance(self, action: Action, env: Environment) -> Instance | None:
        guard: list[tuple[Clause, Ground]] = []
        for clause in action.guard:
            term = self.ground(clause.formula, env, place=clause.place)
            if term is self.terms.false and not any(earlier.fallible for _, earlier in guard):
                return None
            guard.append((clause, term))
        writes = _Writes(self, action)
        for update in action.updates:
            for here in extend(env, update.over):
                writes.add(update, here)
        return Instance(action, env, tuple(guard), tuple(writes.result()), tuple(writes.checks))

    def _check_rigid(self) -> None:
        for clause in self.model.axioms:
            if not self.evaluator.value(clause.formula, (), {}):
                raise ModelError(
                    f"axiom {clause.name} does not hold of the rigid functions given",
                    place=clause.place,
                )


class _Grounder:
    """Grounds one expression."""

    def __init__(self, program: Program, place: str, after: Mapping[int, Ground] | None) -> None:
        self.program = program
        self.terms = program.terms
        self.place = place
        self.after = after

    def go(  # noqa: C901, PLR0911, PLR0912  # one case for each kind of expression
        self, expr: Expr, env: Environment
    ) -> Ground:
        """The ground term of ``expr`` under ``env``."""
        terms = self.terms
        refuse_more(len(terms), MOST_TERMS, "terms when quantifiers are written out", self.place)
        match expr:
            case Const(value=value):
                return terms.const(value)
            case Bound():
                return terms.const(env[expr])
            case Read(variable=variable, args=args, primed=primed):
                return self._read(variable, args, primed, env)
            case RigidRead(rigid=rigid, args=args):
                return self._select(
                    rigid.domain,
                    [self.go(a, env) for a in args],
                    lambda point: terms.const(rigid.table[point]),
                    rigid.name,
                )
            case Not(a=a):
                return terms.not_(self.go(a, env))
            case And(parts=parts):
                return terms.and_(*self._lazily(parts, env, terms.false))
            case Or(parts=parts):
                return terms.or_(*self._lazily(parts, env, terms.true))
            case Implies(premise=a, conclusion=b):
                premise = self.go(a, env)
                if premise is terms.false:
                    return terms.true
                return terms.or_(terms.not_(premise), self.go(b, env))
            case Equal(a=a, b=b):
                return terms.equal(self.go(a, env), self.go(b, env))
            case Less(a=a, b=b, strict=strict):
                return terms.less(self.go(a, env), self.go(b, env), strict=strict)
            case Ite(condition=c, a=a, b=b):
                condition = self.go(c, env)
                if condition.kind == "const":
                    return self.go(a if condition.value else b, env)
                return terms.ite(condition, self.go(a, env), self.go(b, env))
            case Arithmetic(operator=operator, a=a, b=b):
                return terms.arithmetic(operator, self.go(a, env), self.go(b, env))
            case Quantified(kind="forall", bound=bound, body=body):
                return terms.and_(*self._expand(body, bound, env, terms.false))
            case Quantified(bound=bound, body=body):
                return terms.or_(*self._expand(body, bound, env, terms.true))
            case Count(bound=bound, body=body):
                total = terms.const(0)
                for here in extend(env, bound):
                    total = terms.arithmetic("+", total, self.go(body, here))
                return total
        raise TypeError(f"unknown expression {type(expr).__name__}")

    def _lazily(self, parts: tuple[Expr, ...], env: Environment, zero: Ground) -> Iterator[Ground]:
        """Ground the parts up to the first that decides the junction."""
        for part in parts:
            term = self.go(part, env)
            yield term
            if term is zero:
                return

    def _expand(
        self, body: Expr, bound: tuple[Bound, ...], env: Environment, zero: Ground
    ) -> Iterator[Ground]:
        for here in extend(env, bound):
            term = self.go(body, here)
            yield term
            if term is zero:
                return

    def _read(
        self, variable: Variable, args: tuple[Expr, ...], primed: bool, env: Environment
    ) -> Ground:
        if primed and self.after is None:
            raise ModelError(f"{variable.name}.next has no value outside a step", place=self.place)
        layout = self.program.layout

        def at(point: tuple[int, ...]) -> Ground:
            index = layout.at(variable, point)
            content = self.terms.cell(index, variable.to.size)
            if primed and self.after is not None:
                content = self.after.get(index, content)
            return self.terms.arithmetic("+", content, self.terms.const(variable.to.lo))

        return self._select(variable.domain, [self.go(a, env) for a in args], at, variable.name)

    def _select(
        self,
        domain: tuple[Type, ...],
        args: list[Ground],
        at: Callable[[tuple[int, ...]], Ground],
        name: str,
    ) -> Ground:
        """The value at computed arguments: a choice over the points of the domain."""

        def choose(k: int, point: tuple[int, ...]) -> Ground:
            if k == len(domain):
                return at(point)
            index, of = args[k], domain[k]
            inside = [v for v in of.values() if index.lo <= v <= index.hi]
            if index.kind == "const":
                return choose(k + 1, (*point, index.value)) if inside else self._fail(name)
            covered = (
                bool(inside)
                and inside[0] <= index.lo
                and index.hi <= inside[-1]
                and not index.fallible
            )
            term = choose(k + 1, (*point, inside[-1])) if covered else self._fail(name)
            for value in reversed(inside[:-1] if covered else inside):
                here = self.terms.equal(index, self.terms.const(value))
                term = self.terms.ite(here, choose(k + 1, (*point, value)), term)
            return term

        return choose(0, ())

    def _fail(self, name: str) -> Ground:
        self.program.failures.append(
            ModelError(f"{name} is read outside its domain", place=self.place)
        )
        return self.terms.fail(len(self.program.failures) - 1)


def _reach(index: Ground, of: Type) -> list[int]:
    """The values of a type that an index may have, by its bounds."""
    return [v for v in of.values() if index.fallible or index.lo <= v <= index.hi]


class _Writes:
    """Collects the updates of one instance, cell by cell."""

    def __init__(self, program: Program, action: Action) -> None:
        self.program = program
        self.action = action
        self.by_cell: dict[int, list[tuple[Ground, Ground, Update]]] = {}
        self.checks: list[tuple[Ground, ModelError]] = []

    def add(self, update: Update, env: Environment) -> None:
        """One update with its ``each`` variables fixed."""
        terms, to = self.program.terms, update.variable.to
        grounder = _Grounder(self.program, update.place, None)
        condition = grounder.go(update.condition, env)
        if condition is terms.false:
            return
        value = grounder.go(update.value, env)
        if value.lo < to.lo or value.hi > to.hi:
            outside = terms.or_(
                terms.less(value, terms.const(to.lo), strict=True),
                terms.less(terms.const(to.hi), value, strict=True),
            )
            self._check(terms.and_(condition, outside), out_of_range(self.action.name, update))
        content = terms.arithmetic("-", value, terms.const(to.lo))
        args = [grounder.go(a, env) for a in update.args]
        self._check(
            terms.and_(condition, terms.not_(self._inside(args, update.variable.domain))),
            outside_domain(self.action.name, update),
        )
        sure = not condition.fallible
        reach = [
            _reach(a, of) if sure else of.values()
            for a, of in zip(args, update.variable.domain, strict=True)
        ]
        for point in itertools.product(*reach):
            here = terms.and_(
                condition,
                *(terms.equal(a, terms.const(v)) for a, v in zip(args, point, strict=True)),
            )
            if here is not terms.false:
                cell = self.program.layout.at(update.variable, point)
                self.by_cell.setdefault(cell, []).append((here, content, update))

    def _inside(self, args: list[Ground], domain: tuple[Type, ...]) -> Ground:
        terms = self.program.terms
        return terms.and_(
            *(
                terms.and_(
                    terms.less(terms.const(of.lo), a, strict=False),
                    terms.less(a, terms.const(of.hi), strict=False),
                )
                for a, of in zip(args, domain, strict=True)
            )
        )

    def _check(self, wrong: Ground, error: ModelError) -> None:
        if wrong is not self.program.terms.false:
            self.checks.append((wrong, error))

    def result(self) -> Iterator[tuple[int, Ground]]:
        """The new content of each cell that may change."""
        terms = self.program.terms
        for cell, writes in sorted(self.by_cell.items()):
            for (c1, v1, u1), (c2, v2, u2) in itertools.combinations(writes, 2):
                both = terms.and_(c1, c2, terms.not_(terms.equal(v1, v2)))
                self._check(both, assigned_twice(self.action.name, u2, u1))
            old = terms.cell(cell, self.program.layout.cells[cell].to.size)
            content = old
            for condition, value, _ in writes:
                content = terms.ite(condition, value, content)
            if content is not old:
                yield cell, content
