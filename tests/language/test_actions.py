"""Actions: guards, simultaneous updates, each and when."""

from typing import Any

import pytest

from knell.language import BOOL, Model, ModelError, each, exists, require, when
from knell.language.expressions import TRUE
from tests.language.worlds import World


class Case:
    """A fresh model with a few variables."""

    def __init__(self) -> None:
        m = self.m = Model("actions")
        self.A = m.sort("A", size=3)
        self.B = m.sort("B", size=2)
        self.x = m.scalar("x", to=m.int(0, 9), init=1)
        self.y = m.scalar("y", to=m.int(0, 9), init=2)
        self.p = m.rel("p", self.A)
        self.q = m.rel("q", self.A, self.B)
        self.f = m.var("f", self.A, to=m.int(0, 9), init=0)

    @property
    def world(self) -> World:
        return World(self.m)


@pytest.fixture
def case() -> Case:
    return Case()


def test_updates_are_simultaneous(case: Case) -> None:
    x, y = case.x, case.y

    @case.m.action
    def swap():
        x.set(y)
        y.set(x)

    assert case.world.after(swap, {"x": "3", "y": "7"}) == {"x": "7", "y": "3"}


def test_what_is_not_assigned_stays(case: Case) -> None:
    @case.m.action
    def nothing():
        require(always=True)

    assert case.world.after(nothing, {"x": "3"}) == {}


def test_the_augmented_assignments(case: Case) -> None:
    A, f = case.A, case.f

    @case.m.action
    def more(a: A):
        f[a] += 2

    assert case.world.after(more, {"f[a2]": "3"}, "a2") == {"f[a2]": "5"}


def test_an_index_may_be_computed(case: Case) -> None:
    m, x = case.m, case.x
    cost = m.var("cost", m.int(0, 9), to=m.int(0, 9), init=0)

    @m.action
    def store():
        cost[x + 1] = cost[x] + 5

    assert case.world.after(store, {"x": "3", "cost[3]": "2"}) == {"cost[4]": "7"}


def test_each_repeats_the_updates_for_all_elements(case: Case) -> None:
    A, B, p, q = case.A, case.B, case.p, case.q

    @case.m.action
    def spread(b: B):
        for a in each(A):
            q[a, b] = p[a]

    before = {"p[a1]": "true", "q[a2, b1]": "true", "q[a2, b2]": "true"}
    assert case.world.after(spread, before, "b1") == {"q[a1, b1]": "true", "q[a2, b1]": "false"}


def test_each_of_several_types(case: Case) -> None:
    A, B, q = case.A, case.B, case.q

    @case.m.action
    def fill():
        for a, b in each(A, B):
            q[a, b] = ~q[a, b]

    assert len(case.world.after(fill, {})) == 6


def test_nested_each_and_each_over_anything(case: Case) -> None:
    A, f, m = case.A, case.f, case.m
    flag = m.rel("flag", BOOL, m.int(1, 2))

    @m.action
    def all_of_them():
        for a in each(A):
            f[a] = 1
        for v in each(BOOL):
            for i in each(m.int(1, 2)):
                flag[v, i] = v

    changed = case.world.after(all_of_them, {})
    assert changed == {
        **{f"f[a{k}]": "1" for k in (1, 2, 3)},
        "flag[true, 1]": "true",
        "flag[true, 2]": "true",
    }


def test_when_makes_updates_conditional(case: Case) -> None:
    A, x, y, p, f = case.A, case.x, case.y, case.p, case.f

    @case.m.action
    def act():
        with when(x < 5):
            y.set(0)
            with when(y == 2):
                x.set(9)
        with when(x >= 5):
            y.set(1)
        for a in each(A):
            with when(p[a]):
                f[a] = 4

    assert case.world.after(act, {"x": "3", "y": "2", "p[a3]": "true"}) == {
        "x": "9",
        "y": "0",
        "f[a3]": "4",
    }
    assert case.world.after(act, {"x": "5", "y": "2"}) == {"y": "1"}


