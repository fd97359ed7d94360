"""The values of a trace, as immutable Python values.

| value | Python | ITF JSON |
| --- | --- | --- |
| truth value | `bool` | `true` |
| integer | `int` | `{"#bigint": "3"}` |
| string, enum value, element of a sort | `str` | `"n1"` |
| tuple | `tuple` | `{"#tup": [...]}` |
| sequence, queue | `Seq` | `[...]` |
| set | `frozenset` | `{"#set": [...]}` |
| function, relation | `Map` | `{"#map": [[key, value], ...]}` |
| record | `Record` | `{"field": ...}` |
| what a tool can't write as JSON | `Opaque` | `{"#unserializable": "Int"}` |

All of them are hashable, since a set may hold and a function may take any value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

Value: TypeAlias = (
    "bool | int | str | tuple[Value, ...] | frozenset[Value] | Seq | Map | Record | Opaque"
)

K = TypeVar("K")


class Seq(tuple["Value", ...]):
    """A sequence; it differs from a tuple of the same elements.

    >>> Seq([1, 2]) == (1, 2), Seq([1, 2]) == Seq([1, 2])
    (False, True)
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seq) and tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((Seq, tuple(self)))

    def __repr__(self) -> str:
        return f"Seq({list(self)!r})"


class _Frozen(Mapping[K, "Value"]):
    """An immutable mapping that keeps its order and can be an element of a set."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[Any, Value] | Iterable[tuple[Any, Value]] = ()) -> None:
        # `Any`, since to a type checker a table from strings is none from values.
        self._items: dict[K, Value] = dict(items)
        self._hash: int | None = None

    def __getitem__(self, key: K) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        """Compare regardless of order; a record equals no function."""
        return isinstance(other, type(self)) and self._items == other._items

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((type(self), frozenset(self._items.items())))
        return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"


class Map(_Frozen["Value"]):
    """A function, given by its table; keys may be any values.

    >>> Map({"n1": True})["n1"]
    True
    """

    __slots__ = ()


class Record(_Frozen[str]):
    """A record: named fields."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that its tool could not write as JSON, such as the set of all integers."""

    text: str


def order(value: Value) -> tuple[object, ...]:
    """Return a sort key that is total over all values, for output that never varies.

    Values of different kinds never compare equal by it, `True` and `1` included.
    """
    match value:
        case bool():
            return (0, value)
        case int():
            return (1, value)
        case str():
            return (2, str(value))
        case Seq():
            return (3, tuple(map(order, value)))
        case tuple():
            return (4, tuple(map(order, value)))
        case frozenset():
            return (5, tuple(sorted(map(order, value))))
        case Map():
            return (6, tuple(sorted((order(key), order(item)) for key, item in value.items())))
        case Record():
            return (7, tuple(sorted((key, order(item)) for key, item in value.items())))
        case Opaque():
            return (8, value.text)
