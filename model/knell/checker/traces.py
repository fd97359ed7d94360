"""Runs as traces, in the format of ``spec/TRACE.md``."""

from __future__ import annotations

from collections.abc import Sequence

from knell.checker.results import PropertyResult, Run
from knell.language.grounding import Instance
from knell.language.layout import Layout, State
from knell.language.model import Model
from knell.language.queues import Queue
from knell.language.symbols import Variable
from knell.language.types import BoolType, IntType, Type
from knell.spec.trace import Step, Trace, TraceState, new_meta
from knell.spec.values import Map, Seq, Value


def trace_of(model: Model, found: PropertyResult, run: Run) -> Trace:
    """The run that shows a property's verdict, with the notes that say so."""
    meta = new_meta(
        model=model.name,
        kind=found.kind,
        property_id=found.id,
        conjuncts=[clause.name for clause in found.broken],
        bindings=found.bindings,
        config=model.values,
        mutant=model.settings.mutant,
    )
    reader = StateReader(model)
    last = len(run.states) - 1
    broken = found.id if found.verdict == "violated" else None
    states = tuple(
        _state(
            reader.of(state),
            run.steps[index - 1] if index else None,
            broken if index == last else None,
        )
        for index, state in enumerate(run.states)
    )
    return Trace(
        {**meta, "claims": list(found.claims)},
        reader.names,
        states,
        loop=run.loop,
        closing=_closing(run.steps[last:]),
    )


def _state(values: dict[str, Value], step: Instance | None, violated: str | None) -> TraceState:
    if step is None:
        return TraceState(values, violated=violated)
    notes: dict[str, object] = {"environment": step.action.environment}
    if step.action.section:
        notes["section"] = step.action.section
    return TraceState(values, step.action.name, step.parameters, violated=violated, meta=notes)


def _closing(steps: Sequence[Instance]) -> Step | None:
    """The step from the last state back into the loop, if there is one."""
    return Step(steps[0].action.name, steps[0].parameters) if steps else None


class StateReader:
    """Reads states as values by variable; a queue is one variable."""

    def __init__(self, model: Model) -> None:
        self.layout = Layout(model)
        self.functions = [v for v in model.variables if v.hidden_in is None]
        self.queues = model.queues
        self.names = (*(v.name for v in self.functions), *(q.name for q in self.queues))
        self._cells = {
            v: [cell for cell in self.layout.cells if cell.variable is v] for v in self.functions
        }

    def of(self, state: State) -> dict[str, Value]:
        """The value of each variable in a state."""
        return {
            **{variable.name: self._function(state, variable) for variable in self.functions},
            **{queue.name: Seq(self.queue(state, queue)) for queue in self.queues},
        }

    def _function(self, state: State, variable: Variable) -> Value:
        cells = self._cells[variable]
        values = [value_of(cell.to, state[cell.index] + cell.to.lo) for cell in cells]
        if not variable.domain:
            return values[0]
        points = (
            tuple(value_of(of, arg) for of, arg in zip(variable.domain, cell.args, strict=True))
            for cell in cells
        )
        return Map((_single(point), value) for point, value in zip(points, values, strict=True))

    def queue(self, state: State, queue: Queue) -> list[Value]:
        """The elements of a queue, the oldest first."""
        read = self.layout.value
        return [
            _single(
                tuple(
                    value_of(of, read(state, component, position))
                    for component, of in zip(queue.components, queue.of, strict=True)
                )
            )
            for position in range(read(state, queue.length.variable))
        ]


def value_of(of: Type, value: int) -> Value:
    """A value of a type, as traces hold it."""
    if isinstance(of, BoolType):
        return bool(value)
    return value if isinstance(of, IntType) else of.show(value)


def _single(values: tuple[Value, ...]) -> Value:
    """A tuple of one is written as its element."""
    return values[0] if len(values) == 1 else values
