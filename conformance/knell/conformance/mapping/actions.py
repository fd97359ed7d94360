"""For each action of the model: the one event of one core, or the one act of the environment.

A rule is asked for the move that an instance of its action is at a node. It says None if nobody is
there who could be told, or nothing that could be told: a dead engine hears nothing, a message that
was not sent does not arrive. Whether the *protocol* allows the action is not the rule's business:
the core has to know, and it is asked also where the model says no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from knell.conformance.mapping.cluster import CAUSES, COMPONENTS
from knell.conformance.mapping.environment import (
    ENVIRONMENT,
    orphan_ends,
    unheard_report,
    without_act,
)
from knell.conformance.mapping.moves import Asked, Change, Move, Stutter, Tell, To
from knell.conformance.sim.node import Node
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.values import Epoch
from knell.spec.vocabulary import MemberState, NodePhase

Plan = Callable[[Asked], "Move | None"]


class Rule(NamedTuple):
    """How an action is done.

    Attributes:
        plan: The move at a node, or None.
        hears: The kind of the statement about the second node that arrives.
        other: What has to be true of the second node, for the environment to bring this about.
    """

    plan: Plan
    hears: str | None = None
    other: Callable[[Node], bool] | None = None


def _engine(event: Callable[[Asked], ev.Event]) -> Plan:
    """The engine is told the event, if there is one."""

    def plan(asked: Asked) -> Move | None:
        return Tell(To.ENGINE, event(asked)) if asked.node.engine_runs else None

    return plan


def _speaker(asked: Asked, event: ev.Event, *before: ev.Event) -> Move | None:
    """The engine is told the event, or the sentinel that has taken its place (§7.6)."""
    node = asked.node
    if node.engine_runs:
        return Tell(To.ENGINE, event, before=[Stutter(To.ENGINE, each) for each in before])
    if not node.sentinel_runs:
        return None
    takeover = () if node.taken_over or node.engine.latch is None else (_takeover(node),)
    return Tell(
        To.SENTINEL, event, before=[Stutter(To.SENTINEL, each) for each in (*takeover, *before)]
    )


def _takeover(node: Node) -> ev.Event:
    """The sentinel learns that the engine is dead, and what its latch said (§4.4)."""
    return ev.EngineLost(node.engine.latch, node.engine.reporter)


# Detection and initiation


def _detect_by_cc(asked: Asked) -> Move | None:
    node, cause = asked.node, asked.kind
    if not (node.engine_runs and node.control_runs and cause in node.fatal):
        return None
    return Tell(To.ENGINE, ev.Notice((CAUSES[cause],)))


def _detect_by_member(asked: Asked) -> Move | None:
    node, cause = asked.node, asked.kind
    if cause not in node.fatal or not _process(node, asked.group):
        return None
    if not node.engine_runs:
        return unheard_report(asked)
    return Tell(To.ENGINE, ev.MemberReports(asked.group, (CAUSES[cause],)))


def _report_reaches_cc(asked: Asked) -> Move | None:
    node, cause = asked.node, asked.kind
    under_way = (asked.group, cause) in node.reports
    if not (under_way and node.engine_runs and node.control_runs):
        return None
    return Tell(To.ENGINE, ev.Notice((CAUSES[cause],), asked.group))


def _initiate_by_engine(asked: Asked) -> Move | None:
    component = asked.kind
    if not asked.node.engine_runs or component not in asked.node.dead:
        return None
    return Tell(To.ENGINE, ev.ComponentDied(COMPONENTS[component]))


def _initiate_by_sentinel(asked: Asked) -> Move | None:
    """Behind a closed latch the sentinel goes on, which is a stutter: DISTRESS was said (§7.6)."""
    node = asked.node
    if node.engine_runs or not node.sentinel_runs or node.phase is not NodePhase.ACTIVE:
        return None
    return Tell(To.SENTINEL, _takeover(node))


# Members


def _process(node: Node, group: str) -> int:
    """The number of the member's process; 0 if none is there."""
    member = node.engine.members.get(group)
    if node.over is not None or member is None or node.member(group) is MemberState.GONE:
        return 0
    return member.process


