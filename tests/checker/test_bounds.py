"""Bounds, interruption, progress and fail-fast: what is known so far, and nothing more."""

import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from knell.checker import CheckResult, Progress, drive
from knell.checker.drive import Clock, OutOfTimeError, watched
from knell.checker.lasso import Analysis
from knell.language import ANY, Model, each, require
from tests.checker.machines import built, checked, counter, result_of, two_phase_commit


def many() -> Model:
    return built(two_phase_commit, RM=5)


def verdicts(result: CheckResult) -> dict[str, str]:
    return {p.id: p.verdict for p in result.properties}


def test_a_bound_of_states() -> None:
    result = checked(many(), max_states=500, symmetry=False)
    assert not result.complete
    assert 500 <= result.distinct < 520
    assert result.reasons == ("the bound of 500 states was reached",)
    assert verdicts(result) == {
        "agreement": "unknown",
        "a_commit": "unknown",
        "deadlock": "unknown",
    }
    assert result.verdict == "inconclusive"


def test_a_bound_of_depth() -> None:
    result = checked(many(), max_depth=4, symmetry=False)
    assert not result.complete
    assert result.depth == 4
    assert result.levels == checked(many(), symmetry=False).levels[:4]
    assert result.reasons == ("the bound of depth 4 was reached",)


def test_a_bound_that_is_not_reached() -> None:
    result = checked(many(), max_depth=18, max_states=9000, max_seconds=600, symmetry=False)
    assert result.complete
    assert result.reasons == ()
    assert result.verdict == "holds"


def test_a_bound_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "_ALARM_SECONDS", 60.0)  # the model gets its time to be built
    result = checked(many(), max_seconds=0, symmetry=False)
    assert result.distinct == 1
    assert result.reasons == ("the bound of 0 seconds was reached",)


def test_what_was_found_before_the_bound_stays() -> None:
    result = checked(counter(), max_depth=4)
    assert verdicts(result) == {
        "small": "violated",
        "natural": "unknown",
        "full": "holds",
        "fills": "unknown",
        "deadlock": "unknown",
    }
    assert result.verdict == "violated"


def test_fail_fast_ends_after_the_depth_of_the_first_violation() -> None:
    m = counter(limit=9)
    n = m.properties[0].clauses[0]
    m.always("small_too", replace(n).formula)
    result = checked(m, fail_fast=True)
    assert result_of(result, "small").verdict == "violated"
    assert result_of(result, "small_too").verdict == "violated"
    assert result_of(result, "fills").verdict == "unknown"
    assert result.depth == 3
    assert result.reasons == ("stopped after the first violation",)


def test_fail_fast_without_a_violation_changes_nothing() -> None:
    fast = checked(many(), fail_fast=True)
    assert fast.complete
    assert verdicts(fast) == verdicts(checked(many()))


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "_PROGRESS_SECONDS", 0.0)


@pytest.mark.usefixtures("eager")
def test_progress_is_told() -> None:
    told: list[Progress] = []
    result = checked(many(), progress=told.append, symmetry=False)
    assert len(told) > 10
    assert [p.distinct for p in told] == sorted(p.distinct for p in told)
    assert all(p.memory > 1_000_000 for p in told)
    last = told[-1]
    assert (last.distinct, last.generated, last.depth) == (
        result.distinct,
        result.generated,
        result.depth,
    )
    assert last.queue == 0


def test_progress_is_told_at_most_four_times_a_second() -> None:
    told: list[Progress] = []
    result = checked(many(), progress=told.append, symmetry=False)
    assert len(told) <= result.total_seconds * 4


@pytest.mark.usefixtures("eager")
def test_a_keyboard_interrupt_leaves_what_is_known() -> None:
    def press(now: Progress) -> None:
        if now.distinct > 1000:
            raise KeyboardInterrupt

    result = checked(many(), progress=press, symmetry=False)
    assert not result.complete
    assert result.reasons == ("interrupted",)
    assert result.distinct > 1000


