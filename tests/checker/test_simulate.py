"""Random walks: what they find is real, what they do not find stays unknown, a seed repeats."""

import pytest

from knell.checker import CheckResult
from knell.spec.errors import KnellError
from tests.checker.machines import built, checked, counter, result_of, steps_of, two_phase_commit
from tests.checker.test_search import stepper


def seen(result: CheckResult) -> tuple[object, ...]:
    runs = [p.run and [str(step) for step in p.run.steps] for p in result.properties]
    return result.distinct, result.generated, result.depth, result.taken, runs


def test_a_seed_repeats_the_walks() -> None:
    model = built(two_phase_commit, RM=5)
    first = checked(model, simulate=5, seed=3)
    assert seen(first) == seen(checked(model, simulate=5, seed=3))
    assert seen(first) != seen(checked(model, simulate=5, seed=4))
    assert not first.symmetry
    assert first.walks == 5
    assert checked(model, symmetry=False).walks == 0


def test_violations_are_real_and_the_rest_is_unknown() -> None:
    result = checked(counter(), simulate=20)
    assert result_of(result, "small").verdict == "violated"
    assert result_of(result, "full").verdict == "holds"
    assert result_of(result, "natural").verdict == "unknown"
    assert result_of(result, "fills").verdict == "unknown"
    assert result_of(result, "deadlock").verdict == "violated"
    assert not result.complete
    assert result.reasons == ("20 random walks of at most 100 states prove nothing",)
    assert result.warnings == ()


def test_action_properties_are_asked_of_every_step_out_of_a_state() -> None:
    result = checked(stepper(), simulate=10)
    assert steps_of(result, "rises")[-1] == "fall()"
    assert steps_of(result, "stay_is_low")[-1] == "stay()"


def test_walks_end_at_the_depth_given() -> None:
    result = checked(counter(limit=200), simulate=4, max_depth=7, properties=("natural",))
    assert result.depth == 7
    assert sum(result.taken.values()) == 4 * 6
    assert result.verdict == "inconclusive"


def test_bounds_end_the_walks() -> None:
    result = checked(built(two_phase_commit, RM=5), simulate=10_000, max_states=50)
    assert result.reasons[0].startswith("the bound of 50 states was reached after")
    result = checked(counter(), simulate=10_000, max_seconds=0)
    assert result.reasons[0].startswith("the bound of 0 seconds was reached after 0 of 10000")
    result = checked(counter(), simulate=10_000, fail_fast=True)
    assert result.reasons[0].startswith("stopped at the first violation after 1 of")
    assert result.walks == 1


def test_what_walks_have_no_use_for_is_refused(tmp_path) -> None:
    for options in ({"symmetry": True}, {"checkpoint": tmp_path}, {"resume": tmp_path}):
        with pytest.raises(KnellError, match="--simulate: random walks have no use for it"):
            checked(counter(), simulate=1, **options)
