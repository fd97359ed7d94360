"""Planted faults of the core: patches to its rules, no second copy of it.

Each is a function that patches one rule. `PLANTED` says of each what it does, which hazard it is,
in which configuration it is replayed, and the divergence by which replay must find it.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from knell.node.core import acts, core, due, leaving, phases, promotion, relay, shutdown, silence
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.state import Peer, State
from knell.node.core.values import Epoch, Membership
from knell.spec.vocabulary import Cause, MemberState, NodePhase

PUBLISH = relay.publish
RELEASED = State.is_released
EMIT = Draft.emit
SET_PEER = Draft.set_peer


def handler(patch, kind, handle):
    """Replace what a core does on a kind of event."""
    patch.setitem(core._HANDLERS, kind, handle)


def original(kind):
    return core._HANDLERS[kind]


def unsaid(patch, kind):
    """A statement of this kind is never made."""

    def publish(d, statement, *args, **named):
        if not isinstance(statement, kind):
            PUBLISH(d, statement, *args, **named)

    for module in (shutdown, promotion):
        patch.setattr(module, "publish", publish)


def without_effect(patch, is_lost):
    """Some effects are never asked for."""
    patch.setattr(Draft, "emit", lambda d, effect: None if is_lost(effect) else EMIT(d, effect))


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
    handler(patch, ev.Notice, lambda d, event: d.log("notice"))


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


# Node leave


def leave_misses_a_group(patch):
    """The members of one group are not told of a node leave."""
    keep = leaving.concerned
    patch.setattr(leaving, "concerned", lambda s, group, e: group != "g1" and keep(s, group, e))


def leave_told_to_strangers(patch):
    """Members are told also of nodes with which they share no group."""
    patch.setattr(leaving, "concerned", lambda state, group, epoch: True)


def leave_twice(patch):
    """A node leave is told twice."""
    keep = leaving._leave

    def leave(d, epoch):
        keep(d, epoch)
        keep(d, epoch)

    patch.setattr(leaving, "_leave", leave)


def leave_again_on_repeat(patch):
    """A repeated DISTRESS tells the leave again."""
    keep = leaving.note

    def note(d, node, epoch):
        if d.state.peers[node].barred >= epoch:
            leaving._leave(d, Epoch(node, epoch))
        keep(d, node, epoch)

    patch.setattr(leaving, "note", note)


def left_stays_in_view(patch):
    """A node that was left stays in the view."""

    def set_peer(d, node, **changes):
        if changes.get("left"):
            changes.pop("admitted")
        return SET_PEER(d, node, **changes)

    patch.setattr(Draft, "set_peer", set_peer)


def left_is_not_barred(patch):
    """A leaving statement does not bar the epoch."""

    def set_peer(d, node, **changes):
        changes.pop("barred", None)
        return SET_PEER(d, node, **changes)

    patch.setattr(Draft, "set_peer", set_peer)


def left_means_released(patch):
    """DISTRESS releases what the failing node still holds."""

    def released(state, group, entry):
        return RELEASED(state, group, entry) or state.is_over(Epoch(entry.node, entry.epoch))

    patch.setattr(State, "is_released", released)


def bounce_unseen(patch):
    """An epoch goes out of the view without a leave."""
    keep = leaving.note

    def note(d, node, epoch):
        d.state.peers[node] = replace(d.state.peers[node], admitted=0)
        keep(d, node, epoch)

    patch.setattr(leaving, "note", note)


def leave_outranks_epoch(patch):
    """A leave bars later epochs too."""
    keep = leaving.note
    patch.setattr(leaving, "note", lambda d, node, epoch: keep(d, node, epoch + 1))


def partitioned_counts_as_failed(patch):
    """A partitioned peer's DISTRESS leaves nobody."""
    keep = leaving.note

    def note(d, node, epoch):
        if d.state.peers[node].partitioned:
            d.set_peer(node, admitted=0, partitioned=False)
        keep(d, node, epoch)

    patch.setattr(leaving, "note", note)


def quiesced_only_leaves(patch):
    """QUIESCED is heard as DISTRESS: nothing is released."""

    def hear(d, said):
        leaving.note(d, said.node, said.epoch)
        return True

    patch.setattr(leaving, "hear_quiesced", hear)


