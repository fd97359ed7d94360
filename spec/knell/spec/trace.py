"""Traces: how a run of a model is kept in a file.

A trace is a list of states, each reached from the one before it by an action. If
it has a `loop`, it is endless: after the last state it goes on with the state at
that index. `spec/TRACE.md` is the normative text of the format: ITF JSON, with our
own notes in its `#meta` objects. Traces of other tools, which lack these notes, are
read as well.

>>> states = (
...     TraceState({"x": 0}),
...     TraceState({"x": 1}, action="add", parameters={"by": "one"}, violated="small"),
... )
>>> trace = Trace(new_meta(model="counter", kind="always", property_id="small"), ("x",), states)
>>> parse(render(trace)) == trace
True
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from knell.spec.errors import TraceError
from knell.spec.itf import encode
from knell.spec.strict_json import parse_json, read_file
from knell.spec.trace_reader import read_trace
from knell.spec.trace_types import KINDS, SCHEMA, Step, Trace, TraceState, new_meta

__all__ = [
    "KINDS",
    "SCHEMA",
    "Step",
    "Trace",
    "TraceError",
    "TraceState",
    "dump",
    "load",
    "new_meta",
    "parse",
    "render",
]


def load(path: Path | str) -> Trace:
    """Load a trace from a file.

    Raises:
        TraceError: The file can't be read or holds no trace; one line says where and why.
    """
    return parse(read_file(Path(path)), str(path))


def dump(trace: Trace, path: Path | str) -> None:
    """Write a trace to a file.

    Raises:
        TraceError: The file can't be written.
    """
    try:
        Path(path).write_text(render(trace), encoding="utf-8", newline="\n")
    except OSError as error:
        raise TraceError(
            f"cannot be written: {error.strerror}", place=str(path), mend="name another file"
        ) from None


def parse(text: str, source: str = "<text>") -> Trace:
    """Return the trace that a text holds.

    Args:
        text: The text of the whole file.
        source: The name that errors give to it.

    Raises:
        TraceError: The text holds no trace; one line says where and why.
    """
    document = parse_json(text, source)
    try:
        return read_trace(document)
    except TraceError as error:
        raise TraceError(error.message, place=f"{source}: {error.place}", mend=error.mend) from None


def render(trace: Trace) -> str:
    """Return the text of a trace, with a line for each state."""
    meta = dict(trace.meta)
    if trace.closing is not None:
        meta["closing"] = _write_step(trace.closing)
    parts = [f'"#meta": {_text(meta)}']
    if trace.params:
        parts.append(f'"params": {_text(trace.params)}')
    parts.append(f'"vars": {_text(trace.vars)}')
    states = ",\n".join(
        f"    {_text(_write_state(state, index))}" for index, state in enumerate(trace.states)
    )
    parts.append(f'"states": [\n{states}\n  ]')
    if trace.loop is not None:
        parts.append(f'"loop": {trace.loop}')
    body = ",\n  ".join(parts)
    return f"{{\n  {body}\n}}\n"


def _text(json_value: object) -> str:
    return json.dumps(json_value, ensure_ascii=False, allow_nan=False)


def _write_step(step: Step) -> dict[str, object]:
    return {"action": step.action, "parameters": dict(step.parameters)}


def _write_state(state: TraceState, index: int) -> dict[str, Any]:
    notes: dict[str, object] = {"index": index}
    if state.action is not None:
        notes |= _write_step(Step(state.action, state.parameters))
    if state.violated is not None:
        notes["violated"] = state.violated
    notes |= state.meta
    return {"#meta": notes, **{name: encode(value) for name, value in state.values.items()}}
