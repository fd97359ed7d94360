"""Types, literals, operators and quantifiers."""

import itertools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knell.language import (
    BOOL,
    Model,
    ModelError,
    count,
    every,
    exists,
    forall,
    iff,
    implies,
    ite,
    some,
)
from knell.language.expressions import FALSE, TRUE, Equal, Expr, Implies
from knell.language.substitution import children, rebuild, walk
from tests.language.worlds import World

m = Model("expressions")
A = m.sort("A", size=3)
Step = m.sort("Step", names=("first", "second", "third"), ordered=True)
Color = m.enum("Color", "red", "green", "blue")
p = m.rel("p", A)
q = m.rel("q", A, A)
color = m.var("color", A, to=Color, init="red")
x = m.scalar("x", to=m.int(-5, 5), init=0)
y = m.scalar("y", to=m.int(-5, 5), init=0)
b = m.scalar("b", to=BOOL, init=False)
c = m.scalar("c", to=BOOL, init=False)
step = m.scalar("step", to=Step, init="first")
world = World(m)


def test_types_have_values_and_names() -> None:
    assert (Color.size, Color.lo, Color.hi) == (3, 0, 2)
    assert [Color.show(v) for v in Color.values()] == ["red", "green", "blue"]
    assert A.names == ("a1", "a2", "a3")
    assert m.sort("Node", size=2, prefix="n").names == ("n1", "n2")
    assert (A.symmetric, A.ordered) == (True, False)
    assert (Step.symmetric, Step.ordered) == (False, True)
    assert not m.sort("Fixed", size=1, symmetric=False).symmetric
    assert list(m.int(-1, 1).values()) == [-1, 0, 1]
    assert (BOOL.show(0), BOOL.show(1)) == ("false", "true")


@pytest.mark.parametrize(
    ("of", "literal", "value"),
    [
        (BOOL, True, 1),
        (BOOL, 1, None),
        (BOOL, "true", None),
        (Color, "green", 1),
        (Color, "mauve", None),
        (Color, 1, None),
        (A, "a3", 2),
        (m.int(0, 3), 2, 2),
        (m.int(0, 3), True, None),
        (m.int(0, 3), "2", None),
    ],
)
def test_literals_are_read_by_the_type_that_is_expected(of, literal, value) -> None:
    assert of.parse(literal) == value


def test_types_are_the_same_only_if_they_are_one() -> None:
    other = m.enum("Shade", "red", "green", "blue")
    assert not Color.admits(other)
    assert m.int(0, 1).admits(m.int(5, 9))  # the range is checked where a value is stored
    with pytest.raises(ModelError):
        _ = color["a1"] == other["red"]


def test_a_literal_may_stand_on_either_side() -> None:
    for formula in (color["a1"] == "green", some("green" == color["a1"])):  # noqa: SIM300
        assert world.value(formula, {"color[a1]": "green"}) == "true"
        assert world.value(formula, {"color[a1]": "blue"}) == "false"
    assert world.value(every(True & b), {"b": "true"}) == "true"
    assert world.value(some(b | True)) == "true"
    assert world.value(3 + x, {"x": "2"}) == "5"
    assert world.value(3 - x, {"x": "2"}) == "1"
    assert world.value(-x, {"x": "2"}) == "-2"


CONNECTIVES = {
    "not": (~b, lambda b, _: not b),
    "and": (b & c, lambda b, c: b and c),
    "or": (b | c, lambda b, c: b or c),
    "implies": (implies(b, c), lambda b, c: not b or c),
    "iff": (iff(b, c), operator.eq),
    "equal": (b == c, operator.eq),
    "different": (b != c, operator.ne),
    "every": (every(b, c), lambda b, c: b and c),
    "some": (some(b, c), lambda b, c: b or c),
    "ite": (ite(b, c, True), lambda b, c: c if b else True),
}


@pytest.mark.parametrize(("formula", "meaning"), CONNECTIVES.values(), ids=CONNECTIVES.keys())
def test_connectives(formula, meaning) -> None:
    for left, right in itertools.product((False, True), repeat=2):
        state = {"b": str(left).lower(), "c": str(right).lower()}
        assert world.value(formula, state) == str(meaning(left, right)).lower()