def quiesced_only_releases(patch):
    """QUIESCED releases, but leaves nobody."""

    def hear(d, said):
        d.state.quiesced[Epoch(said.node, said.epoch)] = frozenset(said.gated)
        return True

    patch.setattr(leaving, "hear_quiesced", hear)


def member_gone_ignored(patch):
    """MEMBER_GONE releases nothing."""
    patch.setattr(leaving, "hear_member_gone", lambda d, said: True)


def member_gone_is_a_leave(patch):
    """MEMBER_GONE is taken for a node leave."""
    keep = leaving.hear_member_gone

    def hear(d, said):
        leaving.note(d, said.member.node, said.member.epoch)
        return keep(d, said)

    patch.setattr(leaving, "hear_member_gone", hear)


def member_gone_releases_everything(patch):
    """MEMBER_GONE of one member releases the node in every group."""

    def hear(d, said):
        for group in d.state.groups:
            leaving.member_is_gone(d, group, Membership(*said.member))
            leaving.member_is_gone(d, group, Membership(d.state.me, d.state.epoch, 1))
        return True

    patch.setattr(leaving, "hear_member_gone", hear)


def failing_node_listens(patch):
    """A node whose latch is closed still draws conclusions."""
    keep = original(ev.Heard)

    def on_heard(d, event):
        said = event.signed.statement
        if isinstance(said, ms.Distress) and said.node in d.state.peers and not d.state.is_active:
            leaving.hear_distress(d, said)
        keep(d, event)

    handler(patch, ev.Heard, on_heard)


def clones_believed(patch):
    """The incarnation of a DISTRESS is not looked at."""
    patch.setattr(leaving, "is_clone", lambda peer, epoch, incarnation: False)


# Promotion


def never_promotes(patch):
    """No backup ever takes over."""
    patch.setattr(promotion, "can_promote", lambda state, name: False)


def silence_promotes(patch):
    """A backup is promoted past a silent entry."""
    keep = promotion._out_of_the_way

    def out(state, name, entry):
        peer = state.peers.get(entry.node, Peer())
        return peer.partitioned or keep(state, name, entry)

    patch.setattr(promotion, "_out_of_the_way", out)


def left_suffices(patch):
    """A backup is promoted past an entry that was left and may still act."""

    def out(state, _, entry):
        return state.is_over(Epoch(entry.node, entry.epoch))

    patch.setattr(promotion, "_out_of_the_way", out)


def first_only(patch):
    """A backup waits for the first entry only."""

    def out(state, name, entry):
        return entry != state.groups[name].domain[0] or RELEASED(state, name, entry)

    patch.setattr(promotion, "_out_of_the_way", out)


def order_ignored(patch):
    """A dependent group fails over before what it needs."""
    keep = promotion.can_promote

    def can_promote(state, name):
        free = state.copy()
        groups = tuple(replace(each, depends_on=()) for each in state.settings.groups)
        free.settings = replace(state.settings, groups=groups)
        return keep(free, name)

    patch.setattr(promotion, "can_promote", can_promote)


def left_primary_counts(patch):
    """A dependent group relies on a primary that was left."""

    def live_primary(state, name):
        return max(state.groups[name].primaries, default=None)

    patch.setattr(State, "live_primary", live_primary)


def latched_promotes(patch):
    """A failing node is promoted."""
    keep = due._BY_PHASE[NodePhase.FAILING]

    def failing(state, now):
        yield from keep(state, now)
        yield from (ev.Promote(n) for n in state.groups if promotion.can_promote(state, n))

    patch.setitem(due._BY_PHASE, NodePhase.FAILING, failing)
    row = {**phases.TABLE[ev.Promote], NodePhase.FAILING: phases.Verdict.RUN}
    patch.setitem(phases.TABLE, ev.Promote, row)


def promotion_unsaid(patch):
    """A promotion is not announced."""
    unsaid(patch, ms.Promoted)


def promotion_not_durable(patch):
    """A new primary never learns that its promotion is stored, so it cannot act."""
    handler(patch, ev.Persisted, lambda d, event: None)


