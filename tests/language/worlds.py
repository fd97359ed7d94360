"""Small helpers: states by name, and what expressions and actions mean in them."""

from __future__ import annotations

from collections.abc import Mapping

from knell.language import Action, Model
from knell.language.evaluate import Evaluator
from knell.language.expressions import Expr
from knell.language.layout import Layout

State = tuple[int, ...]


class World:
    """A model's states, told by the names of cells and values."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.layout = Layout(model)
        self.evaluator = Evaluator(self.layout)

    def state(self, values: Mapping[str, str] | None = None) -> State:
        """The state with these values, the least ones elsewhere."""
        given = dict(values or {})
        state = []
        for cell in self.layout.cells:
            shown = given.pop(str(cell), cell.to.show(cell.to.lo))
            (value,) = (v for v in cell.to.values() if cell.to.show(v) == shown)
            state.append(value - cell.to.lo)
        assert not given, f"no such cells: {given}"
        return tuple(state)

    def value(self, expr: Expr, values: Mapping[str, str] | None = None) -> str:
        """The value of a closed expression, as a person reads it."""
        return expr.type.show(self.evaluator.value(expr, self.state(values), {}))

    def after(self, action: Action, values: Mapping[str, str], *names: str) -> dict[str, str]:
        """What an instance of the action changes."""
        before = self.state(values)
        env = {}
        for parameter, name in zip(action.parameters, names, strict=True):
            (env[parameter],) = (v for v in parameter.of.values() if parameter.of.show(v) == name)
        assert not self.evaluator.failing_clauses(action, before, env)
        after = self.evaluator.execute(action, before, env)
        shown_before, shown_after = self.layout.show(before), self.layout.show(after)
        return {
            cell: shown_after[cell]
            for cell in shown_after
            if shown_after[cell] != shown_before[cell]
        }
