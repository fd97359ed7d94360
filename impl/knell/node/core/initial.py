"""How a core begins: an engine's first state in an epoch, and a sentinel's (§9.1).

The epoch must be durable, and nothing of earlier epochs may run, before any of these is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace as copy_with

from knell.node.core import effects as fx
from knell.node.core import leases
from knell.node.core import messages as ms
from knell.node.core.core import Core
from knell.node.core.draft import Draft
from knell.node.core.events import Timer
from knell.node.core.hearing import restore
from knell.node.core.relay import publish
from knell.node.core.state import Group, Member, Peer, State
from knell.node.core.values import Durable, Entry, Role, Settings
from knell.spec.vocabulary import MemberState


def start(
    settings: Settings,
    *,
    epoch: int,
    incarnation: int,
    now: int,
    durable: Mapping[str, Durable] | None = None,
    kept: Iterable[ms.Signed] = (),
) -> tuple[Core, list[fx.Effect]]:
    """Start an epoch: what was stored is known again, and the others are told.

    Args:
        settings: The node, its peers and groups.
        epoch: The new epoch, stored already.
        incarnation: A random number that no other start of this epoch has.
        now: The time.
        durable: What `Persist` stored last, by group.
        kept: What `Keep` stored.
    """
    state = _blank(settings, Role.ENGINE, epoch, incarnation)
    for name, stored in (durable or {}).items():
        if name in state.groups:
            # Who is primary now has to be learnt anew; the last one only says who founds (§11.4).
            state.groups[name] = Group(
                domain=stored.domain,
                proposer=stored.proposer,
                committed=stored.committed,
                last_primary=stored.last_primary,
            )
    d = Draft(state, now)
    restore(d, kept)
    d.trace("restart", j=state.own.name)
    d.emit(fx.Arm(Timer.BEAT, settings.beat))
    publish(d, ms.Announce(settings.me, epoch, incarnation))
    return Core(d.state), d.effects


def sentinel(settings: Settings, *, epoch: int, incarnation: int) -> Core:
    """Make the core that the sentinel keeps in readiness (§3.5)."""
    return Core(_blank(settings, Role.SENTINEL, epoch, incarnation))


def founded(settings: Settings, incarnations: Mapping[str, int], *, now: int = 0) -> Core:
    """Make the core of a cluster that runs already: first epochs, first lists, all admitted.

    This is the initial state of the model; a replay begins here. A cluster never does: it begins
    with `start` and founds its groups (§11).

    Args:
        settings: The node, its peers and groups.
        incarnations: That of each node's first epoch.
        now: The time.
    """
    me = settings.me
    state = _blank(settings, Role.ENGINE, 1, incarnations[me])
    for node in settings.peers:
        state.peers[node] = Peer(
            admitted=1, incarnation=incarnations[node], started=1, contact_at=now
        )
    for group in settings.groups:
        domain = tuple(
            Entry(position, node, 1, 1, incarnations[node])
            for position, node in enumerate(group.nodes, start=1)
        )
        own = next((each for each in domain if each.node == me), None)
        first = own is not None and own == domain[0]
        state.groups[group.name] = Group(
            domain=domain,
            proposer=domain[0].position,
            committed=len(domain),
            entry=own,
            last_primary=domain[0],
            primaries=frozenset({domain[0]}),
            promoted=first,
            synced=first,
            confirmed=first,
        )
        if own is not None:
            state.members[group.name] = Member(MemberState.ACTIVE, process=1, join=1)
    leases.watch(Draft(state, now))
    return Core(state)


def _blank(settings: Settings, role: Role, epoch: int, incarnation: int) -> State:
    state = State(settings, role, epoch, incarnation)
    return copy_with(
        state,
        peers={node: Peer() for node in settings.peers},
        groups={group.name: Group() for group in settings.groups},
    )
