"""The results of measuring: rows of ours against a peer, as table, JSON and picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

_BAR, _TEXT, _LINE = 360, 420, 22  # of the picture, in points
_RIGHT = (False, True, False, True)  # columns of the table that end at one edge


@dataclass(frozen=True)
class Row:
    """One comparison; ``ratio`` tells how many times ours is better, where there is a peer."""

    name: str
    ours: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None

    def json(self) -> dict[str, Any]:
        """The row as the JSON of ``knell bench`` has it."""
        return asdict(self)


def row(
    name: str,
    ours: float,
    unit: str,
    peer: tuple[str, float] | None = None,
    *,
    more_is_better: bool = False,
) -> Row:
    """A row with its ratio."""
    if peer is None:
        return Row(name, ours, unit)
    who, value = peer
    better, worse = (ours, value) if more_is_better else (value, ours)
    return Row(name, ours, unit, who, value, better / worse if worse else None)


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of text."""
    lines = [cells(each) for each in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(each, widths, _RIGHT, strict=True)
        ).rstrip()
        for each in lines
    ]


def picture(rows: Sequence[Row]) -> str:
    """The ratios as bars on a logarithmic scale, as SVG."""
    shown = [each for each in rows if each.ratio]
    most = max((math.log10(max(1.1, each.ratio or 1)) for each in shown), default=1.0)
    height = _LINE * (len(shown) + 2)
    size = f'width="{_TEXT + _BAR + 90}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        '<text x="8" y="16">how many times better than the peer (logarithmic)</text>',
    ]
    for k, each in enumerate(shown):
        y = _LINE * (k + 1) + 6
        ratio = each.ratio or 1
        width = max(1.0, _BAR * math.log10(max(1.0, ratio)) / most)
        color = "#4a7" if ratio >= 1 else "#c75"
        parts += [
            f'<text x="8" y="{y + 13}">{escape(f"{each.name} / {each.peer}")}</text>',
            f'<rect x="{_TEXT}" y="{y}" width="{width:.1f}" height="16" fill="{color}"/>',
            f'<text x="{_TEXT + width + 6:.1f}" y="{y + 13}">{number(ratio)} times</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def cells(each: Row) -> list[str]:
    """The columns of a row."""
    ours = f"{number(each.ours)} {each.unit}"
    if each.peer is None or each.peer_value is None:
        return [each.name, ours, "", ""]
    ratio = f"{number(each.ratio)} times" if each.ratio else ""
    return [each.name, ours, f"{each.peer}: {number(each.peer_value)} {each.unit}", ratio]


def number(value: float) -> str:
    """Three digits that count, and no exponent."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"
