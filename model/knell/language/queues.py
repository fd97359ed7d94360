"""Bounded queues: sugar over a length and one function of the position for each component.

Positions at and past the length hold the least value, so equal queues are equal states. A
judge never meets a queue: it meets variables called ``name.length``, ``name.0``, ``name.1``, …
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from knell.language.errors import ModelError
from knell.language.expressions import Const, Expr, coerce
from knell.language.formulas import every, exists, ite
from knell.language.recording import each
from knell.language.symbols import Scalar
from knell.language.types import Type, int_between

if TYPE_CHECKING:
    from knell.language.symbols import Variable


class Queue:
    """First in, first out; at most ``capacity`` elements, each a tuple of components."""

    def __init__(
        self,
        name: str,
        of: tuple[Type, ...],
        capacity: int,
        declare: Callable[..., Variable],
    ) -> None:
        self.name = name
        self.of = of
        self.capacity = capacity
        self.positions = int_between(0, capacity - 1)
        self.length = Scalar(declare("length", to=int_between(0, capacity), init=0))
        self.components = tuple(
            declare(str(k), self.positions, to=part, init=Const(part, part.lo))
            for k, part in enumerate(of)
        )

    @property
    def empty(self) -> Expr:
        """Whether there is no element."""
        return self.length == 0

    @property
    def full(self) -> Expr:
        """Whether there is no room."""
        return self.length == self.capacity

    @property
    def head(self) -> Any:  # a tuple that can be unpacked, or one expression
        """The oldest element: an expression, or a tuple of them if there are several components.

        Of an empty queue it is the least value of its type.
        """
        parts = tuple(component[0] for component in self.components)
        return parts[0] if len(parts) == 1 else parts

    def contains(self, *element: object) -> Expr:
        """Whether the element is somewhere in the queue."""
        parts = self._element(element)
        return exists(
            self.positions,
            lambda position: (
                (position < self.length)
                & every(*(c[position] == v for c, v in zip(self.components, parts, strict=True)))
            ),
        )

    def push(self, *element: object) -> None:
        """Add the element at the end. Pushing on a full queue is an error of the model."""
        for component, value in zip(self.components, self._element(element), strict=True):
            component[self.length] = value
        self.length.set(self.length + 1)

    def pop(self) -> None:
        """Remove the oldest element. Popping from an empty queue is an error of the model."""
        for position in each(self.positions):
            for component, of in zip(self.components, self.of, strict=True):
                component[position] = ite(
                    position + 1 < self.length, component[position + 1], Const(of, of.lo)
                )
        self.length.set(self.length - 1)

    def _element(self, element: tuple[object, ...]) -> tuple[Expr, ...]:
        if len(element) != len(self.of):
            raise ModelError(
                f"queue {self.name} holds {len(self.of)} component(s), got {len(element)}"
            )
        return tuple(
            coerce(v, of, f"element of queue {self.name}")
            for v, of in zip(element, self.of, strict=True)
        )
