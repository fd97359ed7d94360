"""One node's own end: detect, initiate, preempt, quiesce, end (§7.1-§7.17).

The engine's core and the sentinel's run the same rules. The latch closes in `latch` and nowhere
else; the gate closes in `quiesce` and nowhere else.
"""

from __future__ import annotations

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.leaving import member_is_gone
from knell.node.core.relay import publish
from knell.node.core.state import Member, State
from knell.node.core.values import Membership, Role
from knell.spec.vocabulary import Cause, MemberState, NodePhase

CONTROL = "cluster_control"
"""The name under which CC is told that clustering is ending; no group may have it."""


def latch(d: Draft, cause: Cause, reporter: str | None = None) -> None:
    """Close the latch with its one cause and queue DISTRESS, in one step (§7.5)."""
    state = d.state
    state.phase, state.latch, state.reporter = NodePhase.FAILING, cause, reporter
    state.at_latch = frozenset(
        group for group, member in state.members.items() if member.state is MemberState.ACTIVE
    )
    publish(d, ms.Distress(state.me, state.epoch, state.incarnation, cause), urgent=True)
    if cause is not Cause.CLUSTER_CONTROL:
        d.emit(fx.Tell(CONTROL, fx.ClusteringEnding(cause)))
    d.emit(fx.Cancel(ev.Timer.BEAT))
    d.emit(fx.Arm(ev.Timer.MEMBER, state.settings.member))


def on_causes(d: Draft, causes: tuple[Cause, ...], reporter: str | None = None) -> None:
    """The first cause closes the latch; all others only reach the log (§7.7)."""
    first, *others = causes
    if d.state.is_active:
        latch(d, first, reporter)
        if reporter is not None and reporter not in d.state.members:
            d.state.reporter = None
    else:
        others = list(causes)
    for cause in others:
        d.log("further cause", cause)


def on_notice(d: Draft, event: ev.Notice) -> None:
    """CC passes on what it found itself, or what a member reported (§7.3, §7.4)."""
    name, cause = d.state.own.name, event.causes[0]
    if event.group is None:
        if d.state.is_active:
            d.trace("detect_by_cc", i=name, c=cause)
    elif d.state.phase is not NodePhase.QUIESCED:
        d.trace("report_reaches_cc", i=name, g=event.group, c=cause)
    on_causes(d, event.causes, event.group)


def on_fatal(d: Draft, event: ev.FatalFound) -> None:
    """The engine finds a fatal cause itself (§7.1)."""
    if d.state.is_active:
        d.trace("detect_by_engine", i=d.state.own.name, c=event.causes[0])
    on_causes(d, event.causes)


def on_report(d: Draft, event: ev.MemberReports) -> None:
    """A member's shutdown message goes to CC; it closes no latch (§7.2)."""
    member = d.state.members.get(event.group)
    if member is None or member.state is not MemberState.ACTIVE or member.reported:
        d.log("report not accepted", event.group)
        return
    d.trace("detect_by_member", i=d.state.own.name, g=event.group, c=event.causes[0])
    d.set_member(event.group, reported=True)
    d.emit(fx.ToCC(event.group, event.causes))


def on_component(d: Draft, event: ev.ComponentDied) -> None:
    """CC, name server, monitor or sentinel is dead (§7.5)."""
    if d.state.is_active:
        d.trace("initiate_by_engine", i=d.state.own.name, c=event.component)
    on_causes(d, (event.component,))


def on_stop(d: Draft) -> None:
    """A planned stop is a cause like any other; asked again, it skips deadlines (§7.14, §6)."""
    state = d.state
    if state.is_active:
        d.trace("request_stop", i=state.own.name)
        latch(d, Cause.PLANNED_STOP)
    elif state.stop_asked:
        state.forced = state.signal_over = True
    else:
        d.log("further cause", Cause.PLANNED_STOP)
    state.stop_asked = True


def learn_own_leave(d: Draft) -> None:
    """This epoch was left elsewhere: it ends (§7.15)."""
    if d.state.is_active:
        d.trace("learn_own_leave", i=d.state.own.name)
        latch(d, Cause.LEFT_ELSEWHERE)


# The sentinel in the engine's place


def on_engine_lost(d: Draft, latched: Cause | None, reporter: str | None) -> None:
    """The sentinel announces what the latch says, or the engine's own failure (§7.6)."""
    if d.state.is_active:
        if latched is None:
            d.trace("initiate_by_sentinel", i=d.state.own.name)
        latch(d, latched or Cause.ENGINE, reporter)
    d.emit(fx.KillEngine())


def on_engine_reaped(d: Draft) -> None:
    """The engine is surely dead, and no act of it under way: say what waited for that (§7.6)."""
    state = d.state
    state.engine_dead = True
    for group, membership in sorted(state.gone):
        publish(d, ms.MemberGone(group, membership, state.incarnation))


# Members


def on_join(d: Draft, event: ev.MemberJoins) -> None:
    """A process joins; it becomes an entry later (§9.3)."""
    state = d.state
    old = state.members.get(event.group)
    if event.group not in state.groups or state.me not in state.group(event.group).nodes:
        d.answer("this node does not host the group")
        return
    if old is not None and old.state is not MemberState.GONE:
        d.answer("the group has a member on this node already")
        return
    process, join = (1, 1) if old is None else (old.process + 1, old.join + 1)
    state.members[event.group] = Member(MemberState.ACTIVE, process, join, event.killable)
    d.set_group(event.group, entry=None)
    d.trace("member_joins", i=state.own.name, g=event.group)
    d.emit(fx.Answer(process=process))
    for node, peer in state.peers.items():
        if peer.admitted and state.role is Role.ENGINE:
            d.send(node, ms.Want(event.group, join))


