"""Traces: written and read back, of ours and of other tools, and refused when malformed."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given

from knell.spec.errors import TraceError
from knell.spec.itf import encode
from knell.spec.trace import Step, Trace, TraceState, dump, load, new_meta, parse, render
from knell.spec.values import Map, Record
from tests.spec.strategies import traces

TRACE_MD = Path(__file__).parents[2] / "spec" / "TRACE.md"


@given(traces())
def test_what_is_written_is_read_back(trace):
    again = parse(render(trace))
    assert again == trace
    assert [encode(Record(state.values)) for state in again.states] == [
        encode(Record(state.values)) for state in trace.states
    ]
    assert render(again) == render(trace)


@given(traces())
def test_what_is_written_is_json_with_a_line_for_each_state(trace):
    text = render(trace)
    document = json.loads(text)
    assert [state["#meta"]["index"] for state in document["states"]] == [*range(len(trace.states))]
    assert text.count("\n") == len(trace.states) + 6 + (trace.loop is not None)


COUNTER = Trace(
    new_meta(model="counter", kind="always", property_id="small", conjuncts=["below_1"]),
    ("x",),
    (
        TraceState({"x": 0}),
        TraceState({"x": 1}, action="add", parameters={"by": "one"}, violated="small"),
    ),
)


def test_a_file_is_written_and_loaded(tmp_path):
    path = tmp_path / "counter.itf.json"
    dump(COUNTER, path)
    assert load(path) == load(str(path)) == COUNTER
    assert COUNTER.is_ours
    assert COUNTER.property_id == "small"


def test_the_example_of_the_specification_is_a_trace_of_ours():
    (example,) = re.findall(r"```json\n(.*?)```", TRACE_MD.read_text(encoding="utf-8"), re.DOTALL)
    trace = parse(example)
    assert trace.is_ours
    assert trace.property_id == "granted"
    assert (trace.loop, trace.closing) == (1, Step("back_off", {"p": "p1"}))
    assert [state.action for state in trace.states] == [None, "ask", "try_lock"]
    assert render(trace) == example


def test_the_error_of_the_specification_is_what_a_reader_says():
    text = TRACE_MD.read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    (line,) = re.findall(r"```\n(.*)\n```", text)
    broken = example.replace('"tries": {"#bigint": "1"}', '"tries": {"#bigint": "one"}')
    with pytest.raises(TraceError) as caught:
        parse(broken, "run.itf.json")
    assert str(caught.value) == line


# --- Traces of other tools ------------------------------------------------------

FROM_APALACHE = """{
  "#meta": {"format": "ITF", "varTypes": {"bank": "Str"}, "description": "Made by a tool"},
  "params": ["People"],
  "vars": ["bank", "at"],
  "states": [
    {"#meta": {"index": 0}, "People": {"#set": ["a", "b"]},
     "bank": "E", "at": {"#map": [["E", {"#set": ["a", "b"]}], ["W", {"#set": []}]]}},
    {"#meta": {"index": 1},
     "bank": "W", "at": {"#map": [["E", {"#set": ["b"]}], ["W", {"#set": ["a"]}]]}}
  ],
  "loop": 0
}"""

FROM_QUINT = """{
  "#meta": {"format": "ITF", "status": "violation", "timestamp": 1700000000000},
  "vars": ["mbt::actionTaken", "balance"],
  "states": [
    {"#meta": {"index": 0}, "mbt::actionTaken": "init", "balance": {"#bigint": "0"}},
    {"#meta": {"index": 1}, "mbt::actionTaken": "deposit",
     "balance": {"tag": "Some", "value": {"#tup": []}}}
  ]
}"""

BARE = '{"vars": ["x"], "states": [{"x": 3}]}'

OTHER_NOTES = """{
  "#meta": {"closing": 3, "property": 4},
  "vars": ["x"],
  "states": [
    {"#meta": {"action": 5, "parameters": ["p"]}, "x": true},
    {"#meta": {"action": "go", "parameters": [1], "why": null}, "x": true}
  ]
}"""


@pytest.mark.parametrize("text", [FROM_APALACHE, FROM_QUINT, BARE, OTHER_NOTES])
def test_traces_of_other_tools_survive(text):
    trace = parse(text)
    assert not trace.is_ours
    assert parse(render(trace)) == trace


def test_a_lasso_of_another_tool_needs_no_closing_step():
    trace = parse(FROM_APALACHE)
    assert (trace.loop, trace.closing) == (0, None)
    assert trace.params == ("People",)
    assert trace.states[0].values["People"] == frozenset({"a", "b"})
    assert trace.states[1].values["at"] == Map({"E": frozenset({"b"}), "W": frozenset({"a"})})


def test_variants_are_records():
    assert parse(FROM_QUINT).states[1].values["balance"] == Record({"tag": "Some", "value": ()})


def test_notes_of_another_tool_are_taken_where_they_fit_and_kept_elsewhere():
    trace = parse(OTHER_NOTES)
    assert trace.property_id is None
    assert trace.meta == {"closing": 3, "property": 4}
    assert trace.states[0].action is None
    assert trace.states[0].meta == {"action": 5, "parameters": ["p"]}
    assert trace.states[1].action == "go"
    assert trace.states[1].meta == {"parameters": [1], "why": None}
