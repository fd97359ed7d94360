"""What a formula says after a step, written as a formula about the state before it.

``f`` after an action is ``f`` before it, but for the updates: at ``x`` it is ``ite(c, v, f[x])``
for each update of ``f`` that may concern ``x``, the last one outermost. An update over all
elements of a sort concerns ``x`` with its variable set to ``x``. So a proof obligation speaks of
one state only, and frames cost nothing.
"""

from __future__ import annotations

from knell.language.errors import ModelError
from knell.language.expressions import Bound, Expr, Quantified, Read
from knell.language.recording import Update
from knell.language.simplify import choice, conj, equal, free, instantiate, rewrite
from knell.language.symbols import Variable
from knell.spec.errors import KnellError


class Step:
    """The effect of one action's updates; its parameters stay free."""

    def __init__(self, updates: tuple[Update, ...]) -> None:
        self.updates: dict[Variable, list[Update]] = {}
        for update in updates:
            self.updates.setdefault(update.variable, []).append(update)

    def after(self, formula: Expr) -> Expr:
        """A formula about one state, said of the state after the step."""
        return self._shift(formula, unprimed=True)

    def across(self, formula: Expr) -> Expr:
        """A formula about a step: what it says of the state after, said of the state before."""
        return self._shift(formula, unprimed=False)

    def changes(self, variable: Variable) -> bool:
        """Whether the action updates the variable."""
        return variable in self.updates

    def value(self, variable: Variable, args: tuple[Expr, ...]) -> Expr:
        """The variable after the step, at arguments that speak of the state before."""
        value: Expr = Read(variable, args)
        for update in self.updates.get(variable, ()):
            here, new = concerns(update, args)
            value = choice(here, new, value)
        return value

    def _shift(self, formula: Expr, *, unprimed: bool) -> Expr:
        def replace(expr: Expr) -> Expr | None:
            if isinstance(expr, Read) and (expr.primed or unprimed):
                return self.value(expr.variable, tuple(shift(a) for a in expr.args))
            return None

        def shift(expr: Expr) -> Expr:
            return rewrite(expr, replace)

        return shift(formula)


def concerns(update: Update, args: tuple[Expr, ...]) -> tuple[Expr, Expr]:
    """When an update gives the variable a new value at ``args``, and which."""
    over = frozenset(update.over)
    fixed: dict[Bound, Expr] = {}
    rest: list[tuple[Expr, Expr]] = []
    for own, wanted in zip(update.args, args, strict=True):
        if isinstance(own, Bound) and own in over and own not in fixed:
            fixed[own] = wanted
        else:
            rest.append((own, wanted))
    matched = [equal(instantiate(own, fixed), wanted) for own, wanted in rest]
    condition = conj([instantiate(update.condition, fixed), *matched])
    value = instantiate(update.value, fixed)
    open_ones = tuple(b for b in update.over if b not in fixed)
    if open_ones:
        if not frozenset(open_ones).isdisjoint(free(value)):
            raise KnellError(
                f"the new value of {update.variable.name} depends on an element that its "
                "arguments do not name",
                place=update.place,
                mend="name the element in the arguments, or state the choice in the guard",
            )
        mentioned = frozenset(free(condition))
        needed = tuple(b for b in open_ones if b in mentioned)
        if needed:
            condition = Quantified("exists", needed, condition)
    return condition, value


def initial(formula: Expr) -> Expr:
    """A formula about the initial state, as far as the variables' ``init`` decide it."""

    def replace(expr: Expr) -> Expr | None:
        if not isinstance(expr, Read):
            return None
        if expr.primed:
            raise ModelError(f"{expr.variable.name}.next has no value outside a step")
        args = tuple(rewrite(a, replace) for a in expr.args)
        start = expr.variable.initial
        if start.value is None:
            return Read(expr.variable, args)
        values = dict(zip(start.bound, args, strict=True)) if start.bound else {}
        return instantiate(start.value, values)

    return rewrite(formula, replace)
