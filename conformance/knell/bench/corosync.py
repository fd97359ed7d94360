"""A Corosync cluster in network namespaces of this machine, to measure ours against.

Each node has a namespace, a daemon with its defaults, and one client of the closed process group
interface, which writes down when it is told that another has left. Needs root, `ip` and Corosync.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

_ADDRESS: Final = "10.213.9."
_SECONDS: Final = 60.0
_IDLE: Final = 1.0
"""How long nothing happens before a client leaves, as nothing happens before our failures."""

_CONFIG: Final = """
totem {{
  version: 2
  cluster_name: bench
  crypto_cipher: none
  crypto_hash: none
}}
nodelist {{
{nodes}}}
logging {{
  to_logfile: yes
  logfile: {log}
  to_syslog: no
}}
"""


def is_there() -> str | None:
    """Why Corosync can't be measured here; None if it can."""
    for tool in ("corosync", "ip"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    return None if os.geteuid() == 0 else "it takes root"


class Corosync:
    """A cluster of three; a context manager."""

    def __init__(self) -> None:
        self._names = [f"kb{os.getpid() % 10_000}{number}" for number in (1, 2, 3)]
        self._switch = f"kb{os.getpid() % 10_000}s"
        self.root = Path(tempfile.mkdtemp(prefix="knell-bench-"))
        self._daemons: dict[int, subprocess.Popen[bytes]] = {}
        self._clients: dict[int, subprocess.Popen[str]] = {}

    def __enter__(self) -> Corosync:
        try:
            self._wire()
            for number in range(3):
                self.start(number)
            self._wait(lambda: all(len(self._members(n)) == 3 for n in range(3)), "it forms")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _wire(self) -> None:
        _ip("netns", "add", self._switch)
        _ip("-n", self._switch, "link", "add", "br0", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "br0", "up")
        for number, name in enumerate(self._names):
            _ip("netns", "add", name)
            veth = ("type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("-n", self._switch, "link", "add", f"v{number}", *veth)
            _ip("-n", self._switch, "link", "set", f"v{number}", "master", "br0", "up")
            _ip("-n", name, "addr", "add", f"{_ADDRESS}{number + 1}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                _ip("-n", name, "link", "set", device, "up")

    def start(self, number: int) -> None:
        """Start a daemon and its client."""
        folder = self.root / str(number)
        folder.mkdir(exist_ok=True)
        nodes = "".join(
            f"  node {{\n    ring0_addr: {_ADDRESS}{n + 1}\n    nodeid: {n + 1}\n  }}\n"
            for n in range(3)
        )
        config = folder / "corosync.conf"
        config.write_text(_CONFIG.format(nodes=nodes, log=folder / "log"), encoding="utf-8")
        # What all daemons would share is bound over, in the mount namespace of `ip netns exec`.
        script = ""
        for name, place in (("state", "/var/lib/corosync"), ("run", "/run")):
            (folder / name).mkdir(exist_ok=True)
            script += f"mount --bind {folder}/{name} {place} && "
        script += f"exec corosync -f -c {config}"
        self._daemons[number] = subprocess.Popen(  # noqa: S603 # the peer
            ["ip", "netns", "exec", self._names[number], "sh", "-c", script],  # noqa: S607
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._client(number)

    def _client(self, number: int) -> None:
        program = [sys.executable, "-m", "knell.bench.cpg", str(self.root / f"{number}.lines")]
        self._clients[number] = subprocess.Popen(  # noqa: S603 # ourselves
            ["ip", "netns", "exec", self._names[number], *program],  # noqa: S607
            stdin=subprocess.PIPE,
            text=True,
        )

    def _lines(self, number: int) -> list[list[str]]:
        with contextlib.suppress(FileNotFoundError):
            text = (self.root / f"{number}.lines").read_text(encoding="ascii")
            return [line.split() for line in text.splitlines()]
        return []

    def _members(self, number: int) -> list[str]:
        views = [line for line in self._lines(number) if line[1] == "view"]
        return views[-1][2:] if views else []

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"Corosync: {what}")
            time.sleep(0.02)

    def leave(self, number: int) -> float:
        """One client leaves; milliseconds until the last of the others is told."""
        client = self._clients[number]
        assert client.stdin is not None
        time.sleep(_IDLE)
        client.stdin.write("leave\n")
        client.stdin.flush()
        told = self._told(number)
        began = next(int(line[0]) for line in reversed(self._lines(number)) if line[1] == "leaving")
        client.kill()
        client.wait()
        self._client(number)
        self._wait(lambda: all(len(self._members(n)) == 3 for n in range(3)), "it is whole again")
        return (told - began) / 1e6

    def kill(self, number: int) -> float:
        """One daemon is killed; milliseconds until the last of the other clients is told."""
        began = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self._daemons[number].send_signal(signal.SIGKILL)
        told = self._told(number)
        self._daemons[number].wait()
        self._clients[number].kill()
        self._clients[number].wait()
        self.start(number)
        self._wait(lambda: all(len(self._members(n)) == 3 for n in range(3)), "it is whole again")
        return (told - began) / 1e6

    def _told(self, number: int) -> int:
        """When the last of the others was told that the client of a node is out."""
        others = [n for n in range(3) if n != number]
        name = str(number + 1)
        self._wait(lambda: all(name not in self._members(n) for n in others), "it notices")
        return max(
            int(next(line for line in reversed(self._lines(n)) if line[1] == "view")[0])
            for n in others
        )

    def _close(self) -> None:
        for client in self._clients.values():
            client.kill()
            client.wait()
        for daemon in self._daemons.values():
            daemon.kill()
            daemon.wait()
        for name in (*self._names, self._switch):
            _ip("netns", "delete", name, check=False)
        shutil.rmtree(self.root, ignore_errors=True)


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=True)  # noqa: S603, S607
