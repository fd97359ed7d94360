"""Exhaustive search: counts, shortest traces, ties, deadlocks, errors of the model."""

import pytest

from knell.checker import check
from knell.language import ANY, BOOL, Model, ModelError, exists, forall, implies, on, require
from knell.spec.errors import KnellError
from tests.checker.machines import (
    built,
    checked,
    counter,
    result_of,
    steps_of,
    two_phase_commit,
)


@pytest.mark.parametrize(
    ("size", "distinct", "generated", "depth"), [(3, 288, 1146, 11), (5, 8832, 58146, 17)]
)
def test_counts(size: int, distinct: int, generated: int, depth: int) -> None:
    result = checked(built(two_phase_commit, RM=size), symmetry=False)
    assert (result.distinct, result.generated, result.depth) == (distinct, generated, depth)
    assert result.complete
    assert sum(result.levels) == distinct
    assert len(result.levels) == depth
    assert sum(result.taken.values()) == generated - 1
    assert result.verdict == "holds"


def test_a_broken_invariant_has_a_shortest_trace() -> None:
    result = checked(counter())
    assert result_of(result, "small").verdict == "violated"
    assert steps_of(result, "small") == ["add_two()", "add_two()"]
    assert result_of(result, "natural").verdict == "holds"
    assert result_of(result, "natural").run is None
    assert result.verdict == "violated"


def test_a_witness_has_a_shortest_trace() -> None:
    result = checked(counter())
    assert result_of(result, "full").verdict == "holds"
    assert steps_of(result, "full") == ["add_one()", "add_two()", "add_two()"]


def test_a_witness_that_is_not_there() -> None:
    m = counter()
    m.reachable("never", m.properties[0].clauses[0].formula & ~m.properties[0].clauses[0].formula)
    assert result_of(checked(m), "never").verdict == "violated"


def grid() -> Model:
    m = Model("grid")
    P = m.sort("P", size=2, symmetric=False)
    at = m.var("at", P, to=m.int(0, 2), init=0)

    @m.action
    def jump(p: P):
        require(low=at[p] == 0)
        at[p] = 2

    @m.action
    def walk(p: P):
        require(room=at[p] < 2)
        at[p] = at[p] + 1

    m.always("low", forall(P, lambda p: at[p] < 2))
    m.always("one_low", exists(P, lambda p: at[p] < 2))
    return m


def test_ties_go_to_the_first_action_then_the_first_parameters() -> None:
    result = checked(grid())
    assert steps_of(result, "low") == ["jump(p1)"]
    assert steps_of(result, "one_low") == ["jump(p1)", "jump(p2)"]


def test_each_conjunct_that_breaks_is_named() -> None:
    m = grid()
    at = m.variables[0]
    P = m.sorts[0]
    m.always(
        "three",
        {
            "first": at[P["p1"]] < 2,
            "second": at[P["p2"]] < 2,
            "sum": at[P["p1"]] + at[P["p2"]] < 2,
        },
    )
    result = result_of(checked(m), "three")
    assert [clause.name for clause in result.broken] == ["first", "sum"]


def test_a_deadlock_is_reported() -> None:
    result = checked(counter())
    assert result_of(result, "deadlock").verdict == "violated"
    assert len(steps_of(result, "deadlock")) == 3


def test_a_stated_end_is_no_deadlock() -> None:
    assert result_of(checked(counter(ends=True)), "deadlock").verdict == "holds"


def test_a_step_that_changes_nothing_is_no_deadlock_and_counts() -> None:
    m = Model("idle")
    on_ = m.scalar("on", to=BOOL, init=False)

    @m.action
    def switch():
        on_.set(True)

    result = checked(m)
    assert result_of(result, "deadlock").verdict == "holds"
    assert (result.distinct, result.generated, result.taken) == (2, 3, {"switch": 2})


def stepper() -> Model:
    m = Model("stepper")
    n = m.scalar("n", to=m.int(0, 3), init=0)

    @m.action
    def up():
        require(room=n < 3)
        n.set(n + 1)

    @m.action
    def stay():
        n.set(n)

    @m.action
    def fall():
        require(top=n == 3)
        n.set(0)

    m.step("slow", n.next <= n + 1)
    m.step("rises", {"always": n.next >= n})
    m.step("stay_is_low", {"low": on(stay, lambda: n < 2), "same": on(stay, lambda: n.next == n)})
    return m


def test_action_properties() -> None:
    result = checked(stepper())
    assert result_of(result, "slow").verdict == "holds"
    assert steps_of(result, "rises") == ["up()", "up()", "up()", "fall()"]
    assert [c.name for c in result_of(result, "rises").broken] == ["always"]


def test_action_properties_are_asked_of_steps_that_change_nothing() -> None:
    result = checked(stepper())
    assert steps_of(result, "stay_is_low") == ["up()", "up()", "stay()"]
    assert [c.name for c in result_of(result, "stay_is_low").broken] == ["low"]


