"""Planted faults of the core: detection, the latch, members put out, quiescence, acts."""

from msgspec.structs import replace

from knell.node.core import acts, shutdown
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.state import State
from knell.spec.vocabulary import Cause, MemberState, NodePhase
from tests.conformance.planted.patching import (
    EMIT,
    PUBLISH,
    handler,
    original,
    unsaid,
    without_effect,
)

# Detection and the latch


def latch_without_distress(patch):
    """The latch closes and nobody is told."""
    unsaid(patch, ms.Distress)


def distress_to_one_peer(patch):
    """DISTRESS goes to one peer only."""

    def emit(d, effect):
        if isinstance(effect, fx.Send) and effect.urgent:
            effect = replace(effect, to=effect.to[:1])
        EMIT(d, effect)

    patch.setattr(Draft, "emit", emit)


def latch_reopens(patch):
    """A later cause begins a second shutdown."""

    def on_causes(d, causes, reporter=None):
        shutdown.latch(d, causes[0], reporter)

    patch.setattr(shutdown, "on_causes", on_causes)


def reporter_forgotten(patch):
    """Whose report it was is forgotten, so that the reporter is warned too."""
    keep = shutdown.latch
    patch.setattr(shutdown, "latch", lambda d, cause, reporter=None: keep(d, cause))


def reporter_is_warned(patch):
    """The reporter is warned although it knows."""

    def notifiable(state):
        return [n for n, each in state.members.items() if each.state is MemberState.ACTIVE]

    patch.setattr(shutdown, "notifiable", notifiable)


def report_latches(patch):
    """The latch closes where the member reports, before CC knows."""
    keep = original(ev.MemberReports)

    def on_report(d, event):
        keep(d, event)
        if d.state.is_active:
            shutdown.latch(d, event.causes[0], event.group)

    handler(patch, ev.MemberReports, on_report)


def reports_twice(patch):
    """A member may report the same cause again and again."""
    keep = original(ev.MemberReports)

    def on_report(d, event):
        keep(d, event)
        if event.group in d.state.members:
            d.set_member(event.group, reported=False)

    handler(patch, ev.MemberReports, on_report)


def warned_member_reports(patch):
    """Reports of a member that was warned are passed on."""

    def on_report(d, event):
        member = d.state.members[event.group]
        if member.reported or member.state is MemberState.GONE:
            return
        d.set_member(event.group, reported=True)
        d.emit(fx.ToCC(event.group, event.causes))

    handler(patch, ev.MemberReports, on_report)


def report_lost(patch):
    """A member's report never goes on to CC."""
    without_effect(patch, lambda effect: isinstance(effect, fx.ToCC))


def notice_ignored(patch):
    """CC's own findings are only logged."""
    handler(patch, ev.Notice, lambda d, event: d.log("notice", event.causes))


def component_death_ignored(patch):
    """The engine does not mind the death of a component."""
    handler(patch, ev.ComponentDied, lambda d, event: d.log("dead", event.component))


def cc_death_unseen(patch):
    """The engine minds the death of every component but CC's."""
    keep = original(ev.ComponentDied)

    def on_component(d, event):
        if event.component is not Cause.CLUSTER_CONTROL:
            keep(d, event)

    handler(patch, ev.ComponentDied, on_component)


def sentinel_idle(patch):
    """Nobody speaks for a node whose engine is dead."""
    handler(patch, ev.EngineLost, lambda d, event: None)


def sentinel_silent(patch):
    """The sentinel takes over without a word."""

    def latch(d, _):
        d.state.phase, d.state.latch = NodePhase.FAILING, Cause.ENGINE

    handler(patch, ev.EngineLost, latch)


# Members


def member_unwarned(patch):
    """Members are never told that clustering is ending."""
    patch.setattr(shutdown, "notifiable", lambda state: [])


def warning_not_told(patch):
    """A member counts as warned, but nobody tells it."""

    def is_warning(effect):
        return (
            isinstance(effect, fx.Tell)
            and effect.group != shutdown.CONTROL
            and isinstance(effect.news, fx.ClusteringEnding)
        )

    without_effect(patch, is_warning)


