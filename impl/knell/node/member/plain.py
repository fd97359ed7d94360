"""A member without asyncio: calls that block until there is an answer."""

from __future__ import annotations

import os
import select
import time
from types import TracebackType

from knell.node.member import messages as mm
from knell.node.member.desk import Act, Desk
from knell.node.member.face import Face
from knell.spec.vocabulary import Cause


class PlainMember(Face):
    """A membership of this process, for one thread; `report_failure` is for all.

    Args:
        group: The group to join.
        run: The folder of the node's sockets; by default what `KNELL_RUN` says.

    Raises:
        RefusedError: The node refused.
        MemberError: There is no node.
    """

    def __init__(self, group: str, *, run: str | os.PathLike[str] | None = None) -> None:
        self._desk = Desk(group, run)
        self._poll = select.poll()
        self._sockets = {}
        for sock in (self._desk.engine, self._desk.sentinel):
            if sock is not None:
                sock.setblocking(False)
                self._sockets[sock.fileno()] = sock
                self._poll.register(sock, select.POLLIN)

    def act(self) -> Act:
        """Ask for a primary act; as `Member.act`."""
        result = self._result(self._desk.ask_act())
        assert result.token is not None
        return Act(self._desk.group, result.token)

    def send(self, data: bytes) -> tuple[str, ...]:
        """Send data to the group; as `Member.send`."""
        return self._result(self._desk.ask_send(data)).to

    def report_failure(self, *causes: Cause) -> None:
        """Report a fatal error of the node; from any thread or signal handler (§7.2)."""
        self._desk.report(*causes)

    def wait(self, timeout: float | None = None) -> mm.Happened | None:
        """Return the next event, or None when the time is over.

        Raises:
            ClusteringEnding: There is no next event.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._desk.events:
            if self._desk.ending is not None:
                raise self._desk.ending
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            self._read(left)
        return self._desk.events.popleft()

    def leave(self) -> None:
        """Leave the group."""
        self._desk.leave()

    def close(self) -> None:
        """Close the connections: the same as leaving."""
        self._desk.close()

    def __enter__(self) -> PlainMember:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._desk.ending is None:
            self._desk.leave()
        self._desk.close()

    def _result(self, number: int) -> mm.Result:
        while number not in self._desk.results:
            if self._desk.ending is not None:
                raise self._desk.ending
            self._read(None)
        return self._desk.outcome(number)

    def _read(self, timeout: float | None) -> None:
        for file, _ in self._poll.poll(
            None if timeout is None else max(0, int(timeout * 1000) + 1)
        ):
            try:
                packet = self._sockets[file].recv(mm.LARGEST)
            except BlockingIOError:
                continue
            except OSError:
                packet = b""
            self._desk.take(packet)
