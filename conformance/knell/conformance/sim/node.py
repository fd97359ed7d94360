"""One node of `knell.node` as a value: its two cores, and what the harness did to it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from operator import attrgetter
from typing import Final

from knell.conformance.mapping.cluster import Cluster
from knell.node.core import founded, sentinel
from knell.node.core.state import State
from knell.node.core.values import Durable, Role
from knell.spec.vocabulary import MemberState, NodePhase

OVER: Final = frozenset({NodePhase.ENDED, NodePhase.CRASHED})
"""Phases in which no process of the node runs."""

_PHASES: Final = {phase: rank for rank, phase in enumerate(NodePhase)}
_MEMBERS: Final = {state: rank for rank, state in enumerate(MemberState)}


@dataclass(frozen=True, eq=False)
class Node:
    """A node that the harness holds.

    The engine's state is kept when the engine has died, as the model keeps it: nobody is told
    anything by it any more, and what its records were is known.

    Attributes:
        name: Its name.
        engine: The state of the engine's core.
        sentinel: The state of the sentinel's core; None once the sentinel is dead.
        dead: The components that have died.
        fatal: The fatal errors that are there, found or not.
        reports: Shutdown messages of members, by group and cause, that were handed to the node.
        lingering: Groups with an act that a dead engine had accepted.
        over: How the epoch ended, once it has.
        remains: The state of each member, and whether it was primary, after the end.
        now: The time by the node's clock, in nanoseconds.
        disk: What was stored of groups, where that outlives the epoch.
    """

    name: str
    engine: State
    sentinel: State | None
    dead: frozenset[str] = frozenset()
    fatal: frozenset[str] = frozenset()
    reports: frozenset[tuple[str, str]] = frozenset()
    lingering: frozenset[str] = frozenset()
    over: NodePhase | None = None
    remains: tuple[tuple[str, MemberState, bool], ...] = ()
    now: int = 0
    disk: tuple[tuple[str, Durable], ...] = ()

    # What is there to be told anything

    @property
    def engine_runs(self) -> bool:
        """Whether there is an engine that can be told an event."""
        return self.over is None and "engine" not in self.dead

    @property
    def sentinel_runs(self) -> bool:
        """Whether there is a sentinel."""
        return self.over is None and self.sentinel is not None

    @property
    def control_runs(self) -> bool:
        """Whether there is a cluster control member."""
        return self.over is None and "cc" not in self.dead

    @property
    def taken_over(self) -> bool:
        """Whether the sentinel speaks for the node."""
        return self.sentinel is not None and self.sentinel.phase is not NodePhase.ACTIVE

    # What is true of the node as a whole

    @cached_property
    def phase(self) -> NodePhase:
        """The phase of the epoch: that of the engine, or of the sentinel if that went on."""
        if self.over is not None:
            return self.over
        phases = [core.phase for core in self._cores]
        return max(phases, key=_PHASES.__getitem__)

    def member(self, group: str) -> MemberState:
        """The state of a member: the further of what engine and sentinel know."""
        if self.over is not None:
            kept = {name: state for name, state, _ in self.remains}
            return kept.get(group, MemberState.ABSENT)
        known = [core.members[group].state for core in self._cores if group in core.members]
        return max(known, key=_MEMBERS.__getitem__, default=MemberState.ABSENT)

    def is_primary(self, group: str) -> bool:
        """Whether the member has been promoted; the role goes with the process."""
        if self.over is not None:
            return any(name == group and primary for name, _, primary in self.remains)
        return self.engine.groups[group].promoted and self.member(group) is not MemberState.GONE

    @property
    def _cores(self) -> tuple[State, ...]:
        return (self.engine,) if self.sentinel is None else (self.engine, self.sentinel)

    # Changes that are not a core's

    def crashed(self) -> Node:
        """The node without power: each process that was there is gone."""
        gone = tuple((group, MemberState.GONE, False) for group in self.engine.members)
        return self._without_memory(NodePhase.CRASHED, gone)

    def ended(self) -> Node:
        """The node after END: its processes are gone, but for members that were only cut off."""
        return self._without_memory(NodePhase.ENDED, self._members())

    def without_daemon(self) -> Node:
        """The node when engine and sentinel are gone, but not its members."""
        return self._without_memory(NodePhase.CRASHED, self._members())

    def without_orphan(self, group: str) -> Node:
        """The node when a member that has outlived the daemon is gone too."""
        gone = (group, MemberState.GONE, False)
        return replace(
            self, remains=tuple(gone if each[0] == group else each for each in self.remains)
        )

    def _members(self) -> tuple[tuple[str, MemberState, bool], ...]:
        return tuple(
            (group, self.member(group), self.is_primary(group)) for group in self.engine.members
        )

    def _without_memory(
        self, over: NodePhase, remains: tuple[tuple[str, MemberState, bool], ...]
    ) -> Node:
        blank = Node(self.name, State(self.engine.settings, self.engine.role, 0, 0), None)
        return replace(blank, over=over, remains=remains, disk=self.disk)

    def storing(self, group: str, record: Durable) -> Node:
        """The node once a record is on its disk."""
        return replace(self, disk=tuple(sorted({**dict(self.disk), group: record}.items())))

    # Identity

    @cached_property
    def key(self) -> Hashable:
        """What makes two nodes the same one."""
        return (
            self.name,
            frozen(self.engine),
            None if self.sentinel is None else frozen(self.sentinel),
            self.dead,
            self.fatal,
            self.reports,
            self.lingering,
            self.over,
            self.remains,
            self.now,
            self.disk,
        )


def at_first(cluster: Cluster, name: str) -> Node:
    """An epoch in a cluster that runs already: a first one, or one that has not started."""
    settings = cluster.settings(name)
    if cluster.epochs[name].number > 1:
        return Node(name, State(settings, Role.ENGINE, 0, 0), None, over=NodePhase.ABSENT)
    engine = founded(settings, cluster.first_incarnations).state
    watcher = sentinel(settings, epoch=1, incarnation=cluster.incarnations[name]).state
    watcher = watcher.copy()
    watcher.members = dict(engine.members)
    disk = tuple((group, each.durable()) for group, each in sorted(engine.groups.items()))
    return Node(name, engine, watcher, disk=disk if cluster.returns else ())


_DICTS: Final = ("members", "peers", "groups", "quiesced", "wants", "standing", "store", "unacked")
_OTHERS: Final = attrgetter(
    *(each.name for each in fields(State) if each.name not in {*_DICTS, "settings", "digest"})
)
_KNOWN: Final[dict[int, tuple[State, Hashable]]] = {}


def frozen(state: State) -> Hashable:
    """A state of a core as something that can be looked up; kept, as states are shared widely."""
    known = _KNOWN.get(id(state))
    if known is None or known[0] is not state:
        contents = (getattr(state, name) for name in _DICTS)
        key = (_OTHERS(state), *(frozenset(each.items()) if each else None for each in contents))
        if len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[id(state)] = (state, key)
    return known[1]


_MOST_KNOWN: Final = 200_000
