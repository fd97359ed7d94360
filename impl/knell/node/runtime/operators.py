"""What operators ask of a node, on a socket of their own: status, stop, fence, bootstrap.

Each request is one JSON packet, and so is each answer. The socket belongs to the user of the
node; FENCE and BOOTSTRAP need a signature of an operator key besides. Every act is audited.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from knell.node import wire
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.acts import may_act_as_primary
from knell.node.core.operator import bootstrap_order
from knell.node.runtime import codec, lab
from knell.node.runtime.channel import Channel, accepted
from knell.node.runtime.watch import clock

if TYPE_CHECKING:
    from knell.node.runtime.engine import Engine


class Status(msgspec.Struct, frozen=True, tag="status", tag_field="op"):
    """How does the node stand?"""


class Shutdown(msgspec.Struct, frozen=True, tag="stop", tag_field="op"):
    """Stop, in order; asked twice, without waiting for deadlines."""


class Statement(msgspec.Struct, frozen=True, tag="statement", tag_field="op"):
    """A FENCE or BOOTSTRAP, as the operator signed it."""

    statement: bytes
    proof: bytes


class Order(msgspec.Struct, frozen=True, tag="order", tag_field="op"):
    """What has to be signed to bootstrap a group here?"""

    group: str


class ReloadKeys(msgspec.Struct, frozen=True, tag="reload", tag_field="op"):
    """Read keys and addresses of peers and operators again."""


class Switchover(msgspec.Struct, frozen=True, tag="switchover", tag_field="op"):
    """Let the next entry of a group take over from this node."""

    group: str


class Resolve(msgspec.Struct, frozen=True, tag="resolve", tag_field="op"):
    """Which nodes serve a group? The name server answers."""

    group: str


Request: TypeAlias = (
    Status | Shutdown | Statement | Order | ReloadKeys | Switchover | Resolve | lab.Experiment
)


class Resolved(msgspec.Struct, frozen=True):
    """What the name server answers."""

    to: int
    nodes: tuple[str, ...]


_resolved: Final = msgspec.json.Decoder(Resolved)
_decoder: Final[msgspec.json.Decoder[Request]] = msgspec.json.Decoder(Request)
_encode: Final = msgspec.json.Encoder().encode


class Operators:
    """Serves operators."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asking: list[Channel] = []
        self._stopping: list[Channel] = []

    def accept(self, listener: socket.socket) -> None:
        """Take what has connected."""
        for sock, process in accepted(listener):
            os.close(process.pidfd)
            if process.uid not in {os.geteuid(), 0}:
                sock.close()
                continue
            Channel(self._engine.loop, sock, self._packet, self._gone)

    def _gone(self, channel: Channel) -> None:
        for waiting in (self._asking, self._stopping):
            if channel in waiting:
                waiting.remove(channel)

    def _packet(self, channel: Channel, packet: bytes) -> None:
        try:
            request = _decoder.decode(packet)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            _answer(channel, {"refused": f"malformed: {error}"})
            return
        match request:
            case Status():
                _answer(channel, status(self._engine))
            case Shutdown():
                self._audit("stop")
                self._stopping.append(channel)
                self._engine.driver.tell(ev.StopRequested())
            case Statement(raw, proof):
                _answer(channel, {"refused": self._order(raw, proof)})
            case Order(group):
                order = bootstrap_order(self._engine.driver.core.state, group)
                _answer(channel, {"order": None if order is None else wire.encode(order)})
            case ReloadKeys():
                self._audited(channel, "reload", self._engine.reload())
            case Switchover(group):
                self._audited(channel, "switchover", self._engine.switch(group), group=group)
            case Resolve(group):
                self._asking.append(channel)
                self._engine.ask_names({"get": group, "to": id(channel)})
            case _:
                _answer(channel, {"refused": lab.perform(self._engine, request)})

    def _audited(self, channel: Channel, act: str, refused: str | None, **about: object) -> None:
        self._audit(act, refused=refused, **about)
        _answer(channel, {"refused": refused})

    def _audit(self, act: str, **about: object) -> None:
        """Add to the audit; a node does not end because that can't be written."""
        try:
            self._engine.prepared.disk.audit(act, **about)
        except OSError as error:
            self._engine.driver.note("not audited", act=act, why=error.strerror, **about)

    def _order(self, raw: bytes, proof: bytes) -> str | None:
        engine = self._engine
        try:
            signed = engine.transport.proofs.check(codec.Proved(raw, proof))
        except wire.MalformedError as error:
            return f"malformed: {error}"
        if signed is None:
            return "not signed by an operator's key that this node knows"
        event: ev.Event
        match signed.statement:
            case ms.Fence() as said:
                event = ev.FenceOrdered(said, proof)
            case ms.Bootstrap() as said:
                event = ev.BootstrapOrdered(said, proof)
            case _:
                return "no order of an operator"
        answers = [each for each in engine.driver.ask(event) if isinstance(each, fx.Answer)]
        refused = answers[0].refused if answers else None
        self._audit(
            type(said).__name__.lower(), statement=raw.hex(), proof=proof.hex(), refused=refused
        )
        return refused

    def resolved(self, packet: bytes) -> None:
        """The name server has answered."""
        said = _resolved.decode(packet)
        for channel in self._asking:
            if id(channel) == said.to:
                self._asking.remove(channel)
                _answer(channel, {"nodes": said.nodes})
                return

    def ended(self) -> None:
        """Clustering has ended: tell who asked for it."""
        for channel in list(self._stopping):
            _answer(channel, {"refused": None, "ended": True})


def _answer(channel: Channel, said: object) -> None:
    channel.send(_encode(said))


def status(engine: Engine) -> dict[str, Any]:
    """How a node stands."""
    state = engine.driver.core.state
    return {
        "schema": 1,
        "node": state.me,
        "epoch": state.epoch,
        "incarnation": state.incarnation,
        "phase": state.phase.value,
        "cause": state.latch.value if state.latch else None,
        "processes": {
            "engine": os.getpid(),
            "sentinel": os.getppid(),
            **{_NAMES[slot]: pid for slot, pid in engine.pids.items()},
            **{f"member:{g}": each.process.pid for g, each in engine.members.by_group.items()},
        },
        "peers": [
            {
                "node": name,
                "epoch": peer.admitted,
                "partitioned": peer.partitioned,
                "left": peer.left,
                "newest": peer.started,
            }
            for name, peer in state.peers.items()
        ],
        "groups": [
            {
                "group": name,
                "list": [each.name for each in group.domain],
                "committed": group.committed,
                "primary": primary.name if (primary := state.primary_of(name)) else None,
                "live_primary": live.name if (live := state.live_primary(name)) else None,
                "member": member.state.value if (member := state.members.get(name)) else None,
                "entry": group.entry.position if group.entry else None,
                "lives": state.lives(name),
                "acts": may_act_as_primary(state, name, clock()) is None,
                "in_doubt": group.doubted,
            }
            for name, group in state.groups.items()
        ],
        "taken": engine.transport.taken,
        "dropped": dict(engine.transport.dropped),
    }


_NAMES: Final = {2: "cc", 3: "names", 4: "monitor"}
