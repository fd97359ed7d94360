"""The state of a core, as a value, and the words that the rules are written in.

`State` holds containers of immutable records. A rule works on a *draft*: a copy whose containers
are its own, so that a state that was handed out never changes. `Draft` adds what a rule needs
besides: the time, the effects so far.

What an observer knows of others is kept in such a form that the order in which statements
arrive cannot matter (S9): highest epochs, and sets that only grow. *Released* is not stored at
all; it follows from them (`State.is_released`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msgspec import Struct

from knell.node.core.values import (
    Domain,
    Durable,
    Entry,
    Epoch,
    Fencing,
    GroupSettings,
    Membership,
    Role,
    Settings,
    Takeover,
)
from knell.spec.vocabulary import Cause, MemberState, NodePhase

if TYPE_CHECKING:
    from knell.node.core.messages import Bootstrap, Key, Signed, Standing


class Member(Struct, frozen=True):
    """The member of one group on this node (§4.3): a process, and which join of it counts."""

    state: MemberState
    process: int
    join: int
    killable: bool = True
    killed: bool = False
    warned: bool = False
    reported: bool = False
    acts: frozenset[int] = frozenset()
    primary_acts: frozenset[int] = frozenset()


class Peer(Struct, frozen=True):
    """What an observer records of one other node (§4.6); 0 stands for no epoch."""

    admitted: int = 0
    incarnation: int = 0
    left: int = 0
    barred: int = 0
    started: int = 0
    partitioned: bool = False
    contact_at: int = 0


class Grant(Struct, frozen=True):
    """What a successor remembers of the entry whose direct successor it is (§10.4-§10.7)."""

    to: Entry
    since: int
    last: int = 0
    stopped: bool = False
    waited: bool = False


class Proposal(Struct, frozen=True):
    """The one proposal that a primary has open (§9.4)."""

    domain: Domain
    addition: bool = False
    accepted: frozenset[Entry] = frozenset()


class Group(Struct, frozen=True):
    """What a node records of one group (§4.6, §4.7)."""

    domain: Domain = ()
    proposer: int = 0
    committed: int = 0
    entry: Entry | None = None
    last_primary: Entry | None = None
    primaries: frozenset[Entry] = frozenset()
    promoted: bool = False
    synced: bool = False
    confirmed: bool = False
    proposal: Proposal | None = None
    lease_until: int = 0
    grants: tuple[Grant, ...] = ()
    bootstrap: Bootstrap | None = None
    doubted: bool = False

    def durable(self) -> Durable:
        """Return what has to survive this epoch."""
        return Durable(self.domain, self.proposer, self.committed, self.last_primary)


@dataclass(slots=True)
class State:
    """All that a core knows; see the module's docstring."""

    settings: Settings
    role: Role
    epoch: int
    incarnation: int
    phase: NodePhase = NodePhase.ACTIVE
    latch: Cause | None = None
    reporter: str | None = None
    at_latch: frozenset[str] = frozenset()
    engine_dead: bool = False
    forced: bool = False
    stop_asked: bool = False
    signal_over: bool = False
    held: frozenset[str] = frozenset()
    held_since: int = 0
    resend_after: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    peers: dict[str, Peer] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quiesced: dict[Epoch, frozenset[str]] = field(default_factory=dict)
    fenced: frozenset[Epoch] = frozenset()
    gone: frozenset[tuple[str, Membership]] = frozenset()
    lapsed: frozenset[tuple[str, Entry]] = frozenset()
    wants: dict[tuple[str, str], tuple[Membership, int]] = field(default_factory=dict)
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)
    store: dict[Key, Signed] = field(default_factory=dict)
    unacked: dict[tuple[str, Key], int] = field(default_factory=dict)
    digest: int = 0

    def copy(self) -> State:
        """Return an equal state that shares no container with this one."""
        return replace(
            self,
            members=dict(self.members),
            peers=dict(self.peers),
            groups=dict(self.groups),
            quiesced=dict(self.quiesced),
            wants=dict(self.wants),
            standing=dict(self.standing),
            store=dict(self.store),
            unacked=dict(self.unacked),
        )

    # Words of the specification

    @property
    def me(self) -> str:
        """The name of this node."""
        return self.settings.me

    @property
    def own(self) -> Epoch:
        """This epoch of this node."""
        return Epoch(self.settings.me, self.epoch)

    @property
    def is_active(self) -> bool:
        """Whether this node decides anything about the cluster."""
        return self.phase is NodePhase.ACTIVE

    def admitted(self, epoch: Epoch) -> bool:
        """Whether this epoch of a peer is admitted and not left."""
        peer = self.peers.get(epoch.node)
        return peer is not None and epoch.number > 0 and peer.admitted == epoch.number

    def is_over(self, epoch: Epoch) -> bool:
        """Whether a leaving statement about the epoch, or a later one, was processed (§7.18)."""
        peer = self.peers.get(epoch.node)
        if peer is None:
            return epoch.node == self.me and epoch.number < self.epoch
        return epoch.number <= peer.barred

    def is_quiet(self, entry: Entry) -> bool:
        """Whether the epoch of the entry has quiesced, reaped or gated (§9.7)."""
        return Epoch(entry.node, entry.epoch) in self.quiesced

    def is_released(self, group: str, entry: Entry) -> bool:
        """Whether a releasing statement about the entry was processed (§5.1)."""
        if self._started(entry.node) > entry.epoch or (group, entry.member) in self.gone:
            return True
        epoch = Epoch(entry.node, entry.epoch)
        if epoch in self.fenced:
            return True
        gated = self.quiesced.get(epoch)
        if gated is None:
            return False
        return group not in gated or self.group(group).fencing is Fencing.TOKEN

    def is_outdated(self, member: Membership) -> bool:
        """Whether a later epoch of its node has started, which says all about this one."""
        return self._started(member.node) > member.epoch

    def _started(self, node: str) -> int:
        """The latest epoch of which anything authentic is known: nothing older runs (§9.1)."""
        if node == self.me:
            return self.epoch
        peer = self.peers.get(node)
        return peer.started if peer is not None else 0

    def group(self, name: str) -> GroupSettings:
        """The settings of a group."""
        return self.settings.group(name)

    def is_leased(self, name: str) -> bool:
        """Whether the group has takeover `lease`."""
        return self.group(name).takeover is Takeover.LEASE

    def lives(self, group: str) -> bool:
        """Whether this node has an active member in the group that has an entry (§9.3)."""
        member, entry = self.members.get(group), self.groups[group].entry
        return (
            member is not None
            and member.state is MemberState.ACTIVE
            and entry is not None
            and entry.join == member.join
        )

    def runs(self, group: str) -> bool:
        """Whether the engine serves a member of this group."""
        member = self.members.get(group)
        return member is not None and member.state in {MemberState.ACTIVE, MemberState.NOTIFIED}

    def superseded(self, name: str) -> bool:
        """Whether a primary later than the own entry is known (§7.24)."""
        group = self.groups[name]
        return group.entry is not None and any(
            each.position > group.entry.position for each in group.primaries
        )

    def later_unreleased(self, name: str) -> bool:
        """Whether the own entry has a later one in its list that is not released (§10.3).

        An entry that this node is about to add, and has not committed, is nobody's successor yet.
        """
        group = self.groups[name]
        entry, proposal = group.entry, group.proposal
        domain = group.domain
        if proposal is not None and proposal.addition:
            domain = domain[:-1]
        return entry is not None and any(
            each.position > entry.position and not self.is_released(name, each) for each in domain
        )

    def has_lease(self, name: str, now: int) -> bool:
        """Whether a primary act may take effect now, as far as leases go (§10.3)."""
        if not self.is_leased(name) or not self.later_unreleased(name):
            return True
        return now < self.groups[name].lease_until

    def primary_of(self, name: str) -> Entry | None:
        """The current primary: that with the highest position (§5.5)."""
        return max(self.groups[name].primaries, default=None)

    def live_primary(self, name: str) -> Entry | None:
        """A primary whose leave was not delivered and that is not known to be gone (§7.22)."""
        alive = [
            each
            for each in self.groups[name].primaries
            if not self.is_over(Epoch(each.node, each.epoch))
            and not self.is_released(name, each)
            and (name, each) not in self.lapsed
        ]
        return max(alive, default=None)
