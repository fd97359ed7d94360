"""Heartbeats, contact, and pauses (§10.1, §10.2, §10.10). Silence changes no roles."""

from __future__ import annotations

from knell.node.core import effects as fx
from knell.node.core import leases, relay
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.events import Timer
from knell.node.core.leaving import concerned
from knell.node.core.state import State
from knell.node.core.values import Epoch


def on_beat(d: Draft) -> None:
    """Send a heartbeat to each admitted peer, and what else has to be said again."""
    state = d.state
    d.emit(fx.Arm(Timer.BEAT, state.settings.beat))
    wanting = tuple(
        ms.Want(group, member.join)
        for group, member in state.members.items()
        if state.runs(group) and state.groups[group].entry is None
    )
    announce = tuple(
        each
        for key, each in state.store.items()
        if key[:1] == ("ANNOUNCE",) and key.subject[0] == state.me
    )
    contacts = tuple(
        node for node, peer in state.peers.items() if peer.admitted and not peer.partitioned
    )
    for node, peer in state.peers.items():
        if peer.admitted:
            d.send(node, ms.Heartbeat(d.now, state.digest, contacts), *wanting)
        else:
            d.emit(fx.Send((node,), announce))


def on_heartbeat(d: Draft, beat: ms.Heartbeat, sender: Epoch, incarnation: int) -> None:
    """Echo a heartbeat, granting the leases that are due (§10.4)."""
    d.send(sender.node, ms.Echo(beat.sent_at, leases.grant(d, sender, incarnation)))
    relay.on_digest(d, beat.digest, sender.node)


def on_echo(d: Draft, echo: ms.Echo, sender: Epoch) -> None:
    """A heartbeat of this node has come back: contact, if it was quick enough (§10.1)."""
    state = d.state
    peer = state.peers[sender.node]
    if echo.sent_at > d.now:
        d.log("an echo of the future", sender.name)
        return
    leases.take(d, echo)
    if d.now - echo.sent_at > state.settings.lost:
        return
    d.set_peer(sender.node, contact_at=max(peer.contact_at, d.now))
    if echo.sent_at >= state.held_since:
        state.held -= {sender.node}
    if peer.partitioned:
        d.trace("regain_heartbeats", o=state.own.name, i=sender.name)
        d.set_peer(sender.node, partitioned=False)
        _tell_concerned(d, sender, fx.PeerBack(sender))


def silent(state: State, now: int) -> list[str]:
    """The peers with which contact has ended unnoticed so far."""
    return [
        node
        for node, peer in state.peers.items()
        if peer.admitted and not peer.partitioned and now - peer.contact_at > state.settings.lost
    ]


def lose_heartbeats(d: Draft, node: str) -> None:
    """Contact is lost: partitioned, and the members are told (§10.1)."""
    epoch = Epoch(node, d.state.peers[node].admitted)
    d.trace("lose_heartbeats", o=d.state.own.name, i=epoch.name)
    d.set_peer(node, partitioned=True)
    d.state.held -= {node}
    _tell_concerned(d, epoch, fx.PeerPartitioned(epoch))


def _tell_concerned(d: Draft, epoch: Epoch, news: fx.News) -> None:
    for group in d.state.groups:
        if concerned(d.state, group, epoch):
            d.tell(group, news)


def on_pause(d: Draft) -> None:
    """After a pause nothing is done until contact is proved again, or lost (§10.10)."""
    state = d.state
    contact = [node for node, peer in state.peers.items() if peer.admitted and not peer.partitioned]
    state.held, state.held_since = frozenset(contact), d.now
    for node in contact:
        d.set_peer(node, contact_at=d.now)
    on_beat(d)
