"""A tiny model is explored by the reference; what is asked for is answered the same."""

import pytest

from knell.checker import Options, Progress, check, drive, tiny
from knell.language import Model
from tests.checker.machines import built, counter, result_of, two_phase_commit

pytest.importorskip("llvmlite", reason="without the compiled engine auto has no choice")


def many() -> Model:
    return built(two_phase_commit, RM=5)


def test_a_tiny_model_needs_no_kernel() -> None:
    result = check(counter())
    assert (result.engine, result.fallback, result.complete) == ("reference", None, True)


def test_a_larger_one_gets_one() -> None:
    result = check(many(), Options(symmetry=False))
    assert result.engine == "compiled"
    assert result.distinct == 8832


def test_more_than_a_few_states_are_explored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny, "MOST", 100)
    result = check(many(), Options(symmetry=False))
    assert (result.engine, result.distinct, result.complete) == ("compiled", 8832, True)


@pytest.mark.parametrize(
    "asked", [{"max_depth": 3}, {"max_states": 50}, {"fail_fast": True}, {"max_seconds": 600}]
)
def test_bounds_mean_the_same(asked: dict[str, int]) -> None:
    ours = check(counter(limit=200), Options(**asked))  # type: ignore[arg-type]  # as they come
    reference = check(counter(limit=200), Options(engine="reference", **asked))  # type: ignore[arg-type]
    assert ours.engine == "reference"
    for each in ("distinct", "generated", "depth", "complete", "reasons", "levels", "verdict"):
        assert getattr(ours, each) == getattr(reference, each), each
    assert result_of(ours, "small").verdict == result_of(reference, "small").verdict


def test_an_interruption_is_no_reason_to_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "_PROGRESS_SECONDS", 0.0)

    def press(now: Progress) -> None:
        if now.distinct > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(many(), Options(symmetry=False, progress=press))
