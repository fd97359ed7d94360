"""Traces that a check writes: each reads back, and ends in what it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knell.cli.registry import load
from knell.cli.traces import file_name
from knell.language.settings import Settings
from knell.spec.trace import Step
from knell.spec.trace import load as read
from knell.spec.values import Map, Seq


@pytest.fixture
def written(invoke, relay, tmp_path):
    """The traces of all properties, by property, from a directory that did not exist."""
    directory = tmp_path / "new" / "traces"
    done = invoke("check", relay, "--trace-dir", directory, "--json", "-")
    rows = json.loads(done.out)["properties"]
    for row in rows:
        assert row["trace"] is None or Path(row["trace"]).parent == directory
    return {row["id"]: read(row["trace"]) for row in rows if row["trace"]}


def test_every_run_is_written(written) -> None:
    assert {"one_busy", "someone_busy", "no_giving_back", "finishes", "deadlock"} <= set(written)
    assert "calm" not in written
    assert "two_jobs" not in written


def test_a_counterexample(written) -> None:
    trace = written["one_busy"]
    assert trace.meta["model"] == "relay"
    assert trace.meta["config"] == {"Node": 2, "mails": True}
    assert trace.meta["kind"] == "always"
    assert trace.meta["conjuncts"] == ["exclusion"]
    assert [state.action for state in trace.states] == [None, "take", "take"]
    assert [state.violated for state in trace.states] == [None, None, "one_busy"]
    assert trace.states[2].parameters == {"n": "node2"}
    assert trace.states[2].values == {
        "phase": Map({"node1": "busy", "node2": "busy"}),
        "told": Map({(a, b): False for a in ("node1", "node2") for b in ("node1", "node2")}),
        "jobs": 0,
        "mail": Seq(),
    }


def test_a_witness_violates_nothing(written) -> None:
    trace = written["someone_busy"]
    assert trace.meta["kind"] == "reachable"
    assert all(state.violated is None for state in trace.states)


def test_a_lasso(written) -> None:
    trace = written["finishes"]
    assert trace.loop is not None
    assert trace.closing is not None
    assert trace.closing.action == "give_back"
    assert trace.meta["kind"] == "leads_to"
    starving = trace.meta["bindings"]
    assert isinstance(starving, dict)
    assert starving["n"] in {"node1", "node2"}
    phases = [state.values["phase"] for state in trace.states[trace.loop :]]
    assert all(isinstance(each, Map) and each[starving["n"]] == "busy" for each in phases)


def test_a_run_that_stands_still(written) -> None:
    trace = written["stays_up"]
    assert trace.loop == len(trace.states) - 1 or isinstance(trace.closing, Step)


def test_names_of_files(relay) -> None:
    quiet = load(relay, Settings("quiet"))
    assert file_name(quiet, "calm") == "relay-quiet-calm.itf.json"
    assert file_name(quiet, "../a b") == "relay-quiet-..%2Fa b.itf.json"
    mutant = load(relay, Settings(mutant="greedy"))
    assert file_name(mutant, "calm") == "relay-quiet-greedy-calm.itf.json"
    plain = load("peterson")
    assert file_name(plain, "x") == "peterson-default-x.itf.json"


def test_the_suite_writes_traces_too(invoke, relay, tmp_path) -> None:
    invoke("check", relay, "--suite", "--trace-dir", tmp_path)
    assert (tmp_path / "relay-default-one_busy.itf.json").exists()
    assert (tmp_path / "relay-quiet-one_busy.itf.json").exists()
