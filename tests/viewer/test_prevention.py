"""What would have prevented it: where two runs are compared, and of which pairs nothing is said."""

from copy import deepcopy

import pytest

from knell.language.settings import Settings
from knell.viewer.history import History
from knell.viewer.prevention import prevented, remedy
from tests.viewer import makers


@pytest.fixture(scope="module")
def faulty():
    return makers.found("node-shutdown", Settings(None, {}, "left-means-released"), "S2")[1]


def test_a_planted_fault_is_told_against_a_run_without_it(faulty, repaired):
    text = prevented(History(faulty), History(repaired), "first")
    last = len(faulty["steps"])
    assert text.startswith(f"Without the first's planted fault, the first's step {last - 1} would ")
    assert text.endswith(f", so step {last} would not be allowed.")


def test_an_endless_run_would_have_to_go_on(stuttering, repaired):
    assert prevented(History(stuttering), History(repaired), "second") == (
        "Without the second's planted fault, the second would have to go on with "
        "force_out(i=n3, g=g1)."
    )
    assert remedy(History(stuttering))[1].endswith(
        "would have to happen. force_out means: “The deadline passed: the member is gated, and "
        "its process is killed.”"
    )


@pytest.mark.parametrize("change", ["model", "mutant", "config"])
def test_a_run_of_any_other_model_says_nothing_of_the_remedy(one_signal, repaired, change):
    other = deepcopy(repaired)
    other["meta"][change] = {
        "model": "peterson",
        "mutant": "no-deadline",
        "config": {**repaired["meta"]["config"], "nodes": 2},
    }[change]
    assert prevented(History(one_signal), History(other), "first") == ""


def test_without_a_step_that_decides_the_two_facts_stand_side_by_side(one_signal, repaired):
    run = deepcopy(one_signal)
    run["extras"]["remedy"]["stops"]["since"] = []
    text = prevented(History(run), History(repaired), "first")
    assert text.endswith(
        "the first's step 3 would not set released[n3, g1, n1] and not set "
        "heard_release[n3, n1] and not set released[n3, g2, n1], and step 4 would not be allowed."
    )
