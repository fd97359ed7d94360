"""What a person reads of a check, to the letter. Renew the golden files with RENEW_GOLDEN=1."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

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


def test_a_mutant_that_survives_is_said_to(invoke, relay) -> None:
    done = invoke("check", relay, "--mutant", "greedy", "--property", "someone_busy")
    assert done.code == 0
    assert "mutant greedy survives; expected to kill it: calm" in done.out
