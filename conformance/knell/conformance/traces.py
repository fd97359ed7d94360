"""A divergence as a trace that the viewer opens (``spec/TRACE.md``).

The states are the model's, up to the step that differs, and after it if the model allows that step.
What was observed instead stands in the notes on the whole trace, under `divergence`.
"""

from __future__ import annotations

from knell.checker.traces import StateReader
from knell.conformance.replay.divergence import Divergence
from knell.conformance.replay.expected import Expectation, Graph
from knell.spec.trace import Trace, TraceState, new_meta


def trace_of(expected: Expectation, graph: Graph, found: Divergence) -> Trace:
    """The run that shows a divergence."""
    model = expected.model
    reader = StateReader(model)
    at = 0
    states = [TraceState(reader.of(graph.states[0]))]
    for number in found.instances:
        step = graph.steps[at].get(number)
        if step is None:
            break
        at = step.target
        action = expected.instances[number].action
        notes: dict[str, object] = {"environment": action.environment}
        if action.section:
            notes["section"] = action.section
        states.append(
            TraceState(
                reader.of(graph.states[at]),
                action.name,
                expected.instances[number].parameters,
                meta=notes,
            )
        )
    meta = new_meta(model=model.name, config=model.values, mutant=model.settings.mutant)
    meta["divergence"] = {
        "id": found.id,
        "step": found.steps[-1] if found.steps else "reset",
        "enabled": found.enabled,
        "findings": [each._asdict() for each in found.findings],
    }
    return Trace(meta, reader.names, tuple(states))
