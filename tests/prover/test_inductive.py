"""Proofs for any size: what is proved, what is not, and what is refused."""

from __future__ import annotations

import pytest

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.language import Model, Settings, each, exists, forall, iff, implies, require
from knell.language.expressions import Expr
from knell.language.loading import load_model
from knell.prover.cache import Cache
from knell.prover.inductive import How, Induction
from knell.prover.problem import Problem
from knell.prover.solve import OUT_OF_TIME
from knell.spec.errors import KnellError

QUICK = How(seconds=10, workers=2, search_seconds=5)


def example(name: str) -> Model:
    return load_model(EXAMPLES[name], Settings())


@pytest.mark.parametrize(
    "name", ["two-phase-commit", "transaction-commit", "quorum-vote", "simple-allocator"]
)
def test_examples_are_proved(name) -> None:
    result = Induction(example(name), QUICK).prove()
    assert result.verdict == "proved"
    assert result.scope == "unbounded"
    assert {each.verdict for each in result.obligations} == {"proved"}


@pytest.mark.parametrize("name", ["two-phase-commit", "quorum-vote"])
def test_every_auxiliary_invariant_is_needed(name) -> None:
    for clause in example(name).invariants:
        model = example(name)
        model.invariants = [each for each in model.invariants if each.name != clause.name]
        assert Induction(model, QUICK).prove().verdict == "not-inductive", clause.name


@pytest.mark.parametrize("name", ["two-phase-commit", "quorum-vote"])
def test_the_checker_agrees_with_the_invariants(name) -> None:
    model = example(name)
    model.claim_invariants()
    result = check(model, Options(properties=("invariants",)))
    assert result.verdict == "holds"


def test_a_counterexample_shows_two_states() -> None:
    model = example("two-phase-commit")
    model.invariants = []
    result = Induction(model, QUICK).prove()
    shown = result.counterexamples[0]
    assert shown.sizes == {"RM": 2}
    assert shown.conjunct == "agreement"
    assert shown.before != shown.after
    assert all(each.run is None for each in result.properties)


def tokens(*, careless: bool) -> Model:
    """A token is passed on; whoever has it may work."""
    m = Model("tokens")
    P = m.sort("P", size=2)
    first = m.rigid("first", P, value={"p1"})
    has = m.rel("has", P, init=lambda p: first[p])
    m.axiom("one_first", forall(P, P, lambda p, q: implies(first[p] & first[q], p == q)))

    def pass_on(p: P, q: P):
        require(mine=has[p])
        if not careless:
            has[p] = False
        has[q] = True

    m.action(pass_on)
    m.always("one", forall(P, P, lambda p, q: implies(has[p] & has[q], p == q)))
    return m.finish()


def test_refuted_only_with_a_run() -> None:
    result = Induction(tokens(careless=True), QUICK).prove()
    assert result.verdict == "refuted"
    (refuted,) = result.properties
    assert refuted.run is not None
    assert len(refuted.run.states) == 2


def test_a_function_from_a_sort_to_itself_is_refused() -> None:
    with pytest.raises(KnellError, match="rigid function other leads from P to P") as refused:
        Induction(example("peterson"), QUICK)
    assert "peterson.py:" in str(refused.value)
    assert "declare a relation instead" in str(refused.value)


def test_an_alternation_that_no_name_mends_is_refused() -> None:
    """The formula is named by what the model calls it, with its place and a way to restate it."""
    m = Model("endless")
    P = m.sort("P", size=2)
    a, b = m.rel("a", P, P), m.rel("b", P, P)

    def go(p: P, q: P):
        a[p, q] = True

    def followed(r: Expr) -> Expr:
        return exists(P, lambda s: b[r, s])

    def leads(q: Expr) -> Expr:
        return forall(P, lambda r: implies(a[q, r], followed(r)))

    m.action(go)
    m.always("endless", forall(P, lambda p: exists(P, lambda q: a[p, q] & leads(q))))
    with pytest.raises(KnellError, match="endless: for every P some P") as refused:
        Induction(m.finish(), QUICK)
    assert "test_inductive.py:" in str(refused.value)
    assert "let the step that makes it so set a relation" in str(refused.value)


def followers(*, claim: str) -> Model:
    """A formula that says of everybody that somebody else did something."""
    m = Model("followers")
    P = m.sort("P", size=2)
    behind = m.rigid("behind", P, P, value=lambda p, q: p > q)
    went, told = m.rel("went", P), m.rel("told", P)

    def go(p: P):
        went[p] = True

    def tell(p: P, q: P):
        require(follows=behind[p, q], gone=went[q])
        told[p] = True

    def turn_back(p: P):
        went[p] = False

    m.action(go)
    m.action(tell)
    if claim == "lost":
        m.action(turn_back)
    m.always(
        "told_why",
        forall(P, lambda p: implies(told[p], exists(P, lambda q: behind[p, q] & went[q]))),
    )
    return m.finish()


