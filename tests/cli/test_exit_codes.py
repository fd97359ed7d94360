"""Exit codes are a contract: 0 holds, 1 violated, 2 usage, 3 internal, 4 inconclusive."""

from __future__ import annotations

import pytest

import knell.checker


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--help"], 0),
        (["check", "--help"], 0),
        (["--version"], 0),
        (["models"], 0),
        (["check", "two-phase-commit"], 0),
        (["check", "two-phase-commit", "--set", "RM=2", "--property", "agreement"], 0),
        (["check", "die-hard"], 1),
        (["check", "die-hard", "--property", "solved,deadlock"], 0),
        (["check", "die-hard", "--property", "solved", "--property", "not_four"], 1),
        (["check", "die-hard", "--fail-fast"], 1),
        (["check", "two-phase-commit", "--engine", "reference"], 0),
        (["check", "two-phase-commit", "--max-states", "10"], 4),
        (["check", "two-phase-commit", "--max-depth", "2"], 4),
        (["check", "coffee-can", "--max-seconds", "0.000001"], 4),
        (["check", "two-phase-commit", "--simulate", "3", "--seed", "7"], 4),
        (["check", "die-hard", "--simulate", "200", "--property", "not_four"], 1),
        (["check", "two-phase-commit", "--symmetry"], 0),
        (["check", "--set", "config=small"], 0),
        (["check", "no-such-model"], 2),
    ],
)
def test_exit_code(invoke, argv, code) -> None:
    assert invoke(*argv).code == code


def test_an_unexpected_failure_is_one_line(invoke, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("something\nodd")

    monkeypatch.setattr(knell.checker, "check", fail)
    monkeypatch.delenv("KNELL_DEBUG", raising=False)
    done = invoke("check", "peterson")
    assert done.code == 3
    assert done.out == ""
    assert done.err == (
        "knell: internal error: RuntimeError: something odd; "
        "rerun with KNELL_DEBUG=1 for the traceback\n"
    )
    monkeypatch.setenv("KNELL_DEBUG", "1")
    done = invoke("check", "peterson")
    assert done.code == 3
    assert "Traceback" in done.err


def test_lack_of_memory_says_what_to_do(invoke, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(knell.checker, "check", fail)
    done = invoke("check", "peterson")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "--max-states" in done.err


def test_an_interruption_before_anything_is_known(invoke, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(knell.checker, "check", fail)
    done = invoke("check", "peterson")
    assert (done.code, done.err.count("\n")) == (4, 1)


@pytest.mark.parametrize(
    ("model", "argv", "code"),
    [
        ("turns", [], 0),
        ("turns", ["--suite"], 0),
        ("turns", ["--suite", "--workers", "1"], 0),
        ("turns", ["--suite", "--max-states", "2"], 4),
        ("turns", ["--suite", "--simulate", "2"], 4),
        ("relay", [], 1),
        ("relay", ["--suite"], 1),
        ("relay", ["--suite", "--max-states", "20"], 1),
        ("relay", ["--suite", "--property", "calm"], 0),
        ("relay", ["--property", "calm"], 0),
        ("relay", ["--mutant", "greedy", "--property", "calm"], 1),
        ("relay", ["--property", "finishes"], 1),
        ("relay", ["--property", "two_jobs"], 1),
    ],
)
def test_a_users_own_model(invoke, request, model, argv, code) -> None:
    assert invoke("check", request.getfixturevalue(model), *argv).code == code
