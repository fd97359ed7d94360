"""Faults on demand, for demonstrations and tests: only where the configuration says `lab = true`.

Each does what the real fault does at the same place: a blocked peer's datagrams are dropped, a
broken link answers a send with an error of the kernel, a garbled frame is authentic and can't be
decoded, a corrupt record differs from what was stored.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import force_setattr

from knell.node.core import events as ev
from knell.spec.vocabulary import Cause

if TYPE_CHECKING:
    from knell.node.runtime.engine import Engine


class Fail(msgspec.Struct, frozen=True, tag="fail", tag_field="op"):
    """Take causes for found."""

    causes: tuple[Cause, ...]


class Block(msgspec.Struct, frozen=True, tag="block", tag_field="op"):
    """Neither send to these peers nor hear them; or only one of both."""

    peers: tuple[str, ...]
    send: bool = True
    hear: bool = True


class Break(msgspec.Struct, frozen=True, tag="break", tag_field="op"):
    """Let each send to these peers fail as if there were no route."""

    peers: tuple[str, ...]


class Garble(msgspec.Struct, frozen=True, tag="garble", tag_field="op"):
    """Send a peer an authentic frame that nobody can decode."""

    peer: str


class Corrupt(msgspec.Struct, frozen=True, tag="corrupt", tag_field="op"):
    """Change the record of a group in memory, behind the back of the core."""

    group: str


class Fork(msgspec.Struct, frozen=True, tag="fork", tag_field="op"):
    """Let the engine fork a process that holds all of its descriptors, and does nothing."""


Experiment: TypeAlias = Fail | Block | Break | Garble | Corrupt | Fork


def perform(engine: Engine, what: Experiment) -> str | None:
    """Let a fault happen; return why not, if it can't."""
    if not engine.prepared.config.node.lab:
        return "the configuration does not say lab = true"
    transport = engine.transport
    match what:
        case Fail(causes):
            engine.driver.tell(ev.FatalFound(causes))
        case Block(peers, send, hear):
            transport.mute = frozenset(peers if send else ())
            transport.deaf = frozenset(peers if hear else ())
        case Break(peers):
            transport.broken = frozenset(peers)
        case Garble(peer):
            transport.garble(peer)
        case Fork():
            heir = os.fork()
            while not heir:
                signal.pause()
            engine.driver.note("forked", pid=heir)
        case Corrupt(group) if group in engine.driver.core.state.groups:
            record = engine.driver.core.state.groups[group]
            force_setattr(record, "committed", record.committed + 1)
        case Corrupt(group):
            return f"no group is called {group!r}"
    return None