def test_the_empty_junctions() -> None:
    assert world.value(every()) == "true"
    assert world.value(some()) == "false"
    assert world.value(TRUE) == "true"
    assert world.value(FALSE) == "false"


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(1, 4))
def test_arithmetic_is_that_of_python(left: int, right: int, divisor: int) -> None:
    state = {"x": str(left), "y": str(right)}
    table = {
        x + y: left + right,
        x - y: left - right,
        x * y: left * right,
        x // divisor: left // divisor,
        x % divisor: left % divisor,
        ite(x < y, x, y): min(left, right),
        -x * 2: -left * 2,
    }
    for expr, expected in table.items():
        assert world.value(expr, state) == str(expected)
        assert expr.type.lo <= expected <= expr.type.hi
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        assert world.value(compare(x, y), state) == str(compare(left, right)).lower()


def test_the_type_of_a_sum_is_its_exact_interval() -> None:
    def interval(expr: Expr) -> tuple[int, int]:
        return expr.type.lo, expr.type.hi

    assert interval(x + 1) == (-4, 6)
    assert interval(x - y) == (-10, 10)
    assert interval(x * -2) == (-10, 10)
    assert interval(x // 3) == (-2, 1)
    assert interval(x % 3) == (0, 2)
    assert interval(ite(b, x, 9)) == (-5, 9)
    assert interval(count(A, A, lambda r, s: q[r, s])) == (0, 9)


def test_an_order_compares_elements_of_an_ordered_sort() -> None:
    state = {"step": "second"}
    assert world.value(step < "third", state) == "true"
    assert world.value(step >= "third", state) == "false"
    assert world.value(forall(Step, lambda s: (s <= step) | (s > step)), state) == "true"


def test_quantifiers() -> None:
    state = {"p[a1]": "true", "q[a1, a2]": "true", "color[a2]": "green"}
    true = {
        "exists": exists(A, lambda r: p[r]),
        "not forall": ~forall(A, lambda r: p[r]),
        "two at once": exists(A, A, lambda r, s: q[r, s] & (r != s)),
        "nested": exists(A, lambda r: forall(A, lambda s: implies(q[r, s], s == "a2"))),
        "outer variable": forall(A, lambda r: exists(A, lambda s: (r != s) & ~p[s])),
        "over an enumeration": forall(
            Color, lambda k: exists(A, lambda r: color[r] == "red") | (k == "red")
        ),
        "over integers": exists(m.int(0, 9), lambda i: i * i == 49),
        "over truth values": exists(BOOL, lambda v: v == p["a1"]),
        "a count": count(A, lambda r: p[r]) == 1,
        "a count of pairs": count(A, A, lambda r, s: r != s) == 6,
        "one of several": color["a2"].is_in("blue", "green"),
        "none of several": ~color["a2"].is_in("blue", "red"),
        "one of none": ~color["a2"].is_in(),
    }
    for name, formula in true.items():
        assert world.value(formula, state) == "true", name


def test_a_lambda_may_have_values_of_its_own() -> None:
    """A default argument is Python's way to keep a loop's value; it binds nothing."""
    formulas = [exists(A, lambda r, k=k: color[r] == k) for k in ("red", "blue")]
    assert [world.value(f) for f in formulas] == ["true", "false"]


def test_expressions_are_trees() -> None:
    formula = forall(
        A, lambda r: implies(p[r], (color[r] == "red") & (count(A, lambda s: q[r, s]) < 2))
    )
    parts = list(walk(formula))
    assert parts[0] is formula
    assert any(isinstance(part, Implies) for part in parts)
    assert any(isinstance(part, Equal) for part in parts)
    for part in parts:
        again = rebuild(part, children(part))
        assert type(again) in (type(part), type(part).__mro__[1])
        assert children(again) == children(part)


def test_expressions_are_no_python_values() -> None:
    with pytest.raises(ModelError, match="no truth value"):
        bool(b)
    with pytest.raises(ModelError, match="no truth value"):
        _ = b and c
    assert len({x + 1, x + 1}) == 2  # two trees, not one number
