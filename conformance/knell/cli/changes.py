"""States in words: the initial one by what is not empty, the others by what changed.

Cells of one variable that say the same share a line: `phase[n1] [n2]: active → gone`.
A relation gains and loses points: `+ told[n1, n2]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from knell.checker.traces import StateReader
from knell.cli.console import Style
from knell.language.layout import Cell, State
from knell.language.model import Model
from knell.language.symbols import Variable
from knell.language.types import BoolType
from knell.spec.values import Value

_Key: TypeAlias = Callable[[Cell], str]


class Describer:
    """Describes the states of one model."""

    def __init__(self, model: Model, style: Style) -> None:
        self.reader = StateReader(model)
        self.style = style
        self.cells: dict[str, list[Cell]] = {}
        for cell in self.reader.layout.cells:
            if cell.variable.hidden_in is None:
                self.cells.setdefault(cell.variable.name, []).append(cell)

    def initial(self, state: State) -> Iterator[str]:
        """The whole state; what is false or empty everywhere comes last, by name only."""
        empty = []
        for variable in self.reader.functions:
            groups = self._group(variable, lambda cell: _show(cell, state))
            if _is_relation(variable):
                groups.pop("false", None)
            if not groups:
                empty.append(variable.name)
            for value, cells in groups.items():
                everywhere = len(cells) == len(self.cells[variable.name])
                yield f"{self._name(variable, cells, everywhere=everywhere)} = {value}"
        for queue in self.reader.queues:
            elements = self.reader.queue(state, queue)
            if elements:
                yield f"{queue.name} = {_sequence(elements)}"
            else:
                empty.append(queue.name)
        if empty:
            yield f"empty: {', '.join(empty)}"

    def changes(self, before: State, after: State) -> Iterator[str]:
        """What a step changed."""
        for variable in self.reader.functions:
            changed = [
                cell
                for cell in self.cells[variable.name]
                if before[cell.index] != after[cell.index]
            ]
            if _is_relation(variable):
                yield from self._relation(variable, changed, after)
            else:
                yield from self._function(variable, changed, before, after)
        for queue in self.reader.queues:
            old, new = self.reader.queue(before, queue), self.reader.queue(after, queue)
            if old != new:
                yield f"{queue.name}: {self._arrow(_sequence(old), _sequence(new))}"

    def _relation(self, variable: Variable, changed: list[Cell], after: State) -> Iterator[str]:
        for sign, color, content in (("+", "green", 1), ("-", "red", 0)):
            cells = [cell for cell in changed if after[cell.index] == content]
            if cells:
                yield f"{self.style.paint(sign, color)} {self._name(variable, cells)}"

    def _function(
        self, variable: Variable, changed: list[Cell], before: State, after: State
    ) -> Iterator[str]:
        groups: dict[tuple[str, str], list[Cell]] = {}
        for cell in changed:
            groups.setdefault((_show(cell, before), _show(cell, after)), []).append(cell)
        for (old, new), cells in groups.items():
            yield f"{self._name(variable, cells)}: {self._arrow(old, new)}"

    def _group(self, variable: Variable, key: _Key) -> dict[str, list[Cell]]:
        groups: dict[str, list[Cell]] = {}
        for cell in self.cells[variable.name]:
            groups.setdefault(key(cell), []).append(cell)
        return groups

    def _name(self, variable: Variable, cells: list[Cell], *, everywhere: bool = False) -> str:
        if not variable.domain:
            return variable.name
        if everywhere and len(cells) > 1:
            return f"{variable.name}[all]"
        return variable.name + " ".join(_point(cell) for cell in cells)

    def _arrow(self, old: str, new: str) -> str:
        return f"{self.style.paint(old, 'red')} → {self.style.paint(new, 'green')}"


def _is_relation(variable: Variable) -> bool:
    return bool(variable.domain) and isinstance(variable.to, BoolType)


def _show(cell: Cell, state: State) -> str:
    return cell.to.show(state[cell.index] + cell.to.lo)


def _point(cell: Cell) -> str:
    shown = (of.show(arg) for of, arg in zip(cell.variable.domain, cell.args, strict=True))
    return f"[{', '.join(shown)}]"


def _sequence(elements: list[Value]) -> str:
    return f"[{', '.join(_element(element) for element in elements)}]"


def _element(element: Value) -> str:
    if isinstance(element, tuple):
        return f"({', '.join(_element(part) for part in element)})"
    return str(element).lower() if isinstance(element, bool) else str(element)
