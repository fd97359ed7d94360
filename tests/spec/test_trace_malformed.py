"""Malformed traces: each is refused in one line that names file, place and mend."""

import copy
import json
from typing import Any

import pytest

from knell.spec.errors import TraceError
from knell.spec.strict_json import MOST_NESTED
from knell.spec.trace import Step, Trace, TraceState, dump, load, new_meta, parse, render
from knell.spec.values import Value

GOOD = {
    "#meta": {"knell_schema": 1, "kind": "leads_to", "closing": {"action": "down"}},
    "vars": ["x", "y"],
    "states": [
        {"#meta": {"index": 0}, "x": True, "y": {"#bigint": "1"}},
        {"#meta": {"index": 1, "action": "up"}, "x": True, "y": {"#bigint": "2"}},
    ],
    "loop": 0,
}


def refused(text, source="t.itf.json"):
    with pytest.raises(TraceError) as caught:
        parse(text, source)
    line = str(caught.value)
    assert line.startswith(source)
    assert "\n" not in line
    assert "; " in line  # a mend follows
    return line.removeprefix(source).removeprefix(": ")


def test_the_good_one_is_good():
    assert parse(json.dumps(GOOD)).closing == Step("down")


# --- The text is no JSON -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ":1:1: not JSON: Expecting value"),
        ('{"vars": [],\n "states" []}', ":2:11: not JSON: Expecting ':' delimiter"),
        ('{"vars": NaN}', "NaN is no JSON"),
        ('{"vars": 1e999}', "1e999 is out of range"),
        ('{"vars": [], "vars": []}', 'one object has the key "vars" twice'),
        ('{"vars": ["\\ud800"]}', "a text holds half of a surrogate pair"),
        (f'{{"vars": {"9" * 5000}}}', "a number is too long"),
        ("[" * 100_000, "lists and objects are nested more than 100 deep; write it flatter"),
        ("[" * 101 + "]" * 101, "lists and objects are nested more than 100 deep"),
    ],
)
def test_text_that_is_no_json(text, line):
    assert refused(text).startswith(line)


def test_a_value_may_be_nested_as_deep_as_that():
    depth = MOST_NESTED - 3  # inside the trace, the list of states, and a state
    text = f'{{"vars": ["x"], "states": [{{"x": {"[" * depth + "]" * depth}}}]}}'
    assert render(parse(text)).count("[") == depth + 2
    assert refused(text.replace("[]", "[[]]")).startswith("lists and objects are nested")


# --- The JSON is no trace ----------------------------------------------------------

