"""Lines of logs, read and held to `spec/LOGS.md` §1: what breaks a rule there is malformed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from knell.spec.errors import KnellError

LARGEST: Final = 1024 * 1024
LINES_LOST: Final = "lines_lost"

Epoch: TypeAlias = tuple[str, int]
"""A node and the number of one of its epochs."""


class MalformedLogError(KnellError):
    """A log breaks a rule of `spec/LOGS.md`; names the file and line."""


class Raw(msgspec.Struct):
    """A line as it stands in a file; other keys say nothing."""

    v: int
    run: str
    node: str
    epoch: int
    seq: int
    action: str
    args: dict[str, str]
    msg_id: str | list[str] | None
    caused_by: str | None
    post: dict[str, Any]


class Line(NamedTuple):
    """One action of one epoch, and where it stands."""

    place: str
    epoch: Epoch
    seq: int
    action: str
    args: dict[str, str]
    said: tuple[str, ...]
    caused_by: str | None
    post: dict[str, Any]

    @property
    def name(self) -> str:
        """The action as people read it."""
        return f"{self.action}({', '.join(self.args.values())})"


_decode: Final = msgspec.json.Decoder(Raw).decode


def read(paths: Iterable[Path]) -> dict[str, dict[Epoch, list[Line]]]:
    """Read logs: for each run, for each epoch, its lines in order.

    Raises:
        MalformedLogError: A line breaks a rule.
        KnellError: A file cannot be read.
    """
    runs: dict[str, dict[Epoch, list[Line]]] = {}
    for path in paths:
        for number, text in enumerate(_texts(path), start=1):
            if b'"action"' in text:
                run, line = _line(text, f"{path}:{number}")
                runs.setdefault(run, {}).setdefault(line.epoch, []).append(line)
            else:
                _check_note(text, f"{path}:{number}")
    for epochs in runs.values():
        for lines in epochs.values():
            _put_in_order(lines)
    return runs


def _texts(path: Path) -> Iterator[bytes]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KnellError(
            f"cannot be read: {error.strerror}", place=str(path), mend="name a log"
        ) from None
    if raw and not raw.endswith(b"\n"):
        raise MalformedLogError(
            "the last line is torn",
            place=f"{path}:{len(raw.splitlines())}",
            mend="cut it off, and declare that lines were lost",
        )
    return iter(raw.splitlines())


def _line(text: bytes, place: str) -> tuple[str, Line]:
    if len(text) > LARGEST:
        raise MalformedLogError(f"is longer than {LARGEST} bytes", place=place)
    try:
        raw = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedLogError(
            f"is no line of a log: {error}", place=place, mend="see spec/LOGS.md §1"
        ) from None
    if raw.v != 1:
        raise MalformedLogError(f"is of version {raw.v}", place=place, mend="write version 1")
    if raw.epoch < 1 or raw.seq < 1:
        raise MalformedLogError("epoch and seq count from 1", place=place)
    said = (raw.msg_id,) if isinstance(raw.msg_id, str) else tuple(raw.msg_id or ())
    epoch = (raw.node, raw.epoch)
    return raw.run, Line(place, epoch, raw.seq, raw.action, raw.args, said, raw.caused_by, raw.post)


def _check_note(text: bytes, place: str) -> None:
    try:
        note = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedLogError(f"is no JSON: {error}", place=place) from None
    if not isinstance(note, dict):
        raise MalformedLogError("is no JSON object", place=place, mend="see spec/LOGS.md §1")


def _put_in_order(lines: list[Line]) -> None:
    """Sort the lines of one epoch, whose numbers must count from 1 without a gap."""
    lines.sort(key=lambda line: line.seq)
    expected = 1
    for line in lines:
        node, epoch = line.epoch
        if line.seq < expected:
            raise MalformedLogError(
                f"{node}.{epoch} has the number {line.seq} twice", place=line.place
            )
        if line.seq > expected:
            missing = f"{expected}" + (f" to {line.seq - 1}" if line.seq > expected + 1 else "")
            raise MalformedLogError(
                f"of {node}.{epoch} the line {missing} is missing before this one",
                place=line.place,
                mend="give the whole log; only the end of an epoch may be lost",
            )
        expected += 1
