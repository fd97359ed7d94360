"""What a compiled search knows, as notes and arrays for a checkpoint, and back.

The table is not kept: it is filled again from the states. Nothing depends on the number of
workers, so a search may go on with another.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from knell.checker.compiled.context import At
from knell.checker.compiled.loop import SPAN
from knell.checker.snapshot import Snapshot

if TYPE_CHECKING:
    from knell.checker.compiled.search import CompiledSearch

_PORTION = 1024  # states that are put into the table before it may grow
_NUMBERS = "<i8"
_SMALL = "<i4"


def dump(search: CompiledSearch) -> Snapshot:
    """Notes and arrays that hold all of it."""
    found, context = search.explored, search.context
    count, expanded = int(context[At.COUNT]), int(context[At.EXPANDED])
    arrays = [
        search.states[: count * search.packing.words].astype(_NUMBERS, copy=False),
        search.marks[: -(-expanded // SPAN)].astype(_NUMBERS, copy=False),
    ]
    if search.edges is not None:
        graph = search.edges.graph()
        arrays += [
            graph.first.astype(_NUMBERS, copy=False),
            graph.targets.astype(_SMALL, copy=False),
            graph.instances.astype(_SMALL, copy=False),
        ]
    notes = {
        "level_ends": found.level_ends,
        "expanded": expanded,
        "taken": search.taken.sum(axis=0).tolist(),
        "hits": list(found.hits.items()),
        "missteps": list(found.missteps.items()),
        "deadlock": found.deadlock,
        "awaited": sorted(found.awaited),
    }
    return notes, arrays


def load(search: CompiledSearch, notes: dict[str, Any], arrays: list[memoryview]) -> None:
    """Put all of it into a search that has not begun."""
    states, marks = (np.frombuffer(each, dtype=_NUMBERS) for each in arrays[:2])
    contexts, context = search.contexts, search.context
    search.states[: len(states)] = states
    search.marks[: len(marks)] = marks
    _fill(search, len(states) // search.packing.words)
    context[At.EXPANDED] = notes["expanded"]
    search.taken[0] = notes["taken"]
    for watch, state in notes["hits"]:
        search.hits[:, watch] = state
    for number, pair in notes["missteps"]:
        search.missteps[:, 2 * number : 2 * number + 2] = pair
    search.seen[:, notes["awaited"]] = 1
    contexts[:, At.UNSEEN] -= len(notes["awaited"])
    contexts[:, At.DEADLOCK] = -1 if notes["deadlock"] is None else notes["deadlock"]
    if search.edges is not None:
        kinds = (_NUMBERS, _SMALL, _SMALL)
        steps = [np.frombuffer(e, dtype=kind) for e, kind in zip(arrays[2:], kinds, strict=True)]
        context[At.EDGES] = len(steps[1])
        graph = search.edges.graph()
        for into, part in zip((graph.first, graph.targets, graph.instances), steps, strict=True):
            into[:] = part
    search.explored.level_ends = notes["level_ends"]
    search.explored.refresh()


def _fill(search: CompiledSearch, count: int) -> None:
    """Put the states into the table, or into those of their owners."""
    number = ctypes.c_int64
    refill = search.native.function("refill", None, *[number] * 3)
    for start in range(0, count, _PORTION):
        end = min(count, start + _PORTION)
        search.context[At.COUNT] = end
        refill(search.context.ctypes.data, start, end)
        search.make_room()
