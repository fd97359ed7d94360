"""A trace taken step by step by the model that it is said to come from.

The states and steps of the trace become those of the model again; whatever does not fit is
said in one line, so that nothing is told about a run that is not one of this model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knell.checker.traces import StateReader
from knell.language.evaluate import Environment, Evaluator
from knell.language.layout import Layout
from knell.language.model import Action, Model
from knell.language.types import BoolType, IntType, Type
from knell.spec.trace import Step, Trace
from knell.spec.values import Map, Seq, Value

State = tuple[int, ...]


class MismatchError(Exception):
    """The trace is none of this model; says at which step, and why."""


@dataclass(frozen=True)
class Taken:
    """One step: an action with its parameters; the last one may lead back into a loop."""

    action: Action
    env: Environment


@dataclass(frozen=True)
class Replayed:
    """A trace in terms of its model. ``steps[k]`` leads from ``states[k]`` on."""

    model: Model
    evaluator: Evaluator
    states: tuple[State, ...]
    steps: tuple[Taken, ...]
    loop: int | None


def replay(model: Model, trace: Trace) -> Replayed:
    """The run of the model that the trace tells.

    Raises:
        MismatchError: There is none.
    """
    writer = StateWriter(model)
    reader = writer.reader
    evaluator = Evaluator(reader.layout)
    states = [writer.of(trace.states[0].values)]
    steps = []
    for number, told in enumerate(trace.states[1:], start=1):
        step = taken(model, Step(told.action or "", told.parameters), number)
        after = _execute(evaluator, step, states[-1], number)
        if reader.of(after) != dict(told.values):
            raise MismatchError(f"step {number} leads elsewhere in the model")
        states.append(after)
        steps.append(step)
    if trace.closing is not None:
        steps.append(taken(model, trace.closing, len(states)))
    return Replayed(model, evaluator, tuple(states), tuple(steps), trace.loop)


def _execute(evaluator: Evaluator, step: Taken, state: State, number: int) -> State:
    if evaluator.failing_clauses(step.action, state, step.env):
        raise MismatchError(f"step {number}, {step.action.name}, is not enabled in the model")
    return evaluator.execute(step.action, state, step.env)


def taken(model: Model, step: Step, number: int) -> Taken:
    """The action of the model that a step names, with its parameters."""
    action = next((each for each in model.actions if each.name == step.action), None)
    if action is None:
        raise MismatchError(f"step {number}: the model has no action {step.action}")
    if {each.name for each in action.parameters} != set(step.parameters):
        raise MismatchError(f"step {number}: {step.action} has other parameters")
    return Taken(
        action,
        {each: number_of(each.of, step.parameters[each.name]) for each in action.parameters},
    )


def number_of(of: Type, name: str) -> int:
    """The value of a type that a text names."""
    for value in of.values():
        if of.show(value) == name:
            return value
    raise MismatchError(f"{of.name} has no value {name}")


class StateWriter:
    """Writes values by variable as a state: the other way round than `StateReader`."""

    def __init__(self, model: Model) -> None:
        self.reader = StateReader(model)
        self.layout: Layout = self.reader.layout

    def of(self, values: Mapping[str, Value]) -> State:
        """The state that gives each variable its value."""
        missing = [name for name in self.reader.names if name not in values]
        if missing or len(values) != len(self.reader.names):
            raise MismatchError("the model has other variables")
        state = [0] * len(self.layout.cells)
        for cell in self.layout.cells:
            if cell.variable.hidden_in is None:
                value = values[cell.variable.name]
                if cell.args:
                    shown = [
                        _shown(t, a) for t, a in zip(cell.variable.domain, cell.args, strict=True)
                    ]
                    value = _at(value, shown[0] if len(shown) == 1 else tuple(shown), str(cell))
                state[cell.index] = _content(cell.to, value) - cell.to.lo
        for queue in self.reader.queues:
            self._queue(state, queue.name, values[queue.name])
        if self.reader.of(state) != dict(values):
            raise MismatchError("the initial state is none of the model")
        return tuple(state)

    def _queue(self, state: list[int], name: str, value: Value) -> None:
        queue = next(each for each in self.reader.queues if each.name == name)
        if not isinstance(value, Seq) or len(value) > queue.capacity:
            raise MismatchError(f"{name} is no queue of the model's capacity")
        length = queue.length.variable
        state[self.layout.at(length, ())] = len(value) - length.to.lo
        for position, element in enumerate(value):
            parts = (element,) if len(queue.of) == 1 else element
            if not isinstance(parts, tuple) or len(parts) != len(queue.of):
                raise MismatchError(f"{name} holds something else in the model")
            for component, part in zip(queue.components, parts, strict=True):
                state[self.layout.at(component, (position,))] = (
                    _content(component.to, part) - component.to.lo
                )


def _shown(of: Type, value: int) -> Value:
    if isinstance(of, BoolType):
        return bool(value)
    return value if isinstance(of, IntType) else of.show(value)


def _at(table: Value, key: Value, cell: str) -> Value:
    if not isinstance(table, Map) or key not in table:
        raise MismatchError(f"the trace has no {cell}")
    return table[key]


def _content(of: Type, value: Value) -> int:
    if isinstance(of, BoolType | IntType):
        if not isinstance(value, int):
            raise MismatchError(f"{value!r} is no {of.name}")
        return int(value)
    return number_of(of, str(value))