CHANGES = [
    # (path to the change, new value or None to delete, what is said)
    ((), [], "$: an object is needed here; write {...}"),
    (("lopp",), 0, "$.lopp: unknown key; keys are #meta, params, vars, states, loop"),
    (("#meta",), 3, '$["#meta"]: an object is needed here'),
    (("vars",), None, "$.vars: a list is needed here"),
    (("vars",), ["x", 3], "$.vars[1]: a text is needed here"),
    (("vars",), ["x", "y", "x"], "$.vars[2]: x stands here twice; drop one"),
    (("vars",), ["x", "y", "#z"], '$.vars[2]: "#z" is no name'),
    (("vars",), ["x", "y", ""], '$.vars[2]: "" is no name'),
    (("params",), "P", "$.params: a list is needed here"),
    (("states",), None, "$.states: a list is needed here"),
    (("states",), [], "$.states: a trace has at least one state"),
    (("states", 1), "up", "$.states[1]: an object is needed here"),
    (("states", 1, "y"), None, "$.states[1]: variable y has no value"),
    (("states", 1, "z"), True, "$.states[1].z: no such variable; name it in vars"),
    (("states", 1, "y"), 1.5, "$.states[1].y: 1.5 is no integer"),
    (("states", 0, "y"), {"#map": [["a"]]}, '$.states[0].y["#map"][0]: is no pair'),
    (("states", 1, "#meta"), "up", '$.states[1]["#meta"]: an object is needed here'),
    (("loop",), 2, "$.loop: there is no state 2; use 0 to 1"),
    (("loop",), -1, "$.loop: there is no state -1"),
    (("loop",), "1", "$.loop: is no index"),
    (("loop",), True, "$.loop: is no index"),
    # Our notes
    (("loop",), None, '$["#meta"].closing: a closing step without a loop; add loop'),
    (("#meta", "closing"), None, '$["#meta"]: the loop has no closing step'),
    (("#meta", "closing"), "down", '$["#meta"].closing: an object is needed here'),
    (("#meta", "closing"), {}, '$["#meta"].closing.action: a text is needed here'),
    (("#meta", "knell_schema"), 2, '$["#meta"].knell_schema: unknown schema; this version'),
    (("#meta", "knell_schema"), True, '$["#meta"].knell_schema: unknown schema'),
    (("#meta", "kind"), "never", '$["#meta"].kind: unknown kind; kinds are always, action'),
    (("#meta", "model"), 3, '$["#meta"].model: a text is needed here'),
    (("#meta", "config"), 3, '$["#meta"].config: an object is needed here'),
    (("#meta", "conjuncts"), [3], '$["#meta"].conjuncts[0]: a text is needed here'),
    (("#meta", "bindings"), {"n": 3}, '$["#meta"].bindings.n: a text is needed here'),
    (("states", 0, "#meta", "action"), "up", '$.states[0]["#meta"]: an initial state has no'),
    (("states", 1, "#meta", "action"), None, '$.states[1]["#meta"]: the action is missing'),
    (("states", 1, "#meta", "action"), 3, '$.states[1]["#meta"].action: a text is needed'),
    (("states", 1, "#meta", "index"), 7, '$.states[1]["#meta"]: the index is not 1'),
    (
        ("states", 1, "#meta", "parameters"),
        {"n": 3},
        '$.states[1]["#meta"].parameters.n: a text is needed here',
    ),
]


def changed(path, value):
    """Return the good trace as text, with one change."""
    document = copy.deepcopy({"root": GOOD})
    keys = ["root", *path]
    last = keys.pop()
    place: Any = document
    for key in keys:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document["root"])


@pytest.mark.parametrize(("path", "value", "line"), CHANGES)
def test_json_that_is_no_trace(path, value, line):
    assert refused(changed(path, value)).startswith(line)


# --- The file ----------------------------------------------------------------------


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(TraceError, match="cannot be read: No such file"):
        load(tmp_path / "none.itf.json")
    with pytest.raises(TraceError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "t.itf.json"
    path.write_bytes(b'{"vars": ["\xff"]}')
    with pytest.raises(TraceError, match="byte 11 is not UTF-8; save the file as UTF-8"):
        load(path)


def test_a_byte_order_mark_is_forgiven(tmp_path):
    path = tmp_path / "t.itf.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert load(path).vars == ("x", "y")


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(TraceError, match="cannot be written: Is a directory"):
        dump(parse(json.dumps(GOOD)), tmp_path)


# --- No malformed trace can be made ------------------------------------------------


def test_a_malformed_trace_cannot_be_made():
    meta, state = new_meta(model="m"), TraceState({"x": 1})
    with pytest.raises(TraceError, match="variable y has no value"):
        Trace(meta, ("x", "y"), (state,))
    with pytest.raises(TraceError, match="the action is missing"):
        Trace(meta, ("x",), (state, state))
    with pytest.raises(TraceError, match="a closing step needs our notes"):
        Trace({}, ("x",), (state,), loop=0, closing=Step("go"))


def test_only_the_first_state_gives_the_constants():
    values: dict[str, Value] = {"x": 1, "P": frozenset({"p1"})}
    with pytest.raises(TraceError, match=r"\$\.states\[1\]\.P: no such variable"):
        Trace({}, ("x",), (TraceState(values), TraceState(values)), params=("P",))
