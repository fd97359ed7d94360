"""What both faces of a member share: sockets, ready-made reports, and what packets mean.

A desk does not wait; the faces do. It is told each packet and keeps what follows from it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import deque
from pathlib import Path
from typing import Final, NamedTuple

from knell.node.core.effects import View
from knell.node.member import messages as mm
from knell.node.member.errors import ClusteringEnding, MemberError, QueueFullError, RefusedError
from knell.spec.vocabulary import Cause

UNDER_WAY: Final = 256
"""How many requests may be under way."""

EVENTS_KEPT: Final = 4096
_BUFFER: Final = 512 * 1024
_PATIENCE: Final = 10.0
_RETRY: Final = 0.02


class Act(NamedTuple):
    """A primary act that was accepted: do it now, and show the store this token (§2.3)."""

    group: str
    token: int


class Desk:
    """One membership.

    Args:
        group: The group to join.
        run: The folder of the node's sockets; by default what the node that started this process
            has said in `KNELL_RUN`.
    """

    def __init__(self, group: str, run: str | os.PathLike[str] | None = None) -> None:
        self.group = group
        self.events: deque[mm.Happened] = deque()
        self.results: dict[int, mm.Result] = {}
        self.ending: ClusteringEnding | None = None
        self.under_way: set[int] = set()
        self._view: View | None = None
        self._asked = 0
        folder = Path(run if run is not None else os.environ.get("KNELL_RUN", "run"))
        self.engine = _connect(folder / "engine.sock", _PATIENCE)
        _send(self.engine, mm.Join(group))
        joined = self._joined()
        self.join, self.node, self.epoch = joined.join, joined.node, joined.epoch
        self.sentinel: socket.socket | None = None
        with contextlib.suppress(MemberError):  # a dead sentinel ends the node soon enough
            self.sentinel = _connect(folder / "sentinel.sock")
            _send(self.sentinel, mm.Attach(group, self.join))
        self._reporter = _connect(folder / "engine.sock")
        _send(self._reporter, mm.Reporter(group, self.join))
        self._reports = {cause: mm.encode(mm.Report((cause,))) for cause in Cause}

    def _joined(self) -> mm.Joined:
        self.engine.settimeout(_PATIENCE)
        while True:
            try:
                packet = self.engine.recv(mm.LARGEST)
            except OSError as error:
                raise MemberError(f"the node does not answer: {error}") from None
            if not packet:
                raise ClusteringEnding("unknown")
            said = mm.decode_answer.decode(packet)
            if isinstance(said, mm.Joined):
                return said
            if isinstance(said, mm.Refused):
                raise RefusedError(said.why)
            self.take(packet)

    # Reports

    def report(self, *causes: Cause) -> None:
        """Send the shutdown message (§7.2); for any thread, and for signal handlers.

        The packet of a single cause was made beforehand and is sent on a socket of its own.
        """
        packet = self._reports[causes[0]] if len(causes) == 1 else mm.encode(mm.Report(causes))
        for sock in (self._reporter, self.engine):  # the first may be full of what is no failure
            with contextlib.suppress(OSError):
                sock.send(packet, socket.MSG_DONTWAIT)
                break
        # Whoever reports knows that it is over; it is ended with the others (§7.8).
        self.end(causes[0].value)

    def trouble(self, text: str) -> None:
        """Have an error that is not fatal logged; for any thread."""
        with contextlib.suppress(OSError):
            self._reporter.send(mm.encode(mm.Trouble(text[:1_000])), socket.MSG_DONTWAIT)

    # Requests

    def ask_act(self) -> int:
        """Ask for a primary act; return the number of the request."""
        number = self._number()
        self._put(mm.Act(number), number)
        return number

    def ask_send(self, data: bytes) -> int:
        """Ask to send to the group; return the number of the request."""
        if len(data) > mm.LARGEST_DATA:
            raise ValueError(f"{len(data)} bytes are too many; {mm.LARGEST_DATA} at most")
        number = self._number()
        self._put(mm.SendWork(number, data), number)
        return number

    def leave(self) -> None:
        """Leave the group, and close what belongs to the membership."""
        if self.ending is None:
            with contextlib.suppress(OSError):
                _send(self.engine, mm.Leave())
        self.end("left the group")

    def _number(self) -> int:
        if self.ending is not None:
            raise self.ending
        if len(self.under_way) >= UNDER_WAY:
            raise QueueFullError(f"{UNDER_WAY} requests are under way")
        self._asked += 1
        return self._asked

    def _put(self, request: mm.Request, number: int) -> None:
        try:
            self.engine.send(mm.encode(request))
        except BlockingIOError:
            raise QueueFullError("the node does not keep up") from None
        except OSError:
            self.end("unknown")
            assert self.ending is not None
            raise self.ending from None
        self.under_way.add(number)

    # What comes

    def take(self, packet: bytes) -> None:
        """Note what a packet says; an empty one is the end of a connection."""
        if not packet:
            self.end("unknown")
            return
        match mm.decode_answer.decode(packet):
            case mm.Ending(cause):
                self.acknowledge()
                self.end(cause)
            case mm.Result(number) as result:
                self.under_way.discard(number)
                self.results[number] = result
            case mm.Joined() | mm.Refused():
                pass
            case event:
                self._keep(event)

    def _keep(self, event: mm.Happened) -> None:
        if isinstance(event, mm.ViewIs | mm.EventsLost):
            self._view = event.view
        if len(self.events) >= EVENTS_KEPT:
            self.events.clear()
            self.events.append(mm.EventsLost(self._view or View((), (), None)))
        self.events.append(event)

    def acknowledge(self) -> None:
        """Tell engine and sentinel that the work has stopped (§7.9)."""
        for sock in (self.engine, self.sentinel):
            if sock is not None:
                with contextlib.suppress(OSError):
                    _send(sock, mm.Acknowledge())

    def end(self, cause: str) -> None:
        """Note that the membership is over; the first cause stays."""
        if self.ending is None:
            self.ending = ClusteringEnding(cause)

    def outcome(self, number: int) -> mm.Result:
        """The result of a request.

        Raises:
            RefusedError: It was refused.
        """
        result = self.results.pop(number)
        if result.refused is not None:
            raise RefusedError(result.refused)
        return result

    def close(self) -> None:
        """Close the connections."""
        for sock in (self.engine, self.sentinel, self._reporter):
            if sock is not None:
                sock.close()


def _connect(path: Path, patience: float = 0.0) -> socket.socket:
    """Connect to a node; one that is about to start is given some time."""
    deadline = time.monotonic() + patience
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        sock.settimeout(_PATIENCE)
        try:
            sock.connect(str(path))
        except OSError as error:
            sock.close()
            if time.monotonic() >= deadline:
                raise MemberError(f"no node at {path}: {error.strerror}") from None
            time.sleep(_RETRY)
        else:
            return sock


def _send(sock: socket.socket, request: mm.Request) -> None:
    sock.send(mm.encode(request))