@pytest.mark.usefixtures("eager")
def test_ctrl_c_leaves_what_is_known() -> None:
    before = signal.getsignal(signal.SIGINT)

    def press(now: Progress) -> None:
        if now.distinct > 1000:
            os.kill(os.getpid(), signal.SIGINT)

    result = checked(many(), progress=press, symmetry=False)
    assert result.reasons == ("interrupted",)
    assert 1000 < result.distinct < 8832
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_leaves_what_the_compiled_engine_knows(workers: int) -> None:
    told: list[Progress] = []

    def press(now: Progress) -> None:
        told.append(now)
        if now.distinct > 50_000:
            os.kill(os.getpid(), signal.SIGINT)

    model = built(two_phase_commit, RM=7)
    search = {"engine": "compiled", "workers": workers, "symmetry": False}
    result = checked(model, progress=press, **search)
    assert result.reasons == ("interrupted",)
    assert 50_000 < result.distinct < 296_448
    assert all(verdict == "unknown" for id, verdict in verdicts(result).items() if id != "a_commit")
    assert told[-1].queue > 0
    assert told[-1].memory > 0


def test_a_check_in_another_thread_leaves_signals_alone() -> None:
    results: list[CheckResult] = []
    thread = threading.Thread(target=lambda: results.append(checked(many())))
    thread.start()
    thread.join()
    assert results[0].complete


def test_the_queue_may_be_wide() -> None:
    m = Model("wide-level")
    P = m.sort("P", size=10, symmetric=False)
    p = m.rel("p", P)

    @m.action
    def mark(x: P):
        require(free=~p[x])
        p[x] = True

    @m.action
    def clear():
        for x in each(P):
            p[x] = False

    result = checked(m)
    assert result.distinct == 1024
    assert result.levels == (1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1)


# Before and after the search


def without_end(*_: object) -> None:
    while True:
        pass


@pytest.mark.usefixtures("eager")
def test_a_bound_of_seconds_ends_the_analysis_of_liveness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Analysis, "__init__", without_end)
    told: list[Progress] = []
    before = signal.getsignal(signal.SIGALRM)
    result = checked(counter(), max_seconds=0.4, progress=told.append)
    assert result.complete
    assert result.reasons == ("the bound of 0.4 seconds was reached",)
    assert result_of(result, "fills").verdict == "unknown"
    assert result_of(result, "small").verdict == "violated"
    assert result_of(result, "full").verdict == "holds"
    assert told[-1].doing == "looking for runs that wait for ever"
    assert told[-1].distinct == result.distinct
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_end_that_is_lost_comes_again() -> None:
    def losing() -> None:
        with suppress(OutOfTimeError):  # as where memory is reclaimed
            without_end()
        without_end()

    with pytest.raises(OutOfTimeError), watched(Clock(limit=0.0), "waiting"):
        losing()


def test_a_bound_that_is_over_leaves_liveness_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Analysis, "__init__", without_end)
    result = checked(counter(), max_seconds=0)
    assert result_of(result, "fills").verdict == "unknown"


def anything(*, simulated: bool = False) -> CheckResult:
    m = Model("anything")
    P = m.sort("P", size=12, symmetric=False)
    p = m.var("p", P, to=m.int(0, 9), init=ANY)
    m.init(none=p["p1"] > 9)

    @m.action
    def clear(x: P):
        p[x] = 0

    m.always("small", p["p1"] < 9)
    return checked(m.finish(), max_seconds=0.3, simulate=3 if simulated else None)


@pytest.mark.parametrize("simulated", [False, True])
def test_a_bound_of_seconds_ends_the_search_for_initial_states(simulated: bool) -> None:
    result = anything(simulated=simulated)
    assert not result.complete
    assert result.reasons == ("the bound of 0.3 seconds was reached",)
    assert (result.distinct, result.verdict) == (0, "inconclusive")


@pytest.mark.usefixtures("eager")
def test_a_bound_of_seconds_ends_the_building_of_the_model() -> None:
    told: list[Progress] = []
    m = built(two_phase_commit, RM=400)
    result = checked(m, max_seconds=0.2, progress=told.append, properties=("agreement",))
    assert result.reasons == (
        "the bound of 0.2 seconds was reached while the model was being built",
    )
    assert (result.distinct, result.depth, result.complete) == (0, 0, False)
    assert verdicts(result) == {"agreement": "unknown"}
    assert told[-1].doing == "building the model"
    assert told[-1].distinct == 0
