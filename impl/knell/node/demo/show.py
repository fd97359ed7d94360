"""One demonstration from start to end: start, fail, wait, judge, clean up."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import Any

from knell.node.demo.cluster import GROUPS, Cluster
from knell.node.demo.echo import Yardstick
from knell.node.demo.failures import LEASED, Failure, strike
from knell.node.demo.judge import Case
from knell.node.demo.namespaces import Network

_PATIENCE = 15.0
_SHORT = {"lease": 1_500, "drift": 300, "lost": 800}
"""Timers of a cluster with leases, so that nobody waits long for one to run out."""


async def show(
    count: int,
    failures: list[Failure],
    timers: dict[str, int] | None = None,
    keep: Path | None = None,
    network: Network | None = None,
) -> dict[str, Any]:
    """Run a demonstration; return its result as the command line's JSON.

    The logs of the nodes go to `keep`; the nodes are in `network`, or on loopback.
    """
    yardstick = Yardstick()
    leased = any(each.kind in LEASED for each in failures)
    options = ('takeover = "lease"',) if leased else ('fencing = "token"',)
    cluster = Cluster(
        count,
        timers=timers or (_SHORT if leased else {}),
        options=options,
        keep=keep,
        network=network,
    )
    left: list[int] = []
    try:
        await yardstick.open()
        cluster.start()
        await cluster.until("the cluster is whole", cluster.is_whole, max(30.0, 5.0 * count))
        result = await _play(cluster, failures, yardstick)
    finally:
        left = await cluster.close()
        await yardstick.close()
    if left:
        result["faults"].append(f"processes were left: {left}")
    result["verdict"] = "violated" if result["faults"] else "holds"
    return {key: value for key, value in result.items() if not key.startswith("_")}


async def _play(cluster: Cluster, failures: list[Failure], yardstick: Yardstick) -> dict[str, Any]:
    failed = {each.node for each in failures if each.kind not in {"member", "freeze", "partition"}}
    status = {name: node.status() or {} for name, node in cluster.nodes.items()}
    tight, idle = await yardstick.tight(), await yardstick.idle(15)
    cases = []
    begun = [(each, await strike(cluster, each)) for each in failures]
    faults: list[str] = []

    def read() -> list[Case]:
        lines = cluster.lines()
        return [
            Case(
                failure,
                status[failure.node]["epoch"],
                at=at,
                lines=lines,
                survivors=_concerned(cluster, failure, failed),
                was_primary=_primaries(status[failure.node], failure.node, failed, cluster),
            )
            for failure, at in begun
        ]

    with contextlib.suppress(TimeoutError):
        await cluster.until(
            "what has to happen", lambda: all(each.is_settled() for each in read()), _PATIENCE
        )
    for failure in failures:
        if failure.shuts_down:
            over = functools.partial(_is_over, cluster, failure.node)
            with contextlib.suppress(TimeoutError):
                await cluster.until("processes end", over, 5)
            if not _is_over(cluster, failure.node):
                faults.append(f"processes of {failure.node} still run")
    cases = read()
    log = cluster.store.log if cluster.store is not None else []
    for case in cases:
        faults += case.faults(log)
    first = cases[0].figures() if cases else {}
    start = min((case.at for case in cases), default=0)
    return {
        "schema": 1,
        "nodes": list(cluster.nodes),
        "fail": [str(each) for each in failures],
        "events": [
            _event(line, start) for line in cluster.lines() if line["t"] >= start - 5_000_000
        ],
        "rtt_ms": {"idle_p50": round(idle, 3), "tight_p50": round(tight, 3)},
        **first,
        "acts": {
            "accepted": sum(w.accepted for w in log),
            "refused": sum(not w.accepted for w in log),
        },
        "faults": faults,
    }


def _concerned(cluster: Cluster, failure: Failure, failed: set[str]) -> list[str]:
    """The nodes on which something has to be seen."""
    if failure.others:
        return list(failure.others)
    return [name for name in cluster.nodes if name not in failed | {failure.node}]


def _primaries(status: dict[str, Any], node: str, failed: set[str], cluster: Cluster) -> list[str]:
    """The groups that have to fail over, in their order; none if nobody could take over."""
    if len(failed) >= len(cluster.nodes):
        return []
    mine = {
        group["group"]
        for group in status["groups"]
        if (group["live_primary"] or "").partition(".")[0] == node
    }
    return [group for group in GROUPS if group in mine]


def _is_over(cluster: Cluster, name: str) -> bool:
    process = cluster.nodes[name].process
    return process is not None and process.poll() is not None


def _event(line: dict[str, Any], start: int) -> dict[str, Any]:
    what = (
        line.get("action") or line.get("member") or line.get("note") or f"tell {line.get('news')}"
    )
    about = line.get("args") or line.get("about") or {}
    return {
        "t_ms": round((line["t"] - start) / 1e6, 3),
        "node": line["node"],
        "process": line.get("process", f"member {line.get('group', '')}"),
        "event": what,
        "group": line.get("group") or line.get("told"),
        "about": about,
    }
