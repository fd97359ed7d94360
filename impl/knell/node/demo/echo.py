"""The yardstick: 120-byte pings between two plain asyncio processes, idle and in a tight loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import statistics
import sys
import time
from typing import Final, cast

from knell.node.runtime.watch import stop_with_parent

SIZE: Final = 120
IDLE: Final = 0.012
"""How long nothing is sent before an idle ping."""


class _Echo(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.transport is not None:
            self.transport.sendto(data, addr)


class _Ping(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: asyncio.Queue[float] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        self.answers.put_nowait(time.perf_counter())


class Yardstick:
    """Measures round trips to a process of its own."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._ping = _Ping()

    async def open(self) -> None:
        """Start the other process."""
        loop = asyncio.get_running_loop()
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "knell.node.demo.echo",
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # what is typed on the terminal is not for it
            preexec_fn=stop_with_parent,
        )
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        self._transport, self._ping = await loop.create_datagram_endpoint(
            _Ping, remote_addr=("127.0.0.1", port)
        )

    async def _one(self) -> float:
        assert self._transport is not None
        begun = time.perf_counter()
        self._transport.sendto(b"x" * SIZE)
        return (await asyncio.wait_for(self._ping.answers.get(), 1.0) - begun) * 1000

    async def idle(self, count: int = 1) -> float:
        """The median of idle round trips, in milliseconds."""
        found = []
        for _ in range(count):
            await asyncio.sleep(IDLE)
            found.append(await self._one())
        return statistics.median(found)

    async def tight(self, count: int = 200) -> float:
        """The median of round trips one right after the other, in milliseconds."""
        return statistics.median([await self._one() for _ in range(count)])

    async def close(self) -> None:
        """End the other process."""
        if self._transport is not None:
            self._transport.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        _Echo, local_addr=("127.0.0.1", 0), family=socket.AF_INET
    )
    port = transport.get_extra_info("sockname")[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
