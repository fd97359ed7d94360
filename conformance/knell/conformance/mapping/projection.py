"""What a node is in the words of the model: a pure and total function of what the node is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.sim.node import Node
from knell.node.core.state import State
from knell.node.core.values import Entry, Epoch
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
    """What the engine records of another node; of its own, only that it is there."""
    name, state = node.name, node.engine
    has = node.over is None
    epoch = Epoch(other, 1)
    for relation, holds in _OF_EPOCHS.items():
        view[relation, name, other] = has and holds(state, epoch)
    for group in cluster.names:
        for relation, tells in _OF_ENTRIES.items():
            view[relation, name, group, other] = (
                has
                and other != name
                and any(tells(state, group, entry) for entry in _entries(state, group, other))
            )
        known = has and any(
            entry.node == other and (other == name or (group, entry.member) not in state.gone)
            for entry in state.groups[group].primaries
        )
        view["knows_primary", name, group, other] = known and cluster.needs(name, group)


def _entries(state: State, group: str, other: str) -> list[Entry]:
    return [entry for entry in state.groups[group].domain if entry.node == other]


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
    return epoch in state.quiesced or epoch in state.fenced


_OF_EPOCHS: Final[dict[str, Callable[[State, Epoch], bool]]] = {
    "view": _in_view,
    "left": _has_left,
    "partitioned": _is_partitioned,
    "heard": _is_over,
    "heard_release": _is_quiet,
}

_OF_ENTRIES: Final[dict[str, Callable[[State, str, Entry], bool]]] = {
    "released": lambda state, group, entry: state.is_released(group, entry),
    "heard_gone": lambda state, group, entry: (group, entry.member) in state.gone,
}
