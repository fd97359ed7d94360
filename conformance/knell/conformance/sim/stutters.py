"""What happens to a node besides actions: heartbeats, acknowledgements, retransmission, repeats.

None of it may be seen in the projection; each is tried in every state of a node that is met.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Final

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.moves import Stutter, To
from knell.conformance.sim.node import Node
from knell.conformance.sim.perform import Outcome, idle
from knell.node.core import due
from knell.node.core import events as ev
from knell.node.core import messages as ms


def stutters(cluster: Cluster, node: Node) -> Iterator[Stutter]:
    """What may happen to a node in this state without being an action."""
    if node.engine_runs:
        yield from (Stutter(To.ENGINE, ev.TimerFired(timer)) for timer in _TIMERS)
        for other, epoch in cluster.epochs.items():
            if epoch.node in node.engine.settings.peers:
                yield from _from_peer(cluster, node, other)
        for signed in node.engine.store.values():
            yield Stutter(To.ENGINE, ev.Heard(signed, node.engine.settings.peers[0]))
    elif node.taken_over:
        yield Stutter(To.SENTINEL, ev.TimerFired(ev.Timer.RESEND))


_TIMERS = (ev.Timer.BEAT, ev.Timer.RESEND)


def _from_peer(cluster: Cluster, node: Node, other: str) -> Iterator[Stutter]:
    sender, incarnation = cluster.epochs[other], cluster.incarnations[other]
    state = node.engine
    numbers = tuple(ms.number_of(key) for peer, key in state.unacked if peer == sender.node)
    messages: list[ms.Traffic] = [
        ms.Heartbeat(node.now, state.digest),
        ms.Heartbeat(node.now, state.digest + 1),
        ms.Known(()),
        ms.Received(numbers),
    ]
    if not state.peers[sender.node].partitioned:
        messages.append(ms.Echo(node.now))
    for message in messages:
        yield Stutter(To.ENGINE, ev.Arrived(message, sender, incarnation))


_STEPS: Final[dict[type[ev.Step], str]] = {
    ev.Initiate: "initiate_for_critical_member",
    ev.NotifyMember: "notify_member",
    ev.ForceOut: "force_out",
    ev.Quiesce: "quiesce",
    ev.EndClustering: "end_clustering",
    ev.Promote: "promote",
}
"""The action that each step of a core is; one that is not listed is due in no replay."""

_LEFT_OUT = ev.LoseHeartbeats | ev.ProposeList | ev.CommitList
"""Time is the harness's, so silence is where it says so. Admission is left out of configurations in
which nobody returns: a new primary has nothing to propose but its own list. Where a node returns,
both steps are actions, and tried as such."""


def strange_steps(node: Node, actions: Container[str]) -> Iterator[ev.Step]:
    """Steps that a core would take by itself, although the configuration has no such action.

    The others are tried as actions wherever the model disables them.
    """
    if node.over is not None:
        return
    core = node.engine if node.engine_runs else node.sentinel
    if core is None:
        return
    for step in due.steps(core, node.now):
        action = _STEPS.get(type(step))
        if not isinstance(step, _LEFT_OUT) and (action is None or action not in actions):
            yield step


def pass_time(cluster: Cluster, node: Node, by: int) -> Outcome:
    """Let time pass at a node, so that it beats and sends again."""
    later = node if node.over is not None else replace(node, now=node.now + by)
    timers = [each for each in stutters(cluster, later) if isinstance(each.event, ev.TimerFired)]
    return idle(cluster, later, timers)
