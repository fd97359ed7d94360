"""Doing one move at one node: events go to its cores, effects come back.

The harness carries out what a core asks for at once and in full: a write is synced before anything
else happens, a report is on its way to CC, END ends the processes. What is sent is handed back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeGuard

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.moves import Carried, Change, Frame, Move, Stutter, Tell, To
from knell.conformance.mapping.projection import View, project
from knell.conformance.sim.node import Node
from knell.node.core import IllegalEventError, apply
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.values import Epoch

Seen = tuple[str, ...]
"""What can be seen from outside beside messages: the word for it, and what it is about."""


class Said(NamedTuple):
    """What was sent to a node: a statement, or traffic that an action waits for."""

    to: str
    frame: Frame


@dataclass(frozen=True)
class Outcome:
    """What came of a move.

    Attributes:
        node: The node after it.
        said: The statements that it sent.
        seen: What else can be seen of it.
        refused: Why nothing was done, or None.
        murmured: The statements that stutters sent: repeats, if all is well.
        broken: How the core failed, or what a stutter changed though it must not; or "".
    """

    node: Node
    said: tuple[Said, ...] = ()
    seen: tuple[Seen, ...] = ()
    refused: str | None = None
    murmured: tuple[Said, ...] = ()
    broken: str = ""


class _Refused(Exception):  # noqa: N818 # no error: the core says no
    """The core did not do what it was told."""


class _Failed(Exception):  # noqa: N818 # no error of the harness: a finding
    """The core failed at what it was told."""


def perform(cluster: Cluster, node: Node, move: Move) -> Outcome:
    """Do a move at a node, the stutters before and after it included."""
    if isinstance(move, Change):
        said = (Said(to, each) for each in move.said for to in move.node.engine.settings.peers)
        return Outcome(move.node, seen=move.seen, said=tuple(said))
    return _Performance(cluster, node).tell(move)


def idle(cluster: Cluster, node: Node, stutters: Iterable[Stutter]) -> Outcome:
    """Tell a node's cores what must not change anything."""
    return _Performance(cluster, node).idle(stutters)


