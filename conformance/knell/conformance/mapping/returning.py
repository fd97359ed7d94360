"""The node that returns, and those that admit it, as events of their cores (§9).

`restart` is an act of the environment: nothing of the earlier epoch runs, and the node starts its
next one. Its start, the peers that prove to be there, and the joins of its members are that one
act, as they are one step of the model; its engine is told nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from knell.conformance.mapping.moves import Asked, Carried, Change, Move, Stutter, Tell, To
from knell.conformance.mapping.observing import accepts
from knell.conformance.mapping.telling import Rule
from knell.node.core import apply, sentinel, start
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.lists import candidate
from knell.node.core.values import Entry, Epoch
from knell.spec.vocabulary import NodePhase

_JOIN: Final = 1
"""The number of a member's join in its epoch: members join once."""


def _restart(asked: Asked) -> Move | None:
    """The node starts its next epoch, meets whoever has announced itself, and its members join.

    Lists are not stored: a group that has lost all its entries stays cold in these configurations.
    """
    name, cluster = asked.node.name, asked.cluster
    if asked.node.over is not NodePhase.ABSENT:
        return None
    settings, own = cluster.settings(name), cluster.epochs[name]
    incarnation = cluster.incarnations[name]
    core, effects = start(settings, epoch=own.number, incarnation=incarnation, now=asked.node.now)
    watcher = sentinel(settings, epoch=own.number, incarnation=incarnation).state
    engine = core.state
    events: list[ev.Event] = [ev.PeerProved(said) for said in _announced(asked)]
    joins: list[ev.Event] = [
        ev.MemberJoins(group) for group in cluster.names if cluster.hosts(group, name)
    ]
    for event in (*events, *joins):
        engine, _ = apply(engine, event, asked.node.now)
    for join in joins:
        watcher, _ = apply(watcher, join, asked.node.now)
    said = tuple(
        frame
        for effect in effects
        if isinstance(effect, fx.Send)
        for frame in effect.frames
        if isinstance(frame, ms.Signed)
    )
    return Change(replace(asked.node, engine=engine, sentinel=watcher, over=None), said=said)


def _announced(asked: Asked) -> list[ms.Announce]:
    """What the peers of a node that starts have announced."""
    said = (each.statement for each in asked.pending if isinstance(each, ms.Signed))
    return [each for each in said if isinstance(each, ms.Announce)]


def _hear_announce(asked: Asked) -> Move | None:
    """A peer that has announced itself proves that it is there (§9.2)."""
    assert isinstance(asked.message, ms.Signed)
    said = asked.message.statement
    if not asked.node.engine_runs or not isinstance(said, ms.Announce):
        return None
    return Tell(To.ENGINE, ev.PeerProved(said), before=accepts(asked))


def _propose(asked: Asked) -> Move | None:
    """The primary proposes; that the newcomer wants to be an entry has come by (§9.3).

    What a core proposes it decides itself. It is not asked for a list that ends with another entry.
    """
    node, group, newest = asked.node, asked.group, asked.cluster.epochs[asked.parameters["j"]]
    if not node.engine_runs:
        return None
    record = node.engine.groups[group]
    own = Epoch(*record.domain[-1][1:3]) if record.domain else None
    wants = _wants(asked, newest)
    if record.confirmed:
        told = node.engine
        for stutter in wants:
            told, _ = apply(told, stutter.event, node.now)
        following: Entry | None = candidate(told, group)
        chosen = None if following is None else Epoch(following.node, following.epoch)
    else:
        chosen = own
    if chosen is not None and chosen != newest:
        return None
    return Tell(To.ENGINE, ev.ProposeList(group), before=wants)


def _wants(asked: Asked, newest: Epoch) -> list[Stutter]:
    """That a returned node wants in, as far as it is admitted."""
    if newest.number == 1 or not asked.node.engine.admitted(newest):
        return []
    incarnation = asked.cluster.incarnations[asked.parameters["j"]]
    want = Carried(newest, incarnation, ms.Want(asked.group, _JOIN))
    return [Stutter(To.ENGINE, want.arrival)]


def _accept(asked: Asked) -> Move | None:
    """PROPOSE arrives (§9.5)."""
    assert isinstance(asked.message, Carried)
    return Tell(To.ENGINE, asked.message.arrival) if asked.node.engine_runs else None


def _commit(asked: Asked) -> Move | None:
    """All that was answered has arrived, and the proposal is to be committed (§9.7)."""
    node, newest = asked.node, asked.cluster.epochs[asked.parameters["j"]]
    if not node.engine_runs:
        return None
    proposal = node.engine.groups[asked.group].proposal
    if proposal is not None and Epoch(*proposal.domain[-1][1:3]) != newest:
        return None
    return Tell(To.ENGINE, ev.CommitList(asked.group), before=accepts(asked))


def _learn_commit(asked: Asked) -> Move | None:
    """COMMIT arrives at the newest entry of its list (§9.8)."""
    assert isinstance(asked.message, ms.Signed)
    node = asked.cluster.epochs[asked.parameters["q"]].node
    if not asked.node.engine_runs:
        return None
    return Tell(To.ENGINE, ev.Heard(asked.message, node))


RETURNING: Final[dict[str, Rule]] = {
    "restart": Rule(_restart),
    "hear_announce": Rule(_hear_announce, hears="ANNOUNCE"),
    "propose": Rule(_propose),
    "accept": Rule(_accept, hears="PROPOSE"),
    "commit": Rule(_commit),
    "learn_commit": Rule(_learn_commit, hears="COMMIT"),
}
"""How a node comes back, and how it becomes an entry again."""
