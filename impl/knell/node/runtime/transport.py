"""Two UDP sockets: one for traffic, one for DISTRESS, QUIESCED and what else is urgent.

What comes in is checked in the order of its cost: size, authentication code, sequence, form,
signatures. Whatever fails is dropped and counted, and changes nothing else (§5.1).
"""

from __future__ import annotations

import contextlib
import socket
from collections import Counter
from collections.abc import Mapping
from typing import Final, Protocol

from knell.node.core import messages as ms
from knell.node.core.values import Epoch
from knell.node.runtime import codec
from knell.node.runtime.codec import Proved, Work
from knell.node.runtime.proofs import Proofs
from knell.node.runtime.sessions import Session, Sessions
from knell.node.wire import MalformedError

BATCH: Final = 64
"""How many datagrams of one socket are read before the other gets its turn."""

_BODY_LIMIT: Final = codec.LARGEST - 1_000


class Sink(Protocol):
    """Who is told what has come in, once it has been checked."""

    def heard(self, signed: ms.Signed, via: str) -> None:
        """A statement."""

    def arrived(self, message: ms.Traffic, sender: Epoch, incarnation: int) -> None:
        """Traffic of a session."""

    def welcomes(self, session: Session) -> bool:
        """Whether a session may take the place of earlier ones; that of a clone may not."""
        ...

    def proved(self, announce: ms.Signed, session: Session) -> None:
        """A peer has shown that it is there."""

    def worked(self, work: Work, sender: Epoch) -> None:
        """What a member sent to its group."""


