"""The document of a measurement, and the one of this project."""

import re
from pathlib import Path

import pytest

from knell.bench.document import markdown
from knell.bench.rows import Row, row
from knell.bench.targets import TARGETS, Target

BENCHMARKS = Path(__file__).parents[2] / "BENCHMARKS.md"
SPEED = Target("speed", "10 times", "search, .*", least=10)
SIZE = Target("size", "24 at most", "bytes", most=24)


def speeds(*ratios: float) -> list[Row]:
    return [row(f"search, {k}", 1.0, "s", ("peer", ratio)) for k, ratio in enumerate(ratios)]


@pytest.mark.parametrize(
    ("target", "rows", "told"),
    [
        (SPEED, speeds(10.0), ("10.0 times", "yes")),
        (SPEED, speeds(30.0, 9.9), ("30.0 times; 9.90 times", "no")),
        (SPEED, [row("search, 1", 1.0, "s")], ("", "not measured")),
        (SIZE, [row("bytes", 24.0, "B", ("peer", 1.0))], ("24.0 B", "yes")),
        (SIZE, [row("bytes", 24.1, "B")], ("24.1 B", "no")),
        (SIZE, [row("bytes of another", 1.0, "B")], ("", "not measured")),
        (Target("counts", "5", "counts 5"), [row("counts 5", 1.0, "s")], ("so", "yes")),
        (Target("counts", "5", "counts 5"), [row("counts 6", 1.0, "s")], ("", "not measured")),
    ],
)
def test_a_target_is_judged_by_the_rows_that_it_names(
    target: Target, rows: list[Row], told: tuple[str, str]
) -> None:
    assert target.judged(rows) == told


def test_the_document_says_when_what_and_how_near() -> None:
    look_up = "two-phase commit, RM = 9: time a look-up, 1 worker(s)"
    make = "two-phase commit, RM = 9: of a look-up's time, making the successor"
    rows = [*speeds(15.0), row(look_up, 20.0, "ns", ("random read", 8.0)), row(make, 7.0, "ns")]
    text = markdown(rows, ["Measured today."], "docs/bench.svg")
    assert text.startswith("# Benchmarks\n\nMeasured today.\n\n## What is aimed at\n")
    assert "| search, 0 | 1.00 s | peer: 15.0 s | 15.0 times |" in text
    assert "a read 8.00 ns: 40 % of the limit" in text
    assert "takes 7.00 ns of that. This and the read leave 5.00 ns for" in text
    assert "(docs/bench.svg)" in text
    assert "Not measured in this run." in markdown(speeds(1.0), [])


def test_the_document_of_this_project_has_the_form_of_today() -> None:
    text = BENCHMARKS.read_text(encoding="utf-8")
    assert re.search(r"Measured on \d{4}-\d\d-\d\d \d\d:\d\d UTC, on \d+ processors", text)
    heads = [line for line in markdown([], []).splitlines() if line.startswith(("#", "| ---"))]
    assert [line for line in text.splitlines() if line.startswith(("#", "| ---"))] == heads
    for target in TARGETS:
        rows = re.findall(rf"(?m)^\| {re.escape(target.about)} \|.*$", text)
        assert len(rows) == 1
        assert f"| {target.wanted} |" in rows[0]
        assert rows[0].endswith(("| yes |", "| no |", "| not measured |"))
    for linked in re.findall(r"\]\(([^)]+)\)", text):
        assert (BENCHMARKS.parent / linked).exists()
