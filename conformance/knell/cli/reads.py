"""Which cells an evaluation reads: what a step builds on, and why a conjunct breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from knell.language.errors import ModelError
from knell.language.evaluate import Environment, Evaluator, extend
from knell.language.expressions import And, Bound, Expr, Implies, Not, Or, Quantified, Read
from knell.language.layout import Layout, State
from knell.language.model import Action, Model
from knell.language.symbols import Variable


class RecordingLayout(Layout):
    """A layout that notes each cell that is looked up."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.seen: set[int] = set()

    def find(self, variable: Variable, args: tuple[int, ...]) -> int | None:
        cell = super().find(variable, args)
        if cell is not None:
            self.seen.add(cell)
        return cell


class Reads:
    """Tells the cells that are read, by evaluating and watching."""

    def __init__(self, model: Model) -> None:
        self.layout = RecordingLayout(model)
        self.evaluator = Evaluator(self.layout)

    def of_step(self, action: Action, state: State, env: Environment) -> set[int]:
        """The cells that a step's guard, conditions and new values read."""
        self.layout.seen = set()
        for clause in action.guard:
            self.evaluator.value(clause.formula, state, env)
        for update in action.updates:
            for here in extend(env, update.over):
                for part in (update.condition, *update.args):
                    self.evaluator.value(part, state, here)
                if self.evaluator.value(update.condition, state, here):
                    self.evaluator.value(update.value, state, here)
        return self.layout.seen

    def why(
        self, formula: Expr, state: State, env: Environment, after: State | None, *, holds: bool
    ) -> tuple[Environment, set[int]]:
        """Values of quantified variables for which the formula is as it is, and the cells read."""
        found: set[int] = set()
        chosen = self._follow(formula, state, env, after, found, holds=holds)
        return chosen, found

    def _follow(  # noqa: C901  # one case for each kind of formula
        self,
        formula: Expr,
        state: State,
        env: Environment,
        after: State | None,
        found: set[int],
        *,
        holds: bool,
    ) -> Environment:
        def go(part: Expr, here: Environment, wanted: bool) -> Environment:
            return self._follow(part, state, here, after, found, holds=wanted)

        def is_so(part: Expr, here: Environment) -> bool:
            return bool(self.evaluator.value(part, state, here, after)) == holds

        match formula:
            case Not(a=a):
                return go(a, env, not holds)
            case Quantified(kind=kind, bound=bound, body=body) if (kind == "exists") == holds:
                for here in extend(env, bound):
                    if is_so(body, here):
                        return go(body, here, holds)
            case Implies(premise=premise, conclusion=conclusion) if not holds:
                return go(conclusion, go(premise, env, True), False)
            case And(parts=parts) | Or(parts=parts):
                deciding = list(parts)
                if isinstance(formula, And) != holds:
                    deciding = [part for part in parts if is_so(part, env)][:1]
                for part in deciding:
                    env = go(part, env, holds)
                return env
        self.layout.seen = found
        self.evaluator.value(formula, state, env, after)
        return env


def try_reads(reads: Reads, action: Action, state: State, env: Environment) -> set[int]:
    """As `of_step`; nothing where a value lies outside a domain."""
    try:
        return reads.of_step(action, state, env)
    except ModelError:
        return set()


def read_variables(expr: object) -> Iterator[Read]:
    """Each read of a variable inside an expression."""
    if isinstance(expr, Read):
        yield expr
    if isinstance(expr, Bound):
        return
    if isinstance(expr, tuple):
        for part in expr:
            yield from read_variables(part)
    elif isinstance(expr, Expr) and is_dataclass(expr):
        for each in fields(expr):
            yield from read_variables(getattr(expr, each.name))
