"""No planted fault that breaks a safety property is proved: each fails at a named obligation.

The long run (``make witnesses``) asks every row of the table; the short one some.
"""

from __future__ import annotations

import pytest

from knell.language import Mutant, Settings
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.prover.inductive import How, Induction
from knell.prover.problem import content
from tests.long import LONG
from tests.prover.planted import ANY_SIZE, SAFETY, planted, table

TOLD = [m for m in SAFETY if table().get(m.id)]
LEFT_OUT = [m for m in SAFETY if table().get(m.id) == ""]
STEP = 1 if LONG else 12


def test_the_table_is_whole() -> None:
    known = {mutant.id for mutant in SAFETY}
    assert set(table()) <= known
    if LONG:
        assert known <= set(table()), "python -m tests.prover.planted adds the rows"


@pytest.mark.parametrize("mutant", TOLD[::STEP], ids=lambda mutant: mutant.id)
def test_the_named_obligation_fails(mutant: Mutant) -> None:
    action, conjunct = table()[mutant.id].split(" / ")
    solved = Induction(planted(mutant), How(seconds=30, workers=1)).ask(action, conjunct)
    assert solved.answer == "sat"
    assert solved.counterexample is not None


@pytest.mark.parametrize("mutant", LEFT_OUT[::STEP], ids=lambda mutant: mutant.id)
def test_what_is_left_out_changes_nothing(mutant: Mutant) -> None:
    sound = load_model(NODE_SHUTDOWN, Settings(ANY_SIZE))
    assert content(planted(mutant)) == content(sound)