def test_an_exists_of_the_same_sort_is_named() -> None:
    induction = Induction(followers(claim="kept"), QUICK)
    assert len(induction.problem.names.all) == 1
    assert induction.prove().verdict == "proved"


def test_a_name_does_not_hide_what_is_lost() -> None:
    assert Induction(followers(claim="lost"), QUICK).prove().verdict == "refuted"


def test_inconsistent_axioms_prove_nothing() -> None:
    m = Model("nothing")
    P = m.sort("P", size=1)
    f = m.rigid("f", P, value=lambda p: True)
    x = m.rel("x", P)
    m.axiom("yes", forall(P, lambda p: f[p]))

    def go(p: P):
        x[p] = ~x[p]

    m.action(go)
    m.always("never", forall(P, lambda p: iff(x[p], ~f[p])))
    m.axiom("no", forall(P, lambda p: ~f[p]))
    result = Induction(m.finish(), How(workers=1, search_seconds=0)).prove()
    assert {each.verdict for each in result.obligations if each.action == "consistency"} == {
        "unknown"
    }
    assert result.verdict != "proved"


def test_the_cache_keeps_what_is_proved(tmp_path) -> None:
    how = How(workers=1, cache=tmp_path)
    first = Induction(example("two-phase-commit"), how).prove()
    again = Induction(example("two-phase-commit"), how).prove()
    assert first.verdict == again.verdict == "proved"
    asked = [each for each in again.obligations if each.seconds and not each.cached]
    assert [each.action for each in asked] == ["consistency"]
    assert len(Cache(tmp_path)._known) > 10


def test_integers_that_are_too_many_are_refused() -> None:
    with pytest.raises(KnellError, match="too many for a proof of any size"):
        Induction(example("coffee-can"), QUICK).prove()


@pytest.mark.parametrize("workers", [1, 2])
def test_out_of_time_is_unknown(workers: int) -> None:
    result = Induction(example("quorum-vote"), How(most=0.0, workers=workers)).prove()
    assert result.verdict == "unknown"
    assert {each.verdict for each in result.properties} <= {"unknown", "proved"}
    assert {o.reason for o in result.obligations if o.verdict == "unknown"} == {OUT_OF_TIME}


def test_what_rests_on_a_failure_is_not_proved() -> None:
    """``b`` is kept only while ``a`` is, and ``a`` isn't."""
    m = Model("resting")
    P = m.sort("P", size=1)
    x, y, z = m.rel("x", P), m.rel("y", P), m.rel("z", P)

    def go(p: P):
        y[p] = x[p]

    def spoil(p: P):
        x[p] = z[p]

    m.action(go)
    m.action(spoil)
    m.always("a", forall(P, lambda p: ~x[p]))
    m.always("b", forall(P, lambda p: ~y[p]))
    model = m.finish()
    for settle in (False, True):
        result = Induction(model, How(workers=1, search_seconds=0, settle=settle)).prove()
        assert {each.id: each.verdict for each in result.properties}["a"] == "not-inductive"
        assert all(each.verdict != "proved" for each in result.properties)


def test_two_variables_of_one_name_are_two() -> None:
    """An action's parameter and the element of a claim are called alike."""
    m = Model("alike")
    P = m.sort("P", size=2)
    x = m.rel("x", P)

    def spoil(p: P):
        for q in each(P):
            x[q] = ~(q == p)

    m.action(spoil)
    m.always("never", forall(P, lambda p: ~x[p]))
    assert Induction(m.finish(), QUICK).prove().verdict == "refuted"


def test_queries_about_other_elements_are_have_other_keys() -> None:
    """Two models that differ in which parameter of an action a guard speaks of."""

    def build(*, of_the_first: bool) -> Model:
        m = Model("parameters")
        P = m.sort("P", size=2)
        x = m.rel("x", P)

        def go(p: P, q: P):
            require(there=x[p if of_the_first else q])
            x[p] = True

        m.action(go)
        m.always("never", forall(P, lambda r: ~x[r]))
        return m.finish()

    keys = []
    for of_the_first in (True, False):
        problem = Problem(build(of_the_first=of_the_first))
        (action,) = problem.model.actions
        keys.append(next(problem.inductions(action)).key)
    assert keys[0] != keys[1]
