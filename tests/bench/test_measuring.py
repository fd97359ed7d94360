"""What is measured is what is searched: counts, bytes and look-ups are those of the model."""

import json
import os
from pathlib import Path

import pytest

from knell.bench.limit import nanoseconds_a_read
from knell.bench.ours import measure
from knell.bench.parts import two_phase
from knell.bench.spin import Spin
from knell.cli.main import main
from knell.examples import EXAMPLES
from knell.language.settings import Settings


@pytest.mark.parametrize("workers", [1, 2])
def test_one_search_is_measured(workers: int) -> None:
    found = measure(two_phase(5, workers=workers))
    assert (found.distinct, found.generated, found.depth) == (8832, 58146, 17)
    assert found.complete
    assert found.distinct < found.lookups < found.generated
    assert found.held > 16 * found.distinct
    assert found.search_seconds > 0


def test_the_memory_is_read() -> None:
    assert 0.1 < nanoseconds_a_read(1 << 20, reads=100_000) < 10_000


def test_one_search_of_spin_is_measured(tmp_path: Path) -> None:
    if not Spin.is_installed():
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
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == {"name", "ours", "unit", "peer", "peer_value", "ratio"}
    assert row["ratio"] > 0


def test_a_part_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--part", "nonsense"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
