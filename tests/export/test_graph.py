"""State graphs as DOT and GraphML."""

from __future__ import annotations

import networkx as nx
import pytest

from knell.examples import EXAMPLES
from knell.export.graph import dot, explore, graphml
from knell.language import Settings
from knell.language.loading import load_model
from knell.spec.errors import KnellError


def test_states_and_steps() -> None:
    model = load_model(EXAMPLES["two-phase-commit"], Settings(values={"RM": 2}))
    graph = explore(model)
    assert (len(graph.states), graph.initial) == (56, 1)
    text = dot(model, graph)
    assert text.count(" -> ") == len(graph.edges)
    assert text.count("[label=") == 56 + len(graph.edges)
    assert 's0 -> s1 [label="prepare(rm1)"];' in text


def test_graphml_is_read_by_others() -> None:
    model = load_model(EXAMPLES["peterson"], Settings())
    read = nx.parse_graphml(graphml(model, explore(model)))
    assert read.number_of_nodes() == 42
    assert read.nodes["s0"]["at[p1]"] == "idle"
    assert {data["step"] for _, _, data in read.edges(data=True)} >= {"start(p1)", "enter(p2)"}


def test_a_large_graph_is_refused() -> None:
    model = load_model(EXAMPLES["two-phase-commit"], Settings())
    with pytest.raises(KnellError, match="more than 100 states"):
        explore(model, 100)
