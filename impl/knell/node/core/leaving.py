"""The observer's side: statements heard, node leave, release, admission of epochs (§7.18-§7.21).

`note` is the heart: it processes that an epoch, and with it every earlier one of its node, is
over. It is idempotent and only ever raises what is recorded, so the order of arrival is
immaterial (S9), and records of later epochs are out of its reach (S4).
"""

from __future__ import annotations

from knell.node.core import effects as fx
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.state import Peer, State
from knell.node.core.values import Entry, Epoch, Membership


def note(d: Draft, node: str, epoch: int) -> None:
    """A leaving statement about this epoch: bar it and what is older, and leave it, once."""
    peer = d.state.peers[node]
    if 0 < peer.admitted <= epoch:
        _leave(d, Epoch(node, peer.admitted))
    if epoch > peer.barred:
        d.set_peer(node, barred=epoch)
    has_started(d, node, epoch)


def has_started(d: Draft, node: str, epoch: int) -> None:
    """Something authentic of this epoch is known, so nothing older of its node runs (§9.1)."""
    state = d.state
    if epoch <= state.peers[node].started:
        return
    d.set_peer(node, started=epoch)
    # What was known of older epochs follows from this one (`State.is_released`).
    for old in [each for each in state.quiesced if each.node == node and each.number < epoch]:
        del state.quiesced[old]
    state.fenced = frozenset(
        each for each in state.fenced if each.node != node or each.number >= epoch
    )
    state.gone = frozenset(
        pair for pair in state.gone if pair[1].node != node or pair[1].epoch >= epoch
    )


def _leave(d: Draft, epoch: Epoch) -> None:
    """Deliver node leave to each member concerned (§7.19)."""
    told = [name for name in d.state.groups if concerned(d.state, name, epoch)]
    for name in told:
        d.tell(name, fx.NodeLeft(epoch))
    for name in told:
        group = d.state.groups[name]
        primary = d.state.primary_of(name)
        if primary and (primary.node, primary.epoch) == epoch and not group.doubted:
            d.set_group(name, doubted=True)
            d.tell(name, fx.InDoubt())
    d.set_peer(epoch.node, admitted=0, incarnation=0, left=epoch.number, partitioned=False)
    d.state.held -= {epoch.node}
    for key in [key for key in d.state.standing if key[1] == epoch.node]:
        del d.state.standing[key]
    for key in [key for key in d.state.wants if key[1] == epoch.node]:
        del d.state.wants[key]


def concerned(state: State, group: str, epoch: Epoch) -> bool:
    """Whether the own member of a group shares it with a member on this epoch (§7.19)."""
    record = state.groups[group]
    if not state.runs(group) or record.entry is None or record.entry not in record.domain:
        return False
    return any(
        (each.node, each.epoch) == epoch and (group, each.member) not in state.gone
        for each in record.domain
    )


def admit(d: Draft, epoch: Epoch, incarnation: int) -> None:
    """Admit an epoch of a peer, unless it is over or an epoch of its node is admitted."""
    peer = d.state.peers.get(epoch.node)
    if peer is None or epoch.number <= peer.barred or peer.admitted:
        return
    d.set_peer(epoch.node, admitted=epoch.number, incarnation=incarnation, contact_at=d.now)
    has_started(d, epoch.node, epoch.number)


def is_clone(peer: Peer, epoch: int, incarnation: int) -> bool:
    """Whether a frame comes from another incarnation than the one admitted (§5.1)."""
    return peer.admitted == epoch and peer.incarnation != incarnation


def hear_distress(d: Draft, said: ms.Distress) -> bool:
    """DISTRESS: node leave (§5.2)."""
    if _dropped(d, said.node, said.epoch, said.incarnation):
        return False
    d.trace("hear_distress", o=d.state.own.name, i=Epoch(said.node, said.epoch).name)
    note(d, said.node, said.epoch)
    return True


def hear_quiesced(d: Draft, said: ms.Quiesced) -> bool:
    """QUIESCED: node leave, and release of what it says can act no more (§5.3)."""
    if _dropped(d, said.node, said.epoch, said.incarnation):
        return False
    epoch = Epoch(said.node, said.epoch)
    d.trace("hear_quiesced", o=d.state.own.name, i=epoch.name)
    note(d, *epoch)
    gated = frozenset(said.gated)
    d.state.quiesced[epoch] = gated & d.state.quiesced.get(epoch, gated)
    return True


def hear_announce(d: Draft, said: ms.Announce, *, live: bool) -> bool:
    """ANNOUNCE: older epochs are left and released; if the peer is there now, it is admitted."""
    if _dropped(d, said.node, said.epoch, said.incarnation):
        return False
    epoch = Epoch(said.node, said.epoch)
    peer = d.state.peers[said.node]
    if live:
        d.trace("hear_announce", o=d.state.own.name, j=epoch.name)
    elif said.epoch > peer.started or said.epoch > peer.barred + 1:
        d.trace("hear_of_announce", o=d.state.own.name, j=epoch.name)
    note(d, said.node, said.epoch - 1)
    has_started(d, *epoch)
    if live:
        admit(d, epoch, said.incarnation)
    return True


def hear_fence(d: Draft, said: ms.Fence) -> bool:
    """FENCE: left and released (§5.6)."""
    epoch = Epoch(said.node, said.epoch)
    d.trace("hear_fence", o=d.state.own.name, i=epoch.name)
    note(d, *epoch)
    d.state.fenced |= {epoch}
    return True


def hear_member_gone(d: Draft, said: ms.MemberGone) -> bool:
    """MEMBER_GONE: the entry is released for that group, and nothing else (§5.4)."""
    if _dropped(d, said.member.node, said.member.epoch, said.incarnation):
        return False
    member = said.member
    d.trace(
        "hear_member_gone",
        o=d.state.own.name,
        g=said.group,
        i=Epoch(member.node, member.epoch).name,
    )
    member_is_gone(d, said.group, member)
    return True


def member_is_gone(d: Draft, group: str, member: Membership) -> None:
    """Record that a membership is over, and tell the own member if it was in its view."""
    if (group, member) in d.state.gone or d.state.is_outdated(member):
        return
    d.state.gone |= {(group, member)}
    record = d.state.groups.get(group)
    if record is not None and any(each.member == member for each in record.domain):
        d.tell(group, fx.MemberLeft(Epoch(member.node, member.epoch), member.join))


def _dropped(d: Draft, node: str, epoch: int, incarnation: int) -> bool:
    """Whether a statement of a node about itself comes from a clone."""
    if not is_clone(d.state.peers[node], epoch, incarnation):
        return False
    d.log("clone", Epoch(node, epoch).name)
    return True


def route_work(d: Draft, group: str, node: str) -> None:
    """Route new work to the member on a node, unless that is left or not there (§7.21)."""
    peer = d.state.peers.get(node)
    epoch = Epoch(node, peer.admitted if peer is not None else 0)
    if not d.state.admitted(epoch):
        d.emit(fx.Routed(group, node, "the node is not in the cluster"))
    elif not any(_serves(d.state, group, each, epoch) for each in d.state.groups[group].domain):
        d.emit(fx.Routed(group, node, "the node has no member in the group"))
    else:
        d.trace("route_work", o=d.state.own.name, i=epoch.name)
        d.emit(fx.Routed(group, node))


def _serves(state: State, group: str, entry: Entry, epoch: Epoch) -> bool:
    return (entry.node, entry.epoch) == epoch and not state.is_released(group, entry)
