"""What a live run does: one failure of each kind, and what is awaited before the next.

Each play brings about faults of the model (`Play.faults`), with signals, on links, or as an
operator. When it is over the links are mended, what has ended is started again, and the cluster
has to become whole; that is awaited by the campaign.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, NamedTuple

from knell.conformance.live.network import LinkedCluster
from knell.node.demo.cluster import GROUPS
from knell.node.demo.failures import Failure, strike
from knell.node.runtime.asking import bootstrap_group, fence_node

Do = Callable[[LinkedCluster, Random, str], Awaitable[None]]

PATIENCE: Final = 30.0


class Play(NamedTuple):
    """One kind of run.

    Attributes:
        name: What it is called.
        do: Does it to a node.
        faults: The actions of the model that it brings about, and that no node may log.
        leases: Whether it needs groups with leases.
        critical: Whether it needs critical groups.
    """

    name: str
    do: Do
    faults: tuple[str, ...]
    leases: bool = False
    critical: bool = False


async def over(cluster: LinkedCluster, *names: str) -> None:
    """Wait until nodes have ended."""
    await cluster.until(
        f"{' and '.join(names)} ended", lambda: all(map(cluster.has_ended, names)), PATIENCE
    )


def failing(kind: str) -> Do:
    """A failure after which the node ends."""

    async def do(cluster: LinkedCluster, draw: Random, name: str) -> None:
        for link in cluster.of(name):
            if draw.random() < 0.5:
                link.disturb()
        await strike(cluster, Failure(kind, name))
        await over(cluster, name)

    return do


async def _member(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    """A member is killed; as nobody starts it again, its node is stopped after that."""
    mark = cluster.mark()
    await strike(cluster, Failure("member", name))
    await cluster.until(
        "the others hear of the member",
        lambda: len(cluster.since(mark, "hear_member_gone")) >= len(cluster.nodes) - 1,
    )
    await strike(cluster, Failure("stop", name))
    await over(cluster, name)


async def _critical(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    await strike(cluster, Failure("member", name))
    await over(cluster, name)


async def _power(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    epoch = f"{name}.{(cluster.nodes[name].status() or {'epoch': 0})['epoch']}"
    mark = cluster.mark()
    await strike(cluster, Failure("power", name))
    await over(cluster, name)

    def is_missed() -> bool:
        lapsed = {
            each
            for action in ("lapse", "hear_lapsed")
            for each in cluster.since(mark, action, i=epoch)
        }
        others = set(cluster.nodes) - {name}
        return all(each in lapsed or name in cluster.partitioned(each) for each in others)

    await cluster.until("the others miss it", is_missed)


async def _daemon(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    """Engine and sentinel die at once; the members find both channels closed, and end."""
    processes = cluster.nodes[name].processes
    daemon = [processes[each] for each in ("engine", "sentinel")]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in daemon:
            os.kill(pid, number)
    await over(cluster, name)


async def _deaf(cluster: LinkedCluster, draw: Random, name: str) -> None:
    """A member does not hear that clustering ends, as it is stopped: it is forced out."""
    group = draw.choice(GROUPS)
    os.kill(cluster.nodes[name].processes[f"member:{group}"], signal.SIGSTOP)
    await strike(cluster, Failure("stop", name))
    await over(cluster, name)


async def _fence(cluster: LinkedCluster, draw: Random, name: str) -> None:
    epoch = (cluster.nodes[name].status() or {})["epoch"]
    await _power(cluster, draw, name)
    mark = cluster.mark()
    other = next(each for each in cluster.nodes if each != name)
    key = str(cluster.root / "operator.key")
    fence_node(str(cluster.nodes[other].config), key, name, epoch)
    await cluster.until("the fence is heard", lambda: bool(cluster.since(mark, "hear_fence")))


async def _bootstrap(cluster: LinkedCluster, draw: Random, name: str) -> None:
    """Every node goes down; one comes back alone, and an operator starts its groups."""
    for each in cluster.nodes:
        await strike(cluster, Failure(draw.choice(("stop", "power")), each))
    await over(cluster, *cluster.nodes)
    cluster.start(name)
    node, mark = cluster.nodes[name], cluster.mark()
    await cluster.until("a member joins", lambda: _joined(cluster, name), PATIENCE)
    for group in GROUPS:
        bootstrap_group(str(node.config), str(cluster.root / "operator.key"), group)
        await cluster.until("it has begun", lambda: bool(cluster.since(mark, "bootstrap")))


def _joined(cluster: LinkedCluster, name: str) -> bool:
    status = cluster.nodes[name].status()
    return status is not None and all(group["member"] == "active" for group in status["groups"])


async def _all_down(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    """Every node goes down, in its own way; they start again together."""
    kinds = ("stop", "power", "kill", "cause", "cc")
    for each in cluster.nodes:
        await strike(cluster, Failure(draw.choice(kinds), each))
    await over(cluster, *cluster.nodes)


async def _two(cluster: LinkedCluster, draw: Random, name: str) -> None:
    """Two nodes fail at once."""
    other = draw.choice([each for each in cluster.nodes if each != name])
    for each in (name, other):
        await strike(cluster, Failure(draw.choice(("cause", "kill", "stop", "names")), each))
    await over(cluster, name, other)


async def _isolate(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    await _silence(cluster, name, out=True, into=True)


async def _mute(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    await _silence(cluster, name, out=True, into=False)


async def _silence(cluster: LinkedCluster, name: str, *, out: bool, into: bool) -> None:
    """Cut a node off, until every node has noticed; mend it, until contact is back."""
    for link in cluster.of(name, out=out, into=into):
        link.cut = True
    others = set(cluster.nodes) - {name}

    def is_noticed() -> bool:
        by_others = all(name in cluster.partitioned(each) for each in others)
        return by_others and cluster.partitioned(name) == others

    await cluster.until(f"{name} and the others miss each other", is_noticed)
    cluster.heal()
    # A primary whose lease was lapsed meanwhile learns of it now, and ends.
    await cluster.until(
        "contact is back",
        lambda: all(
            cluster.has_ended(each) or not cluster.partitioned(each) for each in cluster.nodes
        ),
    )


async def _link(cluster: LinkedCluster, draw: Random, name: str) -> None:
    """One direction of one link is cut, and the node fails: others relay what it said."""
    other = draw.choice([each for each in cluster.nodes if each != name])
    cluster.links[name, other].cut = True
    mark = cluster.mark()
    await strike(cluster, Failure("cause", name))
    await over(cluster, name)
    await cluster.until("it is relayed", lambda: other in cluster.since(mark, "hear_distress"))


async def _noise(cluster: LinkedCluster, draw: Random, name: str) -> None:
    """Every link loses, doubles, garbles and reorders while a node fails and comes back."""
    for link in cluster.links.values():
        link.disturb()
    await strike(cluster, Failure(draw.choice(("cause", "kill", "monitor")), name))
    await over(cluster, name)


async def _freeze(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    await strike(cluster, Failure("freeze", name))


async def _stall(cluster: LinkedCluster, draw: Random, name: str) -> None:  # noqa: ARG001
    """The node of a leased primary is stopped until others have taken over; then it wakes."""
    named: set[str] = set()

    def is_agreed() -> bool:
        named.clear()
        running = [n for name, n in cluster.nodes.items() if not cluster.has_ended(name)]
        for node in running:
            groups = (node.status() or {"groups": [{"live_primary": None}]})["groups"]
            named.add((groups[0]["live_primary"] or "nobody.0").partition(".")[0])
        return len(named) == 1 and named <= set(cluster.nodes)

    await cluster.until("who runs agrees on a primary", is_agreed)
    (primary,) = named
    await strike(cluster, Failure("stall", primary))
    await over(cluster, primary)


PLAYS: Final = (
    Play("cause", failing("cause"), ("strike",)),
    Play("kill", failing("kill"), ("component_dies",)),
    Play("hang", failing("hang"), ("component_dies",)),
    Play("cc", failing("cc"), ("component_dies",)),
    Play("names", failing("names"), ("component_dies",)),
    Play("monitor", failing("monitor"), ("component_dies",)),
    Play("sentinel", failing("sentinel"), ("component_dies",)),
    Play("memory", failing("memory"), ("strike",)),
    Play("stop", failing("stop"), ("request_stop",)),
    Play("member", _member, ("member_leaves",)),
    Play("critical", _critical, ("member_leaves",), critical=True),
    Play("power", _power, ("node_crashes", "restart")),
    Play("daemon", _daemon, ("daemon_dies", "orphan_ends")),
    Play("deaf", _deaf, ("request_stop",)),
    Play("fence", _fence, ("fence", "node_crashes")),
    Play("bootstrap", _bootstrap, ("bootstrap",)),
    Play("all-down", _all_down, ("restart",)),
    Play("two", _two, ("strike",)),
    Play("isolate", _isolate, ("isolate", "heal", "lose_heartbeats")),
    Play("mute", _mute, ("mute_only", "heal", "lose_heartbeats")),
    Play("link", _link, ("cut_link", "heal")),
    Play("noise", _noise, ("forge",)),
    Play("freeze", _freeze, ()),
    Play("stall", _stall, (), leases=True),
)
