"""How quickly a failure is known: many rounds in one cluster, each measured by an idle ping.

`python -m knell.node.demo.latency KIND ROUNDS` prints medians, and writes each round as JSON with
`--json FILE`. A round: the cluster is whole and quiet, one idle ping, the failure, the figures of
the judge, restart of the node. `--nodes N` sets the size of the cluster; `--fresh` makes a new one
for each round, so that each failure is the first.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import sys
from pathlib import Path
from typing import Any, Final

from knell.node.demo.cluster import GROUPS, Cluster
from knell.node.demo.echo import Yardstick
from knell.node.demo.failures import SHUTDOWNS, Failure, strike
from knell.node.demo.judge import Case

_KINDS: Final = sorted(set(SHUTDOWNS) - {"object"})
"""A node whose disk is corrupt does not start again, and each round restarts its node."""

_FIGURES: Final = (
    ("last_engine_learned_ms", 4.0),
    ("last_member_learned_ms", 5.0),
    ("promoted_after_quiesced_ms", 10.0),
)
"""What is measured, and how many idle round trips it may take."""


async def measure(
    kind: str, rounds: int, *, nodes: int = 3, fresh: bool = False
) -> list[dict[str, Any]]:
    """Run rounds of one failure, each on the next node; return the figures of each.

    Args:
        kind: The failure; `any` draws one for each round.
        rounds: How many.
        nodes: How many nodes the cluster has.
        fresh: Whether each round has a cluster of its own.
    """
    draw = random.Random(rounds)  # noqa: S311 # no secret
    kinds = [draw.choice(_KINDS) if kind == "any" else kind for _ in range(rounds)]
    yardstick = Yardstick()
    await yardstick.open()
    found = []
    try:
        for some in [[each] for each in kinds] if fresh else [kinds]:
            found += await _in_one_cluster(some, nodes, yardstick)
    finally:
        await yardstick.close()
    return found


async def _in_one_cluster(
    kinds: list[str], nodes: int, yardstick: Yardstick
) -> list[dict[str, Any]]:
    cluster = Cluster(nodes, environment={"KNELL_ACT_EVERY": "0.5"})
    found = []
    try:
        cluster.start()
        for number, kind in enumerate(kinds):
            await cluster.until("the cluster is whole", cluster.is_whole, 60.0)
            failure = Failure(kind, f"n{number % nodes + 1}")
            found.append(await _round(cluster, failure, yardstick))
    finally:
        left = await cluster.close()
    if left:
        raise RuntimeError(f"processes were left: {left}")
    return found


async def _round(cluster: Cluster, failure: Failure, yardstick: Yardstick) -> dict[str, Any]:
    node = cluster.nodes[failure.node]
    status = node.status() or {}
    survivors = [name for name in cluster.nodes if name != failure.node]
    primary = [
        group["group"]
        for group in status["groups"]
        if (group["live_primary"] or "").startswith(f"{failure.node}.")
    ]
    was_primary = [group for group in GROUPS if group in primary]
    memory = _resident(status["processes"]["engine"])
    cluster.forget()
    tight, idle = await yardstick.tight(50), await yardstick.idle()
    at = await strike(cluster, failure)

    def read() -> Case:
        return Case(
            failure,
            status["epoch"],
            at=at,
            lines=cluster.lines(),
            survivors=survivors,
            was_primary=was_primary,
        )

    await asyncio.sleep(0.1)  # looking costs processor time that the cluster needs now
    with contextlib.suppress(TimeoutError):
        await cluster.until("what has to happen", lambda: read().is_settled(), 10.0)
    process = node.process
    if process is not None:
        await cluster.until("the node has ended", lambda: process.poll() is not None)
    case = read()
    log = cluster.store.log if cluster.store is not None else []
    result = {
        "idle_ms": idle,
        "tight_ms": tight,
        "kind": failure.kind,
        "engine_bytes": memory,
        "noticed_ms": (case.at - at) / 1e6,
        "faults": case.faults(log),
        **case.figures(),
    }
    cluster.start(failure.node)
    return result


def _resident(pid: int) -> int:
    """The resident memory of a process, in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def figures(found: list[dict[str, Any]]) -> dict[str, float]:
    """Medians of what was measured: milliseconds, and multiples of each round's idle ping."""
    result = {"idle_ms": statistics.median(each["idle_ms"] for each in found)}
    for name, _ in _FIGURES:
        rows = [each for each in found if each[name] is not None]
        if rows:
            result[name] = statistics.median(each[name] for each in rows)
            result[name.replace("_ms", "_rtt")] = statistics.median(
                each[name] / each["idle_ms"] for each in rows
            )
    return result


def summary(found: list[dict[str, Any]]) -> list[str]:
    """The medians, in milliseconds and idle round trips."""
    lines = [
        f"{len(found)} rounds, {sum(bool(each['faults']) for each in found)} with faults",
        _line("idle round trip", [each["idle_ms"] for each in found]),
        _line("tight round trip", [each["tight_ms"] for each in found]),
        _line("noticed after", [each["noticed_ms"] for each in found]),
        f"engine resident, most: {max(each['engine_bytes'] for each in found) / 2**20:.1f} MiB",
    ]
    for name, allowed in _FIGURES:
        rows = [each for each in found if each[name] is not None]
        if rows:
            ratio = figures(rows)[name.replace("_ms", "_rtt")]
            line = _line(name, [each[name] for each in rows])
            lines.append(f"{line}; {ratio:.2f} idle round trips, at most {allowed:g} wanted")
    return lines


def _line(name: str, values: list[float]) -> str:
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)]
    return f"{name}: median {statistics.median(ordered):.3f} ms, p90 {high:.3f} ms"


def main() -> int:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(prog="latency", description=__doc__)
    parser.add_argument("kind", choices=["any", *_KINDS])
    parser.add_argument("rounds", type=int)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    found = asyncio.run(measure(args.kind, args.rounds, nodes=args.nodes, fresh=args.fresh))
    sys.stdout.write("\n".join(summary(found)) + "\n")
    if args.json:
        Path(args.json).write_text(json.dumps(found, indent=1), encoding="utf-8")
    faults = [fault for each in found for fault in each["faults"]]
    sys.stdout.writelines(f"fault: {fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
