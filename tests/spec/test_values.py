"""Values: immutable, hashable, and never equal across the kinds that ITF keeps apart."""

import pytest
from hypothesis import given

from knell.spec.values import Map, Opaque, Record, Seq, Value, order
from tests.spec.strategies import values

KINDS: list[Value] = [
    False,
    0,
    "",
    Seq(),
    (),
    frozenset[str](),
    Map(),
    Record(),
    Opaque(""),
]


@given(values)
def test_each_value_is_hashable_and_has_an_order(value):
    assert hash(value) == hash(value)
    assert order(value) == order(value)


@given(values, values)
def test_the_order_is_total_and_agrees_with_equality(a, b):
    assert (order(a) < order(b)) + (order(a) == order(b)) + (order(a) > order(b)) == 1
    if order(a) == order(b):
        assert a == b
        assert hash(a) == hash(b)


def test_values_of_different_kinds_have_different_places_in_the_order():
    assert len({order(value) for value in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Seq([1, 2]), (1, 2)),
        ((1, 2), Seq([1, 2])),
        (Map({"n": 1}), Record({"n": 1})),
        (Seq([1, 2]), Seq([2, 1])),
        (Map({"n": 1}), Map({"n": 2})),
    ],
)
def test_what_is_written_differently_is_not_equal(a, b):
    assert a != b
    assert not a == b  # noqa: SIM201  # both operators are defined


def test_a_function_is_equal_in_any_order_and_keeps_its_own():
    ab, ba = Map([("a", 1), ("b", 2)]), Map([("b", 2), ("a", 1)])
    assert ab == ba
    assert hash(ab) == hash(ba)
    assert list(ba) == ["b", "a"]
    assert ba["a"] == 1
    assert len(ba) == 2


def test_a_set_holds_any_value():
    assert len(frozenset(KINDS)) == len(KINDS) - 1  # to Python, False is 0
    assert frozenset([Record({"n": Seq([1])})]) == frozenset([Record({"n": Seq([1])})])


def test_a_value_shows_what_it_is():
    assert repr(Map({"n": Seq([1])})) == "Map({'n': Seq([1])})"
