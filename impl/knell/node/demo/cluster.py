"""Clusters for demonstrations and tests: real processes on loopback, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from knell.node.demo.namespaces import Network
from knell.node.demo.store import Store, Written
from knell.node.runtime.asking import ask
from knell.node.runtime.journal import declare_lost
from knell.node.runtime.keys import make_key
from knell.node.runtime.watch import become_subreaper, start_time, stop_with_parent
from knell.spec.errors import KnellError

LOOK_EVERY: Final = 0.02
_LONGEST_PATH: Final = 80
GROUPS: Final = ("store", "front")
"""Two groups; the second depends on the first."""


class Node:
    """One node of a cluster, over all its epochs."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.config = folder.with_suffix(".toml")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def root(self) -> subprocess.Popen[bytes]:
        """The process that was started; its node has been."""
        assert self.process is not None
        return self.process

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Ask the node's operator socket; None if nobody answers."""
        with contextlib.suppress(OSError, ValueError):
            return ask(self.folder / "run", request)
        return None

    def status(self) -> dict[str, Any] | None:
        """How the node stands."""
        return self.ask({"op": "status"})

    def stands(self) -> dict[str, Any]:
        """How the node stands; it has to answer."""
        status = self.status()
        assert status is not None, f"{self.name} does not answer"
        return status

    @property
    def processes(self) -> dict[str, int]:
        """The processes of the running epoch, by what they are."""
        status = self.status()
        found: dict[str, int] = {} if status is None else dict(status["processes"])
        if self.process is not None:
            found["sentinel"] = self.process.pid
        return found


