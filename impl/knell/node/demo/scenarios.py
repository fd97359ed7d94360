"""What happens in a round of the campaign: one failure, several, or a whole story."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from knell.node.demo.cluster import GROUPS, Cluster
from knell.node.demo.failures import SHUTDOWNS, Failure, strike

Play = Callable[[Cluster, random.Random, list[str]], Awaitable[None]]

NEEDS_A_THIRD: Final = {"communication"}
NEEDS_A_SECOND: Final = {"protocol"}
LASTING: Final = {"object"}
"""A node whose disk is corrupt does not start again."""

_ENDED: Final = 30.0


class Scenario(NamedTuple):
    """One kind of round.

    Attributes:
        name: What it is.
        least: How many nodes it needs.
        play: Does it to some of these nodes; those that shut down have ended when it returns.
        all_nodes: Whether it touches every node.
        modern: Whether it needs what the first version of the wire format lacks.
    """

    name: str
    least: int
    play: Play
    all_nodes: bool = False
    modern: bool = False


async def _over(cluster: Cluster, *names: str) -> None:
    def is_over() -> bool:
        processes = [cluster.nodes[name].process for name in names]
        return all(each is None or each.poll() is not None for each in processes)

    await cluster.until(f"{' and '.join(names)} ended", is_over, _ENDED)


def _one(kind: str) -> Play:
    async def play(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
        name = draw.choice(names)
        others = tuple(n for n in cluster.nodes if n != name)[:1] if kind == "partition" else ()
        await strike(cluster, Failure(kind, name, others))
        if kind == "member":
            # Nobody starts a member that has crashed; its node is restarted for it.
            await strike(cluster, Failure("stop", name))
        if kind in SHUTDOWNS or kind in {"member", "power"}:
            await _over(cluster, name)

    return play


async def _two_nodes(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """Two nodes fail, one shortly after the other."""
    for name in draw.sample(names, 2):
        await strike(cluster, Failure(draw.choice(_QUICK), name))
        await asyncio.sleep(draw.random() * 0.3)
    await asyncio.sleep(0.5)
    await _over(cluster, *[name for name in names if _is_failing(cluster, name)])


def _is_failing(cluster: Cluster, name: str) -> bool:
    status = cluster.nodes[name].status()
    return status is None or status["phase"] != "active"


async def _twice(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """One node fails in two ways at almost the same time."""
    name = draw.choice(names)
    processes = cluster.nodes[name].processes
    for kind in draw.sample(_QUICK, 2):
        await strike(cluster, Failure(kind, name), processes)
        await asyncio.sleep(draw.random() * 0.01)
    await _over(cluster, name)


async def _bounce(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """A node loses power and is back before anybody misses it."""
    name = draw.choice(names)
    await strike(cluster, Failure("power", name))
    await _over(cluster, name)


async def _all_at_once(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """The power fails everywhere; nodes come back in any order."""
    for name in names:
        await strike(cluster, Failure("power", name))
    await _over(cluster, *names)
    for name in draw.sample(names, len(names)):
        cluster.start(name)
        await asyncio.sleep(draw.random())


async def _rolling(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """Each node is stopped and started, one after the other."""
    for name in draw.sample(names, len(names)):
        await strike(cluster, Failure("stop", name))
        await _over(cluster, name)
        cluster.start(name)
        await cluster.until(f"{name} is back", cluster.is_whole, 60.0)


async def _stale(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """A former primary that missed a takeover is the first to start (§11.4)."""
    status = cluster.nodes[names[0]].status() or {"groups": []}
    primary = {
        g["group"]: (g["live_primary"] or names[0]).partition(".")[0] for g in status["groups"]
    }
    old = primary.get(GROUPS[0], names[0])
    await strike(cluster, Failure("stop", old))
    await _over(cluster, old)
    rest = [name for name in names if name != old]
    await cluster.until("the others go on", lambda: _act(cluster, rest))
    for name in rest:
        await strike(cluster, Failure("power", name))
    await _over(cluster, *rest)
    cluster.start(old)
    await asyncio.sleep(0.5 + draw.random())
    found = cluster.nodes[old].status() or {"groups": []}
    if any(group["live_primary"] for group in found["groups"]):
        raise AssertionError(f"{old} founded a group with stale data")


def _act(cluster: Cluster, names: list[str]) -> bool:
    """Whether each group has a primary among these nodes that may act: durably promoted."""
    acting = {
        group["group"]
        for name in names
        for group in (cluster.nodes[name].status() or {"groups": []})["groups"]
        if group["acts"]
    }
    return acting >= set(GROUPS)


async def _one_way(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """What a node sends to another is lost for a while; then the node fails."""
    name = draw.choice(names)
    deaf = draw.choice([other for other in cluster.nodes if other != name])
    cluster.nodes[name].ask({"op": "block", "peers": [deaf], "hear": False})
    await asyncio.sleep(draw.random() * 2.0)
    if draw.random() < 0.5:
        await strike(cluster, Failure("cause", name))
        await _over(cluster, name)
    else:
        cluster.nodes[name].ask({"op": "block", "peers": []})


async def _switchover(cluster: Cluster, draw: random.Random, names: list[str]) -> None:
    """Whoever has the primary of a group is asked to hand over."""
    group = draw.choice(GROUPS)
    for name in names:
        cluster.nodes[name].ask({"op": "switchover", "group": group})
    await asyncio.sleep(draw.random() * 0.2)


_QUICK: Final = sorted({*SHUTDOWNS} - NEEDS_A_THIRD - NEEDS_A_SECOND - LASTING)

SCENARIOS: Final = (
    *(Scenario(kind, 1, _one(kind)) for kind in (*_QUICK, "member", "freeze", "power")),
    *(Scenario(kind, 2, _one(kind), modern=True) for kind in sorted(NEEDS_A_SECOND)),
    *(Scenario(kind, 3, _one(kind), modern=True) for kind in sorted(NEEDS_A_THIRD)),
    Scenario("partition", 2, _one("partition")),
    Scenario("one node twice", 1, _twice),
    Scenario("bounce", 1, _bounce),
    Scenario("all at once", 1, _all_at_once, all_nodes=True),
    Scenario("rolling restart", 1, _rolling, all_nodes=True),
    Scenario("two nodes", 2, _two_nodes),
    Scenario("one-way loss", 2, _one_way),
    Scenario("switchover", 2, _switchover),
    Scenario("stale data first", 2, _stale, all_nodes=True),
)
"""All kinds of rounds."""
