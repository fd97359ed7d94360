"""A live node under fire: fuzzed datagrams and fuzzed requests, and what became of it.

`python -m knell.node.demo.fuzz --frames 1000000 --requests 1000000` (`make fuzz`) sends them to
n1 of three nodes while members work, and ends with 1 if n1 crashed, left, evicted anyone, or kept
memory or descriptors. Frames are mutated, cut, replayed, forged, oversized, random, of other
epochs and of a clone; the fuzzer holds a peer's key, so that many are authentic and get far.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from knell.node.demo.cluster import Cluster, Node
from knell.node.demo.footprint import footprint, growth
from knell.node.demo.frames import Frames
from knell.node.demo.pester import pester, pester_as_member
from knell.node.runtime import config

VICTIM, PEER = "n1", "n2"
BURST: Final = 64
"""Datagrams between two looks at how many are still waiting; few enough for any buffer."""

SPARE: Final = """
[limits]
requests = 1000000
[[group]]
name = "spare"
nodes = ["n1"]
"""
"""A group for a member that misbehaves, as quickly as it can."""

_BACKLOG: Final = 256 * 1024
_CALM: Final = 30.0


def _port(target: config.Config, *, urgent: bool) -> tuple[str, int]:
    own = next(each for each in target.peer if each.name == target.node.name)
    return config.endpoint(own.urgent if urgent else own.address, "address")


def waiting(port: int) -> tuple[int, int]:
    """What waits in the receive queue of a UDP port, in bytes, and how much was dropped there."""
    for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port:
            return int(fields[4].split(":")[1], 16), int(fields[-1])
    return 0, 0


def bombard(target: config.Config, frames: Frames, count: int) -> Counter[str]:
    """Send fuzzed datagrams to both ports of a node, as fast as it reads them."""
    sent: Counter[str] = Counter()
    ends = [_port(target, urgent=urgent) for urgent in (False, True)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        while sent.total() < count:
            for number in range(BURST):
                kind, datagram = frames.next()
                sock.sendto(datagram, ends[number % 2])
                sent[kind] += 1
            while max(waiting(end[1])[0] for end in ends) > _BACKLOG:
                time.sleep(0.001)
    return sent


async def fuzz(frames: int, requests: int, *, seed: int = 0, flood: float = 3.0) -> dict[str, Any]:
    """Start a cluster, fire at one node, and say what became of it.

    Args:
        frames: How many datagrams.
        requests: How many requests.
        seed: Of all choices.
        flood: For how many seconds the loss of genuine datagrams is measured.
    """
    cluster = Cluster(3, extra=SPARE)
    loop = asyncio.get_running_loop()
    try:
        cluster.start()
        await cluster.until("the cluster is whole", cluster.is_whole)
        victim = cluster.nodes[VICTIM]
        target = config.load(victim.config)
        fire = Frames(config.load(cluster.nodes[PEER].config), VICTIM, seed)
        # Fill the caches first: growth is what goes on growing.
        await loop.run_in_executor(None, bombard, target, fire, min(frames, 20_000))
        before, held = footprint(victim), victim.status() or {}
        lost = sum(waiting(_port(target, urgent=u)[1])[1] for u in (False, True))
        begun = time.monotonic()
        sent = await loop.run_in_executor(None, bombard, target, fire, frames)
        seconds = time.monotonic() - begun
        lost = sum(waiting(_port(target, urgent=u)[1])[1] for u in (False, True)) - lost
        begun = time.monotonic()
        run = victim.folder / "run"
        asked = await loop.run_in_executor(None, pester, run, requests * 9 // 10, seed)
        asked += await loop.run_in_executor(None, pester_as_member, run, requests // 10, seed)
        request_seconds = time.monotonic() - begun
        with contextlib.suppress(TimeoutError):
            await cluster.until("contact is back", lambda: _in_contact(victim), _CALM)
        after = footprint(victim) if victim.status() else {}
        grown = {name: value - before[name] for name, value in after.items()}
        faults = growth(grown) if after else [f"{VICTIM} is gone"]
        faults += _changes(held, victim.status() or {})
        faults += [f"{name} left {VICTIM}" for name in _leavers(cluster)]
        genuine = await loop.run_in_executor(None, _under_flood, cluster, fire, flood)
        dropped = (victim.status() or {}).get("dropped", {})
    finally:
        left = await cluster.close()
    return {
        "frames": sent.total(),
        "kinds": dict(sent),
        "frames_per_second": round(sent.total() / seconds),
        "dropped_by_the_kernel": lost,
        "requests": asked,
        "requests_per_second": round(asked / request_seconds),
        "grown": grown,
        "dropped": dropped,
        **genuine,
        "faults": [*faults, *([f"processes were left: {left}"] if left else [])],
    }


def _in_contact(node: Node) -> bool:
    status = node.status()
    return status is not None and not any(each["partitioned"] for each in status["peers"])


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What must be the same after all that, and is not."""
    if not after:
        return []
    same = ("epoch", "phase", "processes")
    found = [f"{n}: {before[n]} became {after[n]}" for n in same if before[n] != after[n]]
    for old, new in zip(before["peers"], after["peers"], strict=True):
        if (old["epoch"], old["left"]) != (new["epoch"], new["left"]):
            found.append(f"peer {old['node']}: {old} became {new}")
    return found


def _leavers(cluster: Cluster) -> list[str]:
    """The nodes that have left the victim's epoch."""
    found = []
    for name, node in cluster.nodes.items():
        status = node.status() or {"peers": []}
        found += [name for each in status["peers"] if each["node"] == VICTIM and each["left"]]
    return found


def _under_flood(cluster: Cluster, fire: Frames, duration: float) -> dict[str, Any]:
    """What share of genuine traffic is heard while fuzzed frames come as fast as they can be sent.

    The yardstick is what the node hears in the same time when it is left in peace.
    """
    victim = cluster.nodes[VICTIM]
    end = _port(config.load(victim.config), urgent=False)
    datagrams = [fire.next()[1][:1_400] for _ in range(512)]
    heard = _heard(victim)
    time.sleep(duration)
    calm = _heard(victim) - heard
    heard, sent, begun = _heard(victim), 0, time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        while time.monotonic() - begun < duration:
            for datagram in datagrams:
                sock.sendto(datagram, end)
            sent += len(datagrams)
    return {
        "flood_per_second": round(sent / duration),
        "genuine_heard_under_flood": round((_heard(victim) - heard) / max(1, calm), 3),
    }


def _heard(node: Node) -> int:
    """How many datagrams of sessions a node has taken."""
    return int((node.status() or {}).get("taken", 0))


def main(arguments: list[str] | None = None) -> int:
    """Fuzz as the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Fire at a live node.")
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    result = asyncio.run(fuzz(options.frames, options.requests, seed=options.seed))
    for name, value in result.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
