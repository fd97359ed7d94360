"""From a JSON document to a trace, ours or another tool's.

Our notes are checked strictly: a note of the wrong kind is an error. Another
tool's notes mean what that tool says, so they are taken for ours only where they
fit, and kept as they are elsewhere. A trace of ours has the version of
our notes in its `#meta`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from knell.spec.errors import TraceError
from knell.spec.itf import below, decode
from knell.spec.strict_json import Json
from knell.spec.trace_types import KINDS, SCHEMA, SCHEMA_KEY, Step, Trace, TraceState
from knell.spec.values import Value

_KEYS: Final = ("#meta", "params", "vars", "states", "loop")


def read_trace(document: Json) -> Trace:
    """Return the trace that a JSON document describes.

    Raises:
        TraceError: It describes none; the error's place is a JSON path.
    """
    root = _object(document, "$")
    for key in root:
        if key not in _KEYS:
            raise TraceError(
                "unknown key", place=below("$", key), mend=f"keys are {', '.join(_KEYS)}"
            )
    meta = dict(_object(root.get("#meta", {}), '$["#meta"]'))
    ours = SCHEMA_KEY in meta
    if ours:
        _check_notes(meta)
    return Trace(
        meta={key: note for key, note in meta.items() if not (ours and key == "closing")},
        vars=_texts(root.get("vars"), "$.vars"),
        states=tuple(
            _state(state, index, ours=ours)
            for index, state in enumerate(_list(root.get("states"), "$.states"))
        ),
        loop=_loop(root.get("loop")),
        closing=_closing(meta) if ours else None,
        params=_texts(root.get("params", []), "$.params"),
    )


def _check_notes(meta: Mapping[str, Json]) -> None:
    """Check our notes on a whole trace, apart from the closing step."""
    place = '$["#meta"]'
    if type(meta[SCHEMA_KEY]) is not int or meta[SCHEMA_KEY] != SCHEMA:
        raise TraceError(
            "unknown schema",
            place=below(place, SCHEMA_KEY),
            mend=f"this version reads schema {SCHEMA}",
        )
    for key in ("model", "mutant", "property"):
        if meta.get(key) is not None:
            _text(meta[key], below(place, key))
    if meta.get("kind", "run") not in KINDS:
        raise TraceError(
            "unknown kind",
            place=below(place, "kind"),
            mend=f"kinds are {', '.join(KINDS)}",
        )
    _object(meta.get("config", {}), below(place, "config"))
    _texts(meta.get("conjuncts", []), below(place, "conjuncts"))
    _texts_by_name(meta.get("bindings", {}), below(place, "bindings"))


def _closing(meta: Mapping[str, Json]) -> Step | None:
    if meta.get("closing") is None:
        return None
    place = '$["#meta"].closing'
    note = _object(meta["closing"], place)
    action = _text(note.get("action"), below(place, "action"))
    return Step(action, _texts_by_name(note.get("parameters", {}), below(place, "parameters")))


def _state(json: Json, index: int, *, ours: bool) -> TraceState:
    place = below("$.states", index)
    state = _object(json, place)
    notes = _object(state.get("#meta", {}), below(place, "#meta"))
    if ours and notes.get("index", index) != index:
        raise TraceError(
            f"the index is not {index}",
            place=below(place, "#meta"),
            mend="keep the states in order",
        )
    values = {
        name: decode(value, below(place, name)) for name, value in state.items() if name != "#meta"
    }
    return _annotated(values, notes, below(place, "#meta"), ours=ours)


def _annotated(
    values: Mapping[str, Value], notes: Mapping[str, Json], place: str, *, ours: bool
) -> TraceState:
    """Join a state's values with the notes on it; those that are not ours stay notes."""
    texts: dict[str, str] = {}
    for key in ("action", "violated"):
        note = notes.get(key)
        if isinstance(note, str) or (ours and note is not None):
            texts[key] = _text(note, below(place, key))
    taken = {"index", *texts}
    parameters: Mapping[str, str] = {}
    if "action" in texts and (ours or _are_texts(notes.get("parameters", {}))):
        parameters = _texts_by_name(notes.get("parameters", {}), below(place, "parameters"))
        taken.add("parameters")
    return TraceState(
        values=values,
        action=texts.get("action"),
        parameters=parameters,
        violated=texts.get("violated"),
        meta={key: note for key, note in notes.items() if key not in taken},
    )


def _are_texts(json: Json) -> bool:
    return isinstance(json, dict) and all(isinstance(value, str) for value in json.values())


def _texts_by_name(json: Json, place: str) -> dict[str, str]:
    return {key: _text(value, below(place, key)) for key, value in _object(json, place).items()}


def _loop(json: Json) -> int | None:
    if json is None:
        return None
    if type(json) is not int:
        raise TraceError("is no index", place="$.loop", mend="write the number of a state")
    return json


def _texts(json: Json, place: str) -> tuple[str, ...]:
    return tuple(
        _text(value, below(place, index)) for index, value in enumerate(_list(json, place))
    )


def _text(json: Json, place: str) -> str:
    if not isinstance(json, str):
        raise TraceError("a text is needed here", place=place, mend='write "..."')
    return json


def _list(json: Json, place: str) -> list[Json]:
    if not isinstance(json, list):
        raise TraceError("a list is needed here", place=place, mend="write [...]")
    return json


def _object(json: Json, place: str) -> dict[str, Json]:
    if not isinstance(json, dict):
        raise TraceError("an object is needed here", place=place, mend="write {...}")
    return json