def _notify_member(asked: Asked) -> Move | None:
    """A sentinel may warn again whom the dead engine has warned: that is a stutter (§7.8)."""
    return None if _warned_again(asked) else _speaker(asked, ev.NotifyMember(asked.group))


def _member_acknowledges(asked: Asked) -> Move | None:
    process = _process(asked.node, asked.group)
    event = ev.MemberAcknowledges(asked.group, process)
    return _speaker(asked, event, *_warned_again(asked)) if process else None


def _force_out(asked: Asked) -> Move | None:
    late = asked.node.phase is NodePhase.FAILING
    deadline = (ev.TimerFired(ev.Timer.MEMBER),) if late else ()
    return _speaker(asked, ev.ForceOut(asked.group), *deadline, *_warned_again(asked))


def _warned_again(asked: Asked) -> tuple[ev.Event, ...]:
    """The sentinel warns whom the dead engine had warned: it does not know that (§7.8)."""
    node, group = asked.node, asked.group
    if node.engine_runs or node.sentinel is None or group not in node.sentinel.members:
        return ()
    known = node.sentinel.members[group].state
    behind = known is MemberState.ACTIVE and node.member(group) is not known
    return (ev.NotifyMember(group),) if behind else ()


def _reap_gated(asked: Asked) -> Move | None:
    """A process that was cut off is surely dead; engine and sentinel both see it (§2.6)."""
    process = _process(asked.node, asked.group)
    gated = asked.node.member(asked.group) is MemberState.GATED
    return _reaped(asked, process) if process and gated else None


def _reaped(asked: Asked, process: int) -> Move | None:
    event = ev.MemberReaped(asked.group, process)
    move = _speaker(asked, event, *_engine_reaped(asked.node))
    if not isinstance(move, Tell) or move.to is To.SENTINEL or not asked.node.sentinel_runs:
        return move
    return Tell(move.to, event, before=move.before, after=[Stutter(To.SENTINEL, event)])


def _member_leaves(asked: Asked) -> Move | None:
    """A process dies by itself; engine and sentinel both see it (§7.16)."""
    process = _process(asked.node, asked.group)
    return _reaped(asked, process) if process else None


# The end


def _quiesce(asked: Asked) -> Move | None:
    before = [*_engine_reaped(asked.node), *_kills_failed(asked)]
    return _speaker(asked, ev.Quiesce(), *before)


def _kills_failed(asked: Asked) -> Iterator[ev.Event]:
    """Processes that are still there when the gate is to close cannot be killed (§7.10)."""
    node = asked.node
    if not asked.cluster.unkillable:
        return
    speaker = node.engine if node.engine_runs else node.sentinel
    if node.phase is not NodePhase.FAILING or speaker is None:
        return
    for group, member in speaker.members.items():
        if member.state is MemberState.GATED and member.killable:
            yield ev.KillFailed(group, member.process)


def _engine_reaped(node: Node) -> tuple[ev.Event, ...]:
    """A sentinel says no more than DISTRESS until the engine is surely dead (§7.6)."""
    known = node.engine_runs or node.sentinel is None or node.sentinel.engine_dead
    return () if known else (ev.EngineReaped(),)


def _end_clustering(asked: Asked) -> Move | None:
    over = asked.node.phase is NodePhase.QUIESCED
    return _speaker(asked, ev.EndClustering(), *((ev.TimerFired(ev.Timer.SIGNAL),) if over else ()))


# Acts


def _act(asked: Asked) -> Move | None:
    """An act that takes no time: asked for, and at once about to take effect (§4.5)."""
    if not asked.node.engine_runs or not _process(asked.node, asked.group):
        return None
    begin = Stutter(To.ENGINE, ev.ActBegins(asked.group, 1))
    return Tell(To.ENGINE, ev.ActEnds(asked.group, 1), before=[begin])


def _begin_act(asked: Asked) -> Move | None:
    if not asked.node.engine_runs or not _process(asked.node, asked.group):
        return None
    return Tell(To.ENGINE, ev.ActBegins(asked.group, 1, primary=True))


