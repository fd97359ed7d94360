"""What engine and sentinel tell each other, one packet a message."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from knell.node.runtime.sessions import Session


class AttachLine(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """To the sentinel, with the descriptor of the process: a member joins."""

    group: str
    join: int
    killable: bool


class Introduced(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """To the engine: the sentinel knows this member."""

    group: str
    join: int


class SessionLine(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """To the sentinel: a session, so that it can read acknowledgements if it has to."""

    session: Session


class Stop(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """To the engine: a planned stop was asked for."""


class Ended(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """To the sentinel: clustering has ended in order."""


class Reload(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """To the other: read the configuration again."""


class Restart(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """To the sentinel: the member of this group has ended as it should; start it again."""

    group: str


Line: TypeAlias = AttachLine | Introduced | SessionLine | Stop | Ended | Reload | Restart

encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Line] = msgspec.msgpack.Decoder(Line)


def decode(packet: bytes) -> Line:
    """Read one message."""
    return _decoder.decode(packet)
