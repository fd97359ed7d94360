"""The one trace seam on disk: NDJSON, a line an action, in the order of what happened.

Lines are gathered while an event is processed and written after it, so that writing delays no
frame; a process that is killed loses the lines of one event at most.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from knell.node.core import effects as fx
from knell.node.runtime.watch import clock

_encode: Final = msgspec.json.Encoder().encode
_LIMIT: Final = 64 * 1024 * 1024


class Journal:
    """Writes what happens in one process of a node.

    Args:
        path: The file; all processes of a node add to the same.
        node: The node.
        epoch: Its epoch.
        process: The process.
        file: The open file, if another journal of this node has opened it.
    """

    def __init__(
        self, path: Path, node: str, epoch: int, process: str, file: int | None = None
    ) -> None:
        self.path = path
        self._about: dict[str, object] = {"node": node, "epoch": epoch, "process": process}
        self.descriptor = file if file is not None else _append(path)
        self._lines: deque[Mapping[str, object]] = deque()

    def renamed(self, process: str) -> Journal:
        """The same file, for another process that was forked from this one."""
        return Journal(
            self.path,
            str(self._about["node"]),
            int(str(self._about["epoch"])),
            process,
            self.descriptor,
        )

    def trace(self, action: str, parameters: tuple[tuple[str, str], ...]) -> None:
        """An action of the protocol."""
        self._lines.append({"t": clock(), "action": action, "parameters": dict(parameters)})

    def told(self, group: str, news: fx.News) -> None:
        """What a member was told."""
        self._lines.append(
            {"t": clock(), "told": group, "news": type(news).__name__, "about": news}
        )

    def note(self, what: str, **about: object) -> None:
        """Anything else."""
        self._lines.append({"t": clock(), "note": what, **about})

    def flush(self) -> None:
        """Write what was gathered."""
        if not self._lines:
            return
        lines = b"".join(_encode({**each, **self._about}) + b"\n" for each in self._lines)
        self._lines.clear()
        os.write(self.descriptor, lines)
        if os.fstat(self.descriptor).st_size > _LIMIT:
            os.ftruncate(self.descriptor, 0)


def _append(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
