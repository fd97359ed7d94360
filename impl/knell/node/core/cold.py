"""Cold start: who begins when nobody is there (§11).

A node meets another when that has told it, in its present epoch, what list it holds, which
primary it knew last, and that it has no live entry. Which node founds follows from facts that
stay as they are while the group is cold, so all nodes that have met everyone agree on it.
"""

from __future__ import annotations

from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.leaving import member_is_gone
from knell.node.core.lists import send_commit, tell_view
from knell.node.core.promotion import learn_primary
from knell.node.core.relay import publish
from knell.node.core.state import State
from knell.node.core.values import Domain, Entry, Epoch, Membership, end_of
from knell.spec.vocabulary import MemberState


def is_cold(state: State, name: str) -> bool:
    """Whether no live primary is known and no unreleased entry is here (§11.1)."""
    return state.live_primary(name) is None and not _has_live_entry(state, name)


def _has_live_entry(state: State, name: str) -> bool:
    entry = state.groups[name].entry
    return entry is not None and not state.is_released(name, entry)


def standing(state: State, name: str) -> ms.Standing:
    """What this node tells those that want to know whether the group is cold (§11.2)."""
    group = state.groups[name]
    live = not is_cold(state, name)
    return ms.Standing(name, group.domain, group.proposer, group.last_primary, live)


def standings(state: State) -> tuple[ms.Standing, ...]:
    """What this node has to tell while groups are cold."""
    return tuple(standing(state, name) for name in state.groups if is_cold(state, name))


def on_standing(d: Draft, said: ms.Standing, sender: Epoch) -> None:
    """A peer has told what it holds of a group."""
    if said.group in d.state.groups:
        hosts = {d.state.me, sender.node} <= set(d.state.group(said.group).nodes)
        if hosts and not said.live and is_cold(d.state, said.group):
            d.trace("meet", j=d.state.own.name, g=said.group, i=sender.name)
        d.state.standing[said.group, sender.node] = said
        _give_up(d, said)


def _give_up(d: Draft, said: ms.Standing) -> None:
    """Give up a membership that stands in a list which nobody may ever commit (§11.3).

    A primary that died with a proposal open has left an entry in the lists of others that this
    node has never learnt. Nobody can tell whether it was committed, so it would keep the group
    cold for ever. This node, which never acted under it, declares it gone and asks again under a
    new join; a late COMMIT of the old one then means nothing here.
    """
    state, name = d.state, said.group
    member = state.members.get(name)
    if member is None or member.state is not MemberState.ACTIVE or not is_cold(state, name):
        return
    own = Membership(state.me, state.epoch, member.join)
    if state.groups[name].entry is None and any(each.member == own for each in said.domain):
        d.trace("give_up_entry", i=state.own.name, g=name)
        member_is_gone(d, name, own)
        d.set_member(name, join=member.join + 1)
        publish(d, ms.MemberGone(name, own, state.incarnation))


def _met(state: State, name: str) -> list[ms.Standing]:
    """What the own node and those met hold of the group."""
    others = [said for (group, _), said in state.standing.items() if group == name]
    return [standing(state, name), *others]


def can_found(state: State, name: str) -> bool:
    """Whether this node is the one that starts the group, now (§11.3, §11.4)."""
    member = state.members.get(name)
    if member is None or member.state is not MemberState.ACTIVE or not is_cold(state, name):
        return False
    met = _met(state, name)
    latest = max(met, key=lambda said: (said.proposer, end_of(said.domain)))
    nodes = {each.node for each in latest.domain} or set(state.group(name).nodes)
    if any(said.live for said in met):
        return False
    if any(node != state.me and (name, node) not in state.standing for node in nodes):
        return False
    if not all(state.is_released(name, each) for each in latest.domain):
        return False
    last = max((said.last_primary for said in met if said.last_primary is not None), default=None)
    founder = last.node if last is not None else state.group(name).nodes[0]
    return founder == state.me


def found(d: Draft, name: str) -> None:
    """Start the group with the latest list and the own new entry (§11.4)."""
    latest = max(_met(d.state, name), key=lambda said: (said.proposer, end_of(said.domain)))
    position = end_of(latest.domain) + 1
    d.trace("cold_start", j=d.state.own.name, g=name)
    begin(d, name, latest.domain, position)


def begin(d: Draft, name: str, domain: Domain, position: int) -> None:
    """Extend the list by the own entry, which is primary by it."""
    state = d.state
    member = state.members[name]
    entry = Entry(position, state.me, state.epoch, member.join, state.incarnation)
    domain = (*domain, entry)
    d.set_group(
        name,
        domain=domain,
        proposer=position,
        committed=len(domain),
        entry=entry,
        promoted=True,
        synced=False,
        confirmed=True,
        proposal=None,
        lease_until=0,
    )
    learn_primary(d, name, entry)
    send_commit(d, name)
    tell_view(d, name)
