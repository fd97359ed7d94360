"""What only a person may say: FENCE and BOOTSTRAP (§10.8, §11.5)."""

from __future__ import annotations

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core import relay
from knell.node.core.cold import begin, is_cold
from knell.node.core.draft import Draft
from knell.node.core.leaving import member_is_gone, note
from knell.node.core.shutdown import gate
from knell.node.core.state import State
from knell.node.core.values import BOOTSTRAP_STEP, Entry, Epoch
from knell.spec.vocabulary import MemberState


def on_fence(d: Draft, event: ev.FenceOrdered) -> None:
    """Take an operator's FENCE, if it is about the newest epoch known (§10.8)."""
    fence = event.fence
    peer = d.state.peers.get(fence.node)
    if peer is None:
        d.answer("no other node has this name")
    elif fence.epoch != peer.started:
        d.answer(f"the newest epoch known here is {peer.started}")
    else:
        epoch = Epoch(fence.node, fence.epoch)
        d.trace("fence", i=epoch.name)
        d.keep(ms.Signed(fence, event.proof))
        note(d, *epoch)
        d.state.fenced |= {epoch}
        relay.publish(d, fence, event.proof)
        d.answer()


def bootstrap_order(state: State, name: str) -> ms.Bootstrap | None:
    """What an operator has to sign to start a group here; None if it can't be started."""
    member = state.members.get(name)
    if name not in state.groups or member is None or member.state is not MemberState.ACTIVE:
        return None
    group = state.groups[name]
    highest = max([group.proposer, *(each.position for each in group.domain)])
    entry = Entry(highest + BOOTSTRAP_STEP, state.me, state.epoch, member.join, state.incarnation)
    return ms.Bootstrap(name, group.domain, entry)


def on_bootstrap(d: Draft, event: ev.BootstrapOrdered) -> None:
    """Start a group on an operator's word (§11.5)."""
    said = event.bootstrap
    if said != bootstrap_order(d.state, said.group):
        d.answer("the order was made for another state of the group; ask for a new one")
    elif not is_cold(d.state, said.group):
        d.answer("the group has a primary, or a live member here")
    else:
        d.trace("bootstrap", j=d.state.own.name, g=said.group)
        d.keep(ms.Signed(said, event.proof))
        _release(d, said)
        d.set_group(said.group, bootstrap=said)
        relay.publish(d, said, event.proof)
        begin(d, said.group, said.domain, said.entry.position)
        d.answer()


def hear_bootstrap(d: Draft, signed: ms.Signed, said: ms.Bootstrap) -> bool:
    """BOOTSTRAP: its list is released, and replaces what this node held before (§5.13)."""
    group = d.state.groups.get(said.group)
    if group is None:
        return False
    earlier = group.bootstrap
    if earlier is not None and earlier != said and earlier.domain == said.domain:
        d.log("second bootstrap from one list", said.entry.name)
        return False
    d.trace("hear_bootstrap", o=d.state.own.name, j=said.entry.name, g=said.group)
    d.keep(signed)
    _release(d, said)
    if said.entry.position > group.proposer:
        domain = (*said.domain, said.entry)
        d.set_group(
            said.group,
            bootstrap=said,
            domain=domain,
            proposer=said.entry.position,
            committed=len(domain),
            proposal=None,
        )
        d.persist(said.group)
    return True


def _release(d: Draft, said: ms.Bootstrap) -> None:
    own = d.state.groups[said.group].entry
    for each in said.domain:
        member_is_gone(d, said.group, each.member)
    if own in said.domain and d.state.runs(said.group):
        member = d.state.members[said.group]
        gate(d, said.group, killed=member.killable)
        if member.killable:
            d.emit(fx.Kill(said.group, member.process))
