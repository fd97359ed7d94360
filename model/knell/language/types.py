"""Types of the language: booleans, enumerations, sorts and bounded integers.

Every value is an ``int`` inside the judges: a boolean is 0 or 1, an enumeration value and an
element of a sort are their index, an integer is itself. A type knows its range ``lo..hi`` and
how to show a value to a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knell.language.errors import ModelError

if TYPE_CHECKING:
    from knell.language.expressions import Const


@dataclass(frozen=True, eq=False)
class Type:
    """A finite set of values; two types are the same only if they are the same object."""

    name: str

    @property
    def lo(self) -> int:
        """The least value."""
        return 0

    @property
    def hi(self) -> int:
        """The greatest value."""
        raise NotImplementedError

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.hi - self.lo + 1

    def values(self) -> range:
        """All values, in order."""
        return range(self.lo, self.hi + 1)

    def show(self, value: int) -> str:
        """The value as a person reads it."""
        raise NotImplementedError

    def parse(self, literal: object) -> int | None:
        """The value that a Python literal stands for, or ``None`` if it stands for none."""
        raise NotImplementedError

    def admits(self, other: Type) -> bool:
        """Whether an expression of type ``other`` may stand where this type is expected."""
        return other is self

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str | int):
            raise ModelError(
                f"{self.name} is a type, not a value", mend="compare a variable of that type"
            )
        return self is other


@dataclass(frozen=True, eq=False)
class BoolType(Type):
    """``False`` and ``True``."""

    name: str = "Bool"

    @property
    def hi(self) -> int:
        return 1

    def show(self, value: int) -> str:
        return "true" if value else "false"

    def parse(self, literal: object) -> int | None:
        return int(literal) if isinstance(literal, bool) else None


BOOL = BoolType()


@dataclass(frozen=True, eq=False)
class NamedType(Type):
    """A type whose values are names."""

    names: tuple[str, ...]

    @property
    def hi(self) -> int:
        return len(self.names) - 1

    def show(self, value: int) -> str:
        return self.names[value]

    def parse(self, literal: object) -> int | None:
        if isinstance(literal, str) and literal in self.names:
            return self.names.index(literal)
        return None

    def __getitem__(self, name: str) -> Const:
        """The constant called ``name``."""
        from knell.language.expressions import Const  # noqa: PLC0415  # they build on types

        value = self.parse(name)
        if value is None:
            raise ModelError(
                f"{self.name} has no value {name!r}", mend=f"it has {', '.join(self.names)}"
            )
        return Const(self, value)


@dataclass(frozen=True, eq=False)
class EnumType(NamedType):
    """An enumeration: its values are distinct, named and not interchangeable."""


@dataclass(frozen=True, eq=False)
class SortType(NamedType):
    """A sort: finite when explored, uninterpreted when proved.

    Elements are interchangeable (``symmetric``) unless the sort is declared otherwise or is
    ``ordered``, in which case ``<`` compares them.
    """

    symmetric: bool = True
    ordered: bool = False

    def __iter__(self) -> Iterator[object]:
        raise ModelError(
            f"sort {self.name} is not a Python collection",
            mend=f"write forall({self.name}, ...), exists(...) or 'for x in each({self.name})'",
        )


@dataclass(frozen=True, eq=False)
class IntType(Type):
    """The integers from ``least`` to ``most``, both included."""

    least: int = field(default=0)
    most: int = field(default=0)

    @property
    def lo(self) -> int:
        return self.least

    @property
    def hi(self) -> int:
        return self.most

    def show(self, value: int) -> str:
        return str(value)

    def parse(self, literal: object) -> int | None:
        if isinstance(literal, int) and not isinstance(literal, bool):
            return literal
        return None

    def admits(self, other: Type) -> bool:
        return isinstance(other, IntType)


def int_between(least: int, most: int) -> IntType:
    """The type of an integer expression whose value lies in ``least..most``."""
    return IntType(f"{least}..{most}", least, most)
