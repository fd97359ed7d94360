"""What comes from other nodes: to which rule each statement and each message goes (§5)."""

from __future__ import annotations

from collections.abc import Iterable

from knell.node.core import cold, leases, leaving, lists, operator, promotion, relay, silence
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.shutdown import learn_own_leave
from knell.node.core.values import Epoch, Role


def on_heard(d: Draft, event: ev.Heard) -> None:
    """Process a statement: acknowledge it, draw its conclusions, keep it for relay (§5.1)."""
    signed = event.signed
    relay.acknowledge(d, signed, event.via)
    if not d.state.is_active:
        return
    subject = ms.subject_of(signed.statement)
    if subject is not None and subject.node == d.state.me:
        if _about_own(d, signed.statement, subject):
            relay.hold(d, signed)
    elif subject is not None and subject.node not in d.state.peers:
        d.log("statement about an unknown node", subject.name)
    elif _group_of(signed.statement) not in {None, *d.state.groups}:
        d.log("statement about an unknown group", _group_of(signed.statement))
    elif _process(d, signed):
        relay.hold(d, signed)


def _group_of(statement: ms.Statement) -> str | None:
    return getattr(statement, "group", None)


def _process(d: Draft, signed: ms.Signed) -> bool:  # one line a kind
    """Apply the rule of a statement; return whether it is to be kept."""
    match signed.statement:
        case ms.Distress() as said:
            return leaving.hear_distress(d, said)
        case ms.Quiesced() as said:
            return leaving.hear_quiesced(d, said)
        case ms.MemberGone() as said:
            return leaving.hear_member_gone(d, said)
        case ms.Promoted() as said:
            return promotion.hear_promoted(d, said)
        case ms.Fence() as said:
            d.keep(signed)
            return leaving.hear_fence(d, said)
        case ms.Lapsed() as said:
            return leases.hear_lapsed(d, signed, said)
        case ms.Announce() as said:
            return leaving.hear_announce(d, said, live=False)
        case ms.Commit() as said:
            return lists.hear_commit(d, said)
        case ms.Bootstrap() as said:
            return operator.hear_bootstrap(d, signed, said)


def _about_own(d: Draft, statement: ms.Statement, subject: Epoch) -> bool:
    """A statement about this node itself; one that ends its epoch makes it stop (§7.15)."""
    match statement:
        case ms.Announce() if subject.number > d.state.epoch:
            learn_own_leave(d)
        case ms.Announce(_, _, incarnation) if subject == d.state.own:
            if incarnation != d.state.incarnation:
                d.log("clone", subject.name)
                return False
        case ms.Distress(_, _, incarnation) | ms.Quiesced(_, _, incarnation):
            if subject == d.state.own and incarnation != d.state.incarnation:
                d.log("clone", subject.name)
                return False
            if subject.number >= d.state.epoch:
                learn_own_leave(d)
        case ms.Fence() | ms.Lapsed() if subject.number >= d.state.epoch:
            learn_own_leave(d)
        case ms.Promoted() as said:
            promotion.learn_primary(d, said.group, said.entry)
        case _:
            pass
    return True


def on_proved(d: Draft, event: ev.PeerProved) -> None:
    """A peer is there now: leave its older epochs, admit this one, tell it what it lacks."""
    said = event.announce
    if said.node not in d.state.peers or not d.state.is_active:
        return
    peer = d.state.peers[said.node]
    if said.epoch <= peer.barred:
        d.emit(fx.Send((said.node,), relay.about(d, said.node, said.epoch)))
        return
    if said.epoch < peer.admitted or not leaving.hear_announce(d, said, live=True):
        return
    relay.hold(d, ms.Signed(said, event.proof))
    state = d.state
    wants = tuple(
        ms.Want(group, member.join)
        for group, member in state.members.items()
        if state.runs(group) and state.groups[group].entry is None
    )
    beat = ms.Heartbeat(d.now, state.digest)
    d.send(said.node, beat, *wants, *cold.standings(state))


def on_arrived(d: Draft, event: ev.Arrived) -> None:
    """Traffic from a peer; while shutting down only acknowledgements matter."""
    message, sender, incarnation = event.message, event.sender, event.incarnation
    state = d.state
    if isinstance(message, ms.Received):
        relay.on_received(d, message.numbers, sender.node)
        return
    peer = state.peers.get(sender.node)
    if peer is None or not state.is_active or state.role is Role.SENTINEL:
        return
    if sender.number <= peer.barred:
        d.emit(fx.Send((sender.node,), relay.about(d, sender.node, sender.number)))
        return
    if (peer.admitted, peer.incarnation) != (sender.number, incarnation):
        d.log("traffic of an epoch that is not admitted", sender.name)
        return
    _traffic(d, message, sender, incarnation)


def _traffic(d: Draft, message: ms.Traffic, sender: Epoch, incarnation: int) -> None:
    match message:
        case ms.Heartbeat():
            silence.on_heartbeat(d, message, sender, incarnation)
        case ms.Echo():
            silence.on_echo(d, message, sender)
        case ms.Known(numbers):
            relay.on_known(d, numbers, sender.node)
        case ms.Propose():
            lists.accept(d, message, sender)
        case ms.Accept():
            lists.on_accept(d, message, sender, incarnation)
        case ms.Want():
            lists.on_want(d, message, sender, incarnation)
        case ms.Standing():
            cold.on_standing(d, message, sender)
        case ms.Received():
            pass


def restore(d: Draft, kept: Iterable[ms.Signed]) -> None:
    """Know again what was stored of FENCE, LAPSED and BOOTSTRAP (§4.8)."""
    for signed in kept:
        subject = ms.subject_of(signed.statement)
        if subject is None or subject.node in d.state.peers:
            _process(d, signed)
        relay.hold(d, signed)
    d.effects.clear()
