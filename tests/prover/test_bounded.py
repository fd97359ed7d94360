"""Bounded runs and k-induction, against breadth-first search and against a naive one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.language import ANY, Model, ModelError, Settings, implies, require
from knell.language.loading import load_model
from knell.prover.bounded import Bounded
from tests.checker.naive import explore
from tests.checker.random_models import models

SMALL: dict[str, dict[str, int | bool | str]] = {
    "two-phase-commit": {"RM": 2},
    "coffee-can": {"M": 6},
    "readers-writers": {"N": 2},
    "simple-allocator": {"Client": 2},
}
MOST = 9


def example(name: str) -> Model:
    return load_model(EXAMPLES[name], Settings(values=SMALL.get(name, {})))


@pytest.mark.parametrize("name", EXAMPLES)
def test_depth_is_that_of_breadth_first_search(name) -> None:
    model = example(name)
    decidable = [p.id for p in model.properties if p.kind != "leads_to"]
    searched = check(model, Options(symmetry=False, properties=(*decidable, "deadlock")))
    depths = {each.id: len(each.run.states) if each.run else None for each in searched.properties}
    broken = [each.id for each in searched.properties if each.verdict == "violated"]
    assert all((depths[id] or 0) <= MOST for id in broken), "the bound is too low for a violation"
    for each in Bounded(model).check(MOST).properties:
        depth = depths[each.id]
        found = len(each.run.states) if each.run else None
        assert found == (depth if depth is not None and depth <= MOST else None), each.id


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(models(rigid=True))
def test_random_models(model: Model) -> None:
    found = explore(model, 200)
    assume(found is not None)
    assert found is not None
    for each in Bounded(model).check(5).properties:
        depth = found.shortest.get(each.id)
        reached = len(each.run.states) if each.run else None
        assert reached == (depth if depth and depth <= 5 else None)
        if each.verdict == "proved" and each.kind in ("always", "action"):
            assert depth is None


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(models(rigid=True))
def test_k_induction_never_contradicts(model: Model) -> None:
    found = explore(model, 200)
    assume(found is not None)
    assert found is not None
    for each in Bounded(model).k_induction(3).properties:
        if each.kind in ("always", "action"):
            depth = found.shortest.get(each.id)
            assert each.verdict != "proved" or depth is None
            assert each.verdict != "refuted" or depth is not None


def test_peterson_by_induction() -> None:
    result = Bounded(example("peterson")).k_induction(1)
    assert result.verdict == "proved"
    assert {each.verdict for each in result.obligations} == {"proved"}


def test_agreement_needs_an_invariant() -> None:
    result = Bounded(example("two-phase-commit")).k_induction(1)
    verdicts = {each.id: each.verdict for each in result.properties}
    assert verdicts["agreement"] == "not-inductive"
    assert result.verdict == "not-inductive"


def test_k_induction_is_complete_at_some_length() -> None:
    assert Bounded(example("two-phase-commit")).k_induction(9).verdict == "proved"


def test_a_refutation_is_a_run() -> None:
    result = Bounded(example("die-hard")).check(7)
    assert result.verdict == "refuted"
    refuted = next(each for each in result.properties if each.verdict == "refuted")
    assert refuted.run is not None
    assert len(refuted.run.states) == 7
    assert [clause.name for clause in refuted.broken] == ["not_four"]


def test_a_bound_is_no_pass() -> None:
    result = Bounded(example("die-hard")).check(6)
    assert result.verdict == "unknown"
    assert result.reasons == ("the bound of 6 states was reached",)


def counter(*, guarded: bool) -> Model:
    m = Model("counter")
    x = m.scalar("x", to=m.int(-2, 3), init=ANY)
    m.init(low=x < 0)

    def step():
        if guarded:
            require(room=x <= 1)
        x.set(x * 2 - x // 2 + x % 3)

    step.__name__ = "step"
    m.action(step)
    m.always("low", implies(x > 0, x < 3))
    return m.finish()


def test_a_mistake_of_the_model_is_reported() -> None:
    with pytest.raises(ModelError, match=r"outside -2\.\.3, after step"):
        Bounded(counter(guarded=False)).check(4)


@pytest.mark.parametrize("name", ["take_two_black", "rest"])
def test_numbers_are_as_wide_as_needed(name) -> None:
    assert name in {action.name for action in example("coffee-can").actions}
    assert Bounded(example("coffee-can")).k_induction(1).verdict == "proved"
