"""What would have prevented it: the same run in the model without its weakness.

A trace of a mutant is taken by the model itself, and a trace of a configuration outside the
suite by the default one. The first step that has another effect there, and the first that is
not allowed there, with the clauses that forbid it, are the answer.
"""

from __future__ import annotations

from typing import Any

from knell.cli.registry import load
from knell.cli.replaying import MismatchError, State, StateWriter, taken
from knell.language.evaluate import Evaluator, extend
from knell.language.model import Model
from knell.language.settings import Settings
from knell.spec.errors import KnellError
from knell.spec.trace import Step, Trace


def remedy_of(model: Model, trace: Trace, target: str) -> dict[str, Any] | None:
    """How the sound model treats the run; None if there is none, or if it takes it as it is."""
    if trace.meta.get("kind") == "reachable":
        return None
    of, settings = _sound(model)
    if settings is None:
        return None
    try:
        found = _compare(load(target, settings), model, trace)
    except (KnellError, MismatchError):
        return None
    return {"of": of, **found} if found else None


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
    ours, usual = model.values, model.configs.get(model.suite[0], {})
    weaker = model.configs.get(model.config, {})
    changed = ", ".join(
        f"{name} = {ours[name]}"
        for name in weaker
        if name in ours and usual.get(name, model.parameters[name].default) != ours[name]
    )
    return (
        f"This is a weaker variant ({changed}). In the configuration {model.suite[0]}:",
        Settings(model.suite[0], {k: v for k, v in chosen.values.items() if k not in weaker}),
    )


def _compare(sound: Model, model: Model, trace: Trace) -> dict[str, Any]:
    """The first step with another effect, and the first that is not allowed."""
    writer = StateWriter(sound)
    evaluator = Evaluator(writer.layout)
    names = [str(cell) for cell in writer.layout.cells]
    if names != [str(cell) for cell in StateWriter(model).layout.cells]:
        raise MismatchError("the variables differ")
    state = writer.of(trace.states[0].values)
    found: dict[str, Any] = {}
    for number, told in enumerate(trace.states[1:], start=1):
        step = taken(sound, Step(told.action or "", told.parameters), number)
        failing = evaluator.failing_clauses(step.action, state, step.env)
        if failing:
            found["stops"] = {
                "step": number,
                "action": f"{step.action.name}({', '.join(told.parameters.values())})",
                "clauses": [clause.name for clause in failing],
            }
            return found
        state = evaluator.execute(step.action, state, step.env)
        if "differs" not in found:
            there = writer.of(told.values)
            cells = [k for k in range(len(names)) if state[k] != there[k]]
            if cells:
                found["differs"] = {
                    "step": number,
                    "cells": [
                        [names[k], _text(writer, k, there), _text(writer, k, state)] for k in cells
                    ][:12],
                }
    if trace.loop is not None:
        found["goes_on"] = _goes_on(sound, evaluator, state)
    return found if found.get("differs") or found.get("goes_on") else {}


def _goes_on(sound: Model, evaluator: Evaluator, state: State) -> list[str]:
    """What the sound model would have to do where the run goes round for ever."""
    return [
        f"{action.name}({', '.join(b.of.show(v) for b, v in env.items())})"
        for action in sound.actions
        if action.fairness is not None
        for env in extend({}, action.parameters)
        if not evaluator.failing_clauses(action, state, env)
        and evaluator.execute(action, state, env) != state
    ][:8]


def _text(writer: StateWriter, k: int, state: State) -> str:
    cell = writer.layout.cells[k]
    return cell.to.show(state[k] + cell.to.lo)
