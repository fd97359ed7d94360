"""The state graph of a small model, for tools that draw graphs: DOT and GraphML.

A node is a reachable state, an edge a step that changes it; the label of an edge is the action
with its parameters. The states are found by the meaning of the language itself, so this is for
graphs that fit a page or a screen, not for searches.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import networkx as nx

from knell.language.grounding import Program
from knell.language.model import Model
from knell.spec.errors import KnellError

MOST_STATES = 2000


@dataclass(frozen=True)
class StateGraph:
    """The states in order of discovery, the initial ones first, and the steps between them."""

    states: tuple[dict[str, str], ...]
    initial: int
    edges: tuple[tuple[int, int, str], ...]


def explore(model: Model, most: int = MOST_STATES) -> StateGraph:
    """The state graph, of at most ``most`` states."""
    program = Program(model)
    evaluator = program.evaluator
    numbers = {state: number for number, state in enumerate(program.initial())}
    initial, queue, edges = len(numbers), list(numbers), []
    for state in queue:
        for instance in program.instances:
            if evaluator.failing_clauses(instance.action, state, instance.env):
                continue
            after = evaluator.execute(instance.action, state, instance.env)
            if after not in numbers:
                numbers[after] = len(numbers)
                queue.append(after)
                if len(queue) > most:
                    raise KnellError(
                        f"model {model.name} has more than {most} states, too many to draw",
                        place="--to",
                        mend="give it smaller sizes with --set, or ask for more with --max-states",
                    )
            if after != state:
                edges.append((numbers[state], numbers[after], str(instance)))
    return StateGraph(tuple(program.layout.show(s) for s in queue), initial, tuple(edges))


def dot(model: Model, graph: StateGraph) -> str:
    """The graph as DOT; a node shows how its state differs from the first one."""
    first = graph.states[0]
    lines = [f"digraph {_quoted(model.name)} {{", "  node [shape=box];"]
    for number, state in enumerate(graph.states):
        own = [f"{n} = {v}" for n, v in state.items() if number == 0 or first[n] != v]
        style = ", style=bold" if number < graph.initial else ""
        lines.append(f"  s{number} [label={_quoted(chr(10).join(own) or 'as s0')}{style}];")
    lines += [f"  s{u} -> s{v} [label={_quoted(step)}];" for u, v, step in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def graphml(model: Model, graph: StateGraph) -> str:
    """The graph as GraphML; every cell of a state is an attribute of its node."""
    drawn: Any = nx.MultiDiGraph(name=model.name)
    for number, state in enumerate(graph.states):
        drawn.add_node(f"s{number}", initial=number < graph.initial, **state)
    for u, v, step in graph.edges:
        drawn.add_edge(f"s{u}", f"s{v}", step=step)
    stream = BytesIO()
    nx.write_graphml_xml(drawn, stream)
    return stream.getvalue().decode("utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
