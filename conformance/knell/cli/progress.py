"""How far a search is: one line that is rewritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TextIO

from knell.checker.results import Progress
from knell.cli.console import Console, mebibytes, visible

_TERMINAL_PAUSE = 0.1
_PLAIN_PAUSE, _LONGEST_PAUSE = 5.0, 60.0  # a log of a long search stays short
_ERASE = "\r\x1b[2K"


class Display:
    """Shows the latest of a stream of lines, no more often than a reader can follow."""

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(stream)
        self.pause = _TERMINAL_PAUSE if self.console.is_terminal else _PLAIN_PAUSE
        self.last = time.monotonic()
        self.shown = False

    def is_due(self) -> bool:
        """Whether it is time for another line."""
        return time.monotonic() - self.last >= self.pause

    def show(self, text: str) -> None:
        """Show a line in place of the last one."""
        self.last = time.monotonic()
        if self.console.is_terminal:
            if visible(text) >= self.console.style.width:
                text = text[: self.console.style.width - 2] + "…"
            self.console.write(f"{_ERASE}{text}")
            self.shown = True
        else:
            self.console.line(text)
            self.pause = min(1.2 * self.pause, _LONGEST_PAUSE)
        self.console.flush()

    def clear(self) -> None:
        """Remove the line, so that other output can follow."""
        if self.shown:
            self.console.write(_ERASE)
            self.console.flush()
            self.shown = False


class Meter:
    """The progress of one search."""

    def __init__(self, stream: TextIO) -> None:
        self.display = Display(stream)
        self.before: Progress | None = None

    def __call__(self, now: Progress) -> None:
        """Take note of how far the search is."""
        if self.display.is_due():
            self.display.show(describe(now, self.before))
            self.before = now

    def clear(self) -> None:
        """Remove the line."""
        self.display.clear()


def describe(now: Progress, before: Progress | None = None) -> str:
    """One line; the rate is the one since the line before."""
    if now.doing != "searching":
        known = f"{now.distinct:,} states, " if now.distinct else ""
        return f"{now.doing}: {known}{mebibytes(now.memory)}, {now.elapsed:,.0f} s"
    states, elapsed = now.distinct, now.elapsed
    if before is not None and now.elapsed > before.elapsed:
        states, elapsed = states - before.distinct, elapsed - before.elapsed
    rate = states / elapsed if elapsed > 0 else 0.0
    return (
        f"{now.distinct:,} states, {rate:,.0f}/s, depth {now.depth}, queue {now.queue:,}, "
        f"{mebibytes(now.memory)}, {now.elapsed:,.0f} s"
    )