class Cluster:
    """Some nodes with two groups, the second depending on the first.

    Args:
        count: How many nodes.
        timers: Timers that differ from their defaults, in milliseconds.
        options: Settings of both groups, as TOML.
        workers: Whether nodes start members.
        environment: What members find in their environment besides.
        wire: For nodes that speak an older version of the wire format, that version.
        network: Where the nodes are; by default all are on loopback.
        extra: More TOML for each configuration.
        keep: Where the logs of the nodes go in the end; by default what `KNELL_KEEP_LOGS` says.
    """

    def __init__(
        self,
        count: int,
        *,
        timers: dict[str, int] | None = None,
        options: Sequence[str] = ('fencing = "token"',),
        workers: bool = True,
        environment: dict[str, str] | None = None,
        wire: dict[str, int] | None = None,
        network: Network | None = None,
        extra: str = "",
        keep: Path | None = None,
    ) -> None:
        kept = os.environ.get("KNELL_KEEP_LOGS")
        self._keep = keep or (Path(kept) if kept else None)
        self._environment = environment or {}
        self._wire = wire or {}
        self.network = network
        self._hosts = network.hosts if network is not None else {}
        self.root = _folder()
        self.nodes = {name: Node(name, self.root / name) for name in _names(count)}
        self.store: Store | None = None
        self.struck: set[str] = set()
        """The nodes that were made to fail."""
        self._seen: dict[int, int] = {}
        become_subreaper()
        self._configure(timers or {}, options, extra, workers=workers)

    def _configure(
        self, timers: dict[str, int], options: Sequence[str], extra: str, *, workers: bool
    ) -> None:
        public = {name: make_key(self.root / f"{name}.key") for name in self.nodes}
        operator = make_key(self.root / "operator.key")
        ports = iter(_free_ports(2 * len(self.nodes)))
        peers = "".join(
            f'[[peer]]\nname = "{name}"\naddress = "{self._host(name)}:{next(ports)}"\n'
            f'urgent = "{self._host(name)}:{next(ports)}"\nkey = "{public[name]}"\n'
            for name in self.nodes
        )
        command = json.dumps([sys.executable, "-m", "knell.node.demo.worker"])
        nodes = json.dumps(list(self.nodes))
        groups = ""
        for index, group in enumerate(GROUPS):
            lines = [f'name = "{group}"', f"nodes = {nodes}", *options]
            if workers:
                lines.append(f"command = {command}")
            if index:
                lines.append(f'depends_on = ["{GROUPS[index - 1]}"]')
            groups += "[[group]]\n" + "\n".join(lines) + "\n"
        times = "".join(f"{name} = {value}\n" for name, value in timers.items())
        for name, node in self.nodes.items():
            old = f"wire = {self._wire[name]}\n" if name in self._wire else ""
            node.config.write_text(
                f'[node]\nname = "{name}"\nkey = "{name}.key"\nstate = "{name}/state"\n'
                f'run = "{name}/run"\nlab = true\n{old}[timers]\n{times}'
                f'[operators]\nkeys = ["{operator}"]\n{extra}{peers}{groups}',
                encoding="utf-8",
            )

    def _host(self, name: str) -> str:
        return self._hosts[name][0] if name in self._hosts else "127.0.0.1"

    # Life

    def start(self, *names: str) -> None:
        """Start nodes, or all."""
        if self.store is None:
            self.store = Store(self.root / "store.sock")
        for name in names or self.nodes:
            node = self.nodes[name]
            _, there = self._hosts.get(name, ("", []))
            environment = {
                **os.environ,
                **self._environment,
                "KNELL_STORE": str(self.root / "store.sock"),
                "KNELL_EVENTS": str(self.root / f"{name}.events"),
                "KNELL_LOG_RUN": self.root.name,
            }
            with (self.root / f"{name}.out").open("ab") as output:
                node.process = subprocess.Popen(  # noqa: S603 # ourselves
                    [*there, sys.executable, "-m", "knell.node.runtime", str(node.config)],
                    env=environment,
                    stdout=output,
                    stderr=output,
                    stdin=subprocess.DEVNULL,
                    preexec_fn=stop_with_parent,  # noqa: PLW1509 # one thread
                )

    async def until(self, what: str, holds: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait until something holds.

        Raises:
            TimeoutError: It does not.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not holds():
            if loop.time() > deadline:
                raise TimeoutError(f"{what}; {self.stand()}")
            await asyncio.sleep(LOOK_EVERY)

    @property
    def log(self) -> list[Written]:
        """What the store was asked for, and what it did."""
        return [] if self.store is None else self.store.log

    def stand(self) -> str:
        """How the nodes stand, in one line."""
        found = []
        for name, node in self.nodes.items():
            status = node.status()
            if status is None:
                code = node.process.poll() if node.process is not None else None
                last = self._last_words(name)
                found.append(f"{name}: does not answer, exit status {code}: {last}")
                continue
            peers = {each["node"]: each["epoch"] for each in status["peers"]}
            groups = {g["group"]: (g["list"], g["live_primary"]) for g in status["groups"]}
            found.append(f"{name}.{status['epoch']}: {status['phase']} {peers} {groups}")
        return "; ".join(found)

    def _last_words(self, name: str) -> str:
        """The last errors in the log of a node."""
        with contextlib.suppress(OSError):
            lines = (self.root / f"{name}.out").read_text(encoding="utf-8").splitlines()
            return " ".join([line for line in lines if '"error"' in line or line[:1] != "{"][-3:])
        return ""

    def is_whole(self, *names: str) -> bool:
        """Whether these nodes, or all, have every group complete and with a primary."""
        return all(self._is_whole(name, set(names or self.nodes)) for name in names or self.nodes)

    def _is_whole(self, name: str, members: set[str]) -> bool:
        status = self.nodes[name].status()
        if status is None or status["phase"] != "active":
            return False
        self._remember(status)
        return all(
            group["live_primary"] is not None
            and group["lives"]
            and members <= {entry.partition(".")[0] for entry in group["list"]}
            for group in status["groups"]
            if group["group"] in GROUPS
        )

    def _remember(self, status: dict[str, Any]) -> None:
        for pid in status["processes"].values():
            self._seen.setdefault(pid, start_time(pid))

    def reap(self) -> None:
        """Wait for orphans that have become children of this process."""
        known = {node.process.pid for node in self.nodes.values() if node.process is not None}
        for pid in _orphans():
            if pid not in known:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def left_over(self) -> list[int]:
        """The processes that were seen and still run."""
        self.reap()
        return [pid for pid, at in self._seen.items() if at and start_time(pid) == at]

    async def close(self) -> list[int]:
        """End everything; return the processes that were left before that."""
        for node in self.nodes.values():
            if node.process is not None and node.process.poll() is None:
                node.process.send_signal(signal.SIGCONT)
                node.process.terminate()
        with contextlib.suppress(TimeoutError):
            await self.until("nodes end", self._all_ended, 8.0)
        left = self.left_over()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await self.until("processes end", lambda: not self.left_over(), 8.0)
        if self.store is not None:
            self.store.close()
        if self._keep is not None:
            self._keep_logs(self._keep)
        shutil.rmtree(self.root, ignore_errors=True)
        return left

    def _keep_logs(self, folder: Path) -> None:
        """Save what the nodes did, once all of them are dead."""
        folder.mkdir(parents=True, exist_ok=True)
        lines: list[bytes] = []
        for node in self.nodes.values():
            path = node.folder / "state" / "trace.ndjson"
            declare_lost(path)
            if path.exists():
                lines += [line for line in path.read_bytes().splitlines(True) if b'"seq"' in line]
        (folder / f"{self.root.name}.ndjson").write_bytes(b"".join(lines))

    def _all_ended(self) -> bool:
        self.reap()
        return all(n.process is None or n.process.poll() is not None for n in self.nodes.values())

    # What was written down

    def forget(self) -> None:
        """Empty what was written down; whoever writes appends."""
        for path in self.journals():
            with contextlib.suppress(FileNotFoundError):
                os.truncate(path, 0)

    def journals(self) -> Iterator[Path]:
        """The files to which nodes and members add lines."""
        for name, node in self.nodes.items():
            yield node.folder / "state" / "trace.ndjson"
            yield self.root / f"{name}.events"

    def lines(self) -> list[dict[str, Any]]:
        """Everything that nodes and members wrote down, by time."""
        found: list[dict[str, Any]] = []
        for path in self.journals():
            found.extend(_lines(path))
        return sorted(found, key=lambda line: line["t"])


def _folder() -> Path:
    """A new folder, with a path short enough for the sockets in it.

    Raises:
        KnellError: There is no place for one.
    """
    mend = "set TMPDIR to a folder that is writable and has a short path"
    try:
        folder = Path(tempfile.mkdtemp(prefix="knell-"))
    except OSError as error:
        raise KnellError(f"no folder: {error.strerror}", place="TMPDIR", mend=mend) from None
    if len(bytes(folder)) > _LONGEST_PATH:
        folder.rmdir()
        raise KnellError("is too long for sockets", place=str(folder), mend=mend)
    return folder


def _orphans() -> Iterator[int]:
    """Dead children of this process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        for text in children.read_text(encoding="ascii").split():
            command = Path(f"/proc/{text}/stat").read_text(encoding="ascii", errors="replace")
            if command.rpartition(")")[2].split()[0] == "Z":
                yield int(text)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with contextlib.suppress(FileNotFoundError):
        for raw in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError):
                yield json.loads(raw)


def _names(count: int) -> list[str]:
    return [f"n{number}" for number in range(1, count + 1)]


def _free_ports(count: int) -> list[int]:
    socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for sock in socks:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in socks]
    finally:
        for sock in socks:
            sock.close()
