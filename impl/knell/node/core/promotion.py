"""Promotion and dependent failover: each node decides by its own records (§7.22-§7.25)."""

from __future__ import annotations

from knell.node.core import effects as fx
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.relay import publish
from knell.node.core.state import State
from knell.node.core.values import Entry


def can_promote(state: State, name: str) -> bool:
    """Whether the own entry may become primary of the group (§7.22)."""
    group = state.groups[name]
    entry = group.entry
    if group.promoted or entry is None or not state.lives(name) or entry not in group.domain:
        return False
    if state.is_released(name, entry) or (name, entry) in state.lapsed:
        return False
    if any(each.position >= entry.position for each in group.primaries):
        return False
    if not all(_out_of_the_way(state, name, each) for each in group.domain if each < entry):
        return False
    return all(
        needed in state.groups and state.live_primary(needed) is not None
        for needed in state.group(name).depends_on
    )


def _out_of_the_way(state: State, name: str, entry: Entry) -> bool:
    """Released; or lapsed, and this node has stopped granting to it and waited (§10.7)."""
    if state.is_released(name, entry):
        return True
    return (name, entry) in state.lapsed and any(
        grant.to == entry and grant.waited for grant in state.groups[name].grants
    )


def promote(d: Draft, name: str) -> None:
    """Become primary: durably first, then PROMOTED, then acts (§7.22)."""
    entry = d.state.groups[name].entry
    assert entry is not None
    d.trace("promote", o=d.state.own.name, g=name)
    d.set_group(name, promoted=True, synced=False, confirmed=False, lease_until=0)
    learn_primary(d, name, entry)
    publish(d, ms.Promoted(name, entry))


def hear_promoted(d: Draft, said: ms.Promoted) -> bool:
    """PROMOTED: the observer records the primary (§7.24)."""
    d.trace("hear_promoted", o=d.state.own.name, g=said.group, i=said.entry.name)
    learn_primary(d, said.group, said.entry)
    return True


def learn_primary(d: Draft, name: str, entry: Entry) -> None:
    """Record a primary of a group, durably if it is the latest (§5.5, §11.4)."""
    group = d.state.groups.get(name)
    if group is None or entry in group.primaries:
        return
    newest = all(each < entry for each in group.primaries)
    d.set_group(name, primaries=group.primaries | {entry})
    if not newest:
        return
    own = entry == group.entry
    stored = group.last_primary is not None and entry <= group.last_primary
    d.set_group(name, last_primary=group.last_primary if stored else entry, doubted=False)
    if own:
        d.persist(name)
    d.tell(name, fx.PrimaryIs(entry, own))
    if group.promoted and not own:
        d.tell(name, fx.Deposed(entry))
    if not own and not stored:
        d.persist(name)
