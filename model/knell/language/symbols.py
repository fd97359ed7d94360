"""Declared symbols: state variables, which actions change, and rigid functions, which stay.

Both are functions from a domain (a tuple of types, possibly empty) to a type; a relation is a
function to ``Bool``. Inside an action ``f[x] = v`` records an update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from knell.language.errors import ModelError
from knell.language.expressions import Bound, Expr, Read, RigidRead, coerce, in_range
from knell.language.recording import record_update
from knell.language.types import Type


class Anything:
    """Initial value of a variable that may start with any value of its type."""

    def __repr__(self) -> str:
        return "ANY"


ANY = Anything()
Index: TypeAlias = object


def arguments(name: str, domain: tuple[Type, ...], index: Index) -> tuple[Expr, ...]:
    """The index of ``name[...]`` as expressions, checked against the domain."""
    items = index if isinstance(index, tuple) else (index,)
    if len(items) != len(domain):
        raise ModelError(
            f"{name} takes {len(domain)} argument(s), got {len(items)}",
            mend=f"its domain is ({', '.join(t.name for t in domain)})",
        )
    return tuple(
        in_range(coerce(item, of, f"argument {k} of {name}"), of, f"argument {k} of {name}")
        for k, (item, of) in enumerate(zip(items, domain, strict=True), start=1)
    )


@dataclass(frozen=True, eq=False)
class Initial:
    """Initial values: ``value`` over the ``bound`` arguments; ``None`` means any value."""

    bound: tuple[Bound, ...]
    value: Expr | None


class Symbol:
    """A function: what it yields at its arguments is a value, it itself is none."""

    name: str
    domain: tuple[Type, ...]
    to: Type

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Symbol):
            return self is other
        raise self._no_value()

    def __bool__(self) -> bool:
        raise self._no_value()

    def _no_value(self) -> ModelError:
        given = "..." if self.domain else "()"
        return ModelError(
            f"{self.name} is a function, not a value", mend=f"give arguments: {self.name}[{given}]"
        )

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(t.name for t in self.domain)}) -> {self.to.name}"


class Variable(Symbol):
    """A state function; read with ``f[x]``, after the step with ``f.next[x]``."""

    def __init__(
        self, name: str, domain: tuple[Type, ...], to: Type, initial: Initial, place: str
    ) -> None:
        self.name = name
        self.domain = domain
        self.to = to
        self.initial = initial
        self.place = place
        self.hidden_in: str | None = None

    def __getitem__(self, index: Index) -> Expr:
        return Read(self, arguments(self.name, self.domain, index))

    def __setitem__(self, index: Index, value: object) -> None:
        record_update(self, arguments(self.name, self.domain, index), value)

    @property
    def next(self) -> Next:
        """The function as it is after the step; only for action properties."""
        return Next(self)


@dataclass(frozen=True)
class Next:
    """A state function after the step."""

    variable: Variable

    def __getitem__(self, index: Index) -> Expr:
        variable = self.variable
        return Read(variable, arguments(variable.name, variable.domain, index), primed=True)


class Scalar(Read):
    """A state variable without arguments: an expression itself."""

    def __init__(self, variable: Variable) -> None:
        super().__init__(variable, ())

    def set(self, value: object) -> None:
        """Record that the action gives the variable this value."""
        record_update(self.variable, (), value)

    @property
    def next(self) -> Expr:
        """The value after the step; only for action properties."""
        return Read(self.variable, (), primed=True)


class Rigid(Symbol):
    """A function that no step changes: its finite table is given with the model."""

    def __init__(
        self,
        name: str,
        domain: tuple[Type, ...],
        to: Type,
        table: dict[tuple[int, ...], int],
        place: str,
    ) -> None:
        self.name = name
        self.domain = domain
        self.to = to
        self.table = table
        self.place = place

    def __getitem__(self, index: Index) -> Expr:
        return RigidRead(self, arguments(self.name, self.domain, index))
