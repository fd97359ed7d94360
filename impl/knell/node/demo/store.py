"""A store that checks fencing tokens (§2.3), and remembers each write with its time."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import msgspec

from knell.node.runtime.channel import Channel, accepted, listen
from knell.node.runtime.watch import clock


class Write(msgspec.Struct, frozen=True):
    """One write, as a member asks for it; `at` is when its node let the act pass."""

    node: str
    epoch: int
    group: str
    token: int
    at: int


class Written(msgspec.Struct, frozen=True):
    """One write, as the store dealt with it."""

    write: Write
    at: int
    accepted: bool


class Store:
    """Takes writes on a Unix socket; refuses tokens lower than the highest of their group."""

    def __init__(self, path: Path) -> None:
        self.log: list[Written] = []
        self._highest: dict[str, int] = {}
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._listener = listen(path)
        self._channels: set[Channel] = set()
        self._loop.add_reader(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        for sock, process in accepted(self._listener):
            os.close(process.pidfd)
            self._channels.add(Channel(self._loop, sock, self._packet, self._channels.discard))

    def _packet(self, channel: Channel, packet: bytes) -> None:
        write = msgspec.json.decode(packet, type=Write)
        taken = write.token >= self._highest.get(write.group, 0)
        if taken:
            self._highest[write.group] = write.token
        self.log.append(Written(write, clock(), taken))
        channel.send(b"true" if taken else b"false")

    def close(self) -> None:
        """Stop serving."""
        self._loop.remove_reader(self._listener.fileno())
        self._listener.close()
        for channel in list(self._channels):
            channel.close()
        self._path.unlink(missing_ok=True)


def connect(path: str) -> socket.socket:
    """Connect a member to the store."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.connect(path)
    return sock
