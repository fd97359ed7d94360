"""Recovery domains: propose, accept, commit, learn (§9.3-§9.9).

A node's list is that of the latest primary it heard of as a proposer, of one primary the longest:
the positions of the proposer and of the newest entry order lists. Whatever was committed while a
node had a live entry in it is in the node's own list, as its acceptance was needed; so a new
primary begins by proposing what it has, and goes on from there.
"""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.leaving import admit, is_clone
from knell.node.core.promotion import learn_primary
from knell.node.core.relay import about, publish
from knell.node.core.state import Proposal, State
from knell.node.core.values import Domain, Entry, Epoch, Membership, end_of
from knell.spec.vocabulary import MemberState


def on_want(d: Draft, said: ms.Want, sender: Epoch, incarnation: int) -> None:
    """A member has joined on a peer and wants an entry (§9.3)."""
    if said.group in d.state.groups:
        member = Membership(sender.node, sender.number, said.join)
        d.state.wants[said.group, sender.node] = (member, incarnation)


def candidate(state: State, name: str) -> Entry | None:
    """The next entry to propose: of those that want in, the first in the configured order."""
    group = state.groups[name]
    for node in state.group(name).nodes:
        want = state.wants.get((name, node))
        if want is None:
            continue
        member, incarnation = want
        peer = state.peers[node]
        if (
            (peer.admitted, peer.incarnation) == (member.epoch, incarnation)
            and (name, member) not in state.gone
            and all(each.member != member for each in group.domain)
        ):
            return Entry(group.domain[-1].position + 1, *member, incarnation)
    return None


def can_propose(state: State, name: str, now: int) -> bool:
    """Whether this node, as primary, has something to propose now (§9.4)."""
    group = state.groups[name]
    if not group.promoted or not group.synced or group.proposal is not None:
        return False
    if state.superseded(name) or not state.has_lease(name, now) or not state.lives(name):
        return False
    return not group.confirmed or candidate(state, name) is not None


def propose(d: Draft, name: str) -> None:
    """Propose the own list, or that list and one entry more (§9.4, §9.9)."""
    group = d.state.groups[name]
    newcomer = candidate(d.state, name) if group.confirmed else None
    domain = group.domain
    if newcomer is not None:
        kept = compact(d.state, name)
        d.set_group(name, committed=len(kept))
        domain = (*kept, newcomer)
    assert group.entry is not None
    d.trace("propose", q=d.state.own.name, g=name, j=domain[-1].name)
    proposal = Proposal(domain, addition=newcomer is not None)
    d.set_group(name, domain=domain, proposer=group.entry.position, proposal=proposal)
    d.persist(name)
    repeat(d, name)


def compact(state: State, name: str) -> Domain:
    """The own list without the released entries of nodes that have a later one in it (§4.7)."""
    domain = state.groups[name].domain
    latest = {each.node: each for each in domain}
    return tuple(
        each for each in domain if each == latest[each.node] or not state.is_released(name, each)
    )


def repeat(d: Draft, name: str) -> None:
    """Send the open proposal to each entry that has yet to accept it."""
    group = d.state.groups[name]
    if group.proposal is None or group.entry is None:
        return
    message = ms.Propose(name, group.entry, group.proposal.domain)
    nodes = {each.node for each in _missing(d.state, name, group.proposal)}
    if nodes:
        d.emit(fx.Send(tuple(sorted(nodes)), (message,)))


def _missing(state: State, name: str, proposal: Proposal) -> list[Entry]:
    """The earlier entries that have neither accepted nor can be excused (§9.7)."""
    return [
        each
        for each in proposal.domain[:-1]
        if each != state.groups[name].entry
        and each not in proposal.accepted
        and not state.is_released(name, each)
        and not state.is_quiet(each)
    ]


def accept(d: Draft, said: ms.Propose, sender: Epoch) -> None:
    """Hold the list of a primary durably, unless that is over or superseded (§9.5)."""
    name, group = said.group, d.state.groups.get(said.group)
    if group is None or (said.primary.node, said.primary.epoch) != sender:
        return
    refused = _refusal(d.state, said)
    if refused is not None:
        d.log("proposal refused", refused)
        return
    rank, held = (
        (said.primary.position, end_of(said.domain)),
        (group.proposer, end_of(group.domain)),
    )
    if rank < held:
        return
    if rank > held or said.domain != group.domain:
        d.trace("accept", o=d.state.own.name, q=sender.name, g=name, j=said.domain[-1].name)
        d.set_group(name, domain=said.domain, proposer=said.primary.position, proposal=None)
        d.persist(name)
    learn_primary(d, name, said.primary)
    d.send(sender.node, ms.Accept(name, said.primary, said.domain[-1], len(said.domain)))


