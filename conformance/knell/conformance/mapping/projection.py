"""What a node is in the words of the model: a pure and total function of what the node is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.sim.node import Node
from knell.node.core.state import Group, State
from knell.node.core.values import Entry, Epoch, Membership
from knell.spec.vocabulary import MemberState

Cell: TypeAlias = tuple[str, ...]
"""A variable with its arguments, those of the model: the node comes first."""

View: TypeAlias = dict[Cell, "str | bool"]
"""The value of each cell that belongs to a node."""


def project(cluster: Cluster, node: Node) -> View:
    """Read all that the model says of this node, except for what was sent."""
    view: View = {("phase", node.name): str(node.phase)}
    for group in cluster.names:
        view["member", node.name, group] = str(node.member(group))
        view["primary", node.name, group] = node.is_primary(group)
    _inside(cluster, node, view)
    for other in cluster.nodes:
        _record(cluster, node, other, view)
    if cluster.returns:
        _lists(cluster, node, view)
    return view


def _inside(cluster: Cluster, node: Node, view: View) -> None:
    """What happens inside the node; it ends with the processes."""
    name, engine = node.name, node.engine
    for cause in cluster.causes:
        view["fatal", name, cause] = cause in node.fatal
        for group in cluster.names:
            view["reported", name, group, cause] = (group, cause) in node.reports
    for component in cluster.components:
        view["dead", name, component] = component in node.dead
    for group in cluster.names:
        view["reporter", name, group] = node.over is None and engine.reporter == group
        view["warned", name, group] = node.over is None and _is_warned(node, group)
        view["acting", name, group] = node.over is None and _is_acting(node, group)


def _is_warned(node: Node, group: str) -> bool:
    """Whether engine or sentinel has warned the member; one that the engine cut off needs none."""
    known = node.engine.members.get(group)
    if known is not None and known.state in {MemberState.GATED, MemberState.GONE}:
        return known.warned
    cores = (node.engine, node.sentinel)
    return any(core and group in core.members and core.members[group].warned for core in cores)


def _is_acting(node: Node, group: str) -> bool:
    """Whether an act is under way; one that a dead engine accepted may be, until the gate."""
    if not node.engine_runs:
        return group in node.lingering and node.member(group) in _SERVED
    member = node.engine.members.get(group)
    return member is not None and bool(member.primary_acts)


_SERVED: Final = frozenset({MemberState.ACTIVE, MemberState.NOTIFIED})


def _record(cluster: Cluster, node: Node, other: str, view: View) -> None:
    """What the engine records of another epoch; of its own, only that it is there."""
    name, state = node.name, node.engine
    has = node.over is None
    epoch = cluster.epochs[other]
    for relation, holds in _OF_EPOCHS.items():
        view[relation, name, other] = has and holds(state, epoch)
    for group in cluster.names:
        for relation, tells in _OF_ENTRIES.items():
            view[relation, name, group, other] = (
                has and other != name and tells(cluster, state, group, other)
            )
        known = has and any(
            (entry.node, entry.epoch) == epoch
            and (other == name or (group, entry.member) not in state.gone)
            for entry in state.groups[group].primaries
        )
        view["knows_primary", name, group, other] = known and cluster.needs(name, group)


def _lists(cluster: Cluster, node: Node, view: View) -> None:
    """The lists of a node, from its memory while it runs, from its disk afterwards."""
    name, own = node.name, cluster.epochs[node.name]
    disk = dict(node.disk)
    for group in cluster.names:
        hosts = cluster.hosts(group, name)
        record = node.engine.groups[group] if node.over is None else disk.get(group)
        domain = record.domain if record is not None and hosts else ()
        entry = next((each for each in domain if (each.node, each.epoch) == own), None)
        if isinstance(record, Group):
            entry = record.entry if hosts else None
        view["is_entry", name, group] = entry is not None
        names = [cluster.named(Epoch(each.node, each.epoch)) for each in domain]
        before = names[: domain.index(entry)] if entry in domain else ()
        for other in cluster.nodes:
            view["newest", name, group, other] = bool(names) and names[-1] == other
            view["list_of", name, group, other] = other in names
            view["committed_before", name, group, other] = other in before


def entry_is_released(cluster: Cluster, state: State, group: str, name: str) -> bool:
    """Whether an entry of the epoch would be released, whatever list it may stand in."""
    epoch = cluster.epochs[name]
    entry = Entry(0, *epoch, 1, cluster.incarnations[name])
    released = cluster.hosts(group, name) and state.is_released(group, entry)
    return released or _is_outdated(state, epoch)


def _is_gone(cluster: Cluster, state: State, group: str, name: str) -> bool:
    return (group, Membership(*cluster.epochs[name], 1)) in state.gone


def _in_view(state: State, epoch: Epoch) -> bool:
    return epoch == state.own or state.admitted(epoch)


def _has_left(state: State, epoch: Epoch) -> bool:
    peer = state.peers.get(epoch.node)
    return peer is not None and epoch.number <= peer.left


def _is_partitioned(state: State, epoch: Epoch) -> bool:
    return state.admitted(epoch) and state.peers[epoch.node].partitioned


def _is_over(state: State, epoch: Epoch) -> bool:
    return state.is_over(epoch)


def _is_quiet(state: State, epoch: Epoch) -> bool:
    """Whether a statement is known by which the epoch can act no more."""
    return epoch in state.quiesced or epoch in state.fenced or _is_outdated(state, epoch)


def _is_outdated(state: State, epoch: Epoch) -> bool:
    """Whether a later epoch of its node has made a statement."""
    return state.is_outdated(Membership(*epoch, 1))


def _was_admitted(state: State, epoch: Epoch) -> bool:
    return _in_view(state, epoch) or _has_left(state, epoch)


_OF_EPOCHS: Final[dict[str, Callable[[State, Epoch], bool]]] = {
    "view": _in_view,
    "left": _has_left,
    "partitioned": _is_partitioned,
    "heard": _is_over,
    "heard_release": _is_quiet,
    "heard_later": _is_outdated,
    "admitted": _was_admitted,
}

_OF_ENTRIES: Final[dict[str, Callable[[Cluster, State, str, str], bool]]] = {
    "released": entry_is_released,
    "heard_gone": _is_gone,
}
