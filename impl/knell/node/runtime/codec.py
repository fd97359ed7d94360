"""The bytes of datagrams.

    open     "KN1S" length sender    frames  mac     statements, for whoever holds the pair's secret
    session  "KN1T" session sequence frames  mac     traffic and statements, in sequence
    greeting "KN1H" length sender    body    mac     challenge and response
    rejection "KN1R" length sender   quoted  mac     a datagram that could not be decoded

An open datagram needs no session: statements stay true and may come twice. Frames are an array
of MessagePack values. A statement travels as the bytes that were signed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from knell.node.core import messages as ms
from knell.node.runtime.keys import MAC_SIZE, mac
from knell.node.wire import LARGEST_STATEMENT, MalformedError

VERSION: Final = 2
"""The version of the wire format: 2 adds contacts to heartbeats, rejections, and work in parts.

Versions only add: an array may grow at its end, a kind of datagram may be new, and whoever does
not know them ignores the one and drops the other. DISTRESS and QUIESCED never change.
"""

OPEN: Final = b"KN1S"
SESSION: Final = b"KN1T"
GREETING: Final = b"KN1H"
REJECTION: Final = b"KN1R"
LARGEST: Final = 60_000
"""No datagram is longer; longer ones are dropped unread."""

SIGNING_PREFIX: Final = b"knell statement 1\0"
_SESSION_HEAD: Final = 4 + 8 + 8


class Proved(msgspec.Struct, frozen=True, array_like=True, tag="SIGNED"):
    """A statement as its maker encoded and signed it."""

    statement: Annotated[bytes, Meta(max_length=LARGEST_STATEMENT)]
    proof: Annotated[bytes, Meta(min_length=64, max_length=64)]


class Work(msgspec.Struct, frozen=True, array_like=True, tag="WORK"):
    """What a member sends to the other members of its group, or a part of it (`works`)."""

    group: ms.Name
    join: ms.Count
    number: ms.Count
    data: Annotated[bytes, Meta(max_length=65_536)]
    place: Annotated[int, Meta(ge=0, le=1)] = 0
    more: bool = False


class FirstHeartbeat(msgspec.Struct, frozen=True, array_like=True, tag="HEARTBEAT"):
    """A heartbeat in version 1."""

    sent_at: ms.Count
    digest: ms.Count = 0


class Hello(msgspec.Struct, frozen=True, array_like=True, tag="HELLO"):
    """The challenge: prove that you are there now."""

    epoch: ms.Count
    incarnation: ms.Count
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]


class Reply(msgspec.Struct, frozen=True, array_like=True, tag="REPLY"):
    """The response to a challenge, and the challenge of the other side."""

    epoch: ms.Count
    incarnation: ms.Count
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]
    echo: Annotated[bytes, Meta(min_length=16, max_length=16)]
    announce: Proved
    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]


class Confirm(msgspec.Struct, frozen=True, array_like=True, tag="CONFIRM"):
    """The response to the other side's challenge."""

    epoch: ms.Count
    incarnation: ms.Count
    echo: Annotated[bytes, Meta(min_length=16, max_length=16)]
    announce: Proved
    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]


Frame: TypeAlias = Proved | Work | ms.Traffic
Greeting: TypeAlias = Hello | Reply | Confirm

_encode = msgspec.msgpack.Encoder().encode
_frames: msgspec.msgpack.Decoder[tuple[Frame, ...]] = msgspec.msgpack.Decoder(
    Annotated[tuple[Frame, ...], Meta(max_length=1024)]
)
_greeting: msgspec.msgpack.Decoder[Greeting] = msgspec.msgpack.Decoder(Greeting)


def encode(value: object) -> bytes:
    """Encode a frame or a greeting; `knell.node.wire` encodes statements."""
    return _encode(value)


def as_of(version: int, frame: ms.Traffic) -> msgspec.Struct:
    """A frame as a version of the wire format has it."""
    if version == 1 and isinstance(frame, ms.Heartbeat):
        return FirstHeartbeat(frame.sent_at, frame.digest)
    return frame


def array(frames: Iterable[bytes], count: int) -> bytes:
    """Encoded frames as one array."""
    return b"\xdd" + count.to_bytes(4) + b"".join(frames)


def frames(raw: bytes) -> tuple[Frame, ...]:
    """Decode an array of frames.

    Raises:
        MalformedError: It is none.
    """
    try:
        return _frames.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedError(str(error)) from None


def greeting(raw: bytes) -> Greeting:
    """Decode a greeting.

    Raises:
        MalformedError: It is none.
    """
    try:
        return _greeting.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedError(str(error)) from None


def named(kind: bytes, sender: str, body: bytes, key: bytes) -> bytes:
    """A datagram that names its sender: open, or a greeting."""
    name = sender.encode()
    data = kind + bytes([len(name)]) + name + body
    return data + mac(key, data)


def in_session(session: bytes, sequence: int, body: bytes, key: bytes) -> bytes:
    """A datagram of a session."""
    data = SESSION + session + sequence.to_bytes(8) + body
    return data + mac(key, data)


def sender_of(datagram: bytes) -> tuple[str, int]:
    """Who an open datagram or a greeting claims to come from, and where its body begins.

    Raises:
        MalformedError: It says nothing readable.
    """
    if len(datagram) < 5 + MAC_SIZE:
        raise MalformedError("too short")
    end = 5 + datagram[4]
    try:
        return datagram[5:end].decode("ascii"), end
    except UnicodeDecodeError:
        raise MalformedError("no name") from None


def session_of(datagram: bytes) -> tuple[bytes, int, int]:
    """Session, sequence number, and where the body begins.

    Raises:
        MalformedError: It is too short to have them.
    """
    if len(datagram) < _SESSION_HEAD + MAC_SIZE:
        raise MalformedError("too short")
    return datagram[4:12], int.from_bytes(datagram[12:20]), _SESSION_HEAD


def is_authentic(datagram: bytes, key: bytes) -> bool:
    """Whether the code at the end of a datagram is right."""
    return hmac.compare_digest(datagram[-MAC_SIZE:], mac(key, datagram[:-MAC_SIZE]))


def body(datagram: bytes, start: int) -> bytes:
    """What stands between head and authentication code."""
    return datagram[start:-MAC_SIZE]
