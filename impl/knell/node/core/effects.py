"""What a core asks for.

Effects are carried out in the order of the list in which they come. Nothing that stands behind
a `Persist` in the same list may be carried out before that is on stable storage; other lists do
not wait for it, so that a slow disk never delays DISTRESS. After `End` nothing is carried out.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from knell.node.core.events import Timer
from knell.node.core.messages import Message, Signed
from knell.node.core.values import Domain, Durable, Entry, Epoch
from knell.spec.vocabulary import Cause


class Send(Struct, frozen=True):
    """Send these frames to each of these nodes, in one datagram each, in this order.

    An urgent one precedes all other traffic (§5.1). An own statement without a proof is to be
    signed; frames that were signed at epoch start are to be used where they exist (§7.5).
    """

    to: tuple[str, ...]
    frames: tuple[Message, ...]
    urgent: bool = False


class Arm(Struct, frozen=True):
    """Fire this timer once, so many nanoseconds from now; a timer that runs is set anew."""

    timer: Timer
    after: int


class Cancel(Struct, frozen=True):
    """Don't fire this timer."""

    timer: Timer


class Persist(Struct, frozen=True):
    """Store the durable record of a group (§4.8), then say so by `Persisted`."""

    group: str
    record: Durable


class Keep(Struct, frozen=True):
    """Store this FENCE, LAPSED or BOOTSTRAP (§4.8) before anything behind it is done."""

    signed: Signed


class ToCC(Struct, frozen=True):
    """Pass the shutdown message of a member on to CC (§7.2)."""

    group: str
    causes: tuple[Cause, ...]


class Kill(Struct, frozen=True):
    """Kill the process of this member; answer with `MemberReaped`, or `KillFailed` (§7.10)."""

    group: str
    process: int


class KillEngine(Struct, frozen=True):
    """Kill the engine, and answer with `EngineReaped` (§7.6)."""


class ActResult(Struct, frozen=True):
    """The answer to `ActBegins` and `ActEnds`.

    `refused` says why, or is None. After `ActBegins` a None means *accepted, not yet done*; after
    `ActEnds` it means *takes effect now*.
    """

    group: str
    act: int
    refused: str | None = None


class Routed(Struct, frozen=True):
    """The answer to `WorkComes`."""

    group: str
    node: str
    refused: str | None = None


class Answer(Struct, frozen=True):
    """The answer to whoever asked for the event: a join, an order. `refused` as above.

    A process that has joined has got this number.
    """

    refused: str | None = None
    process: int = 0


class CloseGate(Struct, frozen=True):
    """No act of this epoch is taken any more (§7.11)."""


class End(Struct, frozen=True):
    """End CC, name server, monitor and engine; the transport last, its queue sent (§7.13)."""


class Log(Struct, frozen=True):
    """Something that changes nothing, for the log: a second cause, a clone, a dropped frame."""

    what: str
    about: str = ""


class Trace(Struct, frozen=True):
    """The one trace seam: an action of the protocol happened, named as in the model."""

    action: str
    parameters: tuple[tuple[str, str], ...] = ()


# What members are told. `Tell` carries one of these.


class View(Struct, frozen=True):
    """The committed list of the group, which of its entries are out, and the primary."""

    domain: Domain
    out: tuple[Entry, ...]
    primary: Entry | None


class NodeLeft(Struct, frozen=True):
    """Node leave: clustering with this epoch is over (§7.18)."""

    epoch: Epoch


class MemberLeft(Struct, frozen=True):
    """The member of this entry is gone; its node is not (§7.16)."""

    epoch: Epoch
    join: int


class PrimaryIs(Struct, frozen=True):
    """This entry is primary; its position is the token. `own` if it is the member itself."""

    entry: Entry
    own: bool


class Deposed(Struct, frozen=True):
    """A later primary exists: do no primary act any more (§7.24)."""

    by: Entry


class PeerPartitioned(Struct, frozen=True):
    """There is no contact with this peer; it may be alive (§10.1)."""

    epoch: Epoch


class PeerBack(Struct, frozen=True):
    """There is contact with this peer again (§10.2)."""

    epoch: Epoch


class InDoubt(Struct, frozen=True):
    """The group has no primary, and it is open whether it gets one (§7.25)."""


class ClusteringEnding(Struct, frozen=True):
    """Clustering is ending on this node: stop, and acknowledge (§7.8)."""

    cause: Cause


News: TypeAlias = (
    View
    | NodeLeft
    | MemberLeft
    | PrimaryIs
    | Deposed
    | PeerPartitioned
    | PeerBack
    | InDoubt
    | ClusteringEnding
)


class Tell(Struct, frozen=True):
    """Tell the member of this group, in order with what it was told before."""

    group: str
    news: News


Effect: TypeAlias = (
    Send
    | Arm
    | Cancel
    | Persist
    | Keep
    | ToCC
    | Kill
    | KillEngine
    | ActResult
    | Routed
    | Answer
    | CloseGate
    | End
    | Log
    | Trace
    | Tell
)