def test_the_same_value_may_be_assigned_twice(case: Case) -> None:
    A, p = case.A, case.p

    @case.m.action
    def both(a: A, b: A):
        p[a] = True
        p[b] = True

    assert case.world.after(both, {}, "a1", "a1") == {"p[a1]": "true"}
    assert len(case.world.after(both, {}, "a1", "a2")) == 2


def test_different_values_may_not(case: Case) -> None:
    A, p = case.A, case.p

    @case.m.action
    def torn(a: A, b: A):
        p[a] = True
        p[b] = False

    assert case.world.after(torn, {}, "a1", "a2") == {"p[a1]": "true"}
    with pytest.raises(ModelError, match="assigns p twice, with different values"):
        case.world.after(torn, {}, "a1", "a1")


def test_guards_are_named_and_all_must_hold(case: Case) -> None:
    A, p, x = case.A, case.p, case.x

    @case.m.action
    def act(a: A):
        """Do it."""
        require(low=x < 5, marked=p[a])
        require(others=exists(A, lambda b: (a != b) & p[b]))
        p[a] = False

    world = case.world
    assert [clause.name for clause in act.guard] == ["low", "marked", "others"]
    env = {act.parameters[0]: 0}
    failing = world.evaluator.failing_clauses(act, world.state({"x": "7", "p[a2]": "true"}), env)
    assert [clause.name for clause in failing] == ["low", "marked"]
    assert act.about == "Do it."


def test_a_clause_is_read_only_where_the_earlier_ones_hold(case: Case) -> None:
    m, x = case.m, case.x
    short = m.rel("short", m.int(0, 2), init=True)

    @m.action
    def careful():
        require(inside=x < 3, marked=short[x])

    @m.action
    def careless():
        require(marked=short[x], inside=x < 3)

    world = case.world
    assert [
        c.name for c in world.evaluator.failing_clauses(careful, world.state({"x": "5"}), {})
    ] == ["inside"]
    with pytest.raises(ModelError, match="short is read outside its domain"):
        world.evaluator.failing_clauses(careless, world.state({"x": "5"}), {})


def test_python_decides_when_the_model_is_built(case: Case) -> None:
    A, p, x = case.A, case.p, case.x
    lossy = True

    @case.m.action
    def act(a: A):
        if lossy:
            require(marked=p[a])
        for amount in (1,):
            x.set(amount)

    assert [clause.name for clause in act.guard] == ["marked"]
    assert case.world.after(act, {"p[a1]": "true", "x": "4"}, "a1") == {"x": "1"}


def test_what_an_action_is_told(case: Case) -> None:
    m, A, p = case.m, case.A, case.p

    @m.action(fair="strong", section="4.2", claims=["C1", "C2"])
    def told(a: A):
        p[a] = True

    @m.fault(section="9")
    def struck(a: "A"):  # an annotation may be a text
        p[a] = False

    assert (told.fairness, told.section, told.claims) == ("strong", "4.2", ("C1", "C2"))
    assert (told.environment, struck.environment) == (False, True)
    assert (struck.fairness, struck.section) == (None, "9")
    assert [a.name for a in m.actions] == ["told", "struck"]
    assert struck.parameters[0].of is A
    (update,) = told.updates
    assert (update.variable, update.condition, update.over) == (p, TRUE, ())


def test_an_error_leaves_no_action_behind(case: Case) -> None:
    def bad():
        case.x.set("high")

    with pytest.raises(ModelError):
        case.m.action(bad)
    assert case.m.actions == []
    with pytest.raises(ModelError, match="outside an action"):
        case.x.set(1)


def test_a_queue_and_a_function_are_assigned_by_their_own_ways(case: Case) -> None:
    """The names of a model are Python's too: what would only rebind one is refused."""
    scope: dict[str, Any] = {"m": case.m, "x": case.x, "A": case.A, "f": case.f}
    text = "@m.action\ndef act(a: A):\n    f = 3\n"
    with pytest.raises(ModelError, match=r"'f = \.\.\.' makes a Python name"):
        exec(text, scope)  # noqa: S102  # state variables are globals of a model's file
