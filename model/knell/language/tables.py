"""Finite tables of rigid functions, from whatever the model's author found shortest to write."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from knell.language.errors import ModelError
from knell.language.types import BOOL, NamedType, Type


def finite_table(
    name: str, domain: tuple[Type, ...], to: Type, value: object
) -> dict[tuple[int, ...], int]:
    """The value of the function at each point of its domain."""
    table = {}
    for point in itertools.product(*(of.values() for of in domain)):
        names = tuple(_name(of, v) for of, v in zip(domain, point, strict=True))
        found = _look_up(name, value, names)
        parsed = to.parse(found)
        if parsed is None or not to.lo <= parsed <= to.hi:
            shown = ", ".join(map(str, names))
            raise ModelError(f"{name}[{shown}]: {found!r} is no value of {to.name}")
        table[point] = parsed
    if isinstance(value, Mapping | set | frozenset | list | tuple):
        _refuse_strangers(name, domain, value)
    return table


def _name(of: Type, value: int) -> object:
    """The value as the author writes it."""
    if isinstance(of, NamedType):
        return of.names[value]
    return bool(value) if of is BOOL else value


def _look_up(name: str, value: object, names: tuple[object, ...]) -> object:
    if callable(value):
        return value(*names)
    if isinstance(value, Mapping):
        return value.get(names, value.get(names[0]) if len(names) == 1 else None)
    if isinstance(value, set | frozenset | list | tuple):
        return names in value or (len(names) == 1 and names[0] in value)
    raise ModelError(f"{name}: value must be a function, a set or a mapping")


def _refuse_strangers(
    name: str,
    domain: tuple[Type, ...],
    points: Mapping[object, object]
    | set[object]
    | frozenset[object]
    | list[object]
    | tuple[object, ...],
) -> None:
    """Every point that is given must lie in the domain: a misspelt name is not left out quietly."""
    for point in points:
        parts = point if isinstance(point, tuple) else (point,)
        if len(parts) != len(domain):
            raise ModelError(
                f"{name} takes {len(domain)} argument(s), its table has {point!r}",
                mend=f"its domain is ({', '.join(t.name for t in domain)})",
            )
        for part, of in zip(parts, domain, strict=True):
            parsed = of.parse(part)
            if parsed is None or not of.lo <= parsed <= of.hi:
                raise ModelError(f"{name}: {part!r} is no value of {of.name}")
