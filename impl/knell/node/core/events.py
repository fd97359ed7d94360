"""What a core can be told.

Two kinds. *Outside* events say what happened around the core: processes, frames, timers, people.
*Steps* say that the core shall now do something that its own state allows: promote a member, go
on to the next phase. `knell.node.core.due` lists the steps that are allowed, the most urgent
first; a runtime hands them back one after the other until none is left. So one event is one
action of the protocol, and whoever drives a core decides what may come between two actions.

Each event names the section of `spec/PROTOCOL.md` that it belongs to. Which phases admit it is
said in one table: `knell.node.core.phases`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from knell.node.core.messages import Announce, Bootstrap, Fence, Signed, Traffic
from knell.node.core.values import Durable, Epoch
from knell.spec.vocabulary import Cause


class Timer(StrEnum):
    """The timers of a core; each is armed at most once at a time (§6)."""

    BEAT = "beat"
    RESEND = "resend"
    MEMBER = "member"
    SIGNAL = "signal"


# Members


class MemberJoins(Struct, frozen=True):
    """A process joins a group (§9.3); `killable` if this node started it (§7.10).

    The answer gives a number to the process, by which later events name it and no later one.
    """

    group: str
    killable: bool = True


class MemberLeaves(Struct, frozen=True):
    """A member takes its leave; its process may live on (§7.16)."""

    group: str
    process: int


class MemberReaped(Struct, frozen=True):
    """The process of a member is surely dead (§2.6), for whatever reason."""

    group: str
    process: int


class KillFailed(Struct, frozen=True):
    """The process of a member cannot be killed by this node (§7.10)."""

    group: str
    process: int


class MemberAcknowledges(Struct, frozen=True):
    """A notified member has stopped its work (§7.9)."""

    group: str
    process: int


class MemberReports(Struct, frozen=True):
    """A member's shutdown message passes the engine on its way to CC (§7.2)."""

    group: str
    causes: tuple[Cause, ...]


class ActBegins(Struct, frozen=True):
    """A member asks for an act; a primary act is reserved to the primary (§4.5)."""

    group: str
    act: int
    primary: bool = False


class ActEnds(Struct, frozen=True):
    """An accepted act is about to take effect, now (§4.5, §10.3)."""

    group: str
    act: int


class WorkComes(Struct, frozen=True):
    """New work is to be routed to the member of a group on another node (§7.21)."""

    group: str
    node: str


# Failures and orders


class Notice(Struct, frozen=True):
    """CC passes on fatal causes: of its own, or those that a member reported (§7.3, §7.4)."""

    causes: tuple[Cause, ...]
    group: str | None = None


class FatalFound(Struct, frozen=True):
    """The engine finds a fatal cause itself: its transport, a protocol error (§7.1)."""

    causes: tuple[Cause, ...]


class ComponentDied(Struct, frozen=True):
    """CC, name server, monitor or sentinel is dead or hangs (§7.5)."""

    component: Cause


class EngineLost(Struct, frozen=True):
    """To the sentinel: the engine is dead or hangs; its latch says the rest (§4.4, §7.6)."""

    latched: Cause | None = None
    reporter: str | None = None


class EngineReaped(Struct, frozen=True):
    """To the sentinel: the engine is surely dead (§7.6)."""


class StopRequested(Struct, frozen=True):
    """An operator asks for a planned stop; a second request skips deadlines (§7.14, §6)."""


class FenceOrdered(Struct, frozen=True):
    """An operator fences an epoch of another node, by a signed FENCE (§10.8)."""

    fence: Fence
    proof: bytes = b""


class BootstrapOrdered(Struct, frozen=True):
    """An operator starts a group here, by a signed BOOTSTRAP (§11.5)."""

    bootstrap: Bootstrap
    proof: bytes = b""


# Network, time and disk


class PeerProved(Struct, frozen=True):
    """Challenge and response with fresh nonces have shown that this peer is there now (§9.2)."""

    announce: Announce
    proof: bytes = b""


class Heard(Struct, frozen=True):
    """An authentic statement arrives, from its maker or by relay; `via` is the last hop."""

    signed: Signed
    via: str


class Arrived(Struct, frozen=True):
    """Authentic traffic arrives from this epoch of a peer, in sequence."""

    message: Traffic
    sender: Epoch
    incarnation: int


class TimerFired(Struct, frozen=True):
    """A timer that was armed has run out."""

    timer: Timer


class Paused(Struct, frozen=True):
    """The runtime found a gap of T_pause or more between two of its wake-ups (§10.10)."""


class Persisted(Struct, frozen=True):
    """This record of a group is on stable storage (§4.8)."""

    group: str
    record: Durable


# Steps: handed back by the runtime when `due` lists them


class NotifyMember(Struct, frozen=True):
    """Send *clustering is ending* to a member (§7.8)."""

    group: str


class Initiate(Struct, frozen=True):
    """Close the latch, as a critical group has lost its member (§7.5, §7.16)."""

    group: str


class ForceOut(Struct, frozen=True):
    """Cut a member off and kill it (§7.10)."""

    group: str


class Quiesce(Struct, frozen=True):
    """Close the gate and send QUIESCED (§7.11)."""


class EndClustering(Struct, frozen=True):
    """End clustering (§7.13)."""


class Promote(Struct, frozen=True):
    """Make the own entry primary of its group (§7.22)."""

    group: str


class ProposeList(Struct, frozen=True):
    """Propose the own list, or the list with one more entry (§9.4)."""

    group: str


class CommitList(Struct, frozen=True):
    """Commit the open proposal (§9.7)."""

    group: str


class FoundGroup(Struct, frozen=True):
    """Start a cold group (§11.4)."""

    group: str


class LoseHeartbeats(Struct, frozen=True):
    """Give up contact with a peer (§10.1)."""

    node: str


class StopGranting(Struct, frozen=True):
    """Grant no more leases to the entries of a peer (§10.5)."""

    node: str


class LeasePasses(Struct, frozen=True):
    """The lease of a peer and the drift bound have passed (§10.6)."""

    node: str


class LapsePeer(Struct, frozen=True):
    """Announce that the leases of a peer have run out (§10.6)."""

    node: str


Step: TypeAlias = (
    Initiate
    | NotifyMember
    | ForceOut
    | Quiesce
    | EndClustering
    | Promote
    | ProposeList
    | CommitList
    | FoundGroup
    | LoseHeartbeats
    | StopGranting
    | LeasePasses
    | LapsePeer
)

Outside: TypeAlias = (
    MemberJoins
    | MemberLeaves
    | MemberReaped
    | KillFailed
    | MemberAcknowledges
    | MemberReports
    | ActBegins
    | ActEnds
    | WorkComes
    | Notice
    | FatalFound
    | ComponentDied
    | EngineLost
    | EngineReaped
    | StopRequested
    | FenceOrdered
    | BootstrapOrdered
    | PeerProved
    | Heard
    | Arrived
    | TimerFired
    | Paused
    | Persisted
)

Event: TypeAlias = Outside | Step