class _Performance:
    """One move under way."""

    def __init__(self, cluster: Cluster, node: Node) -> None:
        self.cluster = cluster
        self.node = node
        self.murmured: list[Said] = []
        self.broken = ""

    def tell(self, move: Tell) -> Outcome:
        """Tell a core its event."""
        try:
            for stutter in move.before:
                self._stutter(stutter)
            if move.at is not None:
                self.node = replace(self.node, now=move.at)
            effects = self._receive(move.to, move.event)
        except _Failed as why:
            return Outcome(self.node, broken=str(why))
        except _Refused as why:
            return Outcome(self.node, refused=str(why), broken=self.broken)
        reports = {(group, cause) for _, group, cause in self._reports(effects)}
        self.node = replace(self.node, reports=self.node.reports | reports)
        for stutter in (*self._synced(move.to, effects), *move.after):
            self._stutter(stutter)
        if any(isinstance(effect, fx.End) for effect in effects):
            self.node = self.node.ended()
        return Outcome(
            self.node,
            said=tuple(self._said(effects)),
            seen=(*self._seen(effects), *self._reports(effects)),
            murmured=tuple(self.murmured),
            broken=self.broken,
        )

    def idle(self, stutters: Iterable[Stutter]) -> Outcome:
        """Tell a core only what must not change anything."""
        try:
            for stutter in stutters:
                self._stutter(stutter)
        except (_Failed, _Refused) as why:
            self.broken = str(why)
        return Outcome(self.node, murmured=tuple(self.murmured), broken=self.broken)

    def _stutter(self, stutter: Stutter) -> None:
        before = project(self.cluster, self.node)
        effects = self._receive(*stutter)
        after = project(self.cluster, self.node)
        if before != after and not self.broken:
            self.broken = f"{stutter.event} is no stutter: {difference(before, after)}"
        if _speaks(self.node, stutter.to):
            self.murmured += self._said(effects)

    def _receive(self, to: To, event: ev.Event) -> list[fx.Effect]:
        state = self.node.engine if to is To.ENGINE else self.node.sentinel
        assert state is not None
        try:
            after, effects = apply(state, event, self.node.now)
        except IllegalEventError as error:
            raise _Refused(str(error)) from error
        except Exception as error:
            raise _Failed(f"{event}: {type(error).__name__}: {error}") from error
        if to is To.ENGINE:
            self.node = replace(self.node, engine=after)
            self._store(effects)
        else:
            self.node = replace(self.node, sentinel=after)
        for effect in effects:
            if _is_refusal(effect, event):
                raise _Refused(effect.refused)
        return effects

    def _reports(self, effects: Iterable[fx.Effect]) -> list[tuple[str, str, str]]:
        """What members report, and is on its way to CC from now on."""
        return [
            ("report", effect.group, self.cluster.cause_name(cause))
            for effect in effects
            if isinstance(effect, fx.ToCC)
            for cause in effect.causes
        ]

    def _store(self, effects: Iterable[fx.Effect]) -> None:
        """What is written is on the disk, where that is looked at later."""
        for effect in effects:
            if isinstance(effect, fx.Persist) and self.cluster.returns:
                self.node = self.node.storing(effect.group, effect.record)

    def _said(self, effects: Iterable[fx.Effect]) -> Iterator[Said]:
        own = self.cluster.epochs[self.node.name]
        incarnation = self.cluster.incarnations[self.node.name]
        for effect in effects:
            if isinstance(effect, fx.Persist) and self.cluster.returns:
                yield from _stored(own, incarnation, effect)
            if not isinstance(effect, fx.Send):
                continue
            for frame in effect.frames:
                if isinstance(frame, ms.Signed):
                    yield from (Said(to, frame) for to in effect.to)
                elif isinstance(frame, ms.Propose | ms.Accept):
                    yield from (Said(to, Carried(own, incarnation, frame)) for to in effect.to)

    def _seen(self, effects: Iterable[fx.Effect]) -> Iterator[Seen]:
        named = self.cluster.named
        for effect in effects:
            match effect:
                case fx.Tell(group, fx.NodeLeft(epoch)):
                    yield ("leave", group, named(epoch))
                case fx.Tell(group, fx.ClusteringEnding()):
                    yield ("ending", group)
                case fx.ActResult(group, _, None):
                    yield ("act", group)
                case fx.Routed(_, node, None):
                    peer = self.node.engine.peers[node]
                    yield ("route", named(Epoch(node, peer.admitted or peer.left)))
                case _:
                    pass

    def _synced(self, to: To, effects: Iterable[fx.Effect]) -> Iterator[Stutter]:
        """The end of each write that was asked for."""
        for effect in effects:
            if isinstance(effect, fx.Persist):
                yield Stutter(to, ev.Persisted(effect.group, effect.record))


def _is_refusal(effect: fx.Effect, event: ev.Event) -> TypeGuard[fx.ActResult | fx.Routed]:
    """Whether the effect says no to what the event asked for."""
    match effect, event:
        case fx.Routed(_, _, str()), ev.WorkComes():
            return True
        case fx.ActResult(_, answered, str()), ev.ActBegins(_, asked) | ev.ActEnds(_, asked):
            return answered == asked
        case _:
            return False


def _speaks(node: Node, to: To) -> bool:
    """Whether what this core sends goes out: the sentinel is heard once it has taken over."""
    return to is To.ENGINE or node.taken_over


def _stored(own: Epoch, incarnation: int, write: fx.Persist) -> Iterator[Said]:
    """That a node stores a list of its own is a proposal, whether or not anybody is asked (§9.4).

    Nobody receives it; it stands in the network so that it is never unsaid.
    """
    domain = write.record.domain
    maker = next((each for each in domain if (each.node, each.epoch) == own), None)
    founding = domain and maker == domain[0] and domain[-1].epoch == 1
    if maker is not None and maker.position == write.record.proposer and not founding:
        yield Said("", Carried(own, incarnation, ms.Propose(write.group, maker, domain)))


def difference(before: View, after: View) -> str:
    """What differs, cell by cell."""
    changed = (
        f"{cell[0]}[{', '.join(cell[1:])}]: {before[cell]} -> {after[cell]}"
        for cell in before
        if before[cell] != after.get(cell)
    )
    return "; ".join(changed)
