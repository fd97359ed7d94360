"""Live tests: real processes on loopback. Whatever their nodes log must be explained."""

from __future__ import annotations

import pytest

from knell.conformance.validation import MalformedLogError, Verdict, validate

OUTSIDE = {
    "test_f51_a_live_node_under_fire": "whoever holds the keys of nodes lies with them (§12.1)",
    "test_nothing_is_heard_of_a_node_that_was_left": "an operator fences a node that runs (§12.1)",
}
"""Tests that leave the assumptions of the model on purpose; their logs must not be explained."""


@pytest.fixture(autouse=True)
def _logs_are_explained(request, tmp_path_factory, monkeypatch):
    """After each test the model has to explain what the nodes have logged (`spec/LOGS.md`)."""
    folder = tmp_path_factory.mktemp("logs")
    monkeypatch.setenv("KNELL_KEEP_LOGS", str(folder))
    yield
    rejected = [why for path in sorted(folder.glob("*.ndjson")) for why in _rejections(path)]
    if request.node.originalname in OUTSIDE:
        assert rejected
    else:
        assert rejected == []


def _rejections(path):
    """What cannot be explained of a log."""
    try:
        return [run for run in validate([path]) if run.verdict is Verdict.REJECT]
    except MalformedLogError as error:
        return [error]
