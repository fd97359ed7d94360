"""Checkpoints: a search that is stopped and resumed gives the identical result."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knell.checker import CheckResult, drive
from knell.language import Model
from knell.spec.errors import KnellError
from tests.checker.machines import built, checked, counter, two_phase_commit
from tests.checker.test_liveness import two_choices
from tests.checker.test_search import stepper


def plain(result: CheckResult) -> tuple[object, ...]:
    """The result without times, and with runs as texts."""
    properties = [
        (
            p.id,
            p.verdict,
            p.run and (p.run.states, [str(s) for s in p.run.steps], p.run.loop),
            [c.name for c in p.broken],
            p.bindings,
        )
        for p in result.properties
    ]
    return properties, replace(
        result, properties=(), compile_seconds=0, search_seconds=0, total_seconds=0
    )


MACHINES = {
    "two-phase commit": lambda: built(two_phase_commit, RM=4),
    "counter": lambda: counter(limit=9),
    "wide counter": lambda: counter(limit=400),
    "stepper": stepper,
    "strong fairness": lambda: two_choices("strong"),
    "weak fairness": lambda: two_choices("weak"),
}


ENGINES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "reference": ({"engine": "reference"}, tuple(MACHINES)),
    "compiled": ({"engine": "compiled"}, ("two-phase commit", "weak fairness")),
    "parallel": ({"engine": "compiled", "workers": 2}, ("two-phase commit",)),
}


@pytest.mark.parametrize("symmetry", [None, False])
@pytest.mark.parametrize(
    ("engine", "name"), [(e, name) for e, (_, names) in ENGINES.items() for name in names]
)
def test_stopped_and_resumed(engine: str, name: str, symmetry: bool | None, tmp_path: Path) -> None:
    make = MACHINES[name]
    search: dict[str, Any] = {"symmetry": symmetry, **ENGINES[engine][0]}
    whole = checked(make(), **search)
    stops = 0
    result = checked(make(), **search, max_states=2, checkpoint=tmp_path)
    while not result.complete:
        stops += 1
        more = result.distinct + 1 + result.distinct // (3 if engine == "reference" else 1)
        result = checked(make(), **search, max_states=more, checkpoint=tmp_path, resume=tmp_path)
    assert stops >= 1
    assert plain(result) == plain(whole)


KILLED = """
import os, signal, sys
from pathlib import Path
from knell.checker import drive
from tests.checker.machines import built, checked, two_phase_commit

drive._CHECKPOINT_SECONDS = drive._PROGRESS_SECONDS = 0.0

def progress(now):
    if now.distinct > 2000:
        os.kill(os.getpid(), signal.SIGKILL)

options = {"engine": "compiled", "workers": int(sys.argv[2]), "symmetry": False}
model = built(two_phase_commit, RM=6)
checked(model, **options, checkpoint=Path(sys.argv[1]), progress=progress)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_and_resumed(workers: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(workers)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    model = built(two_phase_commit, RM=6)
    search: dict[str, Any] = {"engine": "compiled", "workers": workers, "symmetry": False}
    resumed = checked(model, **search, resume=tmp_path)
    assert plain(resumed) == plain(checked(model, **search))


def test_a_search_may_go_on_with_other_workers(tmp_path: Path) -> None:
    model = built(two_phase_commit, RM=6)
    search = {"engine": "compiled", "symmetry": False}
    whole = checked(model, **search)
    checked(model, **search, workers=2, max_states=4000, checkpoint=tmp_path)
    resumed = checked(model, **search, resume=tmp_path)
    assert plain(resumed) == plain(whole)


def test_a_checkpoint_of_another_engine_is_refused(tmp_path: Path) -> None:
    checked(counter(), max_states=2, checkpoint=tmp_path)
    assert "of the reference engine" in refused(counter(), tmp_path, engine="compiled")


def test_a_finished_search_can_be_resumed(tmp_path: Path) -> None:
    whole = checked(counter(), checkpoint=tmp_path)
    assert plain(checked(counter(), resume=tmp_path)) == plain(whole)


def test_checkpoints_are_written_during_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive, "_CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(drive, "_PROGRESS_SECONDS", 0.0)

    class Killed(BaseException):
        pass

    def kill(now) -> None:
        if now.distinct > 1000:
            raise Killed

    model = built(two_phase_commit, RM=5)
    with pytest.raises(Killed):
        checked(model, symmetry=False, checkpoint=tmp_path, progress=kill)
    assert [path.name for path in tmp_path.iterdir()] == ["search.checkpoint"]
    resumed = checked(model, symmetry=False, resume=tmp_path)
    assert plain(resumed) == plain(checked(model, symmetry=False))


def refused(model: Model, directory: Path, **options) -> str:
    with pytest.raises(KnellError) as caught:
        checked(model, resume=directory, **options)
    text = str(caught.value)
    assert str(directory) in text
    return text


def test_another_model_is_refused(tmp_path: Path) -> None:
    checked(counter(limit=5), max_states=2, checkpoint=tmp_path)
    for other in (counter(limit=6), counter(ends=True), stepper()):
        assert "of another model" in refused(other, tmp_path)
    assert "of another model" in refused(counter(limit=5), tmp_path, properties=("small",))


def test_another_way_to_search_is_refused(tmp_path: Path) -> None:
    checked(built(two_phase_commit, RM=3), max_states=20, checkpoint=tmp_path)
    assert "of another" in refused(built(two_phase_commit, RM=3), tmp_path, symmetry=False)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "garbage", "old"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: str) -> None:
    checked(counter(), max_states=2, checkpoint=tmp_path)
    path = tmp_path / "search.checkpoint"
    content = bytearray(path.read_bytes())
    match damage:
        case "cut":
            del content[-40:]
        case "flip":
            content[len(content) // 2] ^= 1
        case "empty":
            content.clear()
        case "garbage":
            content[:] = bytes(range(256))
        case "old":
            content[:5] = b"other"
    path.write_bytes(content)
    assert "damaged" in refused(counter(), tmp_path)


def test_no_checkpoint_is_refused(tmp_path: Path) -> None:
    assert "there is no checkpoint" in refused(counter(), tmp_path / "missing")


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnellError, match="no checkpoint can be written"):
        checked(counter(), checkpoint=tmp_path / "file")
