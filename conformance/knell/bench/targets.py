"""What is aimed at, and whether the rows of a run reach it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from knell.bench.rows import Row, number


@dataclass(frozen=True)
class Target:
    """A bound on the rows whose names match.

    ``least`` bounds the ratio to the peer from below, ``most`` our own figure from above; with
    neither, it is enough that there is such a row, for its name holds what is wanted.
    """

    about: str
    wanted: str
    rows: str
    least: float | None = None
    most: float | None = None

    def judged(self, rows: Sequence[Row]) -> tuple[str, Literal["yes", "no", "not measured"]]:
        """What was measured, and whether it is enough."""
        about = [each for each in rows if re.fullmatch(self.rows, each.name)]
        if self.least is not None:
            about = [each for each in about if each.ratio is not None]
        if not about:
            return "", "not measured"
        if self.least is None and self.most is None:
            return "so", "yes"
        told, values = [], []
        for each in about:
            value, unit = (each.ours, each.unit) if self.least is None else (each.ratio, "times")
            assert value is not None
            values.append(value)
            told.append(f"{number(value)} {unit}")
        least, most = min(values), max(values)
        met = least >= self.least if self.least is not None else most <= (self.most or 0)
        return "; ".join(told), "yes" if met else "no"


_NINE: Final = "two-phase commit, RM = 9"
TARGETS: Final = (
    Target(
        f"{_NINE}: states, generated, depth",
        "10,340,352 / 123,558,402 / 29",
        rf"{_NINE} \(10,340,352 states, 123,558,402 generated, depth 29\): search",
    ),
    Target(
        "two-phase commit, RM = 10: states, generated, depth",
        "61,515,776 / 817,760,258 / 32",
        r"two-phase commit, RM = 10 \(61,515,776 states, 817,760,258 generated, depth 32\): search",
    ),
    Target("search with one worker, against SPIN", "10 times", rf"{_NINE}: search, 1 worker", 10),
    Target("search with two workers, against SPIN", "16 times", rf"{_NINE}: search, 2 workers", 16),
    Target("cold start, against SPIN", "6 times", rf"{_NINE}: whole command, cold start", 6),
    Target("bytes a state", "24 at most", rf"{_NINE}: bytes a state", most=24),
    Target(
        "the protocol on four and five nodes, one worker, against SPIN",
        "10 times each",
        r"node-shutdown, (four|five)-nodes \(.*\): search, no property",
        10,
    ),
    Target(
        "the protocol with 20 million states or more",
        "within 300 s",
        r"node-shutdown, .* \(([2-9]\d|\d{3,}),\d{3},\d{3} states\): search, safety, .*",
        most=300,
    ),
    Target(
        "first verdict of a small model, warm", "1 s", r".*, small: whole command, warm", most=1
    ),
    Target("compile of the protocol, cold", "3 s", r"node-shutdown, .*: compile, cold", most=3),
)
"""In the order in which they are listed."""