class Transport:
    """Sends frames to peers, and checks what comes from them.

    Args:
        traffic: The socket for traffic.
        urgent: The socket for what precedes it.
        addresses: For each peer its address for traffic and its urgent one.
        sessions: The sessions of this epoch.
        proofs: Signs and checks statements.
    """

    def __init__(
        self,
        traffic: socket.socket,
        urgent: socket.socket,
        *,
        addresses: Mapping[str, tuple[tuple[str, int], tuple[str, int]]],
        sessions: Sessions,
        proofs: Proofs,
    ) -> None:
        self.traffic = traffic
        self.urgent = urgent
        self.sessions = sessions
        self.proofs = proofs
        self.dropped: Counter[str] = Counter()
        self.blocked: frozenset[str] = frozenset()
        self.greets = True
        self._addresses = addresses
        self._prepared: dict[tuple[str, ms.Statement], bytes] = {}

    # Sending

    def prepare(self, statement: ms.Statement) -> None:
        """Make the datagrams of an own urgent statement, so that only sending is left (§7.5)."""
        for peer in self.sessions.pairs:
            self._prepared[peer, statement] = self._open(
                peer, [self._encoded(ms.Signed(statement))]
            )

    def send(self, to: tuple[str, ...], frames: tuple[ms.Message, ...], *, urgent: bool) -> None:
        """Send frames to each of these peers, in their order."""
        if urgent and len(frames) == 1 and isinstance(frames[0], ms.Signed):
            statement = frames[0].statement
            for peer in to:
                found = self._prepared.get((peer, statement))
                if found is None:
                    found = self._open(peer, [self._encoded(frames[0])])
                self._put(self.urgent, peer, 1, found)
            return
        encoded = [(self._encoded(each), isinstance(each, ms.Signed)) for each in frames]
        for peer in to:
            session = self.sessions.latest.get(peer)
            if session is None or urgent:
                # Traffic has no meaning outside a session; it is repeated once there is one.
                chosen = [raw for raw, lasting in encoded if lasting]
            else:
                chosen = [raw for raw, _ in encoded]
            for part in _parts(chosen):
                if session is None or urgent:
                    self._put(self.urgent, peer, 1, self._open(peer, part))
                else:
                    self._put(self.traffic, peer, 0, _in_session(session, part))

    def send_work(self, peer: str, work: Work) -> None:
        """Send what a member has for the members on a peer."""
        session = self.sessions.latest.get(peer)
        if session is not None:
            self._put(self.traffic, peer, 0, _in_session(session, [codec.encode(work)]))

    def greet(self, peer: str) -> None:
        """Ask a peer to show that it is there."""
        self._put(self.traffic, peer, 0, self.sessions.greet(peer))

    def _encoded(self, frame: ms.Message) -> bytes:
        return codec.encode(self.proofs.prove(frame) if isinstance(frame, ms.Signed) else frame)

    def _open(self, peer: str, part: list[bytes]) -> bytes:
        body = codec.array(part, len(part))
        return codec.named(codec.OPEN, self.sessions.me, body, self.sessions.pairs[peer].key_out)

    def _put(self, sock: socket.socket, peer: str, which: int, datagram: bytes) -> None:
        if peer in self.blocked:
            return
        try:
            sock.sendto(datagram, self._addresses[peer][which])
        except BlockingIOError:
            self.dropped["send queue full"] += 1
        except OSError as error:
            self.dropped[f"send: {error.strerror}"] += 1

    # Receiving

    def read(self, sock: socket.socket, sink: Sink, now: int) -> None:
        """Read what has come to a socket."""
        for _ in range(BATCH):
            try:
                datagram = sock.recv(codec.LARGEST + 1)
            except BlockingIOError:
                return
            except OSError:
                # What an ICMP message says is no evidence of anything (§7.1).
                self.dropped["receive error"] += 1
                continue
            self.take(datagram, sink, now)

    def take(self, datagram: bytes, sink: Sink, now: int) -> None:
        """Check one datagram, and pass on what it holds."""
        try:
            dropped = self._take(datagram, sink, now)
        except MalformedError:
            dropped = "malformed"
        if dropped is not None:
            self.dropped[dropped] += 1

    def _take(self, datagram: bytes, sink: Sink, now: int) -> str | None:
        if len(datagram) > codec.LARGEST:
            return "oversized"
        kind = datagram[:4]
        if kind == codec.SESSION:
            return self._take_session(datagram, sink)
        if kind not in {codec.OPEN, codec.GREETING}:
            return "unknown kind"
        sender, start = codec.sender_of(datagram)
        pair = self.sessions.pairs.get(sender)
        if pair is None:
            return "unknown sender"
        if sender in self.blocked:
            return "blocked"
        if not codec.is_authentic(datagram, pair.key_in):
            return "not authentic"
        body = codec.body(datagram, start)
        if kind == codec.GREETING:
            self._take_greeting(sender, body, sink, now)
            return None
        for frame in codec.frames(body):
            if isinstance(frame, Proved):
                self._statement(frame, sender, sink)
        return None

    def _take_session(self, datagram: bytes, sink: Sink) -> str | None:
        name, sequence, start = codec.session_of(datagram)
        session = self.sessions.by_id.get(name)
        if session is None:
            return "unknown session"
        if session.peer in self.blocked:
            return "blocked"
        if not codec.is_authentic(datagram, session.key_in):
            return "not authentic"
        if not session.is_fresh(sequence):
            return "replayed"
        for frame in codec.frames(codec.body(datagram, start)):
            match frame:
                case Proved():
                    self._statement(frame, session.peer, sink)
                case Work():
                    sink.worked(frame, session.source)
                case _:
                    sink.arrived(frame, session.source, session.incarnation)
        return None

    def _take_greeting(self, sender: str, body: bytes, sink: Sink, now: int) -> None:
        if not self.greets:
            return
        outcome = self.sessions.hear(sender, codec.greeting(body), now)
        if outcome.answer is not None:
            self._put(self.traffic, sender, 0, outcome.answer)
        if outcome.session is None or outcome.announce is None:
            return
        if sink.welcomes(outcome.session):
            self.sessions.adopt(outcome.session)
            sink.proved(outcome.announce, outcome.session)
        else:
            self.dropped["clone"] += 1

    def _statement(self, frame: Proved, via: str, sink: Sink) -> None:
        signed = self.proofs.check(frame)
        if signed is None:
            self.dropped["not signed by its maker"] += 1
        else:
            sink.heard(signed, via)

    def close(self) -> None:
        """Close both sockets."""
        for sock in (self.traffic, self.urgent):
            with contextlib.suppress(OSError):
                sock.close()


def _in_session(session: Session, part: list[bytes]) -> bytes:
    session.sent += 1
    return codec.in_session(session.id, session.sent, codec.array(part, len(part)), session.key_out)


def _parts(encoded: list[bytes]) -> list[list[bytes]]:
    """Frames by datagram: as many as fit, in their order."""
    parts: list[list[bytes]] = []
    size = 0
    for raw in encoded:
        if not parts or size + len(raw) > _BODY_LIMIT:
            parts.append([])
            size = 0
        parts[-1].append(raw)
        size += len(raw)
    return parts
