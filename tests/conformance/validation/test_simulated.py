"""Logs of simulated clusters with failures of every kind are explained, epochs folded or not."""

from __future__ import annotations

import json

import pytest

from knell.conformance.validation import Verdict, validate
from knell.conformance.validation.measure import simulate
from knell.node.sim.chaos import ALL
from knell.node.sim.world import cluster

WEIGHTS = {**ALL, "leave": 0, "member": 0, "relent": 0, "join": 0}
"""Members that join again are a second entry of their epoch, which the model does not have."""


@pytest.mark.parametrize("seed", range(6))
def test_is_explained(seed, tmp_path):
    (run,) = validate(simulate(tmp_path, seed, 400))
    assert (run.verdict, run.why) == (Verdict.ACCEPT, "")


@pytest.mark.parametrize("seed", range(4))
def test_with_groups_of_every_kind(seed, tmp_path):
    (run,) = validate(simulate(tmp_path, seed, 400, WEIGHTS, pace=300_000_000, settings=cluster(3)))
    assert run.verdict is not Verdict.REJECT, run


def test_many_epochs(tmp_path):
    paths = simulate(tmp_path, 3, 1_500, {**WEIGHTS, "boot": 40, "stop": 20}, pace=50_000_000)
    epochs = {json.loads(line)["epoch"] for path in paths for line in path.read_text().splitlines()}
    assert max(epochs) > 8
    (run,) = validate(paths)
    assert run.verdict is not Verdict.REJECT, run


def test_a_lie_is_found_however_late(tmp_path):
    """The last promotion of a long log, told by a node that is no backup."""
    paths = simulate(tmp_path, 5, 800)
    lines = {path: path.read_text().splitlines() for path in paths}
    path, at = next(
        (path, at)
        for path in reversed(paths)
        for at, line in reversed(list(enumerate(lines[path])))
        if json.loads(line)["action"] == "quiesce"
    )
    line = json.loads(lines[path][at])
    lines[path][at] = json.dumps(
        {**line, "action": "promote", "args": {"o": line["args"]["i"], "g": "store"}}
    )
    path.write_text("\n".join(lines[path]) + "\n")
    (run,) = validate(paths)
    assert run.verdict is Verdict.REJECT
    assert f"{path}:{at + 1}" in {each.place for each in run.rejections}
