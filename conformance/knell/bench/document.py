"""The results as a document, with what was aimed at and what stands between us and the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from knell.bench.rows import Row, cells, number
from knell.bench.targets import TARGETS


def markdown(rows: Sequence[Row], notes: Iterable[str], picture: str | None = None) -> str:
    """A document with the rows as a table.

    Args:
        rows: What was measured.
        notes: Where and when, and what was left out.
        picture: Where the picture of the ratios is, seen from the document.
    """
    lines = ["# Benchmarks", "", *notes, ""]
    lines += ["## What is aimed at", "", *_targets(rows), ""]
    lines += ["## What the memory allows", "", *_limit(rows), ""]
    lines += ["## What was measured", ""]
    if picture is not None:
        lines += [f"![How many times better than the peer]({picture})", ""]
    lines += ["| what | ours | peer | ratio |", "| --- | ---: | --- | ---: |"]
    lines += [f"| {' | '.join(cells(each))} |" for each in rows]
    return "\n".join(lines) + "\n"


def _targets(rows: Sequence[Row]) -> Iterator[str]:
    yield "| what | wanted | measured | reached |"
    yield "| --- | --- | --- | --- |"
    for target in TARGETS:
        told, met = target.judged(rows)
        yield f"| {target.about} | {target.wanted} | {told} | {met} |"


def _limit(rows: Sequence[Row]) -> Iterator[str]:
    """How near a look-up comes to a random read, and where the rest of its time goes."""
    found = [each for each in rows if ": time a look-up, " in each.name]
    made = [
        each for each in rows if each.name.endswith(": of a look-up's time, making the successor")
    ]
    if not found:
        yield "Not measured in this run."
        return
    yield "A successor that differs from its state is looked up in a table larger than any cache."
    yield "The least that this costs is a random read of a line in as many bytes, asked for ahead:"
    yield ""
    for each in found:
        workers, read = each.name.split(": time a look-up, ")[1], number(each.peer_value or 0)
        share = f"{100 * (each.ratio or 0):.0f} % of the limit are reached"
        yield f"- {workers}: a look-up takes {number(each.ours)} ns, a read {read} ns: {share}."
    if made:
        one, making = found[0], made[0].ours
        rest = number(max(0.0, one.ours - making - (one.peer_value or 0)))
        yield ""
        yield "What stands between, with one worker: making the successors alone, without a table,"
        yield f"takes {number(making)} ns of that. This and the read leave {rest} ns for hashing,"
        yield "comparing the places of a line, storing new states and letting the table grow."
