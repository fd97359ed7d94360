"""Live tests: real processes on loopback. Whatever their nodes log must be explained."""

from __future__ import annotations

import pytest

from knell.conformance.validation import Verdict, validate


@pytest.fixture(autouse=True)
def _logs_are_explained(tmp_path_factory, monkeypatch):
    """After each test the model has to explain what the nodes have logged (`spec/LOGS.md`)."""
    folder = tmp_path_factory.mktemp("logs")
    monkeypatch.setenv("KNELL_KEEP_LOGS", str(folder))
    yield
    for path in sorted(folder.glob("*.ndjson")):
        for run in validate([path]):
            assert run.verdict is not Verdict.REJECT, run
