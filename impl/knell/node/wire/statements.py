"""The bytes of a statement.

    DISTRESS   C1 44 | name | epoch | incarnation | cause
    QUIESCED   C1 51 | name | epoch | incarnation | count | name of a gated group, count times

A name is its length in one byte and that many ASCII characters; epoch and incarnation are eight
bytes, most significant first; cause and count are one byte. C1 begins no MessagePack value, so
the first byte tells these two from the rest. This layout and the numbers of the causes never
change; a test pins them byte for byte.

All else is a MessagePack array of the statement's kind and fields. `decode` takes one encoding
only, that which `encode` makes: two texts of one statement would be two to whoever compares
signatures.
"""

from __future__ import annotations

import re
import struct
from typing import Final

import msgspec

from knell.node.core import messages as ms
from knell.spec.vocabulary import Cause

LARGEST_STATEMENT: Final = 48 * 1024
"""No statement is longer; the longest lists, of 256 entries, are half of it."""

FROZEN: Final = 0xC1
_DISTRESS: Final = 0x44
_QUIESCED: Final = 0x51
_NUMBERS: Final = struct.Struct(">QQ")
_NAME: Final = re.compile(rb"[a-z0-9][a-z0-9._-]{0,62}")
_MOST: Final = 2**63 - 1
_MOST_GROUPS: Final = 64

CAUSES: Final = (
    Cause.COMMUNICATION,
    Cause.PROTOCOL,
    Cause.NAME_SERVER,
    Cause.CLUSTER_CONTROL,
    Cause.MONITOR,
    Cause.OBJECT,
    Cause.ENGINE,
    Cause.SENTINEL,
    Cause.MEMBER,
    Cause.PLANNED_STOP,
    Cause.LEFT_ELSEWHERE,
)
"""The causes by their numbers, from 0; a new one may only be added at the end."""

_encode = msgspec.msgpack.Encoder().encode
_decoder: Final[msgspec.msgpack.Decoder[ms.Statement]] = msgspec.msgpack.Decoder(ms.Statement)


class MalformedError(Exception):
    """These bytes are no statement; whoever gets them drops and counts them (§5.1)."""


def encode(statement: ms.Statement) -> bytes:
    """Return the bytes of a statement.

    >>> encode(ms.Distress("n1", 3, 7, Cause.ENGINE)).hex(" ", 4)
    'c144 026e3100 00000000 00000300 00000000 00000706'
    """
    match statement:
        case ms.Distress(node, epoch, incarnation, cause):
            tail = bytes([CAUSES.index(cause)])
            return _head(_DISTRESS, node, epoch, incarnation) + tail
        case ms.Quiesced(node, epoch, incarnation, gated):
            tail = bytes([len(gated)]) + b"".join(map(_name, gated))
            return _head(_QUIESCED, node, epoch, incarnation) + tail
        case _:
            return _encode(statement)


def decode(raw: bytes) -> ms.Statement:
    """Return the statement that the bytes are.

    Raises:
        MalformedError: They are none.
    """
    if not raw or len(raw) > LARGEST_STATEMENT:
        raise MalformedError("empty or too long")
    statement = _frozen(raw) if raw[0] == FROZEN else _unpacked(raw)
    if encode(statement) != raw:
        raise MalformedError("not the one encoding that a statement has")
    return statement


def _head(kind: int, node: str, epoch: int, incarnation: int) -> bytes:
    return bytes([FROZEN, kind]) + _name(node) + _NUMBERS.pack(epoch, incarnation)


def _name(name: str) -> bytes:
    raw = name.encode("ascii")
    return bytes([len(raw)]) + raw


def _unpacked(raw: bytes) -> ms.Statement:
    try:
        statement = _decoder.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedError(str(error)) from None
    if isinstance(statement, ms.Distress | ms.Quiesced):
        raise MalformedError("this statement has a frozen layout")
    return statement


def _frozen(raw: bytes) -> ms.Statement:
    kind = raw[1] if len(raw) > 1 else 0
    node, at = _read_name(raw, 2)
    if len(raw) < at + _NUMBERS.size + 1:
        raise MalformedError("cut off")
    epoch, incarnation = _NUMBERS.unpack_from(raw, at)
    if max(epoch, incarnation) > _MOST:
        raise MalformedError("a number is out of range")
    at += _NUMBERS.size
    last = raw[at]
    if kind == _DISTRESS and last < len(CAUSES):
        return ms.Distress(node, epoch, incarnation, CAUSES[last])
    if kind == _QUIESCED and last <= _MOST_GROUPS:
        return ms.Quiesced(node, epoch, incarnation, _read_names(raw, at + 1, last))
    raise MalformedError("unknown kind or number")


def _read_names(raw: bytes, at: int, count: int) -> tuple[str, ...]:
    names = []
    for _ in range(count):
        name, at = _read_name(raw, at)
        names.append(name)
    return tuple(names)


def _read_name(raw: bytes, at: int) -> tuple[str, int]:
    if at >= len(raw):
        raise MalformedError("cut off")
    end = at + 1 + raw[at]
    name = raw[at + 1 : end]
    if end > len(raw) or _NAME.fullmatch(name) is None:
        raise MalformedError("no name")
    return name.decode("ascii"), end
