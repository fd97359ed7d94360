"""The node that observes, as events of its cores: statements, promotion, work, silence."""

from __future__ import annotations

from typing import Final

from knell.conformance.mapping.cluster import CAUSES
from knell.conformance.mapping.moves import Asked, Carried, Change, Move, Stutter, Tell, To
from knell.conformance.mapping.projection import entry_is_released
from knell.conformance.mapping.telling import Rule, engine
from knell.conformance.sim.node import Node
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.spec.vocabulary import NodePhase

# Statements


def accepts(asked: Asked) -> list[Stutter]:
    """That what entries have answered to an open proposal arrives: nothing is done upon it yet."""
    if not asked.node.engine_runs:
        return []
    arrived = (each for each in asked.pending if isinstance(each, Carried))
    return [Stutter(To.ENGINE, each.arrival) for each in arrived]


def _hear(asked: Asked) -> Move | None:
    """A statement arrives; an ACCEPT that was sent before has arrived before (§5.10)."""
    assert isinstance(asked.message, ms.Signed)
    if not asked.node.engine_runs:
        return None
    event = ev.Heard(asked.message, asked.cluster.epochs[asked.other].node)
    return Tell(To.ENGINE, event, before=accepts(asked))


def _forge(asked: Asked) -> Move | None:
    """A DISTRESS that does not come from the incarnation that was admitted (§5.1).

    Signatures are checked before a core is told anything. So a forged frame about an epoch that is
    not admitted, of which no incarnation is known, is none of its events.
    """
    node, epoch = asked.node, asked.cluster.epochs[asked.other]
    if not node.engine_runs:
        return None
    if not node.engine.admitted(epoch):
        return Change(node)
    stranger = asked.cluster.incarnations[asked.other] + 1_000
    said = ms.Distress(*epoch, stranger, CAUSES[asked.cluster.causes[0]])
    return Tell(To.ENGINE, ev.Heard(ms.Signed(said), epoch.node))


# Promotion and work


def _route_work(asked: Asked) -> Move | None:
    """Work for a group with a member on the second node, one that serves if there is (§7.21)."""
    cluster, epoch = asked.cluster, asked.cluster.epochs[asked.other]
    groups = [group for group in cluster.names if cluster.hosts(group, asked.other)]
    if not asked.node.engine_runs or not groups or _meets_another(asked):
        return None
    state = asked.node.engine
    served = (
        group for group in groups if not entry_is_released(cluster, state, group, asked.other)
    )
    return Tell(To.ENGINE, ev.WorkComes(next(served, groups[0]), epoch.node))


def _meets_another(asked: Asked) -> bool:
    """Whether another epoch of that node is admitted, so that what comes is about that one."""
    epoch = asked.cluster.epochs[asked.other]
    peer = asked.node.engine.peers.get(epoch.node)
    return peer is None or peer.admitted not in {0, epoch.number}


# Silence


def _silence(asked: Asked) -> Move | None:
    """Time passes without contact, as far as it has not passed already (§10.1)."""
    node, other = asked.node, asked.cluster.epochs[asked.other].node
    if not node.engine_runs or _meets_another(asked):
        return None
    contact = node.engine.peers[other].contact_at
    at = max(node.now, contact + node.engine.settings.lost + 1)
    return Tell(To.ENGINE, ev.LoseHeartbeats(other), at=at)


def _is_silent(other: Node) -> bool:
    """Whether nothing comes from the node any more, which it has not announced.

    That heartbeats of a node that has ended stay out is `lose_heartbeats` in the model.
    """
    return other.phase is NodePhase.CRASHED


def _beats(other: Node) -> bool:
    """Whether heartbeats come back from the node."""
    return other.phase in {NodePhase.ACTIVE, NodePhase.FAILING}


def _contact(asked: Asked) -> Move | None:
    """A heartbeat of the node comes back from the other (§10.2)."""
    node, epoch = asked.node, asked.cluster.epochs[asked.other]
    if not node.engine_runs or epoch.node == node.engine.me:
        return None
    incarnation = asked.cluster.incarnations[asked.other]
    return Tell(To.ENGINE, ev.Arrived(ms.Echo(node.now), epoch, incarnation))


OBSERVING: Final[dict[str, Rule]] = {
    "hear_distress": Rule(_hear, hears="DISTRESS"),
    "hear_quiesced": Rule(_hear, hears="QUIESCED"),
    "hear_member_gone": Rule(_hear, hears="MEMBER_GONE"),
    "hear_promoted": Rule(_hear, hears="PROMOTED"),
    "forge": Rule(_forge),
    "promote": Rule(engine(lambda asked: ev.Promote(asked.group))),
    "route_work": Rule(_route_work),
    "miss_heartbeats": Rule(_silence, other=_is_silent),
    "lose_heartbeats": Rule(_silence),
    "regain_heartbeats": Rule(_contact, other=_beats),
}
"""What a node observes of another, which is the second parameter."""