def acknowledgement_ignored(patch):
    """A member that acknowledges stays as it is."""
    handler(patch, ev.MemberAcknowledges, lambda d, event: None)


def acknowledgement_unasked(patch):
    """A member that was not warned is cut off by an acknowledgement."""

    def on_acknowledged(d, event):
        if d.state.runs(event.group):
            shutdown.gate(d, event.group)

    handler(patch, ev.MemberAcknowledges, on_acknowledged)


def acknowledgement_is_death(patch):
    """A member that acknowledges counts as gone while its process lives."""
    keep = original(ev.MemberAcknowledges)

    def on_acknowledged(d, event):
        keep(d, event)
        if d.state.members[event.group].state is MemberState.GATED:
            d.set_member(event.group, state=MemberState.GONE)

    handler(patch, ev.MemberAcknowledges, on_acknowledged)


def never_forced(patch):
    """The shutdown waits for a member that does not answer."""
    patch.setattr(shutdown, "forcible", lambda state: [])


def forced_unwarned(patch):
    """Members are killed without a warning."""

    def forcible(state):
        return [n for n, each in state.members.items() if each.state is MemberState.ACTIVE]

    patch.setattr(shutdown, "forcible", forcible)


def gate_keeps_acts(patch):
    """A member is cut off, and an act of it goes on."""

    def gate(d, group, **changes):
        d.set_member(group, state=MemberState.GATED, **changes)

    patch.setattr(shutdown, "gate", gate)


def death_unsaid(patch):
    """MEMBER_GONE is never sent."""
    unsaid(patch, ms.MemberGone)


def death_unseen(patch):
    """A reaped process stays on the books."""
    handler(patch, ev.MemberReaped, lambda d, event: None)


# Quiescence and the end


def quiesce_early(patch):
    """QUIESCED goes once all members are warned."""
    patch.setattr(shutdown, "can_quiesce", lambda state: not shutdown.notifiable(state))


def gated_counts_as_out(patch):
    """QUIESCED goes while a process that could be killed lives."""

    def can_quiesce(state):
        return all(
            each.state in {MemberState.GATED, MemberState.GONE} for each in state.members.values()
        )

    patch.setattr(shutdown, "can_quiesce", can_quiesce)


def quiesced_unsaid(patch):
    """The gate closes and nobody is told."""
    unsaid(patch, ms.Quiesced)


def quiesced_calls_all_gated(patch):
    """QUIESCED says gated of members that are gone."""

    def publish(d, statement, *args, **named):
        if isinstance(statement, ms.Quiesced):
            statement = replace(statement, gated=tuple(d.state.members))
        PUBLISH(d, statement, *args, **named)

    patch.setattr(shutdown, "publish", publish)


def stop_releases_first(patch):
    """QUIESCED goes with the latch."""
    keep = shutdown.latch

    def latch(d, cause, reporter=None):
        keep(d, cause, reporter)
        state = d.state
        PUBLISH(d, ms.Quiesced(state.me, state.epoch, state.incarnation))

    patch.setattr(shutdown, "latch", latch)


def acknowledgement_of_peers_needed(patch):
    """A peer that does not acknowledge keeps the node from its end."""
    patch.setattr(shutdown, "can_end", lambda state: not state.unacked)


def never_ends(patch):
    """END is never reached: the processes stay."""
    without_effect(patch, lambda effect: isinstance(effect, fx.End))


# Acts and the gate


def acts_after_the_gate(patch):
    """Acts of members that were cut off are accepted."""
    patch.setattr(State, "runs", lambda state, group: group in state.members)


def backup_acts(patch):
    """A backup's primary acts are accepted."""
    patch.setattr(acts, "may_act_as_primary", lambda state, group, now: None)


def failing_refuses_acts(patch):
    """Acts are refused as soon as the latch is closed."""
    keep = original(ev.ActBegins)

    def begin(d, event):
        if d.state.is_active:
            keep(d, event)
        else:
            d.emit(fx.ActResult(event.group, event.act, "failing"))

    handler(patch, ev.ActBegins, begin)


def act_never_done(patch):
    """An act that was accepted never takes effect."""
    handler(patch, ev.ActEnds, lambda d, event: None)
