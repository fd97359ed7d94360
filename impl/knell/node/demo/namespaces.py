"""A network namespace for each node, joined by a bridge: hosts as far as one machine has them.

It takes root and the `ip` command. What is cut here is a link, not a socket: nodes find out as
they would between machines.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import Final

from knell.spec.errors import KnellError

_ADDRESS: Final = "10.213.7."


class Network:
    """The hosts of some nodes; `close` removes them.

    Args:
        names: The nodes.

    Raises:
        KnellError: There can be no namespaces here.
    """

    def __init__(self, names: list[str]) -> None:
        front = f"kn{os.getpid()}"
        self._switch = f"{front}sw"
        self._places = {name: f"{front}{name}" for name in names}
        try:
            self._build()
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            said = getattr(error, "stderr", None) or error
            raise KnellError(
                f"no network namespaces here: {str(said).strip()}",
                place="--namespaces",
                mend="run as root, with iproute2 installed",
            ) from None
        self.hosts = {
            name: (f"{_ADDRESS}{number}", ["ip", "netns", "exec", place])
            for number, (name, place) in enumerate(self._places.items(), start=1)
        }
        """For each node its address, and what runs a command there."""

    def _build(self) -> None:
        _ip("netns", "add", self._switch)
        self._at_switch("link", "add", "br0", "type", "bridge")
        self._at_switch("link", "set", "br0", "up")
        for number, (name, place) in enumerate(self._places.items(), start=1):
            _ip("netns", "add", place)
            cable = ("link", "add", f"to-{name}", "type", "veth")
            self._at_switch(*cable, "peer", "name", "eth0", "netns", place)
            self._at_switch("link", "set", f"to-{name}", "master", "br0", "up")
            _ip("-n", place, "addr", "add", f"{_ADDRESS}{number}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                _ip("-n", place, "link", "set", device, "up")

    def _at_switch(self, *words: str) -> None:
        _ip("-n", self._switch, *words)

    def cable(self, name: str, state: str) -> None:
        """Pull the cable of a node, `down`, or put it back, `up`."""
        self._at_switch("link", "set", f"to-{name}", state)

    def part(self, one: str, others: tuple[str, ...], *, heal: bool = False) -> None:
        """Cut a node off from another one, or from all; or join them again.

        Raises:
            KnellError: From some of them: a bridge can't do that.
        """
        if set(others) == set(self._places) - {one}:
            self.cable(one, "up" if heal else "down")
            return
        if len(others) > 1:
            raise KnellError(
                f"a link can't part {one} from {' and '.join(others)} alone",
                place="--namespaces",
                mend="part it from one node, or from all",
            )
        for name in (one, *others):  # two isolated ports of a bridge hear all but each other
            port = ("link", "set", f"to-{name}", "type", "bridge_slave", "isolated")
            self._at_switch(*port, "off" if heal else "on")

    def no_route(self, name: str, to: str) -> None:
        """Let the kernel of a node refuse to send to another."""
        _ip("-n", self._places[name], "route", "add", "unreachable", self.hosts[to][0])

    def close(self) -> None:
        """Remove what was made; processes that still run there keep theirs until they end."""
        for place in (*self._places.values(), self._switch):
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                _ip("netns", "delete", place)


def _ip(*words: str) -> None:
    subprocess.run(  # noqa: S603 # of our making
        ["ip", *words],  # noqa: S607 # wherever it is
        check=True,
        capture_output=True,
        text=True,
    )