def promoted_not_heard(patch):
    """PROMOTED of others is not recorded."""
    patch.setattr(promotion, "hear_promoted", lambda d, said: True)


# Members that fail, leave or cannot be killed


def critical_member_not_missed(patch):
    """Losing a member of a critical group is no failure."""
    patch.setattr(shutdown, "initiating", lambda state: [])


def any_member_is_critical(patch):
    """Losing a member of any group ends the node."""

    def initiating(state):
        return [n for n, each in state.members.items() if each.state is MemberState.GONE]

    patch.setattr(shutdown, "initiating", initiating)


def gated_counts_as_reaped(patch):
    """QUIESCED says reaped of a process that only was cut off."""

    def publish(d, statement, *args, **named):
        if isinstance(statement, ms.Quiesced):
            statement = replace(statement, gated=())
        PUBLISH(d, statement, *args, **named)

    patch.setattr(shutdown, "publish", publish)


def tokens_ignored(patch):
    """A gated entry is not released where stores check tokens."""

    def released(state, group, entry):
        gated = state.quiesced.get(Epoch(entry.node, entry.epoch), frozenset())
        return group not in gated and RELEASED(state, group, entry)

    patch.setattr(State, "is_released", released)


def gated_is_released(patch):
    """A gated entry is released although no store checks tokens."""

    def released(state, group, entry):
        quiet = Epoch(entry.node, entry.epoch) in state.quiesced
        return quiet or RELEASED(state, group, entry)

    patch.setattr(State, "is_released", released)


def unkillable_waited_for(patch):
    """The gate never closes while a process lives that cannot be killed."""
    handler(patch, ev.KillFailed, lambda d, event: None)


def stop_ignored(patch):
    """A planned stop is only logged."""
    handler(patch, ev.StopRequested, lambda d, event: d.log("stop"))


# Silence and work


def silence_unseen(patch):
    """A silent peer is never missed."""
    patch.setattr(silence, "silent", lambda state, now: [])


def silence_is_failure(patch):
    """Lost heartbeats deliver a node leave."""
    keep = silence.lose_heartbeats

    def lose(d, node):
        admitted = d.state.peers[node].admitted
        keep(d, node)
        leaving.note(d, node, admitted)

    patch.setattr(silence, "lose_heartbeats", lose)


def contact_never_returns(patch):
    """A partitioned peer stays so."""
    patch.setattr(silence, "on_echo", lambda d, echo, sender, incarnation: None)


def echo_admits(patch):
    """An acknowledgement of a heartbeat brings back an epoch that was left."""
    keep = original(ev.Arrived)

    def on_arrived(d, event):
        peer = d.state.peers[event.sender.node]
        if isinstance(event.message, ms.Echo) and peer.barred:
            d.set_peer(event.sender.node, admitted=1, incarnation=event.incarnation)
        keep(d, event)

    handler(patch, ev.Arrived, on_arrived)


def heartbeats_release(patch):
    """A heartbeat with a strange digest counts as a leave."""
    keep = relay.on_digest

    def on_digest(d, digest, sender):
        if digest != d.state.digest:
            leaving.note(d, sender, 1)
        keep(d, digest, sender)

    patch.setattr(relay, "on_digest", on_digest)


def work_to_the_draining(patch):
    """Work is routed to a node that was left."""
    handler(patch, ev.WorkComes, lambda d, e: d.emit(fx.Routed(e.group, e.node)))


def work_to_the_gone(patch):
    """Work is routed to a member that is gone, as its node is there."""
    patch.setattr(leaving, "_serves", lambda state, group, entry, epoch: True)


def work_shuns_the_partitioned(patch):
    """No work is routed to a partitioned peer."""
    keep = State.admitted

    def admitted(state, epoch):
        return keep(state, epoch) and not state.peers[epoch.node].partitioned

    patch.setattr(State, "admitted", admitted)


