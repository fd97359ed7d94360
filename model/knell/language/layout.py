"""Where each value of a state is kept: a state is a flat sequence of small integers.

A *cell* is one variable at one point of its domain. Its content is the value less the least
value of its type, so that it lies in ``0..size-1``. This order of cells is common to all
engines.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from knell.language.limits import MOST_CELLS, refuse_more
from knell.language.types import Type

if TYPE_CHECKING:
    from knell.language.model import Model
    from knell.language.symbols import Variable

State: TypeAlias = Sequence[int]


@dataclass(frozen=True)
class Cell:
    """One variable at one point of its domain."""

    index: int
    variable: Variable
    args: tuple[int, ...]

    @property
    def to(self) -> Type:
        """The type of the cell's value."""
        return self.variable.to

    def __str__(self) -> str:
        if not self.args:
            return self.variable.name
        domain = zip(self.variable.domain, self.args, strict=True)
        return f"{self.variable.name}[{', '.join(of.show(value) for of, value in domain)}]"


class Layout:
    """The cells of a model's state."""

    def __init__(self, model: Model) -> None:
        self.cells: list[Cell] = []
        self._index: dict[tuple[Variable, tuple[int, ...]], int] = {}
        for variable in model.variables:
            points = math.prod(of.size for of in variable.domain)
            cells = f"cells of the state with variable {variable.name}"
            refuse_more(len(self.cells) + points, MOST_CELLS, cells, variable.place)
            for args in itertools.product(*(of.values() for of in variable.domain)):
                self._index[variable, args] = len(self.cells)
                self.cells.append(Cell(len(self.cells), variable, args))

    def find(self, variable: Variable, args: tuple[int, ...]) -> int | None:
        """The cell's index, or ``None`` where an argument is outside the domain."""
        return self._index.get((variable, args))

    def at(self, variable: Variable, args: tuple[int, ...]) -> int:
        """The cell's index; the arguments lie in the domain."""
        return self._index[variable, args]

    def value(self, state: State, variable: Variable, *args: int) -> int:
        """The value of a variable in a state."""
        return state[self._index[variable, args]] + variable.to.lo

    @cached_property
    def bytewise(self) -> bool:
        """Whether every cell fits a byte."""
        return all(cell.to.size <= 256 for cell in self.cells)

    def show(self, state: State) -> dict[str, str]:
        """The state as a person reads it: cell names to values."""
        return {str(cell): cell.to.show(state[cell.index] + cell.to.lo) for cell in self.cells}
