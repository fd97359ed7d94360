"""Telling systemd, or whatever has started the node, how it stands (`sd_notify(3)`).

A datagram on the socket that the environment names, in a dozen lines: the packages for it have not
been touched for years.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

OF_THE_NODE: Final = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
"""What a service manager tells the node and nobody whom the node starts."""

_MICROSECOND: Final = 1_000


class Notify:
    """The service manager's socket; without one nothing is said.

    Args:
        environment: Where the manager has named its socket and the period of its watchdog.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        period = environment.get("WATCHDOG_USEC", "")
        self._every = int(period) * _MICROSECOND // 3 if period.isdecimal() else 0
        self._fed = 0
        self._said: set[str] = set()

    def say(self, *lines: str) -> None:
        """Send lines such as `READY=1`; what can't be sent is left unsaid."""
        if self._address:
            with (
                contextlib.suppress(OSError),
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock,
            ):
                sock.sendto("\n".join(lines).encode(), self._address)

    def once(self, *lines: str) -> None:
        """Send lines, unless they were sent before."""
        if lines[0] not in self._said:
            self._said.add(lines[0])
            self.say(*lines)

    def feed(self, now: int) -> None:
        """Feed the watchdog, three times in its period.

        Args:
            now: The time in nanoseconds.
        """
        if self._every and now - self._fed >= self._every:
            self._fed = now
            self.say("WATCHDOG=1")
