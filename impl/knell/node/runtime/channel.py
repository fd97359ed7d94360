"""Connections on Unix sockets, one packet a message, with the process at the other end known.

A process is known by a descriptor, never by its number: the kernel gives one for the peer of a
socket, and it stays with that process for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from knell.node.member.messages import LARGEST

_SO_PEERPIDFD: Final = 77
_BUFFER: Final = 512 * 1024
_QUEUE: Final = 1024


class Process(NamedTuple):
    """The process at the other end of a socket."""

    pid: int
    uid: int
    pidfd: int

    @property
    def killable(self) -> bool:
        """Whether this node may kill it."""
        try:
            signal.pidfd_send_signal(self.pidfd, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return True

    def kill(self) -> bool:
        """Kill it; return whether that was allowed."""
        try:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return True


def peer_of(sock: socket.socket) -> Process:
    """The process that made a connection.

    Raises:
        OSError: It is gone.
    """
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, _ = struct.unpack("3i", raw)
    try:
        pidfd = sock.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except OSError as error:
        if error.errno != errno.ENOPROTOOPT:
            raise  # it is gone, and another may have its number by now
        pidfd = os.pidfd_open(pid)
    return Process(pid, uid, pidfd)


def listen(path: Path) -> socket.socket:
    """Open a socket to listen on; one that an earlier epoch left is replaced."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.setblocking(False)
    sock.bind(str(path))
    path.chmod(0o600)
    sock.listen(64)
    return sock


def accepted(listener: socket.socket) -> Iterator[tuple[socket.socket, Process]]:
    """What has connected, and from which process, whose pidfd is now the caller's to close."""
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        try:
            process = peer_of(sock)
        except OSError:
            sock.close()
            continue
        yield sock, process


class Channel:
    """One connection: packets in, packets out, and its end.

    Args:
        loop: The event loop.
        sock: The socket; the channel owns it from now on.
        on_packet: Told each packet.
        on_end: Told once when the connection has ended.
        takes_files: Whether descriptors may come along; `files` holds those of the last packet.
        on_drained: Told when all that had to wait has been sent.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        on_packet: Callable[[Channel, bytes], None],
        on_end: Callable[[Channel], None],
        *,
        takes_files: bool = False,
        on_drained: Callable[[Channel], None] = lambda _: None,
    ) -> None:
        self.sock = sock
        self.lost = 0
        self._loop = loop
        self._on_packet = on_packet
        self._on_end = on_end
        self._on_drained = on_drained
        self.files: list[int] = []
        self._takes_files = takes_files
        self._waiting: deque[bytes] = deque()
        self._open = True
        self._limit: asyncio.TimerHandle | None = None
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        loop.add_reader(sock.fileno(), self._read)

    @property
    def is_open(self) -> bool:
        """Whether the connection stands."""
        return self._open

    def send(self, packet: bytes) -> bool:
        """Send a packet, now or when there is room; return False if the queue is full."""
        if not self._open:
            return False
        if not self._waiting:
            try:
                self.sock.send(packet)
                return True
            except BlockingIOError:
                self._loop.add_writer(self.sock.fileno(), self._write)
            except OSError:
                self.close()
                return False
        if len(self._waiting) >= _QUEUE:
            self.lost += 1
            return False
        self._waiting.append(packet)
        return True

    def close_after(self, seconds: float) -> None:
        """End the connection after a time, unless `stay` is called before."""
        self._limit = self._loop.call_later(seconds, self.close)

    def stay(self) -> None:
        """Let the connection stand for as long as it likes."""
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def urge(self, packet: bytes) -> None:
        """Send a packet before all that waits."""
        if self._waiting:
            self._waiting.insert(0, packet)
        else:
            self.send(packet)

    def close(self) -> None:
        """End the connection; whoever uses it is told."""
        if not self._open:
            return
        self._open = False
        self.stay()
        self._loop.remove_reader(self.sock.fileno())
        self._loop.remove_writer(self.sock.fileno())
        self.sock.close()
        self._on_end(self)

    def _read(self) -> None:
        for _ in range(16):
            try:
                packet = self._receive()
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet or len(packet) > LARGEST:
                self.close()
                return
            self._on_packet(self, packet)
            if not self._open:
                return

    def _receive(self) -> bytes:
        if not self._takes_files:
            return self.sock.recv(LARGEST + 1)
        packet, self.files, _, _ = socket.recv_fds(self.sock, LARGEST + 1, 4)
        return packet

    def _write(self) -> None:
        while self._waiting:
            try:
                self.sock.send(self._waiting[0])
            except BlockingIOError:
                return
            except OSError:
                self.close()
                return
            self._waiting.popleft()
        self._loop.remove_writer(self.sock.fileno())
        self._on_drained(self)