def _refusal(state: State, said: ms.Propose) -> str | None:
    """Why a proposal is not accepted (§9.5)."""
    group, primary = state.groups[said.group], said.primary
    if not _is_list(said.domain) or primary not in said.domain:
        return "no list of its primary"
    if group.entry is None or group.entry not in said.domain[:-1]:
        return "no entry here"
    later = any(primary.position < each.position for each in group.primaries)
    if later or primary.position < group.proposer:
        return "an earlier primary"
    if state.is_released(said.group, primary):
        return "its primary is over"
    for each in said.domain:
        peer = state.peers.get(each.node)
        if peer is not None and is_clone(peer, each.epoch, each.incarnation):
            return "another incarnation"
    return None


def _is_list(domain: Domain) -> bool:
    """Whether positions strictly increase."""
    return bool(domain) and all(a.position < b.position for a, b in pairwise(domain))


def on_accept(d: Draft, said: ms.Accept, sender: Epoch, incarnation: int) -> None:
    """An entry has accepted the open proposal (§5.10)."""
    group = d.state.groups.get(said.group)
    if group is None or group.proposal is None or said.primary != group.entry:
        return
    proposal = group.proposal
    if (said.newest, said.length) != (proposal.domain[-1], len(proposal.domain)):
        return
    accepted = {
        each
        for each in proposal.domain
        if (each.node, each.epoch) == sender and each.incarnation == incarnation
    }
    d.set_group(said.group, proposal=replace(proposal, accepted=proposal.accepted | accepted))


def can_commit(state: State, name: str) -> bool:
    """Whether each earlier entry has accepted, or is excused (§9.7)."""
    group = state.groups[name]
    if group.proposal is None or not group.promoted or state.superseded(name):
        return False
    return not _missing(state, name, group.proposal)


def commit(d: Draft, name: str) -> None:
    """Commit the open proposal, and tell every node (§9.7)."""
    group = d.state.groups[name]
    assert group.proposal is not None
    domain = group.proposal.domain
    d.trace("commit", q=d.state.own.name, g=name, j=domain[-1].name)
    if group.proposal.addition and not d.state.later_unreleased(name):
        # Nobody could have become a successor before this moment (§10.3).
        d.set_group(name, lease_until=d.now + d.state.settings.lease)
    d.set_group(name, committed=len(domain), proposal=None, confirmed=True)
    d.persist(name)
    send_commit(d, name)
    tell_view(d, name)


def send_commit(d: Draft, name: str) -> None:
    """Send COMMIT, and ahead of it what is known of its entries (§5.11)."""
    group = d.state.groups[name]
    assert group.entry is not None
    known: dict[ms.Signed, None] = {}
    for each in group.domain:
        known.update(dict.fromkeys(about(d, each.node, each.epoch)))
    publish(d, ms.Commit(name, group.entry, group.domain), ahead=known)


def hear_commit(d: Draft, said: ms.Commit) -> bool:
    """COMMIT: adopt the list if it is the latest, and find the own entry in it (§9.8)."""
    state, name = d.state, said.group
    group = state.groups.get(name)
    if group is None or not _is_list(said.domain) or said.primary not in said.domain:
        return False
    if (said.primary.position, end_of(said.domain)) > (group.proposer, end_of(group.domain)):
        proposer = said.primary.position
        d.set_group(
            name, domain=said.domain, proposer=proposer, committed=len(said.domain), proposal=None
        )
    elif said.domain[-1] in group.domain:
        committed = group.domain.index(said.domain[-1]) + 1
        d.set_group(name, committed=max(group.committed, committed))
    learned = _own_entry(state, name, said.domain)
    if learned is not None and group.entry is None:
        d.trace("learn_commit", j=state.own.name, q=said.primary.name, g=name)
        d.set_group(name, entry=learned)
    d.trace("hear_commit", o=state.own.name, q=said.primary.name, g=name, j=said.domain[-1].name)
    for each in {each.node: each for each in said.domain}.values():  # the latest of each node
        admit(d, Epoch(each.node, each.epoch), each.incarnation)
    learn_primary(d, name, said.primary)
    d.persist(name)
    tell_view(d, name)
    return True


def _own_entry(state: State, name: str, domain: Domain) -> Entry | None:
    """The entry of the own member, if the list holds one."""
    member = state.members.get(name)
    if member is None or member.state is not MemberState.ACTIVE:
        return None
    for each in domain:
        if (each.node, each.epoch, each.join) == (state.me, state.epoch, member.join):
            return each if each.incarnation == state.incarnation else None
    return None


def tell_view(d: Draft, name: str) -> None:
    """Tell the own member the list, once it is in it (§9.3)."""
    group = d.state.groups[name]
    if group.entry is None or group.entry not in group.domain:
        return
    domain = group.domain[: group.committed]
    out = tuple(each for each in domain if d.state.is_released(name, each))
    d.tell(name, fx.View(domain, out, d.state.primary_of(name)))