def test_initial_states_may_be_many() -> None:
    m = Model("many")
    a = m.scalar("a", to=m.int(0, 9), init=ANY)
    b = m.scalar("b", to=m.int(0, 9), init=ANY)
    m.init(ordered=a < b)

    @m.action
    def stay():
        require(yes=a < b)

    m.always("not_far", implies(a == 3, b < 7))
    result = checked(m)
    assert (result.distinct, result.generated, result.depth) == (45, 90, 1)
    run = result_of(result, "not_far").run
    assert run is not None
    assert run.states == ((3, 7),)


def test_no_initial_state_is_an_error() -> None:
    m = counter()
    m.init(
        nothing=m.properties[1].clauses[0].formula & (m.properties[0].clauses[0].formula == False)
    )
    with pytest.raises(ModelError, match="no state satisfies the initial conditions"):
        checked(m)


def test_wide_cells_are_kept_in_tuples() -> None:
    m = Model("wide")
    n = m.scalar("n", to=m.int(0, 999), init=0)
    big = m.scalar("big", to=BOOL, init=False)

    @m.action
    def add():
        require(room=n < 999)
        n.set(n + 1)
        big.set(n > 300)

    m.reachable("far", (n == 400) & big)
    result = checked(m)
    assert result.distinct == 1000
    run = result_of(result, "far").run
    assert run is not None
    assert run.states[-1] == (400, 1)
    assert all(type(content) is int for state in run.states for content in state)


def test_an_error_of_the_model_tells_the_way_there() -> None:
    m = Model("overflow")
    n = m.scalar("n", to=m.int(0, 2), init=0)

    @m.action
    def add():
        n.set(n + 1)

    with pytest.raises(ModelError) as caught:
        checked(m)
    text = str(caught.value)
    assert "add gives n a value outside 0..2, reached by 3 step(s): add(), add(), add()" in text
    assert "test_search.py:" in text


def test_an_error_in_a_property_tells_the_way_there() -> None:
    m = Model("outside")
    n = m.scalar("n", to=m.int(0, 3), init=0)
    small = m.int(0, 2)
    f = m.var("f", small, to=BOOL, init=False)

    @m.action
    def add():
        require(room=n < 3)
        n.set(n + 1)

    m.always("never", ~f[n])
    with pytest.raises(ModelError, match=r"f is read outside its domain, reached by 3 step\(s\)"):
        checked(m)


def test_lazy_clauses_guard_what_comes_after() -> None:
    m = Model("lazy")
    n = m.scalar("n", to=m.int(0, 3), init=0)
    f = m.var("f", m.int(0, 2), to=BOOL, init=False)

    @m.action
    def mark():
        require(inside=n < 3, free=~f[n])
        f[n] = True
        n.set(n + 1)

    m.always("marked", implies(n > 0, f[n - 1]))
    result = checked(m)
    assert result.distinct == 4
    assert result_of(result, "marked").verdict == "holds"


def test_a_type_of_one_value() -> None:
    m = Model("unit")
    n = m.scalar("n", to=m.int(0, 2), init=0)
    one = m.scalar("one", to=m.int(7, 7), init=7)

    @m.action
    def up():
        require(room=n < 2)
        n.set(n + 1)
        one.set(one + n - n)

    result = checked(m)
    assert result.distinct == 3
    assert result.taken == {"up": 2}


def test_a_model_without_variables() -> None:
    m = Model("empty")

    @m.action
    def nothing():
        require()

    result = checked(m)
    assert (result.distinct, result.generated, result.depth) == (1, 2, 1)
    assert result.verdict == "holds"


def test_an_error_in_what_most_steps_share_is_met_only_where_it_is_asked() -> None:
    m = Model("partial")
    n = m.scalar("n", to=m.int(0, 6), init=0)
    f = m.var("f", m.int(0, 2), to=BOOL, init=True)
    P = m.sort("P", size=4, symmetric=False)

    @m.action
    def low(p: P):  # noqa: ARG001  # several instances that are alike
        require(inside=n < 3)
        n.set(n + 1)

    @m.action
    def high():
        require(outside=n > 2, room=n < 6)
        n.set(n + 1)

    m.step("kept", {"low": on(low, lambda p: f[n])})
    result = checked(m)
    assert result.distinct == 7
    assert result_of(result, "kept").verdict == "holds"


def test_selected_properties_alone() -> None:
    result = checked(counter(), properties=("natural",))
    assert [p.id for p in result.properties] == ["natural"]
    result = checked(counter(), properties=("deadlock",))
    assert [p.id for p in result.properties] == ["deadlock"]


def test_unknown_properties_and_engines_are_refused() -> None:
    with pytest.raises(KnellError, match="has no property 'nonsense'"):
        checked(counter(), properties=("nonsense",))
    with pytest.raises(KnellError, match="no engine 'warp'"):
        checked(counter(), engine="warp")


def test_defaults() -> None:
    result = check(counter())
    assert (result.workers, result.mutant, result.complete) == (1, None, True)
    assert checked(counter()).engine == "reference"
