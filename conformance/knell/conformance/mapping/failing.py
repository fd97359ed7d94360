"""The node that fails, as events of its cores: detection, preemption, the end, acts of members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from knell.conformance.mapping.cluster import CAUSES, COMPONENTS
from knell.conformance.mapping.environment import unheard_report, without_act
from knell.conformance.mapping.moves import Asked, Change, Move, Stutter, Tell, To
from knell.conformance.mapping.telling import Plan, engine, speaker, takeover
from knell.conformance.sim.node import Node
from knell.node.core import events as ev
from knell.spec.vocabulary import MemberState, NodePhase

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
    return Tell(To.SENTINEL, takeover(node))


# Members


def _process(node: Node, group: str) -> int:
    """The number of the member's process; 0 if none is there."""
    member = node.engine.members.get(group)
    if node.over is not None or member is None or node.member(group) is MemberState.GONE:
        return 0
    return member.process


def _notify_member(asked: Asked) -> Move | None:
    """A sentinel may warn again whom the dead engine has warned: that is a stutter (§7.8)."""
    return None if _warned_again(asked) else speaker(asked, ev.NotifyMember(asked.group))


def _member_acknowledges(asked: Asked) -> Move | None:
    process = _process(asked.node, asked.group)
    event = ev.MemberAcknowledges(asked.group, process)
    return speaker(asked, event, *_warned_again(asked)) if process else None


def _force_out(asked: Asked) -> Move | None:
    late = asked.node.phase is NodePhase.FAILING
    deadline = (ev.TimerFired(ev.Timer.MEMBER),) if late else ()
    return speaker(asked, ev.ForceOut(asked.group), *deadline, *_warned_again(asked))


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
    move = speaker(asked, event, *_engine_reaped(asked.node))
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
    return speaker(asked, ev.Quiesce(), *before)


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
    return speaker(asked, ev.EndClustering(), *((ev.TimerFired(ev.Timer.SIGNAL),) if over else ()))


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


FAILING: Final[dict[str, Plan]] = {
    "detect_by_cc": _detect_by_cc,
    "detect_by_member": _detect_by_member,
    "report_reaches_cc": _report_reaches_cc,
    "initiate_by_engine": _initiate_by_engine,
    "initiate_by_sentinel": _initiate_by_sentinel,
    "initiate_for_critical_member": engine(lambda asked: ev.Initiate(asked.group)),
    "request_stop": engine(lambda _: ev.StopRequested()),
    "notify_member": _notify_member,
    "member_acknowledges": _member_acknowledges,
    "force_out": _force_out,
    "reap_gated": _reap_gated,
    "member_leaves": _member_leaves,
    "quiesce": _quiesce,
    "end_clustering": _end_clustering,
    "act": _act,
    "begin_act": _begin_act,
    "finish_act": _finish_act,
}
"""What happens on the node that the action is about."""
