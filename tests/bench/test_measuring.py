"""What is measured is what is searched: counts, bytes and look-ups are those of the model."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from knell.bench import parts
from knell.bench.limit import nanoseconds_a_read
from knell.bench.ours import measure
from knell.bench.plan import Plan, Talk, two_phase
from knell.bench.rows import Row, row
from knell.bench.spin import Spin
from knell.cli.main import main
from knell.examples import EXAMPLES
from knell.language.settings import Settings
from knell.spec.errors import KnellError


@pytest.mark.parametrize("workers", [1, 2])
def test_one_search_is_measured(workers: int) -> None:
    found = measure(two_phase(5, workers=workers))
    assert (found.distinct, found.generated, found.depth) == (8832, 58146, 17)
    assert found.complete
    assert found.distinct < found.lookups < found.generated
    assert found.held > 16 * found.distinct
    assert found.search_seconds > 0


def test_the_successors_alone_are_made_in_less_time() -> None:
    found = measure(two_phase(6, remake=True))
    assert found.distinct == 50816
    assert 0 < found.making_seconds < found.search_seconds


def test_the_memory_is_read() -> None:
    assert 0.1 < nanoseconds_a_read(1 << 20, reads=100_000) < 10_000


def test_one_search_of_spin_is_measured(tmp_path: Path) -> None:
    if Spin.missing():
        assert os.environ.get("CI") != "true", "spin and a C compiler must be installed here"
        pytest.skip("spin and a C compiler are not installed")
    spin = Spin(tmp_path, 1568)
    spin.write(EXAMPLES["two-phase-commit"], Settings(values={"RM": "4"}))
    assert spin.build("bfs") > 0
    found = spin.search("bfs")
    assert found.stored == 1568
    assert found.bytes_each > 8


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--quick", "--part", "symmetry", "--json", "-"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 2
    for each in rows:
        assert set(each) == {"name", "ours", "unit", "peer", "peer_value", "ratio"}
        assert each["ratio"] > 0


def test_a_part_that_fails_loses_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def breaks(plan: Plan, talk: Talk) -> Iterator[Row]:
        yield row("before", plan.repeat, "s")
        talk.note("A peer is left out.")
        raise KnellError("it broke")

    def works(plan: Plan, talk: Talk) -> Iterator[Row]:
        del talk
        yield row("after", plan.size, "s")

    monkeypatch.setitem(parts.PARTS, "growth", breaks)
    monkeypatch.setitem(parts.PARTS, "walks", works)
    chosen = ["--part", "growth", "--part", "walks", "--markdown", str(tmp_path / "b.md")]
    assert main(["bench", "--quick", *chosen]) == 3
    out = capsys.readouterr().out
    assert "before" in out
    assert "after" in out
    text = (tmp_path / "b.md").read_text()
    assert "A peer is left out." in text
    assert "The part growth failed: it broke." in text
    assert "| before |" in text
    assert "| after |" in text


def test_each_part_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--part", "?"]) == 2
    told = capsys.readouterr().err
    assert [name for name in parts.PARTS if name not in told] == []


@pytest.mark.parametrize("command", ["bench", "conform"])
def test_two_outputs_in_one_file_are_refused(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one = str(tmp_path / "one")
    assert main([command, "--json", one, "--markdown", one]) == 2
    assert f"--markdown {one}: is the place of --json too" in capsys.readouterr().err


def test_a_part_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--part", "nonsense"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
