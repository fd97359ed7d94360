"""For which values a conjunct breaks: the quantified variables that show it.

``forall i, j: busy(i) & busy(j) => i = j`` is broken for some i and j; the first such values, in
the order of the model, are found by following the formula from the outside in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knell.checker.results import PropertyResult
from knell.language.evaluate import Environment, Evaluator, extend
from knell.language.expressions import And, Bound, Expr, Implies, Not, Or, Quantified
from knell.language.layout import Layout
from knell.language.model import Model

_NONE: Environment = {}


def bindings_of(model: Model, found: PropertyResult) -> dict[str, str]:
    """The names of variables and of their values that show the violation."""
    run = found.run
    if found.bindings or run is None or not found.broken or found.verdict != "violated":
        return dict(found.bindings)
    evaluator = Evaluator(Layout(model))
    judge, env = _Judge(evaluator, run.states[-1], None), _NONE
    if found.kind == "action":
        judge, env = _Judge(evaluator, run.states[-2], run.states[-1]), run.steps[-1].env
    chosen = judge.why(found.broken[0].formula, env, holds=False)
    return _named(chosen, env)


class _Judge:
    def __init__(
        self, evaluator: Evaluator, state: tuple[int, ...], after: tuple[int, ...] | None
    ) -> None:
        self.evaluator = evaluator
        self.state = state
        self.after = after

    def why(self, formula: Expr, env: Environment, *, holds: bool) -> Environment:
        """``env`` with the values that show that the formula holds, or that it does not."""
        match formula:
            case Not(a=a):
                return self.why(a, env, holds=not holds)
            case Quantified(kind=kind, bound=bound, body=body) if (kind == "exists") == holds:
                for here in extend(env, bound):
                    if self._is(body, here, holds=holds):
                        return self.why(body, here, holds=holds)
            case Implies(premise=premise, conclusion=conclusion) if not holds:
                return self.why(conclusion, self.why(premise, env, holds=True), holds=False)
            case And(parts=parts) | Or(parts=parts):
                decisive = self._decisive(parts, env, holds=holds, every=_is_and(formula) == holds)
                for part in decisive:
                    env = self.why(part, env, holds=holds)
        return env

    def _decisive(
        self, parts: tuple[Expr, ...], env: Environment, *, holds: bool, every: bool
    ) -> Iterator[Expr]:
        """All parts, or the first that alone decides."""
        if every:
            yield from parts
            return
        for part in parts:
            if self._is(part, env, holds=holds):
                yield part
                return

    def _is(self, formula: Expr, env: Environment, *, holds: bool) -> bool:
        return bool(self.evaluator.value(formula, self.state, env, self.after)) == holds


def _is_and(formula: Expr) -> bool:
    return isinstance(formula, And)


def _named(chosen: Mapping[Bound, int], known: Mapping[Bound, int]) -> dict[str, str]:
    """The values by name, but for those of the step's own parameters."""
    named: dict[str, str] = {}
    for variable, value in chosen.items():
        if variable not in known:
            named.setdefault(variable.name, variable.of.show(value))
    return named
