"""What survives an epoch (§4.8): a file is written beside, synced, renamed, its folder synced.

A checksum stands in front of each record, so that a corrupt one is found and never believed.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from knell.node.core import messages as ms
from knell.node.core.values import Durable
from knell.spec.errors import KnellError

_SUM: Final = 16
_Record = TypeVar("_Record")


class Disk:
    """The state folder of a node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = -1

    def open(self) -> None:
        """Make the folder, and lock it for as long as any process of this node runs.

        Raises:
            KnellError: Another instance holds it, or it cannot be written.
        """
        try:
            for each in (self.folder, self.folder / "groups", self.folder / "kept"):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KnellError(
                "another instance of this node runs", place=str(self.folder), mend="stop it first"
            ) from None
        except OSError as error:
            raise KnellError(
                f"cannot be used: {error.strerror}", place=str(self.folder), mend="make it writable"
            ) from None

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock; whoever inherits it holds it too."""
        return self._lock

    def next_epoch(self) -> int:
        """Store and return the number of a new epoch."""
        raw = self._read(self.folder / "epoch")
        epoch = 1 + (0 if raw is None else int.from_bytes(raw))
        self._write(self.folder / "epoch", epoch.to_bytes(8))
        return epoch

    def durable(self) -> dict[str, Durable]:
        """The records of all groups."""
        return {path.name: self._decode(path, raw, Durable) for path, raw in self._all("groups")}

    def kept(self) -> list[ms.Signed]:
        """The statements that must survive."""
        return [self._decode(path, raw, ms.Signed) for path, raw in self._all("kept")]

    def write(self, group: str, record: Durable) -> None:
        """Store the record of a group; it is on stable storage on return."""
        self._write(self.folder / "groups" / group, msgspec.msgpack.encode(record))

    def keep(self, signed: ms.Signed) -> None:
        """Store a statement; it is on stable storage on return."""
        raw = msgspec.msgpack.encode(signed)
        name = blake2b(raw, digest_size=8).hexdigest()
        self._write(self.folder / "kept" / name, raw)

    def audit(self, what: str, **about: object) -> None:
        """Add a line about an operator's act."""
        line = json.dumps({"time": time.time(), "act": what, **about}) + "\n"
        path = self.folder / "audit.ndjson"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def verify(self) -> None:
        """Read everything once.

        Raises:
            KnellError: A record is corrupt or missing; a node without its state must not start.
        """
        stored = [*self.durable(), *self.kept()]
        if stored and not (self.folder / "epoch").exists():
            raise _corrupt(self.folder / "epoch")

    def check(self) -> list[str]:
        """The files whose checksum is wrong."""
        bad = []
        for path in [self.folder / "epoch", *self._paths("groups"), *self._paths("kept")]:
            try:
                self._read(path)
            except KnellError:
                bad.append(str(path))
        return bad

    def _paths(self, kind: str) -> list[Path]:
        return sorted(p for p in (self.folder / kind).iterdir() if not p.name.endswith("~"))

    def _all(self, kind: str) -> Iterator[tuple[Path, bytes]]:
        for path in self._paths(kind):
            raw = self._read(path)
            if raw is not None:
                yield path, raw

    def _decode(self, path: Path, raw: bytes, kind: type[_Record]) -> _Record:
        try:
            return msgspec.msgpack.decode(raw, type=kind)
        except (msgspec.DecodeError, ValueError):
            raise _corrupt(path) from None

    def _read(self, path: Path) -> bytes | None:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KnellError(
                f"cannot be read: {error.strerror}", place=str(path), mend="make it readable"
            ) from None
        if len(raw) < _SUM or blake2b(raw[_SUM:], digest_size=_SUM).digest() != raw[:_SUM]:
            raise _corrupt(path)
        return raw[_SUM:]

    def _write(self, path: Path, raw: bytes) -> None:
        try:
            _replace(path, blake2b(raw, digest_size=_SUM).digest() + raw)
        except OSError as error:
            raise KnellError(
                f"cannot be written: {error.strerror}", place=str(path), mend="make room"
            ) from None


def _replace(path: Path, raw: bytes) -> None:
    """Put a file in the place of another; it is on stable storage on return."""
    beside = path.with_name(path.name + "~")
    with beside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _corrupt(path: Path) -> KnellError:
    return KnellError(
        "is corrupt",
        place=str(path),
        mend="this node's state is lost: give the node a new name, key and folder",
    )
