"""The lanes of the space-time diagram in characters: a column a lane, a row a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from knell.viewer.history import History

_NARROW, _WIDE, _ACTION = 3, 12, 34
_LEFT: Final = 8

_COLORS: Final = {
    "failing": "yellow",
    "crashed": "red",
    "partitioned": "yellow",
    "active": "green",
}


class Strip:
    """Draws the rows of one run."""

    def __init__(self, run: History, width: int, paint: Callable[..., str]) -> None:
        self.run = run
        self.width = width
        self.paint = paint
        self.lanes: list[dict[str, Any]] = run.bundle["scene"]["lanes"]
        room = max(0, width - _LEFT - _ACTION)
        self.column = min(_WIDE, room // len(self.lanes)) if self.lanes else 0
        if self.column < _NARROW:  # too many lanes for the columns there are
            self.lanes, self.column = [], 0

    def heading(self) -> Iterator[str]:
        """The names of the lanes."""
        names = "".join(self._fit(str(lane["name"])) for lane in self.lanes)
        yield self.paint(f"  step  {names}".rstrip(), "dim")

    def row(self, step: int) -> Iterator[str]:
        """A step: its number, the lanes, its action and the notes on it."""
        left = f"  {step:<6}"
        notes = self._notes(step)
        call = self.run.call(step)
        free = max(8, self.width - len(left) - self.column * len(self.lanes))
        bold = ["bold", "red"] if self.run.violated(step) else ["bold"]
        lanes = self._lanes(step)
        if len(call) + 2 + len(notes) <= free:
            yield f"{left}{lanes}{self.paint(call, *bold)}  {notes}".rstrip()
            return
        indent = " " * (len(left) + self.column * len(self.lanes))
        first, *more = _pieces(call, free)
        yield f"{left}{lanes}{self.paint(first, *bold)}"
        for piece in (*more, *_pieces(notes, free)):
            yield f"{indent}{piece}"

    def _notes(self, step: int) -> str:
        if step == 0:
            return ""
        about = self.run.about(step)
        section = str(about.get("section") or "")
        parts = [
            "environment" if about.get("environment") else "",
            section if not section or section.startswith("§") else f"§{section}",
            f"✗ {self.run.violated(step)}" if self.run.violated(step) else "",
        ]
        return " · ".join(part for part in parts if part)

    def _lanes(self, step: int) -> str:
        if not self.lanes:
            return ""
        cells = [self._cell(number, step) for number in range(len(self.lanes))]
        drawn = "".join(
            self._tint(self._fit(text), number, step) for number, text in enumerate(cells)
        )
        arrow = self._arrow(step)
        return arrow or drawn

    def _cell(self, number: int, step: int) -> str:
        word = self._word(number, step)
        changed = step > 0 and word != self._word(number, step - 1)
        takes = self.run.takers(step)[:1] == [number]
        if step == 0:
            return word
        mark = self._mark(step) if takes else ("│" if word not in {"crashed", "ended"} else "┊")
        return f"{mark} {word}" if changed else mark

    def _mark(self, step: int) -> str:
        if self.run.violated(step):
            return "✗"
        return "◇" if self.run.about(step).get("environment") else "●"

    def _word(self, number: int, step: int) -> str:
        """The state of the newest epoch of a lane that has begun."""
        lane = self.lanes[number]
        words = [
            (self.run.text(cell, min(step, self.run.last)), epoch)
            for cell, (_, epoch) in zip(lane["state"], lane["epochs"], strict=True)
        ]
        begun = [pair for pair in words if pair[0] != "absent"] or words[:1]
        word, epoch = begun[-1]
        return f"{word} {epoch}" if epoch > 1 else word

    def _tint(self, text: str, number: int, step: int) -> str:
        color = _COLORS.get(self._word(number, step).partition(" ")[0])
        return self.paint(text, color) if color else text

    def _arrow(self, step: int) -> str:
        """The row of a step that reads what another lane sent: the message from lane to lane."""
        arrows = [a for a in self.run.bundle["scene"]["arrows"] if a[1] == step]
        if not arrows or self.column < 6:
            return ""
        _, _, source, target, label, kind = arrows[0]
        row = [" "] * (self.column * len(self.lanes))
        for number in range(len(self.lanes)):
            for k, c in enumerate(self._fit(self._cell(number, step))):
                row[number * self.column + k] = c
        a, b = source * self.column, target * self.column
        low, high = (a + 1, b) if a < b else (b + 1, a)
        line = "─" if kind == "known" else "╌"
        row[low:high] = list(line * (high - low))
        row[a] = "├" if a < b else "┤"
        if a < b:
            row[high - 1] = "▶"
        else:
            row[low] = "◀"
        room = high - low - 3
        text = label[:room] if room > 3 else ""
        row[low + 1 : low + 1 + len(text)] = list(text)
        return "".join(row)

    def _fit(self, text: str) -> str:
        return text[: self.column - 1].ljust(self.column)


def _pieces(text: str, room: int) -> list[str]:
    """The text in pieces that fit, broken after a comma or a blank where there is one."""
    pieces = []
    while len(text) > room:
        at = max(text.rfind(mark, 0, room - 1) + len(mark) for mark in (", ", " · "))
        at = at if at > 2 else room
        pieces.append(text[:at].rstrip())
        text = text[at:]
    return [*pieces, text] if text else pieces
