"""What a member and its node say to each other, as JSON on Unix sockets of type SEQPACKET.

One message is one packet, so a member can be written in any language that has sockets and JSON.
A member opens up to three connections:

| socket | first message | then |
| --- | --- | --- |
| `engine.sock` | `join` | acts, sends, acknowledgement, leave; events come back |
| `sentinel.sock` | `attach` | nothing; *ending* comes back if the engine can't say it |
| `engine.sock` | `reporter` | `report`, ready-made, from any thread or signal handler |

The node knows who connects by the socket's peer credentials: all connections of a member must
come from one process. The end of either of the first two connections means that clustering has
ended for the member. Bytes are in base64.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from knell.node.core.effects import (
    Deposed,
    InDoubt,
    MemberLeft,
    NodeLeft,
    PeerBack,
    PeerPartitioned,
    PrimaryIs,
    View,
)
from knell.spec.vocabulary import Cause

LARGEST: Final = 96 * 1024
"""No packet is longer; one that is costs the member its membership, and the node nothing."""

LARGEST_DATA: Final = 64 * 1024


class Join(msgspec.Struct, frozen=True, tag="join", tag_field="op", forbid_unknown_fields=True):
    """Join a group."""

    group: str


class Attach(msgspec.Struct, frozen=True, tag="attach", tag_field="op", forbid_unknown_fields=True):
    """To the sentinel: this process is the member that has this join number."""

    group: str
    join: int


class Reporter(
    msgspec.Struct, frozen=True, tag="reporter", tag_field="op", forbid_unknown_fields=True
):
    """This connection carries reports of a member and nothing else."""

    group: str
    join: int


class Report(msgspec.Struct, frozen=True, tag="report", tag_field="op", forbid_unknown_fields=True):
    """The shutdown message: fatal causes (§7.2)."""

    causes: Annotated[tuple[Cause, ...], Meta(min_length=1, max_length=8)]


class Trouble(
    msgspec.Struct, frozen=True, tag="trouble", tag_field="op", forbid_unknown_fields=True
):
    """An error that is not fatal to the node: it is logged, and nothing follows (§7.1)."""

    text: Annotated[str, Meta(max_length=1_000)]


class Act(msgspec.Struct, frozen=True, tag="act", tag_field="op", forbid_unknown_fields=True):
    """Ask for a primary act (§2.3)."""

    id: int


class SendWork(msgspec.Struct, frozen=True, tag="send", tag_field="op", forbid_unknown_fields=True):
    """Send data to the other members of the group."""

    id: int
    data: Annotated[bytes, Meta(max_length=LARGEST_DATA)]


class Acknowledge(
    msgspec.Struct, frozen=True, tag="acknowledge", tag_field="op", forbid_unknown_fields=True
):
    """The work has stopped, as *ending* asks for (§7.9)."""


class Leave(msgspec.Struct, frozen=True, tag="leave", tag_field="op", forbid_unknown_fields=True):
    """Leave the group."""


Request: TypeAlias = (
    Join | Attach | Reporter | Report | Trouble | Act | SendWork | Acknowledge | Leave
)


class Joined(msgspec.Struct, frozen=True, tag="joined", tag_field="op"):
    """The member has joined; its `join` number tells it from earlier processes."""

    join: int
    node: str
    epoch: int


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="op"):
    """The request of this connection was not taken."""

    why: str


class Result(msgspec.Struct, frozen=True, tag="result", tag_field="op", omit_defaults=True):
    """The answer to an act or a send: refused, or done; an act has a fencing token."""

    id: int
    refused: str | None = None
    token: int | None = None
    to: tuple[str, ...] = ()


class Ending(msgspec.Struct, frozen=True, tag="ending", tag_field="op"):
    """The error message: clustering is ending (§7.8)."""

    cause: str


class Received(msgspec.Struct, frozen=True, tag="received", tag_field="op"):
    """Data from another member of the group."""

    node: str
    number: int
    data: bytes


class ViewIs(msgspec.Struct, frozen=True, tag="view", tag_field="op"):
    """The members of the group, in order, and the primary."""

    view: View


class Left(msgspec.Struct, frozen=True, tag="node_left", tag_field="op"):
    """Node leave."""

    news: NodeLeft


class Gone(msgspec.Struct, frozen=True, tag="member_left", tag_field="op"):
    """A member has left, its node has not."""

    news: MemberLeft


class Primary(msgspec.Struct, frozen=True, tag="primary", tag_field="op"):
    """Who is primary."""

    news: PrimaryIs


class NotPrimary(msgspec.Struct, frozen=True, tag="deposed", tag_field="op"):
    """A later primary exists."""

    news: Deposed


class Silent(msgspec.Struct, frozen=True, tag="partitioned", tag_field="op"):
    """No contact with a peer."""

    news: PeerPartitioned


class Back(msgspec.Struct, frozen=True, tag="back", tag_field="op"):
    """Contact again."""

    news: PeerBack


class Doubt(msgspec.Struct, frozen=True, tag="in_doubt", tag_field="op"):
    """The group has no primary, and it is open whether it gets one."""

    news: InDoubt


class EventsLost(msgspec.Struct, frozen=True, tag="events_lost", tag_field="op"):
    """The member was too slow: events are missing, and this is how things stand now."""

    view: View


Happened: TypeAlias = (
    Received | ViewIs | Left | Gone | Primary | NotPrimary | Silent | Back | Doubt | EventsLost
)
Answer: TypeAlias = Joined | Refused | Result | Ending | Happened

encode: Final = msgspec.json.Encoder().encode
decode_request: Final[msgspec.json.Decoder[Request]] = msgspec.json.Decoder(Request)
decode_answer: Final[msgspec.json.Decoder[Answer]] = msgspec.json.Decoder(Answer)
