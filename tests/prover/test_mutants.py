"""No planted fault that breaks a safety property is proved: each fails at a named obligation.

The long run (``make witnesses``) asks every row of the table; the short one some.
"""

from __future__ import annotations

import pytest

from knell.language import Mutant
from knell.prover.inductive import How, Induction
from tests.long import LONG
from tests.prover.needed import ANY_SIZE, split
from tests.prover.planted import LEFT_OUT, SAFETY, changed, planted, table

TOLD = [(m, config) for config in ANY_SIZE for m in SAFETY if m.id in table()[config]]
STEP = 1 if LONG else 12


def test_the_table_is_whole() -> None:
    listed = [id for rows in table().values() for id in rows]
    assert sorted(listed) == sorted(m.id for m in SAFETY), "python -m tests.prover.planted"


@pytest.mark.parametrize(
    ("mutant", "config"), TOLD[::STEP], ids=lambda each: getattr(each, "id", each)
)
def test_the_named_obligation_fails(mutant: Mutant, config: str) -> None:
    action, conjunct = split(table()[config][mutant.id])
    solved = Induction(planted(mutant, config), How(seconds=30, workers=1)).ask(action, conjunct)
    assert solved.answer == "sat"
    assert solved.counterexample is not None


def test_what_is_left_out_is_about_cold_starts() -> None:
    left_out = [mutant for mutant in SAFETY if mutant.id in table()[LEFT_OUT]]
    assert {mutant.config for mutant in left_out} <= {"cold-start"}
    assert not any(changed(mutant, config) for mutant in left_out for config in ANY_SIZE)
