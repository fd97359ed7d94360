"""Planted faults of the core: node leave, promotion, silence, work."""

from msgspec.structs import replace

from knell.node.core import due, leaving, phases, promotion, relay, silence
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.state import Peer, State
from knell.node.core.values import Epoch, Membership
from knell.spec.vocabulary import NodePhase
from tests.conformance.planted.patching import (
    RELEASED,
    SET_PEER,
    handler,
    original,
    unsaid,
)


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
    patch.setattr(silence, "on_echo", lambda *_: None)


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
