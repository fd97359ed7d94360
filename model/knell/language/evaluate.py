"""The meaning of the language: expressions evaluated, actions executed, one step at a time.

Slow and plain on purpose. Every engine must agree with this file; every trace is replayed by it
before it is shown, and it answers which clause of a guard fails and which conjunct broke.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from knell.language.errors import ModelError
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
from knell.language.layout import Layout, State
from knell.language.model import Action
from knell.language.recording import Clause, Update

Environment: TypeAlias = Mapping[Bound, int]


class Evaluator:
    """Evaluates expressions of one model in its states."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def value(  # noqa: C901, PLR0911, PLR0912  # one case for each kind of expression
        self, expr: Expr, state: State, env: Environment, after: State | None = None
    ) -> int:
        """The value of ``expr``; ``after`` is the state after the step, for action properties."""

        def go(part: Expr) -> int:
            return self.value(part, state, env, after)

        match expr:
            case Const(value=value):
                return value
            case Bound():
                return env[expr]
            case Read(variable=variable, args=args, primed=primed):
                source = after if primed else state
                if source is None:
                    raise ModelError(f"{variable.name}.next has no value outside a step")
                cell = self.layout.find(variable, tuple(go(a) for a in args))
                if cell is None:
                    raise ModelError(
                        f"{variable.name} is read outside its domain", place=variable.place
                    )
                return source[cell] + variable.to.lo
            case RigidRead(rigid=rigid, args=args):
                found = rigid.table.get(tuple(go(a) for a in args))
                if found is None:
                    raise ModelError(f"{rigid.name} is read outside its domain", place=rigid.place)
                return found
            case Not(a=a):
                return int(not go(a))
            case And(parts=parts):
                return int(all(go(part) for part in parts))
            case Or(parts=parts):
                return int(any(go(part) for part in parts))
            case Implies(premise=a, conclusion=b):
                return int(not go(a) or go(b))
            case Equal(a=a, b=b):
                return int(go(a) == go(b))
            case Less(a=a, b=b, strict=strict):
                return int(go(a) < go(b) if strict else go(a) <= go(b))
            case Ite(condition=c, a=a, b=b):
                return go(a) if go(c) else go(b)
            case Arithmetic(operator=operator, a=a, b=b):
                return _compute(operator, go(a), go(b))
            case Quantified(kind=kind, bound=bound, body=body):
                combine = all if kind == "forall" else any
                return int(combine(self.value(body, state, e, after) for e in extend(env, bound)))
            case Count(bound=bound, body=body):
                return sum(self.value(body, state, e, after) for e in extend(env, bound))
        raise TypeError(f"unknown expression {type(expr).__name__}")

    def failing_clauses(self, action: Action, state: State, env: Environment) -> list[Clause]:
        """The clauses of the guard that do not hold; none if the action is enabled.

        Clauses are read in order: where one fails, a later one need not have a value.
        """
        failing: list[Clause] = []
        for clause in action.guard:
            try:
                if not self.value(clause.formula, state, env):
                    failing.append(clause)
            except ModelError:
                if not failing:
                    raise
        return failing

    def execute(self, action: Action, state: State, env: Environment) -> tuple[int, ...]:
        """The state after the action, whose guard must hold."""
        result = list(state)
        written: dict[int, tuple[int, Update]] = {}
        for update in action.updates:
            for env_here in extend(env, update.over):
                if not self.value(update.condition, state, env_here):
                    continue
                args = tuple(self.value(a, state, env_here) for a in update.args)
                cell = self.layout.find(update.variable, args)
                if cell is None:
                    raise outside_domain(action.name, update)
                value = self.value(update.value, state, env_here) - update.variable.to.lo
                if not 0 <= value < update.variable.to.size:
                    raise out_of_range(action.name, update)
                if cell in written and written[cell][0] != value:
                    raise assigned_twice(action.name, update, written[cell][1])
                written[cell] = value, update
                result[cell] = value
        return tuple(result)


def outside_domain(action: str, update: Update) -> ModelError:
    """An update gives arguments outside the variable's domain."""
    variable = update.variable
    if variable.hidden_in is not None:
        return ModelError(
            f"{action} pushes on queue {variable.hidden_in}, which is full",
            place=update.place,
            mend=f"guard the action with ~{variable.hidden_in}.full",
        )
    return ModelError(f"{action} assigns {variable.name} outside its domain", place=update.place)


def out_of_range(action: str, update: Update) -> ModelError:
    """An update gives a value outside the variable's type."""
    to = update.variable.to
    if update.variable.hidden_in is not None and not update.variable.domain:
        return ModelError(
            f"{action} pops from queue {update.variable.hidden_in}, which is empty",
            place=update.place,
            mend=f"guard the action with ~{update.variable.hidden_in}.empty",
        )
    return ModelError(
        f"{action} gives {update.variable.name} a value outside {to.lo}..{to.hi}",
        place=update.place,
        mend="guard the action, or widen the type",
    )


def assigned_twice(action: str, update: Update, earlier: Update) -> ModelError:
    """Two updates of one action give one cell different values."""
    return ModelError(
        f"{action} assigns {update.variable.name} twice, with different values",
        place=update.place,
        mend=f"see also {earlier.place}",
    )


def extend(env: Environment, bound: tuple[Bound, ...]) -> Iterator[Environment]:
    """``env`` extended by every combination of values of ``bound``."""
    for values in itertools.product(*(b.of.values() for b in bound)):
        yield {**env, **dict(zip(bound, values, strict=True))}


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
        case "%":
            return a % b
    raise TypeError(f"unknown operator {operator}")
