"""What a trace is: states, the steps between them, and notes on both.

A `Trace` that exists is well formed: what breaks the format is refused when the
object is made, whoever makes it. The place of such an error is a JSON path into
the file that the trace comes from or would be written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from knell.spec.errors import TraceError
from knell.spec.itf import below
from knell.spec.values import Value

SCHEMA_KEY: Final = "knell_schema"
SCHEMA: Final = 1
"""The version of our notes; it stands under its key in the `#meta` of each trace of ours."""

KINDS: Final = ("always", "action", "leads_to", "deadlock", "reachable", "run")
"""What a trace shows: a violation (the first four), a witness, or just a run."""


@dataclass(frozen=True, slots=True)
class Step:
    """An action with its parameters, each as the text that names it."""

    action: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceState:
    """One state of a trace, and the step that led to it.

    Attributes:
        values: The value of each variable.
        action: The action that led here; None in an initial state.
        parameters: That action's parameters, each as the text that names it.
        violated: The property that this state, or the step to it, breaks.
        meta: Notes of other tools.
    """

    values: Mapping[str, Value]
    action: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    violated: str | None = None
    meta: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """A run of a model.

    Attributes:
        meta: Notes on the whole trace; `new_meta` makes ours.
        vars: The names of the variables, each of which has a value in each state.
        states: The states in order; at least one.
        loop: The index of the state that follows the last one, if the run is endless.
        closing: The step from the last state to `states[loop]`. A loop without it
            stands still: the last state repeats for ever.
        params: The names of constants, whose values the first state gives.
    """

    meta: Mapping[str, object]
    vars: tuple[str, ...]
    states: tuple[TraceState, ...]
    loop: int | None = None
    closing: Step | None = None
    params: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self.vars, "vars")
        _check_names(self.params, "params")
        _check_states(self)
        _check_loop(self)

    @property
    def is_ours(self) -> bool:
        """Whether the trace carries our notes, so that they can be relied on."""
        return SCHEMA_KEY in self.meta

    @property
    def property_id(self) -> str | None:
        """The property that the trace refutes or witnesses."""
        name = self.meta.get("property")
        return name if isinstance(name, str) else None


def new_meta(
    *,
    model: str,
    kind: str = "run",
    property_id: str | None = None,
    conjuncts: Iterable[str] = (),
    bindings: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
    mutant: str | None = None,
) -> dict[str, object]:
    """Return the notes that a trace of ours carries.

    Args:
        model: The name of the model.
        kind: What the trace shows, one of `KINDS`.
        property_id: The property that it refutes or witnesses.
        conjuncts: The names of that property's parts which break at the end.
        bindings: The values of its quantified variables that show it, by name.
        config: The parameters of the model.
        mutant: The mutant of the model, if it isn't the model itself.
    """
    return {
        "format": "ITF",
        SCHEMA_KEY: SCHEMA,
        "model": model,
        "config": dict(config or {}),
        "mutant": mutant,
        "kind": kind,
        "property": property_id,
        "conjuncts": list(conjuncts),
        "bindings": dict(bindings or {}),
    }


def _check_names(names: Iterable[str], key: str) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        place = below(below("$", key), index)
        if not name or name.startswith("#"):
            raise TraceError(
                f'"{name}" is no name', place=place, mend="use a name that does not begin with #"
            )
        if name in seen:
            raise TraceError(f"{name} stands here twice", place=place, mend="drop one")
        seen.add(name)


def _check_states(trace: Trace) -> None:
    if not trace.states:
        raise TraceError(
            "a trace has at least one state", place="$.states", mend="add the initial state"
        )
    needed, allowed = set(trace.vars), {*trace.vars, *trace.params}
    for index, state in enumerate(trace.states):
        place = below("$.states", index)
        for name in trace.vars:
            if name not in state.values:
                raise TraceError(
                    f"variable {name} has no value", place=place, mend="give it one in each state"
                )
        for name in state.values:
            if name not in (needed if index else allowed):
                raise TraceError(
                    "no such variable", place=below(place, name), mend="name it in vars"
                )
        if trace.is_ours and (state.action is None) != (index == 0):
            raise TraceError(
                "an initial state has no action" if index == 0 else "the action is missing",
                place=below(place, "#meta"),
                mend='give "action" in each state but the first',
            )


def _check_loop(trace: Trace) -> None:
    if trace.closing is not None and not trace.is_ours:
        raise TraceError(
            "a closing step needs our notes",
            place='$["#meta"]',
            mend=f'add "{SCHEMA_KEY}": {SCHEMA}',
        )
    if trace.loop is None:
        if trace.closing is not None:
            raise TraceError(
                "a closing step without a loop", place='$["#meta"].closing', mend="add loop"
            )
        return
    last = len(trace.states) - 1
    if not 0 <= trace.loop <= last:
        raise TraceError(f"there is no state {trace.loop}", place="$.loop", mend=f"use 0 to {last}")
    if trace.is_ours and trace.closing is None and trace.loop != last:
        raise TraceError(
            "the loop has no closing step",
            place='$["#meta"]',
            mend='add "closing" with the action from the last state to the loop',
        )
