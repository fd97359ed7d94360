"""Leases of silent primaries: granting, stopping, waiting, lapsing (§10.3-§10.9).

A successor remembers one `Grant` for each entry whose direct successor it has been: since when,
and when it last granted. The wait of §10.6 counts from the later of the two, so `watch` must run
after every event that may change who is released or who stands in the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.leaving import note
from knell.node.core.relay import publish
from knell.node.core.state import Grant, State
from knell.node.core.values import Entry, Epoch


def watch(d: Draft) -> None:
    """Notice of which entries the own ones have become direct successors."""
    for name in d.state.groups:
        if not d.state.is_leased(name):
            continue
        entry = predecessor(d.state, name)
        grants = d.state.groups[name].grants
        if entry is not None and all(each.to != entry for each in grants):
            d.set_group(name, grants=(*grants, Grant(entry, since=d.now)))


def predecessor(state: State, name: str) -> Entry | None:
    """The entry whose direct successor this node's is: the last earlier one not released."""
    group = state.groups[name]
    if group.entry is None or group.entry not in group.domain or not state.lives(name):
        return None
    earlier = (each for each in reversed(group.domain) if each.position < group.entry.position)
    return next((each for each in earlier if not state.is_released(name, each)), None)


def watched(state: State) -> list[str]:
    """The nodes of the entries whose direct successor this node is."""
    leased = (name for name, group in state.groups.items() if group.grants)
    entries = (predecessor(state, name) for name in leased)
    return sorted({entry.node for entry in entries if entry is not None})


def grant(d: Draft, to: Epoch, incarnation: int) -> tuple[tuple[str, Entry, Entry], ...]:
    """Grant to this epoch the leases that are due, and remember when (§10.4)."""
    granted = []
    for name, found in _of(d.state, to.node):
        own = d.state.groups[name].entry
        if own is not None and _may_grant(d.state, name, found, to, incarnation):
            granted.append((name, found.to, own))
            _change(d, name, replace(found, last=d.now))
    if granted:
        for name, entry, _ in granted:
            d.trace("grant_lease", o=d.state.own.name, g=name, i=entry.name)
    return tuple(granted)


def _may_grant(state: State, name: str, found: Grant, to: Epoch, incarnation: int) -> bool:
    entry = found.to
    return (
        state.is_active
        and (entry.node, entry.epoch) == to
        and entry.incarnation == incarnation
        and not found.stopped
        and not state.is_over(to)
        and (name, entry) not in state.lapsed
        and all(each.position <= entry.position for each in state.groups[name].primaries)
    )


def take(d: Draft, echo: ms.Echo) -> None:
    """Extend the leases that an acknowledgement grants (§10.3)."""
    for name, to, by in echo.grants:
        group = d.state.groups.get(name)
        if group is None or to != group.entry or by not in group.domain:
            continue
        d.trace("receive_grant", i=d.state.own.name, g=name, o=by.name)
        until = echo.sent_at + d.state.settings.lease
        if until > group.lease_until:
            d.set_group(name, lease_until=until)


def _of(state: State, node: str) -> Iterator[tuple[str, Grant]]:
    """The grants to entries of a node whose direct successor this one is now."""
    for name, group in state.groups.items():
        entry = predecessor(state, name) if state.is_leased(name) else None
        if entry is not None and entry.node == node:
            for each in group.grants:
                if each.to == entry:
                    yield name, each


def _first_in_line(state: State, name: str, entry: Entry) -> bool:
    """Whether every entry before this one is released: one lapse open at a time (§10.9)."""
    return all(state.is_released(name, each) for each in state.groups[name].domain if each < entry)


def _silent(state: State, entry: Entry) -> bool:
    """Partitioned; or left because its leases are over in some group, here or elsewhere."""
    peer = state.peers[entry.node]
    if peer.admitted == entry.epoch and peer.partitioned:
        return True
    return any((each.node, each.epoch) == (entry.node, entry.epoch) for _, each in state.lapsed)


def stoppable(state: State, node: str, now: int) -> list[tuple[str, Grant]]:
    """The grants to a node that end now for good (§10.5).

    As the wait counts from the last grant, nothing is gained by stopping earlier than at its end;
    and a peer that comes back before has lost nothing.
    """
    return [
        (name, each)
        for name, each in _of(state, node)
        if not each.stopped
        and _is_long_ago(state, each, now)
        and _silent(state, each.to)
        and _first_in_line(state, name, each.to)
    ]


def _is_long_ago(state: State, grant: Grant, now: int) -> bool:
    """Whether every lease that was granted is surely over (§10.6)."""
    wait = state.settings.lease + state.settings.drift
    return now - max(grant.since, grant.last) > wait


def stop_granting(d: Draft, node: str) -> None:
    """Grant to these entries no more, also if contact returns (§10.5)."""
    for name, each in stoppable(d.state, node, d.now):
        d.trace("stop_granting", o=d.state.own.name, i=each.to.name)
        _change(d, name, replace(each, stopped=True))


def passing(state: State, node: str, now: int) -> list[tuple[str, Grant]]:
    """The grants to a node whose leases are surely over (§10.6)."""
    return [
        (name, each)
        for name, each in _of(state, node)
        if each.stopped and not each.waited and _is_long_ago(state, each, now)
    ]


def lease_passes(d: Draft, node: str) -> None:
    """The lease and the drift bound are over since the last grant (§10.6)."""
    for name, each in passing(d.state, node, d.now):
        d.trace("lease_passes", o=d.state.own.name, i=each.to.name)
        _change(d, name, replace(each, waited=True))


def lapsing(state: State, node: str) -> list[tuple[str, Grant]]:
    """The groups in which this node may lapse entries of another (§10.6)."""
    return [
        (name, each)
        for name, each in _of(state, node)
        if each.waited
        and (name, each.to) not in state.lapsed
        and _first_in_line(state, name, each.to)
    ]


def lapse(d: Draft, node: str) -> None:
    """Announce that the leases of an epoch are over (§10.6)."""
    state = d.state
    found = lapsing(state, node)
    epoch = Epoch(node, found[0][1].to.epoch)
    lapses = []
    for name, each in found:
        own = state.groups[name].entry
        if own is not None and each.to.epoch == epoch.number:
            lapses.append(ms.Lapse(name, each.to, own))
    d.trace("lapse", o=state.own.name, i=epoch.name)
    said = ms.Lapsed(*epoch, state.own, tuple(lapses))
    d.keep(ms.Signed(said))
    publish(d, said)
    _record(d, said)


def hear_lapsed(d: Draft, signed: ms.Signed, said: ms.Lapsed) -> bool:
    """LAPSED: left; the named entries are lapsed and no others (§5.7)."""
    for name, lapsed, maker in said.lapses:
        group = d.state.groups.get(name)
        held = group.domain if group is not None else ()
        if lapsed in held and (maker not in held or maker <= lapsed):
            d.log("lapse by one that is no successor", Epoch(said.node, said.epoch).name)
            return False
    d.trace("hear_lapsed", o=d.state.own.name, i=Epoch(said.node, said.epoch).name)
    d.keep(signed)
    _record(d, said)
    return True


def _record(d: Draft, said: ms.Lapsed) -> None:
    note(d, said.node, said.epoch)
    d.state.lapsed |= {(name, lapsed) for name, lapsed, _ in said.lapses}


def _change(d: Draft, name: str, changed: Grant) -> None:
    grants = d.state.groups[name].grants
    d.set_group(name, grants=tuple(changed if each.to == changed.to else each for each in grants))
