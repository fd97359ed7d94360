"""What a person reads of a check, to the letter. Renew the golden files with RENEW_GOLDEN=1."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from knell.checker import engines

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"

_MEASURED = (
    (re.compile(r" +[\d.,]+ +[\d,]+ MiB"), "  # s  # MiB"),  # columns of a suite
    (re.compile(r"[\d.,]+ s\b"), "# s"),
    (re.compile(r"[\d,]+ MiB"), "# MiB"),
)


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("counterexamples", ["check", "relay.py", "--no-symmetry"]),
        ("suite", ["check", "relay.py", "--suite", "--no-symmetry", "--workers", "2"]),
        ("mutant", ["check", "relay.py", "--mutant", "greedy", "--no-symmetry"]),
        ("bounded", ["check", "relay.py", "--max-depth", "2", "--no-symmetry"]),
        ("queues", ["check", "courier.py", "--no-symmetry"]),
        ("die-hard", ["check", "die-hard"]),
        ("models", ["models", "relay.py", "die-hard"]),
    ],
)
def test_output(invoke, samples, monkeypatch, name, argv) -> None:
    monkeypatch.chdir(samples)
    engine = ["--engine", "reference"] if argv[0] == "check" else []
    text = invoke(*argv, *engine).out
    for pattern, shown in _MEASURED:
        text = pattern.sub(shown, text)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_protocol_without_its_second_signal(invoke) -> None:
    done = invoke("check", "--set", "config=one-signal", "--property", "S2")
    assert done.code == 1
    assert "S2 is violated" in done.out
    assert "at most one node can act as primary" in " ".join(done.out.split())
    assert "promote(" in done.out
    assert "environment" in done.out
    assert done.out.splitlines()[-1] == "violated: S2"


def test_why_and_what_would_have_prevented_it(invoke) -> None:
    done = invoke("check", "--set", "config=one-signal", "--property", "S2")
    text = " ".join(done.out.split())
    assert "why step 4 was allowed since released[n3, g1, n1] = true: step 3" in text
    assert "primary[n3, g1] = true: step 4, promote(o=n3, g=g1)" in text
    assert "what would have prevented it This is a weaker variant: signals = 1 instead of 2" in text
    assert "Step 4, promote(o=n3, g=g1), is not allowed: earlier_released does not hold" in text


def test_parameters_at_their_defaults_are_counted(invoke) -> None:
    out = invoke("check", "--set", "config=one-signal", "--property", "S2").out
    assert re.match(r"node-shutdown, configuration one-signal\n  signals=1 \(\d+ others", out)
    assert "  RM=3\n" in invoke("check", "two-phase-commit").out


def test_no_column_stays_empty(invoke) -> None:
    assert "claims" not in invoke("check", "peterson").out
    assert "claims" in invoke("check", "--set", "config=small", "--property", "S1").out


def test_workers_without_work_are_noted(invoke) -> None:
    out = invoke("check", "peterson", "--workers", "2", "--engine", "reference").out
    assert "note: --workers 2: one worked, which is all that the reference engine can" in out
    assert "note:" not in invoke("check", "peterson").out


def test_random_walks_are_counted(invoke) -> None:
    out = invoke("check", "die-hard", "--simulate", "200", "--seed", "1").out
    assert re.search(r"note: 200 random walks, [\d,]+ a second", out)


def test_why_the_reference_explored_is_noted(invoke, monkeypatch) -> None:
    monkeypatch.setattr(engines, "is_installed", lambda: False)
    out = " ".join(invoke("check", "coffee-can").out.split())
    assert "note: the reference engine explored: the compiled engine is not installed" in out
    assert "note:" not in invoke("check", "coffee-can", "--engine", "reference").out
    assert "note:" not in invoke("check", "die-hard").out, "it needs no other"
