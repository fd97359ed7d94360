"""No auxiliary invariant of the proofs for any size can be left out: `needed.toml` says why.

The long run (``make witnesses``) asks every row of the table; the short one some.
"""

from __future__ import annotations

import pytest

from knell.prover.inductive import How, Induction
from tests.long import LONG
from tests.prover.needed import ANY_SIZE, sound, split, table

ROWS = [(config, name) for config in ANY_SIZE for name in table()[config]]
STEP = 1 if LONG else 13


@pytest.mark.parametrize("config", ANY_SIZE)
def test_the_table_is_whole(config: str) -> None:
    names = [clause.name for clause in sound(config).invariants]
    assert list(table()[config]) == names, "python -m tests.prover.needed writes it anew"


@pytest.mark.parametrize("config", ANY_SIZE)
def test_every_row_leads_to_a_property(config: str) -> None:
    rows = table()[config]
    claimed = {each.id for each in sound(config).properties if each.kind in ("always", "action")}
    for name in rows:
        followed = [name]
        while (conjunct := split(rows[followed[-1]])[1]) in rows:
            assert conjunct not in followed, "the rows lead in a circle"
            followed.append(conjunct)
        assert conjunct.split(".")[0] in claimed


@pytest.mark.parametrize(("config", "name"), ROWS[::STEP])
def test_it_fails_without_the_invariant(config: str, name: str) -> None:
    model = sound(config)
    model.invariants = [clause for clause in model.invariants if clause.name != name]
    solved = Induction(model, How(seconds=30, workers=1)).ask(*split(table()[config][name]))
    assert solved.answer == "sat"
