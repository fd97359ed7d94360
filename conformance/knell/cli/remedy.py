"""What would have prevented it: the same run in the model without its weakness.

A trace of a mutant is taken by the model itself, and a trace of a configuration outside the
suite by the default one. The first step that has another effect there, and the first that is
not allowed there, with the clauses that forbid it, are the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

from knell.cli.reads import Reads
from knell.cli.registry import load
from knell.cli.replaying import MismatchError, State, StateWriter, taken
from knell.language.evaluate import Evaluator, extend
from knell.language.model import Model
from knell.language.settings import ParameterValue, Settings
from knell.spec.errors import KnellError
from knell.spec.trace import Step, Trace, TraceState

_MOST: Final = 12
"""Cells told of a reason, at most."""


def remedy_of(model: Model, trace: Trace, target: str) -> dict[str, Any] | None:
    """How the sound model treats the run; None if there is none, or if it takes it as it is."""
    if trace.meta.get("kind") in {"reachable", "run"}:
        return None
    of, settings = _sound(model)
    if settings is None:
        return None
    try:
        sound = load(target, settings)
        found = _compare(sound, model, trace)
    except (KnellError, MismatchError):
        return None
    return {"of": of, "config": dict(sound.values), **found} if found else None


def _sound(model: Model) -> tuple[str, Settings | None]:
    chosen = model.settings
    if chosen.mutant is not None:
        about = next((each.about for each in model.mutants if each.id == chosen.mutant), "")
        return (
            f"The planted fault: {about}. Without it:",
            Settings(model.config, chosen.values),
        )
    if model.config is None or not model.suite or model.config in model.suite:
        return "", None
    weaker = model.configs.get(model.config, {})
    how = "; ".join(_weaknesses(model, weaker))
    return (
        f"This is a weaker variant: {how}. In the configuration {model.suite[0]}:",
        Settings(model.suite[0], {k: v for k, v in chosen.values.items() if k not in weaker}),
    )


def _weaknesses(model: Model, weaker: Mapping[str, ParameterValue]) -> Iterator[str]:
    """What the configuration sets otherwise than the usual one, and what that means."""
    usual = model.configs.get(model.suite[0], {})
    for name in weaker:
        there = usual.get(name, model.parameters[name].default)
        if name in model.values and there != model.values[name]:
            about = model.parameters[name].about
            meaning = f" ({about})" if about else ""
            yield f"{name} = {model.values[name]} instead of {there}{meaning}"


def _compare(sound: Model, model: Model, trace: Trace) -> dict[str, Any]:
    """The first step with another effect, and the first that is not allowed."""
    writer = StateWriter(sound)
    evaluator = Evaluator(writer.layout)
    names = [str(cell) for cell in writer.layout.cells]
    if names != [str(cell) for cell in StateWriter(model).layout.cells]:
        raise MismatchError("the variables differ")
    state = writer.of(trace.states[0].values)
    differs: _Difference | None = None
    for number, told in enumerate(trace.states[1:], start=1):
        step = taken(sound, Step(told.action or "", told.parameters), number)
        call = _call(told)
        failing = evaluator.failing_clauses(step.action, state, step.env)
        if failing:
            _, since = Reads(sound).why(failing[0].formula, state, step.env, None, holds=False)
            stops = {
                "step": number,
                "action": call,
                "clauses": [clause.name for clause in failing],
                "since": [[names[k], _text(writer, k, state)] for k in sorted(since)][:_MOST],
            }
            return {"stops": stops, **(differs.told(writer, since) if differs else {})}
        state = evaluator.execute(step.action, state, step.env)
        if differs is None and state != (there := writer.of(told.values)):
            differs = _Difference(number, call, there, state)
    found = differs.told(writer, set()) if differs else {}
    if trace.loop is not None:
        steps = [*_goes_on(sound, evaluator, state)]
        found["goes_on"] = calls = [call for call, _ in steps][:8]
        named = {call.partition("(")[0] for call in calls}
        found["means"] = {
            each.name: each.about.strip().partition("\n")[0]
            for each in sound.actions
            if each.name in named
        }
        found["would"] = [
            [names[k], _text(writer, k, after)]
            for _, after in steps[:1]
            for k in range(len(state))
            if after[k] != state[k]
        ][:_MOST]
    return found if differs or found.get("goes_on") else {}


@dataclass(frozen=True)
class _Difference:
    """A step with another effect: the state that the trace tells, and that of the sound model."""

    step: int
    action: str
    here: State
    there: State

    def told(self, writer: StateWriter, decisive: Set[int]) -> dict[str, Any]:
        """The cells that differ, those first that decide what comes of it."""
        cells = [k for k in range(len(self.here)) if self.here[k] != self.there[k]]
        cells.sort(key=lambda k: k not in decisive)
        shown = [
            [str(writer.layout.cells[k]), _text(writer, k, self.here), _text(writer, k, self.there)]
            for k in cells
        ]
        return {"differs": {"step": self.step, "action": self.action, "cells": shown}}


def _call(told: TraceState) -> str:
    """A step as it is written: `promote(o=n3, g=g1)`."""
    given = ", ".join(f"{name}={value}" for name, value in told.parameters.items())
    return f"{told.action}({given})"


def _goes_on(sound: Model, evaluator: Evaluator, state: State) -> Iterator[tuple[str, State]]:
    """The steps that the sound model would have to take instead, and the states after them."""
    for action in sound.actions:
        if action.fairness is None:
            continue
        for env in extend({}, action.parameters):
            if evaluator.failing_clauses(action, state, env):
                continue
            after = evaluator.execute(action, state, env)
            if after != state:
                given = ", ".join(f"{b.name}={b.of.show(v)}" for b, v in env.items())
                yield f"{action.name}({given})", after


def _text(writer: StateWriter, k: int, state: State) -> str:
    cell = writer.layout.cells[k]
    return cell.to.show(state[k] + cell.to.lo)
