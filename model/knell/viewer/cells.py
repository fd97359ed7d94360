"""Values taken apart: each part of a state is a cell with a path, a kind and a text.

A function has a cell for each key, a record for each field, a set for each element, a
sequence for each position; each of these containers is a cell too, so that an empty one
and a missing one differ. The difference of two states is then the cells that differ,
however deep they lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from knell.spec.values import Map, Opaque, Record, Seq, Value, order

Shown: TypeAlias = tuple[str, str]
"""What a cell holds: a letter for its kind, and the text that a reader sees."""

ATOMS: Final = (bool, int, str, Opaque)
_Key: TypeAlias = tuple[int, str, tuple[object, ...]]


def show(value: Value) -> str:
    """The value as a reader sees it, in one line.

    >>> show(("n1", 2)), show(Map({"n1": True})), show(frozenset({"b", "a"}))
    ('n1, 2', '{n1: true}', '{a, b}')
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return str(value)
        case int():
            return str(value)
        case Opaque():
            return value.text
        case Seq():
            return f"[{', '.join(_inner(item) for item in value)}]"
        case tuple():
            return ", ".join(_inner(item) for item in value)
        case frozenset():
            return f"{{{', '.join(_inner(item) for item in sorted(value, key=order))}}}"
        case Map():
            return f"{{{', '.join(f'{_inner(k)}: {_inner(v)}' for k, v in value.items())}}}"
        case Record():
            return f"{{{', '.join(f'{k}: {_inner(v)}' for k, v in value.items())}}}"


def _inner(value: Value) -> str:
    """As `show`, where it stands inside another value: a tuple takes its parentheses."""
    is_tuple = isinstance(value, tuple) and not isinstance(value, Seq)
    return f"({show(value)})" if is_tuple else show(value)


class Cells:
    """The cells of a trace, numbered as they are met; a variable is a cell without a parent."""

    def __init__(self) -> None:
        self.parents: list[int] = []
        self.labels: list[str] = []
        self._known: dict[_Key, int] = {}
        self._memo: dict[tuple[str, Value], dict[int, Shown]] = {}

    def of(self, variable: str, value: Value) -> Mapping[int, Shown]:
        """The cells of a variable's value."""
        # Equal texts may be kept; `True == 1`, so the kinds of bare values are kept apart.
        key = (variable, value)
        if isinstance(value, bool | int):
            return dict(self._walk(self._at(-1, variable, ()), value))
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = dict(self._walk(self._at(-1, variable, ()), value))
        return found

    def find(self, parent: int, key: Value) -> int | None:
        """The cell of a key in a function, if it was met."""
        return self._known.get((parent, show(key), ("key", *order(key))))

    def root(self, variable: str) -> int | None:
        """The cell of a variable, if it was met."""
        return self._known.get((-1, variable, ()))

    def _at(self, parent: int, label: str, identity: tuple[object, ...]) -> int:
        key = (parent, label, identity)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.labels)
            self.parents.append(parent)
            self.labels.append(label)
        return number

    def _walk(  # noqa: C901, PLR0912  # one case for each kind of value
        self, cell: int, value: Value
    ) -> Iterator[tuple[int, Shown]]:
        match value:
            case bool():
                yield cell, ("b", show(value))
            case str():
                yield cell, ("s", str(value))
            case int():
                yield cell, ("i", str(value))
            case Opaque():
                yield cell, ("o", value.text)
            case Map():
                yield cell, ("c", "map")
                for key, item in value.items():
                    yield from self._walk(self._at(cell, show(key), ("key", *order(key))), item)
            case Record():
                yield cell, ("c", "record")
                for name, item in value.items():
                    yield from self._walk(self._at(cell, name, ("field",)), item)
            case frozenset():
                yield cell, ("c", "set")
                for item in sorted(value, key=order):
                    yield self._at(cell, show(item), ("element", *order(item))), ("e", "")
            case Seq():
                yield cell, ("c", "seq")
                yield from self._items(cell, value)
            case tuple():
                if all(isinstance(item, ATOMS) for item in value):
                    yield cell, ("t", f"({show(value)})")
                else:
                    yield cell, ("c", "tuple")
                    yield from self._items(cell, value)

    def _items(self, cell: int, items: tuple[Value, ...]) -> Iterator[tuple[int, Shown]]:
        for index, item in enumerate(items):
            yield from self._walk(self._at(cell, str(index), ("index", index)), item)
