"""A trace packed for showing: the first state, then what each step changes.

The result is plain JSON data, the same for the page, the terminal and the live server.
Ten thousand steps that change a few cells each stay small, and a page can tell the
content of a cell at any step from its changes alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from knell.spec.trace import Trace, TraceState
from knell.viewer.cells import Cells, Shown
from knell.viewer.scene import scene_of

Bundle: TypeAlias = dict[str, Any]

ABSENT: Final = -1
"""Stands for the content of a cell that a state lacks."""

_NOTES: Final = (
    "model",
    "config",
    "mutant",
    "kind",
    "property",
    "conjuncts",
    "bindings",
    "claims",
)
_OF_ACTION: Final = ("section", "environment")


def bundle_of(trace: Trace, name: str, extras: Mapping[str, Any] | None = None) -> Bundle:
    """Pack a trace.

    Args:
        trace: The trace.
        name: What the reader knows it by, such as its file name.
        extras: What is known beyond the states; those that the trace carries otherwise.
    """
    known = extras if extras is not None else _carried(trace)
    packer = _Packer(trace)
    steps = packer.steps()
    meta = _meta(trace)
    if steps and meta["divergence"] and meta["divergence"]["enabled"]:
        steps[-1][3] = meta["divergence"]["id"]
    return {
        "schema": 1,
        "name": name,
        "ours": trace.is_ours,
        "meta": meta,
        "notes": _foreign_notes(trace),
        "vars": [packer.cells.root(variable) for variable in (*trace.params, *trace.vars)],
        "cells": [packer.cells.parents, packer.cells.labels],
        "values": [list(shown) for shown in packer.values],
        "first": packer.first,
        "steps": steps,
        "actions": _noted_actions(trace),
        "loop": trace.loop,
        "closing": [trace.closing.action, dict(trace.closing.parameters)]
        if trace.closing
        else None,
        "scene": scene_of(trace, packer.cells, known),
        "extras": known,
    }


def _carried(trace: Trace) -> dict[str, Any] | None:
    """The extras in the notes of a trace of ours."""
    extras = trace.meta.get("extras") if trace.is_ours else None
    return extras if isinstance(extras, dict) and extras.get("version") == 1 else None


def _meta(trace: Trace) -> dict[str, Any]:
    """Our notes on the whole trace; of a trace of another tool, those that fit."""
    meta = {key: trace.meta.get(key) for key in _NOTES}
    fits: dict[str, type] = {
        "model": str,
        "config": dict,
        "mutant": str,
        "kind": str,
        "property": str,
        "conjuncts": list,
        "bindings": dict,
        "claims": list,
    }
    found = {key: note if isinstance(note, fits[key]) else None for key, note in meta.items()}
    return {**found, "divergence": _divergence(trace)}


def _divergence(trace: Trace) -> dict[str, Any] | None:
    """What an implementation did otherwise, as texts; None if the trace tells no such thing."""
    match trace.meta.get("divergence"):
        case {"id": str() as id, "step": str() as step, "enabled": bool() as enabled, **rest}:
            findings = rest.get("findings")
            rows = findings if isinstance(findings, list) else []
            return {
                "id": id,
                "step": step,
                "enabled": enabled,
                "findings": [
                    [str(each.get(key, "")) for key in ("what", "expected", "observed")]
                    for each in rows
                    if isinstance(each, dict)
                ],
            }
    return None


def _foreign_notes(trace: Trace) -> list[list[str]]:
    """Notes of other tools, as texts."""
    taken = {*_NOTES, "divergence", "extras", "format", "knell_schema", "closing"}
    return [[key, str(note)] for key, note in trace.meta.items() if key not in taken]


def _noted_actions(trace: Trace) -> dict[str, dict[str, object]]:
    """What the notes on the states of a trace of ours say about their actions."""
    found: dict[str, dict[str, object]] = {}
    states = trace.states if trace.is_ours else ()
    for state in states:
        if state.action is not None and state.action not in found:
            section = state.meta.get("section")
            found[state.action] = {
                "section": section if isinstance(section, str) else "",
                "environment": state.meta.get("environment") is True,
            }
    return found


class _Packer:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.cells = Cells()
        self.values: list[Shown] = []
        self._numbers: dict[Shown, int] = {}
        self.first: list[int] = []

    def steps(self) -> list[list[Any]]:
        """What each step is and changes; fills `first` on the way."""
        before: dict[str, Mapping[int, Shown]] = {}
        steps: list[list[Any]] = []
        for index, state in enumerate(self.trace.states):
            changes: list[int] = []
            for variable, value in state.values.items():
                cells = self.cells.of(variable, value)
                earlier = before.get(variable, {})
                if cells is not earlier:
                    self._differ(earlier, cells, changes)
                    before[variable] = cells
            if index:
                steps.append(self._step(state, changes))
            else:
                self.first = changes
        return steps

    def _differ(
        self, old: Mapping[int, Shown], new: Mapping[int, Shown], changes: list[int]
    ) -> None:
        for cell, shown in new.items():
            if old.get(cell) != shown:
                changes += (cell, self._number(shown))
        for cell in old:
            if cell not in new:
                changes += (cell, ABSENT)

    def _number(self, shown: Shown) -> int:
        number = self._numbers.get(shown)
        if number is None:
            number = self._numbers[shown] = len(self.values)
            self.values.append(shown)
        return number

    def _step(self, state: TraceState, changes: list[int]) -> list[Any]:
        ours = _OF_ACTION if self.trace.is_ours else ()
        notes = {key: str(note) for key, note in state.meta.items() if key not in ours}
        return [state.action, dict(state.parameters), changes, state.violated, notes]
