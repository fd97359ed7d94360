"""Proposals for a proof that fails: they hold, are inductive, needed, and written as models are."""

from __future__ import annotations

import pytest

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.language import Model, Settings, every, forall
from knell.language.loading import load_model
from knell.language.settings import ParameterValue
from knell.protocol import NODE_SHUTDOWN
from knell.prover.inductive import How, Induction
from knell.prover.infer import infer
from tests.long import LONG

QUICK = How(seconds=10, workers=2, search_seconds=0)


def example(name: str, without: tuple[str, ...]) -> Model:
    model = load_model(EXAMPLES[name], Settings())
    model.invariants = [c for c in model.invariants if c.name not in without]
    return model


def test_what_was_taken_away_is_found_again() -> None:
    model = example("two-phase-commit", ("heard_was_sent",))
    found = infer(model, QUICK)
    assert found.proved
    assert found.complete
    assert len(found.invariants) == 1
    assert len(model.invariants) == 4
    model.invariants.append(found.invariants[0].clause)
    model.claim_invariants()
    assert Induction(model, QUICK).prove().verdict == "proved"
    assert check(model, Options(properties=("invariants",))).verdict == "holds"


def test_a_proposal_is_written_as_a_model_is() -> None:
    model = example("two-phase-commit", ("heard_was_sent",))
    text = infer(model, QUICK).invariants[0].text
    scope = {v.name: v for v in model.variables} | {s.name: s for s in model.sorts}
    model.invariant("pasted", eval(text, {"forall": forall, "every": every, **scope}))  # noqa: S307
    assert Induction(model, QUICK).prove().verdict == "proved"


def test_what_no_clause_can_say_is_not_found() -> None:
    """That a decision has a quorum needs an ``exists``."""
    found = infer(example("quorum-vote", ("decided_by_a_quorum",)), QUICK)
    assert not found.proved
    assert found.reachable_looking == ("decide / one_decision",)


@pytest.mark.parametrize("most", [5, 20_000])
def test_few_states_may_mislead_but_prove_nothing_wrong(most: int) -> None:
    model = example("two-phase-commit", ("commit_is_promised",))
    for each in infer(model, QUICK, most).invariants:
        model.invariants.append(each.clause)
    if Induction(model, QUICK).prove().verdict == "proved":
        model.claim_invariants()
        assert check(model, Options(properties=("invariants",))).verdict == "holds"


@pytest.mark.skipif(not LONG, reason="takes a minute: make witnesses")
def test_what_the_protocol_needs_is_found_again() -> None:
    """Of takeover by lease: who has waited stopped granting before. Two clauses are found.

    One is what was taken away, to the letter; with the other, the configuration is proved, which
    it is not as it stands, for no process is gated for good there.
    """
    values: dict[str, ParameterValue] = {"failures": 0, "crashes": 0, "components": "none"}
    model = load_model(NODE_SHUTDOWN, Settings("lease-acts", values))
    model.invariants = [c for c in model.invariants if c.name != "waited_in_vain"]
    found = infer(model, QUICK)
    assert found.proved
    assert found.complete
    texts = [each.text for each in found.invariants]
    assert any("~stopped[inc1, inc2], waited[inc1, inc2]" in text for text in texts), texts
    model.invariants += [each.clause for each in found.invariants]
    assert Induction(model, QUICK).prove().verdict == "proved"
