"""Which steps a state allows, the most urgent first.

A step is due if its rule's guards hold: this list and the guards are the same thing, so a step
that is not listed here raises when it is handed to the core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from knell.node.core import cold, leases, lists, promotion, shutdown, silence
from knell.node.core import events as ev
from knell.node.core.state import State
from knell.node.core.values import Role
from knell.spec.vocabulary import NodePhase


def steps(state: State, now: int) -> Iterator[ev.Step]:
    """Yield every step that is due."""
    found = _BY_PHASE.get(state.phase)
    if found is not None:
        yield from found(state, now)


def _active(state: State, now: int) -> Iterator[ev.Step]:
    if state.role is Role.SENTINEL:
        return
    yield from map(ev.Initiate, shutdown.initiating(state))
    yield from map(ev.LoseHeartbeats, silence.silent(state, now))
    for name in state.groups:
        yield from _of_group(state, name, now)
    for node in leases.watched(state):
        yield from _of_peer(state, node, now)


def _of_group(state: State, name: str, now: int) -> Iterator[ev.Step]:
    if promotion.can_promote(state, name):
        yield ev.Promote(name)
    if lists.can_commit(state, name):
        yield ev.CommitList(name)
    if lists.can_propose(state, name, now):
        yield ev.ProposeList(name)
    if cold.can_found(state, name):
        yield ev.FoundGroup(name)


def _of_peer(state: State, node: str, now: int) -> Iterator[ev.Step]:
    if leases.stoppable(state, node, now):
        yield ev.StopGranting(node)
    if leases.passing(state, node, now):
        yield ev.LeasePasses(node)
    if leases.lapsing(state, node):
        yield ev.LapsePeer(node)


def _failing(state: State, now: int) -> Iterator[ev.Step]:  # noqa: ARG001 # one shape for all
    yield from map(ev.NotifyMember, shutdown.notifiable(state))
    yield from map(ev.ForceOut, shutdown.forcible(state))
    if shutdown.can_quiesce(state):
        yield ev.Quiesce()


def _quiesced(state: State, now: int) -> Iterator[ev.Step]:  # noqa: ARG001 # one shape for all
    if shutdown.can_end(state):
        yield ev.EndClustering()


_BY_PHASE: Final[dict[NodePhase, Callable[[State, int], Iterator[ev.Step]]]] = {
    NodePhase.ACTIVE: _active,
    NodePhase.FAILING: _failing,
    NodePhase.QUIESCED: _quiesced,
}
