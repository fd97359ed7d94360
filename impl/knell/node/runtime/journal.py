"""The one trace seam on disk: NDJSON, in the order of what happened (`spec/LOGS.md`).

What happens is noted as it is, and put into words when it is written, a moment later: nothing of
this delays a frame, or a member that is told something. A process that is killed loses the lines
of that moment. What is written when both engine and sentinel write is settled by `take_over`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.records import Record, records
from knell.node.core.state import State
from knell.node.core.values import Epoch
from knell.node.runtime.watch import clock

VERSION: Final = 1
"""The version of the lines of actions."""

LINES_LOST: Final = "lines_lost"
"""The action that says that lines of this epoch may be missing here."""

_encode: Final = msgspec.json.Encoder().encode
_LIMIT: Final = 64 * 1024 * 1024
_STEP: Final = 64 * 1024


class Journal:
    """Writes what happens in one process of a node.

    Args:
        path: The file; all processes of a node add to the same.
        node: The node.
        epoch: Its epoch.
        process: The process.
        owns: Whether actions are numbered here; else they wait for `take_over`.
        file: The open file, if another journal of this node has opened it.
    """

    def __init__(
        self,
        path: Path,
        node: str,
        epoch: int,
        process: str,
        *,
        owns: bool = False,
        file: int | None = None,
    ) -> None:
        self.path = path
        self._node, self._epoch, self._process = node, epoch, process
        self.run = os.environ.get("KNELL_LOG_RUN", "")
        self._owns = owns
        self.descriptor = file if file is not None else _append(path)
        self._seq = 0
        self._post: dict[str, Record] = {}
        self._lines: deque[Mapping[str, object]] = deque()
        self._waiting: deque[tuple[dict[str, object], State | None]] = deque()
        self._noted: deque[tuple[ev.Event | None, list[fx.Effect], State, int]] = deque()
        self._said: set[str] = set()
        self.reader: Callable[[Sequence[Mapping[str, object]]], None] | None = None
        """Told each line that is written."""

    def renamed(self, process: str) -> Journal:
        """The same file, for the engine that was forked from this process."""
        return Journal(self.path, self._node, self._epoch, process, owns=True, file=self.descriptor)

    def traced(
        self,
        event: ev.Event | None,
        effects: Iterable[fx.Effect],
        state: State,
        at: int | None = None,
    ) -> None:
        """Note the actions of the protocol that one event was, and the records after it.

        ``at`` is when the event came, in ns; without it, now. What was sent may be answered before
        its line is noted, so that a later time would tell effects before their causes.
        """
        self._noted.append((event, list(effects), state, clock() if at is None else at))

    def _word(
        self, event: ev.Event | None, effects: list[fx.Effect], state: State, at: int
    ) -> None:
        """Put into words what was noted."""
        traces = [each for each in effects if isinstance(each, fx.Trace)]
        for each in traces:
            last = each is traces[-1]
            line: dict[str, object] = {
                "t": at,
                "action": each.action,
                "args": dict(each.parameters),
                "msg_id": self._new(event, effects, state) if last else None,
                "caused_by": _cause(event),
            }
            self._waiting.append((line, state if last else None))

    def _new(
        self, event: ev.Event | None, effects: list[fx.Effect], state: State
    ) -> str | list[str] | None:
        """The messages that a node sent first in this event, heartbeats and the like aside."""
        ids = dict.fromkeys(_orders(event))
        for each in effects:
            for frame in each.frames if isinstance(each, fx.Send) else ():
                own = not isinstance(frame, ms.Signed) or _maker(frame.statement) == state.own
                name = id_of(frame, state.own.name) if own else None
                if name is not None and name not in self._said:
                    ids[name] = None
                    if isinstance(frame, ms.Signed):
                        self._said.add(name)
        return list(ids) if len(ids) > 1 else next(iter(ids), None)

    def told(self, group: str, news: fx.News) -> None:
        """What a member was told."""
        self._lines.append(
            {"t": clock(), "told": group, "news": type(news).__name__, "about": news}
        )

    def note(self, what: str, **about: object) -> None:
        """Anything else."""
        self._lines.append({"t": clock(), "note": what, **about})

    def flush(self) -> None:
        """Write what was gathered; actions only where they are numbered."""
        while self._noted:
            self._word(*self._noted.popleft())
        if not self._lines and not (self._owns and self._waiting):
            return
        who = {"node": self._node, "epoch": self._epoch, "process": self._process}
        lines = [{**line, **who} for line in self._lines]
        self._lines.clear()
        counted = self._seq
        while self._owns and self._waiting:
            line, state = self._waiting.popleft()
            lines.append(self._numbered(line, state))
        if self.reader is not None:
            self.reader(lines)
        if not self._append(b"".join(_encode(line) + b"\n" for line in lines)):
            self._forgo(counted)
        elif os.fstat(self.descriptor).st_size > _LIMIT:
            os.ftruncate(self.descriptor, 0)

    def _append(self, raw: bytes) -> bool:
        """Add to the file; return whether there was room. What was written in part is cut off."""
        try:
            written = os.write(self.descriptor, raw)
            if written < len(raw):
                os.ftruncate(self.descriptor, os.fstat(self.descriptor).st_size - written)
        except OSError:
            return False
        return written == len(raw)

    def _forgo(self, counted: int) -> None:
        """Go on without lines that found no room; a node does not end for want of a log."""
        if self._seq != counted:
            self._seq = counted
            self._declare_lost()

    def _numbered(self, line: dict[str, object], state: State | None) -> dict[str, object]:
        self._seq += 1
        post = {} if state is None else self._changed(records(state))
        if self._seq == 1 and state is not None:
            post["config"] = config_of(state)
        return {
            "v": VERSION,
            "run": self.run,
            "node": self._node,
            "epoch": self._epoch,
            "seq": self._seq,
            **line,
            "post": post,
            "process": self._process,
        }

    def _changed(self, now: dict[str, Record]) -> dict[str, object]:
        """The records that differ from those told last."""
        before, self._post = self._post, now
        return {name: record for name, record in now.items() if before.get(name) != record}

    @property
    def owns(self) -> bool:
        """Whether this process writes the log; what another has to say waits until it does."""
        return self._owns

    def take_over(self) -> None:
        """Go on with the numbers of a process that is surely dead; declare what it may have lost.

        A torn last line is cut off.
        """
        last = mend(self.path)
        if last is not None and (last["node"], last["epoch"]) == (self._node, self._epoch):
            self._seq = last["seq"]
        self._owns = True
        self._declare_lost()
        self.flush()

    def _declare_lost(self) -> None:
        """Let the next line say that lines may be missing before it, and the records begin anew."""
        self._post = {}
        self._waiting.appendleft(
            (
                {"t": clock(), "action": LINES_LOST, "args": {}, "msg_id": None, "caused_by": None},
                None,
            )
        )


def mend(path: Path) -> dict[str, Any] | None:
    """Cut off a torn last line; return the last action in the file, if it can be read.

    The file is read from its end: whoever takes over has no time for all of it.
    """
    with contextlib.suppress(OSError), path.open("r+b") as file:
        end, size, step = file.seek(0, os.SEEK_END), 0, _STEP
        while size < end:
            size, step = min(end, step), 8 * step
            file.seek(end - size)
            raw = file.read(size)
            whole = raw.rfind(b"\n") + 1
            lines = raw[:whole].splitlines()
            found = _last_action(lines if size == end else lines[1:])
            if found is not None or size == end:
                file.truncate(end - size + whole)
                return found
    return None


def _last_action(lines: list[bytes]) -> dict[str, Any] | None:
    for text in reversed(lines):
        if b'"action"' in text:
            with contextlib.suppress(ValueError):
                return dict(json.loads(text))
    return None


def declare_lost(path: Path) -> None:
    """Say, for a node that is surely dead, that it may have lost its last lines.

    Of an epoch that has ended in order nothing is lost.
    """
    last = mend(path) if path.exists() else None
    if last is not None and last["action"] not in {LINES_LOST, "end_clustering"}:
        journal = Journal(path, last["node"], last["epoch"], "harness")
        journal.run = last["run"]
        journal.take_over()
        os.close(journal.descriptor)


def config_of(state: State) -> dict[str, object]:
    """What a reader of the log has to know of the cluster."""
    return {
        "nodes": list(state.settings.nodes),
        "groups": [
            {
                "name": group.name,
                "nodes": list(group.nodes),
                "takeover": str(group.takeover),
                "fencing": str(group.fencing),
                "critical": group.critical,
                "depends_on": list(group.depends_on),
            }
            for group in state.settings.groups
        ],
    }


def _cause(event: ev.Event | None) -> str | None:
    """The message that an event is the arrival of."""
    match event:
        case ev.Heard(signed):
            return id_of(signed)
        case ev.PeerProved(announce):
            return id_of(ms.Signed(announce))
        case ev.Arrived(message, sender):
            return id_of(message, sender.name)
    return None


def _orders(event: ev.Event | None) -> list[str]:
    """The statements of operators that a node begins to spread by an event."""
    match event:
        case ev.FenceOrdered(fence):
            return [str(id_of(ms.Signed(fence)))]
        case ev.BootstrapOrdered(bootstrap):
            return [str(id_of(ms.Signed(bootstrap)))]
    return []


def _maker(statement: ms.Statement) -> Epoch | None:
    """The epoch that has made a statement; none if an operator has."""
    match statement:
        case ms.Commit(_, primary, _):
            return Epoch(primary.node, primary.epoch)
        case ms.Lapsed(_, _, maker):
            return maker
        case ms.Fence() | ms.Bootstrap():
            return None
        case _:
            return ms.subject_of(statement)


def id_of(message: ms.Message, sender: str = "") -> str | None:
    """What names a message in logs, however often and by whomever it is sent; None if nothing."""
    match message:
        case ms.Signed(statement):
            kind, subject = ms.key_of(statement)
            return ":".join([kind, *map(str, subject)])
        case ms.Propose(group, primary, domain):
            return f"PROPOSE:{group}:{primary.name}:{primary.position}:{domain[-1].position}"
        case ms.Accept(group, primary, newest):
            return f"ACCEPT:{group}:{sender}:{primary.position}:{newest.position}"
        case ms.Echo(sent_at, grants) if grants:
            return f"GRANT:{sender}:{sent_at}"
        case _:
            return None


def _append(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
