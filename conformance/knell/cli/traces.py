"""Runs as traces: what a judge found, in the format of `spec/TRACE.md`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from knell.checker.results import CheckResult, PropertyResult, Run
from knell.language.grounding import Instance
from knell.language.layout import Layout, State
from knell.language.model import Model
from knell.language.queues import Queue
from knell.language.symbols import Variable
from knell.language.types import BoolType, IntType, Type
from knell.spec.trace import Step, Trace, TraceState, dump, new_meta
from knell.spec.values import Map, Seq, Value


def write_traces(model: Model, result: CheckResult, directory: str) -> dict[str, str]:
    """Write the run of each property that has one; return the files by property."""
    written = {}
    for found in result.properties:
        if found.run is not None:
            path = Path(directory) / file_name(model, found.id)
            dump(trace_of(model, found, found.run), path)
            written[found.id] = str(path)
    return written


def file_name(model: Model, property_id: str) -> str:
    """``MODEL-CONFIG-PROPERTY.itf.json``; a mutant's traces carry its id too."""
    parts = [model.name, model.config or "default", model.settings.mutant, property_id]
    return "-".join(quote(part, safe=" ") for part in parts if part) + ".itf.json"


def trace_of(model: Model, found: PropertyResult, run: Run) -> Trace:
    """The run that shows a property's verdict, with the notes that say so."""
    values = StateReader(model)
    violated = found.id if found.verdict == "violated" else None
    last = len(run.states) - 1
    states = [
        TraceState(
            values.of(state),
            action=step.action.name if step else None,
            parameters=step.parameters if step else {},
            violated=violated if index == last else None,
        )
        for index, (state, step) in enumerate(
            zip(run.states, [None, *run.steps[:last]], strict=True)
        )
    ]
    return Trace(
        new_meta(
            model=model.name,
            kind=found.kind,
            property_id=found.id,
            conjuncts=[clause.name for clause in found.broken],
            bindings=found.bindings,
            config=model.values,
            mutant=model.settings.mutant,
        ),
        values.names,
        tuple(states),
        loop=run.loop,
        closing=_closing(run.steps[last:]),
    )


def _closing(steps: Sequence[Instance]) -> Step | None:
    """The step from the last state back into the loop, if there is one."""
    return Step(steps[0].action.name, steps[0].parameters) if steps else None


class StateReader:
    """Reads states as values by variable; a queue is one variable."""

    def __init__(self, model: Model) -> None:
        self.layout = Layout(model)
        self.functions = [each for each in model.variables if each.hidden_in is None]
        self.queues = model.queues
        self.names = (
            *(each.name for each in self.functions),
            *(each.name for each in self.queues),
        )

    def of(self, state: State) -> dict[str, Value]:
        """The value of each variable in ``state``."""
        return {
            **{each.name: self._function(state, each) for each in self.functions},
            **{each.name: Seq(self.queue(state, each)) for each in self.queues},
        }

    def _function(self, state: State, variable: Variable) -> Value:
        if not variable.domain:
            return _value(variable.to, self.layout.value(state, variable))
        return Map(
            (
                _point(variable.domain, cell.args),
                _value(variable.to, state[cell.index] + variable.to.lo),
            )
            for cell in self.layout.cells
            if cell.variable is variable
        )

    def queue(self, state: State, queue: Queue) -> list[Value]:
        """The elements of a queue, the oldest first."""
        length = self.layout.value(state, queue.length.variable)
        return [
            _one_or_tuple(
                [
                    _value(of, self.layout.value(state, component, position))
                    for component, of in zip(queue.components, queue.of, strict=True)
                ]
            )
            for position in range(length)
        ]


def _point(domain: tuple[Type, ...], args: tuple[int, ...]) -> Value:
    return _one_or_tuple([_value(of, arg) for of, arg in zip(domain, args, strict=True)])


def _one_or_tuple(values: list[Value]) -> Value:
    return values[0] if len(values) == 1 else tuple(values)


def _value(of: Type, value: int) -> Value:
    if isinstance(of, BoolType):
        return bool(value)
    return value if isinstance(of, IntType) else of.show(value)
