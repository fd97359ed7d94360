"""What nodes tell each other: statements, which stay true for ever, and traffic.

A statement (`spec/PROTOCOL.md` §2.5) is signed by its maker, may be relayed by anyone, and means
the same however late and however often it arrives. It travels as `Signed`: the core keeps and
relays the proof without looking at it. Traffic is for one receiver, now; it is authenticated for
that pair of nodes and never relayed.

The bounds in the annotations hold for whatever comes from outside: a frame that breaks one is
malformed (§5.1).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from knell.node.core import values
from knell.node.core.values import Domain, Entry, Epoch, Membership
from knell.spec.vocabulary import Cause

Name: TypeAlias = values.Name
Count: TypeAlias = values.Count
Entries: TypeAlias = Annotated[Domain, Meta(max_length=256)]
Groups: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=64)]
MOST_RECEIVED: Final = 64
"""How many statements one acknowledgement names at most."""

MOST_KNOWN: Final = 4096
"""How many statements one KNOWN names at most."""


class Distress(msgspec.Struct, frozen=True, array_like=True, tag="DISTRESS"):
    """This epoch is failing, for this cause (§5.2)."""

    node: Name
    epoch: Count
    incarnation: Count
    cause: Cause


class Quiesced(msgspec.Struct, frozen=True, array_like=True, tag="QUIESCED"):
    """This epoch can act no more; every group but the gated ones is reaped (§5.3)."""

    node: Name
    epoch: Count
    incarnation: Count
    gated: Groups = ()


class MemberGone(msgspec.Struct, frozen=True, array_like=True, tag="MEMBER_GONE"):
    """The process of this membership is surely dead (§5.4)."""

    group: Name
    member: Membership
    incarnation: Count


class Promoted(msgspec.Struct, frozen=True, array_like=True, tag="PROMOTED"):
    """This entry is primary (§5.5)."""

    group: Name
    entry: Entry


class Fence(msgspec.Struct, frozen=True, array_like=True, tag="FENCE"):
    """An operator asserts that this epoch is off (§5.6)."""

    node: Name
    epoch: Count


class Lapse(NamedTuple):
    """One group of a LAPSED: whose lease ran out there, and who says so."""

    group: Name
    lapsed: Entry
    maker: Entry


class Lapsed(msgspec.Struct, frozen=True, array_like=True, tag="LAPSED"):
    """The leases of this epoch have run out for good in these groups (§5.7)."""

    node: Name
    epoch: Count
    maker: Epoch
    lapses: Annotated[tuple[Lapse, ...], Meta(max_length=64)]


class Announce(msgspec.Struct, frozen=True, array_like=True, tag="ANNOUNCE"):
    """This epoch has started, and nothing of an earlier one runs (§5.8)."""

    node: Name
    epoch: Count
    incarnation: Count


class Bootstrap(msgspec.Struct, frozen=True, array_like=True, tag="BOOTSTRAP"):
    """An operator lets this entry start the group without the entries of the list (§5.13)."""

    group: Name
    domain: Entries
    entry: Entry


class Commit(msgspec.Struct, frozen=True, array_like=True, tag="COMMIT"):
    """This list is committed, by this primary (§5.11)."""

    group: Name
    primary: Entry
    domain: Entries


Statement: TypeAlias = (
    Distress | Quiesced | MemberGone | Promoted | Fence | Lapsed | Announce | Bootstrap | Commit
)


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """A statement with the proof of its maker; an own one is proved when it is sent."""

    statement: Statement
    proof: bytes = b""


class Key(NamedTuple):
    """What makes two statements the same one: a repeat changes nothing (§5.1)."""

    kind: str
    subject: tuple[str | int, ...]


class Propose(msgspec.Struct, frozen=True, array_like=True, tag="PROPOSE"):
    """The primary asks an earlier entry to hold this list (§5.9)."""

    group: Name
    primary: Entry
    domain: Entries


class Accept(msgspec.Struct, frozen=True, array_like=True, tag="ACCEPT"):
    """The sender holds this list of this primary durably (§5.10)."""

    group: Name
    primary: Entry
    newest: Entry
    length: Count


class Heartbeat(msgspec.Struct, frozen=True, array_like=True, tag="HEARTBEAT"):
    """A sign of life: when it was sent, a digest of the statements known, contacts (§5.12)."""

    sent_at: Count
    digest: Count = 0
    contacts: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()


class Echo(msgspec.Struct, frozen=True, array_like=True, tag="ECHO"):
    """The acknowledgement of a heartbeat, and the leases that it grants (§10.4)."""

    sent_at: Count
    grants: Annotated[tuple[tuple[Name, Entry, Entry], ...], Meta(max_length=64)] = ()


class Received(msgspec.Struct, frozen=True, array_like=True, tag="RECEIVED"):
    """The acknowledgement of statements, by the numbers of their keys (§5.1)."""

    numbers: Annotated[tuple[Count, ...], Meta(max_length=MOST_RECEIVED)]


class Known(msgspec.Struct, frozen=True, array_like=True, tag="KNOWN"):
    """Which statements the sender holds, so that the receiver can send the others (§5.1)."""

    numbers: Annotated[tuple[Count, ...], Meta(max_length=MOST_KNOWN)]


class Want(msgspec.Struct, frozen=True, array_like=True, tag="WANT"):
    """The sender's member has joined and has no entry yet (§9.3)."""

    group: Name
    join: Count


