"""Leads-to under weak and strong fairness, lassos, and their shape."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knell.checker import CheckResult, PropertyResult, Run
from knell.language import BOOL, Model, ModelError, forall, require
from knell.language.model import Fairness
from tests.checker.fair_sets import Machine, steps_to_a_fair_set
from tests.checker.machines import checked, counter, result_of


def endless(result: CheckResult, id: str) -> tuple[PropertyResult, Run, int]:
    found = result_of(result, id)
    assert found.verdict == "violated"
    assert found.run is not None
    assert found.run.loop is not None
    return found, found.run, found.run.loop


def test_weak_fairness_makes_progress() -> None:
    assert result_of(checked(counter()), "fills").verdict == "holds"


def two_choices(fair: Fairness) -> Model:
    """Goes round between two places; in one of them there is a way out."""
    m = Model("revolving-door")
    at = m.scalar("at", to=m.enum("Place", "street", "door", "house"), init="street")

    @m.action(fair="weak")
    def into_door():
        require(outside=at == "street")
        at.set("door")

    @m.action(fair="weak")
    def back_out():
        require(inside=at == "door")
        at.set("street")

    @m.action(fair=fair)
    def go_in():
        require(inside=at == "door")
        at.set("house")

    m.ends(at == "house")
    m.leads_to("arrives", lambda: (at == "street", at == "house"))
    return m


def test_weak_fairness_is_not_enough_where_the_way_out_closes_again() -> None:
    _, run, loop = endless(checked(two_choices("weak")), "arrives")
    assert [str(step) for step in run.steps] == ["into_door()", "back_out()"]
    assert (len(run.states), loop) == (2, 0)


def test_strong_fairness_is() -> None:
    assert result_of(checked(two_choices("strong")), "arrives").verdict == "holds"


def test_without_fairness_a_run_may_stand_still() -> None:
    m = Model("lazy")
    done = m.scalar("done", to=BOOL, init=False)

    @m.action
    def finish():
        require(open=~done)
        done.set(True)

    m.ends(done)
    m.leads_to("finishes", lambda: (~done, done))
    _, run, loop = endless(checked(m), "finishes")
    assert (run.states, run.steps, loop) == (((0,),), (), 0)


def test_an_instance_that_changes_nothing_is_not_enabled_for_fairness() -> None:
    m = Model("idle")
    n = m.scalar("n", to=m.int(0, 1), init=0)

    @m.action(fair="strong")
    def spin():
        n.set(n)

    @m.action
    def step():
        n.set(1)

    m.leads_to("steps", lambda: (n == 0, n == 1))
    _, run, loop = endless(checked(m), "steps")
    assert (run.states, run.steps, loop) == (((0,),), (), 0)


def test_fairness_is_for_each_instance() -> None:
    m = Model("two-lamps")
    L = m.sort("L", size=2, symmetric=False)
    lit = m.rel("lit", L)

    @m.action(fair="weak")
    def toggle(x: L):
        lit[x] = ~lit[x]

    m.leads_to("each", L, lambda x: (~lit[x], lit[x]))
    m.leads_to("both", lambda: (forall(L, lambda x: ~lit[x]), forall(L, lambda x: lit[x])))
    result = checked(m)
    assert result_of(result, "each").verdict == "holds"
    _, run, loop = endless(result, "both")
    taken = {str(step) for step in run.steps[loop:]}
    assert taken == {"toggle(l1)", "toggle(l2)"}


def test_the_instance_that_starves_is_named() -> None:
    m = Model("favourite")
    P = m.sort("P", names=("ann", "bob"), symmetric=False)
    served = m.rel("served", P)

    @m.action(fair="weak")
    def serve():
        served[P["ann"]] = True

    m.leads_to("all", P, lambda p: (~served[p], served[p]))
    found, run, loop = endless(checked(m), "all")
    assert found.bindings == {"p": "bob"}
    assert (len(run.states), loop) == (2, 1)
    assert len(run.steps) == 1


def test_the_way_into_the_trap_is_shortest_and_the_goal_may_hold_before() -> None:
    m = Model("relapse")
    n = m.scalar("n", to=m.int(0, 4), init=0)

    @m.action(fair="weak")
    def up():
        require(room=n < 4)
        n.set(n + 1)

    m.leads_to("one", lambda: (n >= 0, n == 3))
    _, run, loop = endless(checked(m), "one")
    assert run.states == ((0,), (1,), (2,), (3,), (4,))
    assert loop == 4


def test_a_response_is_met_where_premise_and_goal_hold_together() -> None:
    m = Model("at-once")
    n = m.scalar("n", to=m.int(0, 1), init=0)

    @m.action(fair="weak")
    def up():
        require(room=n < 1)
        n.set(1)

    m.leads_to("now", lambda: (n == 0, n == 0))
    assert result_of(checked(m), "now").verdict == "holds"


def test_the_loop_serves_everybody() -> None:
    m = Model("rounds")
    P = m.sort("P", size=3, symmetric=False)
    turn = m.scalar("turn", to=P, init="p1")
    up = m.rel("up", P)
    rang = m.scalar("rang", to=BOOL, init=False)

    @m.action(fair="weak")
    def flip(p: P):
        require(mine=turn == p)
        up[p] = ~up[p]

    @m.action(fair="weak")
    def pass_on(p: P):
        require(other=turn != p)
        turn.set(p)

    m.leads_to("rings", lambda: (~rang, rang))
    _, run, loop = endless(checked(m), "rings")
    assert len(run.steps) == len(run.states)
    assert loop == 0


def test_a_bound_leaves_it_open_unless_a_lasso_is_found() -> None:
    result = checked(counter(limit=9), max_depth=3)
    assert result_of(result, "fills").verdict == "unknown"
    result = checked(two_choices("weak"), max_states=3)
    assert result_of(result, "arrives").verdict == "violated"
    result = checked(two_choices("weak"), max_depth=2)
    assert result_of(result, "arrives").verdict == "unknown"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_random_machines_agree_with_the_enumeration_of_fair_sets(data: st.DataObject) -> None:
    machine = data.draw(Machine.random())
    result = result_of(checked(machine.model(), properties=("response",)), "response")
    if (distance := steps_to_a_fair_set(machine)) is None:
        assert result.verdict == "holds"
    else:
        assert result.verdict == "violated"
        assert result.run is not None
        assert result.run.loop == distance


def test_an_error_in_a_goal_tells_the_way_there() -> None:
    m = Model("outside")
    n = m.scalar("n", to=m.int(0, 3), init=0)
    f = m.var("f", m.int(0, 2), to=BOOL, init=False)

    @m.action(fair="weak")
    def add():
        require(room=n < 3)
        n.set(n + 1)

    m.leads_to("L", lambda: (n >= 0, f[n]))
    with pytest.raises(ModelError, match=r"f is read outside its domain, reached by 3 step\(s\)"):
        checked(m)
