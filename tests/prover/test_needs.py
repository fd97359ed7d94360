"""What each auxiliary invariant is for, and that one without a use is found."""

from __future__ import annotations

import pytest

from knell.examples import EXAMPLES
from knell.language import Model, Settings, forall, implies
from knell.language.loading import load_model
from knell.prover.inductive import How, Induction
from knell.prover.needs import Needs
from knell.spec.errors import KnellError

QUICK = How(seconds=10, workers=1, search_seconds=0)


def two_phase() -> Model:
    return load_model(EXAMPLES["two-phase-commit"], Settings())


def test_every_invariant_of_two_phase_commit_is_needed() -> None:
    for need in Needs(two_phase(), QUICK):
        assert need.lost == ("agreement",), need.invariant
        model = two_phase()
        model.invariants = [c for c in model.invariants if c.name != need.invariant]
        failing = [o for o in Induction(model, QUICK).prove().obligations if o.verdict != "proved"]
        assert (need.action, need.conjunct) in {(o.action, o.conjunct) for o in failing}


def test_an_idle_invariant_is_found_with_what_rests_on_it() -> None:
    model = two_phase()
    RM = model.sorts[0]
    heard, promised = (v for v in model.variables if v.name in ("heard", "promised"))
    model.invariant("repeated", forall(RM, lambda r: implies(heard[r], promised[r] | heard[r])))
    idle = [need for need in Needs(model, QUICK) if not need.lost]
    assert [need.invariant for need in idle] == ["repeated"]
    assert idle[0].action is None


def test_what_is_not_proved_needs_nothing() -> None:
    model = two_phase()
    model.invariants = []
    with pytest.raises(KnellError, match=r"abort_alone / agreement is not proved"):
        Needs(model, QUICK)