def gate(d: Draft, group: str, **changes: object) -> None:
    """Refuse every act of a member from now on, those under way included (§2.6)."""
    member = d.state.members[group]
    for act in sorted(member.acts | member.primary_acts):
        d.emit(fx.ActResult(group, act, "the member is cut off"))
    none: frozenset[int] = frozenset()
    d.set_member(group, state=MemberState.GATED, acts=none, primary_acts=none, **changes)


def _is_present(state: State, group: str, process: int) -> bool:
    """Whether an event is about the present member, and not about an earlier process."""
    member = state.members.get(group)
    return member is not None and member.process == process and member.state is not MemberState.GONE


def on_leave(d: Draft, group: str, process: int) -> None:
    """A member takes its leave: gated at once, released when its process is gone (§7.16)."""
    if _is_present(d.state, group, process) and d.state.runs(group):
        d.trace("member_departs", i=d.state.own.name, g=group)
        gate(d, group)


def on_acknowledged(d: Draft, group: str, process: int) -> None:
    """A notified member has stopped (§7.9); what is left of it may end by itself."""
    if not _is_present(d.state, group, process) or not d.state.runs(group):
        return
    if d.state.members[group].warned or d.state.reporter == group:
        d.trace("member_acknowledges", i=d.state.own.name, g=group)
        gate(d, group)


def on_kill_failed(d: Draft, group: str, process: int) -> None:
    """This process can't be killed: it counts as gated (§7.10)."""
    if _is_present(d.state, group, process):
        d.set_member(group, killable=False)


def on_reaped(d: Draft, group: str, process: int) -> None:
    """The process is surely dead: reaped, and its entry released (§5.4)."""
    state = d.state
    if not _is_present(state, group, process):
        return
    member = state.members[group]
    gated = member.state is MemberState.GATED
    d.trace("reap_gated" if gated else "member_leaves", i=state.own.name, g=group)
    gate(d, group)
    d.set_member(group, state=MemberState.GONE)
    membership = Membership(state.me, state.epoch, member.join)
    member_is_gone(d, group, membership)
    if state.role is Role.ENGINE:
        d.set_group(group, promoted=False, synced=False, confirmed=False, proposal=None, grants=())
    if state.role is Role.ENGINE or state.engine_dead:
        publish(d, ms.MemberGone(group, membership, state.incarnation))


# Steps


def initiating(state: State) -> list[str]:
    """The critical groups that have lost their member (§7.16)."""
    return [
        name
        for name, member in state.members.items()
        if member.state in {MemberState.GATED, MemberState.GONE} and state.group(name).critical
    ]


def notifiable(state: State) -> list[str]:
    """The members that have yet to be told (§7.8)."""
    return [
        name
        for name, member in state.members.items()
        if member.state is MemberState.ACTIVE and name != state.reporter
    ]


def notify_member(d: Draft, group: str) -> None:
    """Tell a member that clustering is ending (§7.8)."""
    cause = d.state.latch or Cause.ENGINE
    d.trace("notify_member", i=d.state.own.name, g=group)
    d.set_member(group, state=MemberState.NOTIFIED, warned=True)
    d.tell(group, fx.ClusteringEnding(cause))


def forcible(state: State) -> list[str]:
    """The members whose time is up (§7.10)."""
    if not state.forced:
        return []
    return [
        name
        for name, member in state.members.items()
        if member.state is MemberState.NOTIFIED
        or (member.state is MemberState.ACTIVE and name == state.reporter)
        or (member.state is MemberState.GATED and member.killable and not member.killed)
    ]


def force_out(d: Draft, group: str) -> None:
    """Cut a member off, and kill it if this node can (§7.10)."""
    member, killable = d.state.members[group], d.state.members[group].killable
    if member.state is not MemberState.GATED:
        d.trace("force_out", i=d.state.own.name, g=group)
    gate(d, group, killed=killable)
    if killable:
        d.emit(fx.Kill(group, d.state.members[group].process))


def can_quiesce(state: State) -> bool:
    """Whether every member is reaped, or gated and beyond killing (§7.11)."""
    if state.role is Role.SENTINEL and not state.engine_dead:
        return False
    return all(
        member.state is MemberState.GONE
        or (member.state is MemberState.GATED and not member.killable)
        for member in state.members.values()
    )


def quiesce(d: Draft) -> None:
    """Close the gate for good, and say so (§7.11)."""
    state = d.state
    d.trace("quiesce", i=state.own.name)
    state.phase = NodePhase.QUIESCED
    d.emit(fx.CloseGate())
    gated = {name for name, each in state.members.items() if each.state is MemberState.GATED}
    said = ms.Quiesced(state.me, state.epoch, state.incarnation, tuple(sorted(gated)))
    publish(d, said, urgent=True)
    d.emit(fx.Arm(ev.Timer.SIGNAL, state.settings.signal))


def can_end(state: State) -> bool:
    """Whether each peer has QUIESCED, or the time for that is over (§7.13)."""
    return state.signal_over or not any(key.kind == "QUIESCED" for _, key in state.unacked)


def end_clustering(d: Draft) -> None:
    """End clustering on this node (§7.13)."""
    d.trace("end_clustering", i=d.state.own.name)
    d.state.phase = NodePhase.ENDED
    d.state.unacked.clear()
    for timer in (ev.Timer.RESEND, ev.Timer.MEMBER, ev.Timer.SIGNAL):
        d.emit(fx.Cancel(timer))
    d.emit(fx.End())


def initiate(d: Draft, group: str) -> None:
    """A critical group has lost its member: the latch closes (§7.16)."""
    d.trace("initiate_for_critical_member", i=d.state.own.name, g=group)
    latch(d, Cause.MEMBER)
