"""Directed links between nodes, over which every datagram of a live cluster goes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import cast

Address = tuple[str, int]


@dataclass
class Link:
    """One direction between two nodes, and what it does to datagrams.

    Attributes:
        cut: Whether nothing passes.
        drop: The chance that a datagram is lost.
        double: The chance that it comes twice.
        garble: The chance that one of its bytes is changed: a forgery.
        delay: The longest time in seconds that it is held; so datagrams overtake each other.
    """

    draw: Random
    cut: bool = False
    drop: float = 0.0
    double: float = 0.0
    garble: float = 0.0
    delay: float = 0.0

    def disturb(self) -> None:
        """Lose, double, garble and reorder from now on."""
        self.drop, self.double, self.garble, self.delay = 0.1, 0.1, 0.05, 0.02

    def heal(self) -> None:
        """Carry everything at once again."""
        self.cut, self.drop, self.double, self.garble, self.delay = False, 0.0, 0.0, 0.0, 0.0

    def copies(self, datagram: bytes) -> list[tuple[float, bytes]]:
        """What comes out for a datagram: when, and what."""
        draw = self.draw
        if self.cut or draw.random() < self.drop:
            return []
        found = [datagram] * (2 if draw.random() < self.double else 1)
        if draw.random() < self.garble:
            changed = bytearray(datagram)
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
            found.append(bytes(changed))
        return [(draw.random() * self.delay, each) for each in found]


class Relay(asyncio.DatagramProtocol):
    """Takes datagrams on one socket and hands them on over a link.

    Args:
        link: The link.
        to: Where they go.
    """

    def __init__(self, link: Link, to: Address) -> None:
        self.link = link
        self._to = to
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> Address:
        """Where the sender has to send to."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    async def open(self) -> Relay:
        """Listen."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        return self

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 # one shape
        """Hand a datagram on."""
        loop = asyncio.get_running_loop()
        for after, each in self.link.copies(data):
            if after:
                loop.call_later(after, self._send, each)
            else:
                self._send(each)

    def error_received(self, exc: Exception) -> None:
        """The receiver is not there: lost, as on a real network."""

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, self._to)
