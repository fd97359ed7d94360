"""What an adapter shows, read in the words of the model."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from knell.conformance.adapter.wire import View
from knell.conformance.mapping.cluster import Cluster
from knell.conformance.replay.expected import name_of
from knell.language.layout import Cell
from knell.spec.errors import KnellError

IGNORED = -2
"""Stands for what is not observable."""

STRANGE = -1
"""Stands for what is no value of the model's."""

_IGNORE = {"#ignore": True}


class MalformedError(KnellError):
    """A reply that is none; names the place in it."""


class Reader:
    """Reads observations of one node; equal ones are read once.

    Args:
        cluster: The cluster.
        places: The cells of the model that belong to the node.
        observables: The variables that the adapter shows.
    """

    def __init__(self, cluster: Cluster, places: Sequence[Cell], observables: set[str]) -> None:
        self.cluster = cluster
        self.places = places
        self.observables = observables
        self._known: dict[bytes, tuple[int, ...]] = {}

    def read(self, view: View) -> tuple[int, ...]:
        """The content of each cell, or why there is none.

        Raises:
            MalformedError: A variable is missing, or is no function of the right shape.
        """
        key = msgspec.json.encode(view)
        if key not in self._known:
            self._known[key] = tuple(self._cell(place, view) for place in self.places)
        return self._known[key]

    def _cell(self, place: Cell, view: View) -> int:
        name, node, *rest = name_of(place)
        if name not in self.observables:
            return IGNORED
        if name == "knows_primary" and not self.cluster.needs(node, rest[0]):
            return 0
        if name not in view:
            raise MalformedError(f"the observation of {node} lacks {name}", place=f"obs.{node}")
        value = _look_up(view[name], rest, f"obs.{node}.{name}")
        if value == _IGNORE:
            return IGNORED
        content = place.to.parse(value) if isinstance(value, str | bool) else None
        return STRANGE if content is None else content - place.to.lo


def _look_up(value: Any, args: Sequence[str], place: str) -> Any:
    """The value of a function at a point."""
    if not args or value == _IGNORE:
        return value
    pairs = value.get("#map") if isinstance(value, dict) else None
    if not isinstance(pairs, list):
        raise MalformedError("expected a function", place=place, mend='write {"#map": [...]}')
    wanted: Hashable = args[0] if len(args) == 1 else tuple(args)
    for pair in pairs:
        if isinstance(pair, list) and len(pair) == 2 and _key(pair[0]) == wanted:
            return pair[1]
    shown = args[0] if len(args) == 1 else f"({', '.join(args)})"
    raise MalformedError(f"no value at {shown}", place=place, mend="give one, or ignore it")


def _key(key: Any) -> Hashable:
    if isinstance(key, dict) and isinstance(key.get("#tup"), list):
        return tuple(each for each in key["#tup"] if isinstance(each, str))
    return key if isinstance(key, str) else None