def _finish_act(asked: Asked) -> Move | None:
    node, group = asked.node, asked.group
    if node.engine_runs:
        return Tell(To.ENGINE, ev.ActEnds(group, 1))
    if group not in node.lingering:
        return None
    return Change(without_act(node, group), (("act", group),))


# Statements


def _hear(asked: Asked) -> Move | None:
    assert asked.message is not None
    if not asked.node.engine_runs:
        return None
    return Tell(To.ENGINE, ev.Heard(asked.message, asked.other))


def _forge(asked: Asked) -> Move | None:
    """A DISTRESS that does not come from the incarnation that was admitted (§5.1).

    Signatures are checked before a core is told anything. So a forged frame about an epoch that is
    not admitted, of which no incarnation is known, is none of its events.
    """
    node, other = asked.node, asked.other
    if not node.engine_runs:
        return None
    if not node.engine.peers[other].admitted:
        return Change(node)
    stranger = asked.cluster.incarnations[other] + 1_000
    said = ms.Distress(other, 1, stranger, CAUSES[asked.cluster.causes[0]])
    return Tell(To.ENGINE, ev.Heard(ms.Signed(said), other))


# Promotion and work


def _route_work(asked: Asked) -> Move | None:
    """Work for a group with a member on the second node, one that serves if there is (§7.21)."""
    other = asked.other
    state = asked.node.engine
    groups = [group for group in asked.cluster.names if other in asked.cluster.hosts(group)]
    if not asked.node.engine_runs or not groups:
        return None
    served = (
        group for group in groups if not state.is_released(group, asked.cluster.entry(group, other))
    )
    return Tell(To.ENGINE, ev.WorkComes(next(served, groups[0]), other))


# Silence


def _silence(asked: Asked) -> Move | None:
    """Time passes without contact, as far as it has not passed already (§10.1)."""
    node, other = asked.node, asked.other
    if not node.engine_runs:
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
    node, other = asked.node, asked.other
    if not node.engine_runs or other == node.name:
        return None
    incarnation = asked.cluster.incarnations[other]
    return Tell(To.ENGINE, ev.Arrived(ms.Echo(node.now), Epoch(other, 1), incarnation))


RULES: Final[dict[str, Rule]] = {
    **{name: Rule(plan) for name, plan in ENVIRONMENT.items()},
    "orphan_ends": Rule(orphan_ends),
    "detect_by_cc": Rule(_detect_by_cc),
    "detect_by_member": Rule(_detect_by_member),
    "report_reaches_cc": Rule(_report_reaches_cc),
    "initiate_by_engine": Rule(_initiate_by_engine),
    "initiate_by_sentinel": Rule(_initiate_by_sentinel),
    "notify_member": Rule(_notify_member),
    "member_acknowledges": Rule(_member_acknowledges),
    "force_out": Rule(_force_out),
    "reap_gated": Rule(_reap_gated),
    "member_leaves": Rule(_member_leaves),
    "initiate_for_critical_member": Rule(_engine(lambda asked: ev.Initiate(asked.group))),
    "request_stop": Rule(_engine(lambda _: ev.StopRequested())),
    "quiesce": Rule(_quiesce),
    "end_clustering": Rule(_end_clustering),
    "act": Rule(_act),
    "begin_act": Rule(_begin_act),
    "finish_act": Rule(_finish_act),
    "hear_distress": Rule(_hear, hears="DISTRESS"),
    "hear_quiesced": Rule(_hear, hears="QUIESCED"),
    "hear_member_gone": Rule(_hear, hears="MEMBER_GONE"),
    "hear_promoted": Rule(_hear, hears="PROMOTED"),
    "forge": Rule(_forge),
    "promote": Rule(_engine(lambda asked: ev.Promote(asked.group))),
    "route_work": Rule(_route_work),
    "miss_heartbeats": Rule(_silence, other=_is_silent),
    "lose_heartbeats": Rule(_silence),
    "regain_heartbeats": Rule(_contact, other=_beats),
}
"""All actions of the configurations that can be replayed."""
