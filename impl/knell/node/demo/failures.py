"""What can be failed in a demonstration, and how."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from knell.node.demo.cluster import GROUPS, Cluster
from knell.node.demo.worker import signal_for
from knell.node.runtime.watch import clock
from knell.spec.errors import KnellError
from knell.spec.vocabulary import Cause

FROZEN_FOR: Final = 1.0
PARTED_FOR: Final = 2.0


class Failure(NamedTuple):
    """One failure, as a user asks for it: `kind:node`, or `partition:A|B`."""

    kind: str
    node: str
    others: tuple[str, ...] = ()

    @property
    def shuts_down(self) -> bool:
        """Whether the node has to shut itself down and say so."""
        return self.kind in SHUTDOWNS or self.kind in LEASED

    def __str__(self) -> str:
        """As the user asked for it."""
        return f"{self.kind}:{'|'.join((self.node, *self.others))}"


SHUTDOWNS: Final = {
    "cause": "a member reports a fatal error",
    "kill": "the engine is killed",
    "hang": "the engine is stopped",
    "cc": "the cluster control member is killed",
    "names": "the cluster name server is killed",
    "monitor": "the liveliness monitor is killed",
    "sentinel": "the sentinel is killed",
    "stop": "the node is asked to stop",
    "communication": "sends to one peer fail, which the third node reaches",
    "protocol": "the node sends an authentic frame that nobody can decode",
    "memory": "a record of a group is changed in the engine's memory",
    "object": "a record of a group is changed on the disk",
}
"""Failures after which the node announces its end."""

LEASED: Final = {
    "stall": "all processes of the node are stopped until its leases have run out",
}
"""Failures after which a node is lapsed, and ends when it learns of it."""

OTHERS: Final = {
    "member": "an ordinary member is killed",
    "freeze": "all processes of the node are stopped for a second",
    "power": "all processes of the node are stopped, then killed",
    "partition": "the two sides lose contact for two seconds",
}
"""Failures after which nobody leaves."""

_SIGNALS: Final = {
    "cause": (f"member:{GROUPS[0]}", signal_for(Cause.OBJECT)),
    "member": (f"member:{GROUPS[1]}", signal.SIGKILL),
    "kill": ("engine", signal.SIGKILL),
    "hang": ("engine", signal.SIGSTOP),
    "cc": ("cc", signal.SIGKILL),
    "names": ("names", signal.SIGKILL),
    "monitor": ("monitor", signal.SIGKILL),
    "sentinel": ("sentinel", signal.SIGKILL),
    "stop": ("sentinel", signal.SIGTERM),
}
"""Failures that are one signal: to which process, and which."""


def parse(text: str, nodes: list[str]) -> Failure:
    """Read `kind:node`.

    Raises:
        KnellError: There is no such failure or node.
    """
    kind, colon, target = text.partition(":")
    known = {**SHUTDOWNS, **LEASED, **OTHERS}
    if not colon or kind not in known:
        raise KnellError(
            f"{text!r} is no failure", place="--fail", mend=f"known: {', '.join(known)}, then :NODE"
        )
    first, *others = target.split("|")
    for node in (first, *others):
        if node not in nodes:
            raise KnellError(
                f"no node is called {node!r}", place="--fail", mend=f"known: {', '.join(nodes)}"
            )
    if (kind == "partition") != bool(others):
        raise KnellError(
            f"{text!r} is incomplete", place="--fail", mend="write partition:A|B, or kind:NODE"
        )
    return Failure(kind, first, tuple(others))


async def strike(
    cluster: Cluster, failure: Failure, processes: dict[str, int] | None = None
) -> int:
    """Let a failure happen; return when.

    Args:
        cluster: The cluster.
        failure: The failure.
        processes: Those of the node, if it can't be asked any more.
    """
    node = cluster.nodes[failure.node]
    processes = processes or node.processes
    cluster.struck.add(failure.node)
    at = clock()
    match failure.kind:
        case "communication" | "protocol" | "memory":
            node.ask(_EXPERIMENTS[failure.kind](_other(cluster, failure.node)))
        case "object":
            _spoil(node.folder / "state" / "groups" / GROUPS[0])
        case "power":
            _all(processes, signal.SIGSTOP)
            at = clock()
            _all(processes, signal.SIGKILL)
        case "freeze":
            _all(processes, signal.SIGSTOP)
            await asyncio.sleep(FROZEN_FOR)
            _all(processes, signal.SIGCONT)
        case "stall":
            _all(processes, signal.SIGSTOP)
            await cluster.until("others take over", lambda: _taken_over(cluster, failure.node))
            _all(processes, signal.SIGCONT)
        case "partition":
            await _part(cluster, failure)
        case kind:
            victim, number = _SIGNALS[kind]
            _signal(processes[victim], number)
    return at


_EXPERIMENTS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "communication": lambda peer: {"op": "break", "peers": [peer]},
    "protocol": lambda peer: {"op": "garble", "peer": peer},
    "memory": lambda peer: {"op": "corrupt", "group": GROUPS[0]},  # noqa: ARG005 # one shape
}


def _taken_over(cluster: Cluster, node: str) -> bool:
    """Whether no group has its primary on a node any more, by the word of the others."""
    for name, other in cluster.nodes.items():
        status = other.status() if name != node else None
        groups = status["groups"] if status is not None else []
        if any((group["live_primary"] or node).partition(".")[0] == node for group in groups):
            return False
    return True


def _other(cluster: Cluster, node: str) -> str:
    """The last node but this one; this one if it is alone."""
    return [node, *(name for name in cluster.nodes if name != node)][-1]


def _spoil(path: Path) -> None:
    """Change one byte of a file."""
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


async def _part(cluster: Cluster, failure: Failure) -> None:
    def block(on: str, peers: list[str]) -> None:
        cluster.nodes[on].ask({"op": "block", "peers": peers})

    def both(do: Callable[[str, list[str]], None], *, heal: bool) -> None:
        do(failure.node, [] if heal else list(failure.others))
        for other in failure.others:
            do(other, [] if heal else [failure.node])

    if cluster.network is not None:
        cluster.network.part(failure.node, failure.others)
        await asyncio.sleep(PARTED_FOR)
        cluster.network.part(failure.node, failure.others, heal=True)
        return
    both(block, heal=False)
    await asyncio.sleep(PARTED_FOR)
    both(block, heal=True)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _all(processes: dict[str, int], number: int) -> None:
    for pid in processes.values():
        _signal(pid, number)
