"""ITF expressions: both revisions are read, the newer one is written, the rest is refused."""

import json

import pytest
from hypothesis import given

from knell.spec.errors import TraceError
from knell.spec.itf import below, decode, encode
from knell.spec.values import Map, Opaque, Record, Seq, order
from tests.spec.strategies import values

FORMS = [
    (True, True),
    ("n1", "n1"),
    ({"#bigint": "-12"}, -12),
    ({"#bigint": "9" * 30}, int("9" * 30)),
    ({"#tup": ["n1", {"#bigint": "1"}]}, ("n1", 1)),
    ([], Seq()),
    (["n1", "n1"], Seq(["n1", "n1"])),
    ({"#set": ["n1", "n2"]}, frozenset(["n1", "n2"])),
    ({"#map": [["n1", True], ["n2", False]]}, Map({"n1": True, "n2": False})),
    ({"#map": [[{"#tup": ["g", "n"]}, "up"]]}, Map({("g", "n"): "up"})),
    ({"node": "n1", "epochs": {"#set": []}}, Record({"node": "n1", "epochs": frozenset[str]()})),
    ({}, Record()),
    ({"#unserializable": "Int"}, Opaque("Int")),
]


@pytest.mark.parametrize(("json_value", "value"), FORMS)
def test_each_form_is_read_and_written(json_value, value):
    assert decode(json_value, "$") == value
    assert encode(value) == json_value


@given(values)
def test_what_is_written_is_read_back(value):
    again = decode(json.loads(json.dumps(encode(value))), "$")
    assert again == value
    assert order(again) == order(value)  # which tells True from 1


def test_plain_integers_of_the_older_revision_are_read():
    assert decode(-7, "$") == -7
    assert decode(2**53 - 1, "$") == 2**53 - 1


def test_a_set_may_list_an_element_twice():
    assert decode({"#set": ["n1", "n1"]}, "$") == frozenset(["n1"])


def test_sets_are_written_in_order():
    assert encode(frozenset([10, 9, 100])) == {
        "#set": [{"#bigint": "9"}, {"#bigint": "10"}, {"#bigint": "100"}]
    }


@pytest.mark.parametrize(
    ("json_value", "line"),
    [
        (None, "$: null is no value; write a value"),
        (1.5, "$: 1.5 is no integer; traces hold integers only"),
        (2**53, '$: a plain integer beyond 2^53 loses digits in some tools; write {"#bigint"'),
        ({"#bigint": 3}, '$["#bigint"]: is no integer in a string'),
        ({"#bigint": "3.0"}, '$["#bigint"]: is no integer in a string'),
        ({"#bigint": "٣"}, '$["#bigint"]: is no integer in a string'),
        ({"#bigint": "9" * 5000}, '$["#bigint"]: has 5000 digits'),
        ({"#tup": "n1"}, '$["#tup"]: is no list'),
        ({"#set": {"n1": True}}, '$["#set"]: is no list'),
        ({"#set": [True, 1]}, '$["#set"]: holds both a truth value and its number'),
        ({"#set": ["n1", [None]]}, '$["#set"][1][0]: null is no value'),
        ({"#map": [["n1"]]}, '$["#map"][0]: is no pair; write [key, value]'),
        ({"#map": [["n1", 1], ["n1", 2]]}, '$["#map"][1]: this key stands here twice'),
        ({"#map": [["n1", 1.5]]}, '$["#map"][0][1]: 1.5 is no integer'),
        ({"#unserializable": 3}, '$["#unserializable"]: is no string'),
        ({"#bag": []}, "$: unknown form #bag; forms are #bigint, #tup, #set, #map"),
        ({"#set": [], "size": 0}, "$: an object with #set has other keys too; remove them"),
        ({"node": {"epoch": None}}, "$.node.epoch: null is no value"),
    ],
)
def test_what_is_no_value_is_refused_in_one_line(json_value, line):
    with pytest.raises(TraceError) as caught:
        decode(json_value, "$")
    assert str(caught.value).startswith(line)


def test_a_record_with_the_field_of_a_form_is_not_written():
    with pytest.raises(TraceError, match="a record has a field #set"):
        encode(Record({"#set": "n1"}))


def test_a_path_quotes_what_is_no_plain_name():
    assert below(below("$.states[0]", "2pc::x"), 1) == '$.states[0]["2pc::x"][1]'