class Standing(msgspec.Struct, frozen=True, array_like=True, tag="STANDING"):
    """What the sender holds of a group, so that a cold group can start (§11.2)."""

    group: Name
    domain: Entries
    proposer: Count
    last_primary: Entry | None
    live: bool


Traffic: TypeAlias = Propose | Accept | Heartbeat | Echo | Received | Known | Want | Standing
Message: TypeAlias = Signed | Traffic


def key_of(statement: Statement) -> Key:
    """Return what identifies a statement, its wording aside.

    >>> key_of(Distress("n1", 3, 7, Cause.ENGINE)) == key_of(Distress("n1", 3, 7, Cause.OBJECT))
    True
    """
    match statement:
        case Distress(node, epoch, incarnation):
            return Key("DISTRESS", (node, epoch, incarnation))
        case Quiesced(node, epoch, incarnation):
            return Key("QUIESCED", (node, epoch, incarnation))
        case MemberGone(group, member, incarnation):
            return Key("MEMBER_GONE", (group, *member, incarnation))
        case Promoted(group, entry):
            return Key("PROMOTED", (group, *entry))
        case Fence(node, epoch):
            return Key("FENCE", (node, epoch))
        case Lapsed(node, epoch, maker, lapses):
            return Key("LAPSED", (node, epoch, *maker, *(each.group for each in lapses)))
        case Announce(node, epoch, incarnation):
            return Key("ANNOUNCE", (node, epoch, incarnation))
        case Bootstrap(group, _, entry):
            return Key("BOOTSTRAP", (group, *entry))
        case Commit(group, primary, domain):
            return Key("COMMIT", (group, primary.position, primary.node, values.end_of(domain)))


@lru_cache(maxsize=4096)
def number_of(key: Key) -> int:
    """Return the number by which nodes speak of a statement: 63 bits of a hash of its key."""
    return int.from_bytes(blake2b(repr(tuple(key)).encode(), digest_size=8).digest()) >> 1


def subject_of(statement: Statement) -> Epoch | None:
    """Return the epoch that a statement is about, if it is about one."""
    match statement:
        case Distress(node, epoch) | Quiesced(node, epoch) | Announce(node, epoch):
            return Epoch(node, epoch)
        case Fence(node, epoch) | Lapsed(node, epoch):
            return Epoch(node, epoch)
        case MemberGone(_, member):
            return Epoch(member.node, member.epoch)
        case Promoted(_, entry):
            return Epoch(entry.node, entry.epoch)
        case Bootstrap() | Commit():
            return None
