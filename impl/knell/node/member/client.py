"""A member in asyncio.

```python
async with await join("orders") as member:
    async for event in member:  # ClusteringEnding is raised when it is over
        ...
    act = await member.act()  # RefusedError unless primary
    store.write(act.token, ...)
```
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from types import TracebackType

from knell.node.member import messages as mm
from knell.node.member.desk import Act, Desk
from knell.node.member.errors import ClusteringEnding
from knell.node.member.face import Face
from knell.spec.vocabulary import Cause


async def join(
    group: str,
    *,
    run: str | os.PathLike[str] | None = None,
    on_event: Callable[[mm.Happened], None] | None = None,
) -> Member:
    """Join a group.

    Args:
        group: The group.
        run: The folder of the node's sockets; by default what `KNELL_RUN` says.
        on_event: Called for each event at once; without it, iterate over the member.

    Raises:
        RefusedError: The node refused.
        MemberError: There is no node.
    """
    loop = asyncio.get_running_loop()
    desk = await loop.run_in_executor(None, Desk, group, run)
    return Member(loop, desk, on_event)


class Member(Face):
    """A membership of this process; see `join`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        desk: Desk,
        on_event: Callable[[mm.Happened], None] | None,
    ) -> None:
        self._loop = loop
        self._desk = desk
        self._on_event = on_event
        self._waiting: dict[int, asyncio.Future[mm.Result]] = {}
        self._wake = asyncio.Event()
        self._over = asyncio.Event()
        self._reading: list[socket.socket] = []
        for sock in (desk.engine, desk.sentinel):
            if sock is not None:
                sock.setblocking(False)
                loop.add_reader(sock.fileno(), self._read, sock)
                self._reading.append(sock)
        self._drain()

    async def act(self) -> Act:
        """Ask for a primary act; do it at once when this returns.

        Raises:
            RefusedError: This member may not act as primary now.
            ClusteringEnding: It never may again.
        """
        result = await self._result(self._desk.ask_act())
        assert result.token is not None
        return Act(self.group, result.token)

    async def send(self, data: bytes) -> tuple[str, ...]:
        """Send data to the group: at most once, in order; return to which nodes it went.

        Raises:
            RefusedError: It was not sent.
            QueueFullError: Too much is under way.
            ClusteringEnding: Nothing is sent any more.
        """
        return (await self._result(self._desk.ask_send(data))).to

    def report_failure(self, *causes: Cause) -> None:
        """Report a fatal error of the node; from any thread or signal handler (§7.2)."""
        self._desk.report(*causes)
        with contextlib.suppress(RuntimeError):  # the loop may have been closed by now
            self._loop.call_soon_threadsafe(self._drain)

    async def leave(self) -> None:
        """Leave the group."""
        self._desk.leave()
        self._settle()

    async def ended(self) -> ClusteringEnding:
        """Wait until clustering is ending."""
        await self._over.wait()
        assert self._desk.ending is not None
        return self._desk.ending

    def __aiter__(self) -> Member:
        return self

    async def __anext__(self) -> mm.Happened:
        while not self._desk.events:
            if self._desk.ending is not None:
                raise self._desk.ending
            self._wake.clear()
            await self._wake.wait()
        return self._desk.events.popleft()

    async def __aenter__(self) -> Member:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._desk.ending is None:
            self._desk.leave()
        self._settle()
        self._desk.close()

    async def _result(self, number: int) -> mm.Result:
        future: asyncio.Future[mm.Result] = self._loop.create_future()
        self._waiting[number] = future
        await future
        return self._desk.outcome(number)

    def _read(self, sock: socket.socket) -> None:
        while self._desk.ending is None:
            try:
                packet = sock.recv(mm.LARGEST)
            except BlockingIOError:
                break
            except OSError:
                packet = b""
            self._desk.take(packet)
        self._drain()

    def _drain(self) -> None:
        """Hand on what has come."""
        for number, result in list(self._desk.results.items()):
            future = self._waiting.pop(number, None)
            if future is not None and not future.done():
                future.set_result(result)
        if self._on_event is not None:
            while self._desk.events:
                self._on_event(self._desk.events.popleft())
        if self._desk.ending is not None:
            self._settle()
        self._wake.set()

    def _settle(self) -> None:
        """Clustering is over here: nothing is read, and whoever waits is told."""
        for sock in self._reading:
            self._loop.remove_reader(sock.fileno())
        self._reading.clear()
        ending = self._desk.ending
        for future in self._waiting.values():
            if not future.done() and ending is not None:
                future.set_exception(ending)
        self._waiting.clear()
        self._over.set()
        self._wake.set()
