"""The command line as tests see it: run in this process, or as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from knell.cli.main import main

SAMPLES = Path(__file__).with_name("samples")


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def samples() -> Path:
    """The directory of sample models."""
    return SAMPLES


@pytest.fixture
def relay() -> str:
    """A model in which everything is violated."""
    return str(SAMPLES / "relay.py")


@pytest.fixture
def turns() -> str:
    """A model in which everything holds."""
    return str(SAMPLES / "turns.py")


@pytest.fixture
def invoke(capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command in this process."""

    def run(*argv: object) -> Done:
        code = main([str(each) for each in argv])
        captured = capfd.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture
def knell() -> Callable[..., Done]:
    """Run the command as a program."""

    def run(*argv: object, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "knell.cli.main", *map(str, argv)],
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run
