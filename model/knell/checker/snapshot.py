"""What a search of the reference knows, as notes and arrays for a checkpoint, and back."""

from __future__ import annotations

import itertools
import sys
from array import array
from typing import Any, TypeAlias

from knell.checker.explored import Edges, Explored
from knell.checker.source import Packed
from knell.language.layout import Layout

Snapshot: TypeAlias = tuple[dict[str, Any], list[Any]]
"""What fits JSON, and arrays of numbers, the least byte first."""


def dump(found: Explored, layout: Layout) -> Snapshot:
    """Notes and arrays that hold all of it."""
    arrays = [_cells(found.states, layout), found.parents, found.via]
    if found.edges is not None:
        arrays += [found.edges.first, found.edges.targets, found.edges.instances]
    notes = {
        "level_ends": found.level_ends,
        "expanded": found.expanded,
        "taken": found.taken,
        "hits": list(found.hits.items()),
        "missteps": list(found.missteps.items()),
        "deadlock": found.deadlock,
        "awaited": sorted(found.awaited),
    }
    return notes, [_portable(each) for each in arrays]


def load(notes: dict[str, Any], arrays: list[memoryview], layout: Layout) -> Explored:
    """What was dumped."""
    kinds = ("B" if layout.bytewise else "q", "i", "i", "q", "i", "i")
    parts = []
    for kind, content in zip(kinds, arrays, strict=False):  # edges are there or not
        values = array(kind)
        values.frombytes(content)
        parts.append(_portable(values))
    cells, parents, via, *edges = parts
    return Explored(
        states=_states(cells, len(parents), layout),
        parents=parents,
        via=via,
        level_ends=notes["level_ends"],
        expanded=notes["expanded"],
        taken=notes["taken"],
        hits=dict(notes["hits"]),
        missteps={number: (u, k) for number, (u, k) in notes["missteps"]},
        deadlock=notes["deadlock"],
        awaited=set(notes["awaited"]),
        edges=Edges(*edges) if edges else None,
    )


def _cells(states: list[Packed], layout: Layout) -> array[int]:
    """All cells of all states in a row."""
    if layout.bytewise:
        return array("B", b"".join(bytes(state) for state in states))
    return array("q", itertools.chain.from_iterable(states))


def _states(cells: array[int], count: int, layout: Layout) -> list[Packed]:
    width = len(layout.cells)
    if layout.bytewise:
        content = cells.tobytes()
        return [content[k * width : (k + 1) * width] for k in range(count)]
    return [tuple(cells[k * width : (k + 1) * width]) for k in range(count)]


def _portable(values: array[int]) -> array[int]:
    """The array with its bytes turned round where the machine is not little-endian."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values
