"""The log for people: structured lines on standard error.

The journal holds all that happens, for tools. Here stands what an operator wants to read: how the
node's own life goes, who left, who was promoted, what was found. Lines are taken when the journal
is written and rendered at the next tick, so that neither rendering nor a reader that has stopped
reading delays a frame; what can't be written at once is dropped and counted.
"""

from __future__ import annotations

import os
import select
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import structlog

Level = Literal["off", "error", "warning", "info"]

_ORDER: Final = ("error", "warning", "info")
_NOTES: Final = {
    "found": "error",
    "hangs": "error",
    "engine lost": "error",
    "engine failed": "error",
    "member not started": "error",
    "member not remembered": "error",
    "not audited": "error",
    "paused": "warning",
    "reload refused": "warning",
    "trouble of a member": "warning",
    "clone": "warning",
    "second bootstrap from one list": "warning",
    "further cause": "warning",
}
"""Notes of the journal that are more than information."""

_ACTIONS: Final = {
    "hear_distress": "warning",
    "hear_quiesced": "info",
    "lose_heartbeats": "warning",
    "regain_heartbeats": "info",
    "promote": "info",
    "cold_start": "info",
    "bootstrap": "warning",
    "fence": "warning",
    "lapse": "warning",
    "initiate_by_engine": "error",
    "initiate_by_sentinel": "error",
    "initiate_for_critical_member": "error",
    "detect_by_member": "error",
    "detect_by_cc": "error",
    "request_stop": "info",
    "learn_own_leave": "error",
    "quiesce": "info",
    "end_clustering": "info",
}
"""Actions of the protocol that people want to read of."""

_MOST: Final = 512


class _Sink:
    """A logger for structlog: writes whole lines where there is room, and never waits."""

    def __init__(self) -> None:
        self.lost = 0
        self._file = sys.stderr.fileno()
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLOUT)

    def info(self, line: str) -> None:
        raw = line.encode()[: select.PIPE_BUF - 1] + b"\n"
        try:
            if self._poll.poll(0):
                os.write(self._file, raw)
                return
        except OSError:
            pass
        self.lost += 1

    warning = error = info


class Logs:
    """The log of one process of a node.

    Args:
        level: The least level that is shown; `off` shows nothing.
        about: What each line says of its process.
    """

    def __init__(self, level: Level, **about: object) -> None:
        self._shown = _ORDER[: _ORDER.index(level) + 1] if level != "off" else ()
        self._lines: deque[Mapping[str, Any]] = deque(maxlen=_MOST)
        self._sink = _Sink()
        render = structlog.processors.JSONRenderer()
        human = structlog.dev.ConsoleRenderer()
        self._log: Any = structlog.wrap_logger(
            self._sink,
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                human if sys.stderr.isatty() else render,
            ],
            wrapper_class=structlog.BoundLogger,
        ).bind(**about)

    def take(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Note lines of the journal; this costs next to nothing."""
        if self._shown:
            self._lines.extend(lines)

    def write(self) -> None:
        """Render and write what was noted."""
        while self._lines:
            line = self._lines.popleft()
            level = self._level(line)
            if level is not None and level in self._shown:
                self._say(level, line)

    def _level(self, line: Mapping[str, Any]) -> str | None:
        if "note" in line:
            return _NOTES.get(line["note"], "info")
        return _ACTIONS.get(line.get("action", ""))

    def _say(self, level: str, line: Mapping[str, Any]) -> None:
        what = line.get("note") or line["action"]
        about = dict(line.get("args") or {})
        left_out = {"note", "action", "t", "args", "node", "epoch", "process"}
        if "note" in line:
            about |= {key: value for key, value in line.items() if key not in left_out}
        lost = self._sink.lost
        if lost:
            about["lines_lost"] = lost
        getattr(self._log, level)(what, **about)
        if self._sink.lost == lost:
            self._sink.lost = 0  # it has been said