class Planted(NamedTuple):
    """A fault, the hazard that it is (or ""), where it is replayed, and what finds it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    hazard: str
    config: str
    killed_by: str


_PAIR = {"groups": 1, "placement": "same", "nodes": 2}
_NO_SILENCE = {"crashes": 0, "heartbeat_losses": 0}
_PLAIN = {**_NO_SILENCE, "components": "none"}

CONFIGS = {
    "shutdown": {
        **_PAIR,
        **_NO_SILENCE,
        "acts": True,
        "components": "cc-engine",
        "goodbyes": True,
    },
    "silence": {**_PAIR, "components": "none"},
    "three": {**_PAIR, **_PLAIN, "nodes": 3},
    "double": {**_PAIR, **_PLAIN, "failures": 2},
    "leaving": {**_PAIR, **_PLAIN, "member_failures": 1},
    "members": {
        **_PAIR,
        **_PLAIN,
        "member_failures": 1,
        "unkillable": True,
        "critical": True,
        "tokens": True,
    },
    "untokened": {**_PAIR, **_PLAIN, "unkillable": True},
    "stop": {**_PAIR, **_PLAIN, "failures": 0, "stops": 2},
    "dependent": _PLAIN,
}
"""Small configurations, one for each part of the protocol: parameters of the model."""

PLANTED = (
    Planted(latch_without_distress, "", "shutdown", "detect_by_cc/distress+effects"),
    Planted(distress_to_one_peer, "", "three", "detect_by_cc/distress"),
    Planted(latch_reopens, "", "shutdown", "detect_by_cc/unbidden/effects"),
    Planted(reporter_forgotten, "", "shutdown", "report_reaches_cc/reporter"),
    Planted(reporter_is_warned, "", "shutdown", "notify_member/unbidden/effects+member+warned"),
    Planted(report_latches, "", "shutdown", "detect_by_member/distress+effects+phase+reporter"),
    Planted(reports_twice, "", "shutdown", "detect_by_member/unbidden/effects"),
    Planted(warned_member_reports, "", "shutdown", "detect_by_member/unbidden/effects+reported"),
    Planted(report_lost, "", "shutdown", "detect_by_member/effects+reported"),
    Planted(notice_ignored, "", "shutdown", "detect_by_cc/distress+effects+phase"),
    Planted(component_death_ignored, "", "shutdown", "initiate_by_engine/distress+effects+phase"),
    Planted(cc_death_unseen, "", "shutdown", "initiate_by_engine/distress+effects+phase"),
    Planted(sentinel_idle, "H16", "shutdown", "initiate_by_sentinel/distress+effects+phase"),
    Planted(sentinel_silent, "", "shutdown", "initiate_by_sentinel/distress+effects"),
    Planted(member_unwarned, "", "shutdown", "notify_member/event"),
    Planted(warning_not_told, "", "shutdown", "notify_member/effects"),
    Planted(acknowledgement_ignored, "", "shutdown", "member_acknowledges/member"),
    Planted(acknowledgement_unasked, "", "shutdown", "member_acknowledges/unbidden/member"),
    Planted(acknowledgement_is_death, "", "shutdown", "member_acknowledges/member+primary"),
    Planted(never_forced, "H14", "shutdown", "force_out/event"),
    Planted(forced_unwarned, "", "shutdown", "force_out/unbidden/member"),
    Planted(gate_keeps_acts, "H2", "shutdown", "member_acknowledges/acting"),
    Planted(death_unsaid, "", "shutdown", "reap_gated/member_gone"),
    Planted(death_unseen, "", "shutdown", "reap_gated/member+member_gone+primary"),
    Planted(quiesce_early, "", "shutdown", "quiesce/unbidden/phase+quiesced+reaped"),
    Planted(gated_counts_as_out, "", "shutdown", "quiesce/unbidden/phase+quiesced"),
    Planted(quiesced_unsaid, "", "shutdown", "quiesce/quiesced+reaped"),
    Planted(quiesced_calls_all_gated, "", "shutdown", "quiesce/reaped"),
    Planted(stop_releases_first, "H1", "shutdown", "detect_by_cc/quiesced+reaped"),
    Planted(acknowledgement_of_peers_needed, "H11", "shutdown", "end_clustering/event"),
    Planted(never_ends, "H8", "shutdown", "end_clustering/fatal+view+warned"),
    Planted(acts_after_the_gate, "H5", "shutdown", "begin_act/unbidden/acting+effects"),
    Planted(backup_acts, "", "shutdown", "begin_act/unbidden/acting+effects"),
    Planted(failing_refuses_acts, "", "shutdown", "begin_act/event"),
    Planted(act_never_done, "", "shutdown", "finish_act/acting+effects"),
    Planted(leave_misses_a_group, "H17", "shutdown", "hear_distress/effects"),
    Planted(leave_told_to_strangers, "", "shutdown", "hear_distress/effects"),
    Planted(leave_twice, "", "shutdown", "hear_distress/effects"),
    Planted(leave_again_on_repeat, "", "shutdown", "hear_distress/effects"),
    Planted(left_stays_in_view, "", "shutdown", "hear_distress/view"),
    Planted(left_is_not_barred, "", "shutdown", "hear_distress/heard"),
    Planted(left_means_released, "H4", "shutdown", "hear_distress/released"),
    Planted(bounce_unseen, "H9", "shutdown", "hear_distress/effects+left"),
    Planted(leave_outranks_epoch, "H6", "shutdown", "hear_distress/released"),
    Planted(partitioned_counts_as_failed, "H7", "silence", "hear_distress/effects+left"),
    Planted(quiesced_only_leaves, "", "shutdown", "hear_quiesced/heard_release+released"),
    Planted(quiesced_only_releases, "", "shutdown", "hear_quiesced/effects+heard+left+view"),
    Planted(member_gone_ignored, "", "shutdown", "hear_member_gone/heard_gone+released"),
    Planted(member_gone_is_a_leave, "", "shutdown", "hear_member_gone/effects+heard+left+view"),
    Planted(member_gone_releases_everything, "", "shutdown", "promote/event"),
    Planted(failing_node_listens, "", "double", "hear_distress/unbidden/effects+heard+left+view"),
    Planted(clones_believed, "H13", "shutdown", "forge/effects+heard+left+view"),
    Planted(never_promotes, "", "shutdown", "promote/event"),
    Planted(silence_promotes, "", "silence", "promote/unbidden/primary+promoted"),
    Planted(left_suffices, "H4", "shutdown", "promote/unbidden/primary+promoted"),
    Planted(first_only, "H3", "three", "promote/unbidden/primary+promoted"),
    Planted(order_ignored, "", "dependent", "promote/unbidden/primary+promoted"),
    Planted(left_primary_counts, "", "dependent", "promote/unbidden/primary+promoted"),
    Planted(latched_promotes, "", "double", "promote/unbidden/primary+promoted"),
    Planted(promotion_unsaid, "", "shutdown", "promote/promoted"),
    Planted(promotion_not_durable, "", "shutdown", "begin_act/event"),
    Planted(promoted_not_heard, "", "dependent", "hear_promoted/knows_primary"),
    Planted(critical_member_not_missed, "", "members", "initiate_for_critical_member/event"),
    Planted(any_member_is_critical, "", "leaving", "stutter/Initiate"),
    Planted(gated_counts_as_reaped, "", "members", "quiesce/reaped"),
    Planted(tokens_ignored, "", "members", "hear_quiesced/released"),
    Planted(gated_is_released, "", "untokened", "hear_quiesced/released"),
    Planted(unkillable_waited_for, "", "members", "quiesce/event"),
    Planted(stop_ignored, "", "stop", "request_stop/distress+effects+phase"),
    Planted(silence_unseen, "", "silence", "lose_heartbeats/event"),
    Planted(
        silence_is_failure, "", "silence", "lose_heartbeats/effects+heard+left+partitioned+view"
    ),
    Planted(contact_never_returns, "", "silence", "regain_heartbeats/partitioned"),
    Planted(echo_admits, "H10", "silence", "regain_heartbeats/unbidden/view"),
    Planted(heartbeats_release, "", "silence", "stutter/Arrived"),
    Planted(work_to_the_draining, "H15", "shutdown", "route_work/unbidden/effects"),
    Planted(work_to_the_gone, "", "shutdown", "route_work/unbidden/effects"),
    Planted(work_shuns_the_partitioned, "", "silence", "lose_heartbeats/partitioned+view"),
)
