"""Packing: nothing of a trace is lost, and the extras are what the model says."""

import json

import pytest
from hypothesis import given, settings

from knell.cli.extras import extras_of
from knell.cli.registry import load
from knell.cli.replaying import MismatchError, replay
from knell.language.layout import Layout
from knell.language.settings import Settings
from knell.spec.trace import Trace, parse, render
from knell.spec.values import Map
from knell.viewer import bundle_of, render_page
from knell.viewer.cells import Cells
from knell.viewer.history import History
from tests.spec.strategies import traces
from tests.viewer import makers


@given(traces())
@settings(max_examples=60, deadline=None)
def test_each_state_can_be_told_from_the_changes(trace):
    history = History(bundle_of(trace, "x"))
    cells = Cells()
    for step, state in enumerate(trace.states):
        each = [cells.of(variable, value).values() for variable, value in state.values.items()]
        packed = [history.at(cell, step) for cell in range(len(history.bundle["cells"][1]))]
        assert sorted(shown for shown in packed if shown) == sorted(
            s for part in each for s in part
        )


@given(traces())
@settings(max_examples=30, deadline=None)
def test_every_trace_makes_a_page(trace):
    page = render_page({"traces": [bundle_of(trace, "x")]}, "x")
    data = page.split('id="data">', 1)[1].split("</script>", 1)[0]
    assert "<" not in data
    assert json.loads(data)["traces"][0]["schema"] == 1


def test_extras_in_a_trace_are_taken():
    trace, _ = makers.walk("die-hard", 4)
    extras = extras_of(load("die-hard"), trace, "die-hard")
    kept = parse(render(Trace({**trace.meta, "extras": extras}, trace.vars, trace.states)))
    assert bundle_of(kept, "x")["extras"] == json.loads(json.dumps(extras))
    other = Trace({**trace.meta, "extras": {"version": 99}}, trace.vars, trace.states)
    assert bundle_of(other, "x")["extras"] is None


@pytest.mark.parametrize(
    "name", ["peterson", "coffee-can", "readers-writers", "simple-allocator", "ewd840"]
)
def test_the_extras_agree_with_the_model(name):
    trace, _ = makers.walk(name, 15)
    model = load(name)
    extras = extras_of(model, trace, name)
    run = replay(model, trace)
    assert extras["limits"] == []
    disabled = {}
    for k, (state, told) in enumerate(zip(run.states, extras["choices"]["states"], strict=True)):
        disabled.update(told["disabled"])
        enabled = {number for number, *_ in told["enabled"]}
        off = {number for number, clauses in disabled.items() if clauses is not None}
        assert enabled | off == set(range(len(extras["choices"]["instances"])))
        assert not enabled & off
        if k < len(run.steps):
            action = trace.states[k + 1].action
            parameters = dict(trace.states[k + 1].parameters)
            assert [action, parameters] in [extras["choices"]["instances"][n] for n in enabled]
        assert len(state) == len(Layout(model).cells)


def test_a_step_needs_the_steps_that_it_reads():
    _, bundle = makers.one_signal()
    needs = [[earlier for earlier, _ in step] for step in bundle["extras"]["needs"]]
    assert needs == [[], [1], [2], [3]]


def test_queues_are_replayed(tmp_path):
    path = tmp_path / "courier.py"
    path.write_text(
        "from knell.language import Model, require\n"
        "m = Model('courier')\n"
        "q = m.queue('letters', m.int(0, 3), m.enum('To', 'a', 'b'), capacity=2)\n"
        "@m.action\n"
        "def send(k: m.int(0, 3)):\n"
        "    require(room=~q.full)\n"
        "    q.push(k, 'b')\n"
        "@m.action\n"
        "def take():\n"
        "    require(some=~q.empty)\n"
        "    q.pop()\n",
        encoding="utf-8",
    )
    trace, _ = makers.walk(str(path), 12)
    assert len(replay(load(str(path)), trace).states) == 13


def test_a_run_that_is_none_of_the_model_is_refused():
    trace, _ = makers.walk("die-hard", 3)
    forged = Trace(
        trace.meta,
        trace.vars,
        (*trace.states[:-1], type(trace.states[-1])({"big": 1, "small": 1}, action="fill_big")),
    )
    with pytest.raises(MismatchError):
        replay(load("die-hard"), forged)


def test_the_remedy_of_a_mutant_names_the_step_and_the_clause():
    trace, bundle = makers.found("node-shutdown", Settings(None, {}, "left-means-released"), "S2")
    remedy = bundle["extras"]["remedy"]
    assert "DISTRESS alone releases" in remedy["of"]
    assert remedy["stops"]["step"] == len(trace.states) - 1
    assert remedy["stops"]["clauses"] == ["earlier_released"]


def test_the_last_step_was_allowed_for_a_reason(one_signal):
    assert one_signal["extras"]["allowed"] == [["released[n3, g1, n1]", "true", 3]]


def test_a_wait_is_for_cells_and_values(stuttering, looping):
    goal, blocked = stuttering["extras"]["waits"]
    assert (goal["goal"], goal["value"], goal["for"]) == (True, "failing", ["ended", "crashed"])
    assert (blocked["goal"], blocked["value"]) == (False, "notified")
    assert blocked["since"] > 0
    (served,) = looping["extras"]["waits"]
    assert (served["cell"], served["value"], served["for"]) == ("mood[p3]", "waiting", ["served"])


def test_a_run_that_breaks_nothing_waits_for_nothing(repaired):
    assert repaired["extras"]["waits"] == []
    assert repaired["extras"]["allowed"] == []


def test_cells_of_equal_text_are_apart():
    cells = Cells()
    shown = cells.of("x", Map({1: "a", "1": "b"}))
    assert sorted(text for _, text in shown.values()) == ["a", "b", "map"]
    assert cells.of("y", True) != cells.of("y", 1)
