"""Why a run shows what it shows: which conjuncts broke, and for which values.

A formula ``forall x, y: P(x) & P(y) => x = y`` that does not hold is broken by certain values of
``x`` and ``y``. They are found by following the formula from the outside in, along the parts that
decide its value; of several values that would do, the first are taken. The values that satisfy a
witness are found in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.replay import broken_clauses
from knell.checker.results import Run
from knell.language.evaluate import Environment, Evaluator, extend
from knell.language.expressions import And, Expr, Implies, Ite, Not, Or, Quantified
from knell.language.layout import State
from knell.language.properties import Property
from knell.language.recording import Clause


@dataclass(frozen=True)
class Explanation:
    """The conjuncts that fail at a run's end, and the values that show the first of them."""

    broken: tuple[Clause, ...]
    bindings: dict[str, str]


def explain(evaluator: Evaluator, declared: Property, run: Run) -> Explanation:
    """Why the run's end breaks an invariant or an action property, or is a witness."""
    broken = tuple(broken_clauses(evaluator, declared, run))
    env: Environment = {}
    if declared.kind == "action":
        env = run.steps[-1].env
        eye = Eye(evaluator, run.states[-2], run.states[-1])
    else:
        eye = Eye(evaluator, run.states[-1])
    values = env
    if broken:
        values = eye.evidence(broken[0].formula, env, holds=False)
    elif declared.kind == "reachable":
        for clause in declared.clauses:
            values = eye.evidence(clause.formula, values, holds=True)
    own = {variable: value for variable, value in values.items() if variable not in env}
    bindings: dict[str, str] = {}
    for variable, value in own.items():
        bindings.setdefault(variable.name, variable.of.show(value))
    return Explanation(broken, bindings)


@dataclass(frozen=True)
class Eye:
    """Looks at one state, or at one step."""

    evaluator: Evaluator
    state: State
    after: State | None = None

    def sees(self, formula: Expr, env: Environment) -> bool:
        """Whether the formula holds."""
        return bool(self.evaluator.value(formula, self.state, env, self.after))

    def evidence(self, formula: Expr, env: Environment, *, holds: bool) -> Environment:
        """``env`` with values of quantified variables that make the formula hold, or fail."""
        match formula:
            case Not(a=a):
                return self.evidence(a, env, holds=not holds)
            case Ite(condition=condition, a=a, b=b):
                return self.evidence(a if self.sees(condition, env) else b, env, holds=holds)
            case Implies(premise=a, conclusion=b) if holds:
                denied = not self.sees(a, env)
                return self.evidence(a if denied else b, env, holds=not denied)
            case Implies(premise=a, conclusion=b):
                return self.evidence(b, self.evidence(a, env, holds=True), holds=False)
            case Quantified(kind=kind, bound=bound, body=body) if holds == (kind == "exists"):
                found = (h for h in extend(env, bound) if self.sees(body, h) == holds)
                return self.evidence(body, next(found), holds=holds)
            case And(parts=parts) | Or(parts=parts):
                for part in self._deciding(parts, env, holds, every=isinstance(formula, And)):
                    env = self.evidence(part, env, holds=holds)
        return env

    def _deciding(
        self, parts: tuple[Expr, ...], env: Environment, holds: bool, *, every: bool
    ) -> Iterator[Expr]:
        """The parts that make a junction hold, or fail: all of them, or the first that does."""
        if every == holds:
            yield from parts
            return
        yield next(part for part in parts if self.sees(part, env) == holds)
