"""The receiving half of a transport, and so the whole of it.

What comes in is checked in the order of its cost: size, authentication code, sequence, form,
signatures. Whatever fails is dropped and counted, and changes nothing else (§5.1).
"""

from __future__ import annotations

import errno
import socket
from typing import Final, Protocol

from knell.node import wire
from knell.node.core import messages as ms
from knell.node.core.values import SECOND, Epoch
from knell.node.runtime import codec
from knell.node.runtime.codec import Proved, Work
from knell.node.runtime.outgoing import BODY_LIMIT, Outgoing
from knell.node.runtime.sessions import Session
from knell.node.wire import MalformedError

BATCH: Final = 64
"""How many datagrams of one socket are read before the other gets its turn."""

_NAMED: Final = {
    1: {codec.OPEN, codec.GREETING},
    2: {codec.OPEN, codec.GREETING, codec.REJECTION},
}
"""The kinds of datagrams that name their sender, by version."""

_REJECT_EVERY: Final = SECOND
_HARD: Final = {errno.EBADF, errno.ENOTSOCK, errno.EINVAL, errno.ENOTCONN}
"""Errors by which a socket itself is of no more use."""


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

    def rejected(self, peer: str) -> None:
        """A peer could not decode a frame of this epoch, and this node can't either (§5.15)."""

    def socket_failed(self, error: OSError) -> None:
        """A socket is of no more use."""


class Transport(Outgoing):
    """Sends frames to peers, and checks what comes from them; see `Outgoing`.

    Attributes:
        deaf: Whom not to hear: an experiment.
        greets: Whether greetings are answered.
        taken: How many datagrams of sessions were authentic and new.
    """

    deaf: frozenset[str] = frozenset()
    greets: bool = True
    taken: int = 0

    def read(self, sock: socket.socket, sink: Sink, now: int) -> None:
        """Read what has come to a socket."""
        for _ in range(BATCH):
            try:
                datagram = sock.recv(codec.LARGEST + 1)
            except BlockingIOError:
                return
            except OSError as error:
                self.dropped["receive error"] += 1
                if error.errno in _HARD:
                    sink.socket_failed(error)
                    return
                # What an ICMP message says is no evidence of anything (§7.1).
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
            return self._take_session(datagram, sink, now)
        if kind in _NAMED[self.wire]:
            return self._take_named(kind, datagram, sink, now)
        return "unknown kind"

    def _take_named(self, kind: bytes, datagram: bytes, sink: Sink, now: int) -> str | None:
        sender, start = codec.sender_of(datagram)
        pair = self.sessions.pairs.get(sender)
        if pair is None:
            return "unknown sender"
        if sender in self.deaf:
            return "blocked"
        if not codec.is_authentic(datagram, pair.key_in):
            return "not authentic"
        body = codec.body(datagram, start)
        match kind:
            case codec.GREETING:
                self._take_greeting(sender, body, sink, now)
            case codec.REJECTION:
                return self._take_rejection(sender, body, sink)
            case _:
                for frame in codec.frames(body):
                    if isinstance(frame, Proved):
                        self._statement(frame, sender, sink)
        return None

    def _take_session(self, datagram: bytes, sink: Sink, now: int) -> str | None:
        name, sequence, start = codec.session_of(datagram)
        session = self.sessions.by_id.get(name)
        if session is None:
            return "unknown session"
        if session.peer in self.deaf:
            return "blocked"
        if not codec.is_authentic(datagram, session.key_in):
            return "not authentic"
        if not session.is_fresh(sequence):
            return "replayed"
        self.taken += 1
        try:
            for frame in codec.frames(codec.body(datagram, start)):
                match frame:
                    case Proved():
                        self._statement(frame, session.peer, sink)
                    case Work():
                        self._work(session, sequence, frame, sink)
                    case _:
                        sink.arrived(frame, session.source, session.incarnation)
        except MalformedError:
            self._reject(session.peer, datagram, now)
            raise
        return None

    def _work(self, session: Session, sequence: int, part: Work, sink: Sink) -> None:
        try:
            whole = self.order.take(session, sequence, part)
        except LookupError as error:
            self.dropped[f"work: {error}"] += 1
        else:
            if whole is not None:
                sink.worked(whole, session.source)

    def _reject(self, peer: str, datagram: bytes, now: int) -> None:
        """Show a peer its authentic frame that could not be decoded (§5.15)."""
        last = self.rejected_at.get(peer)
        if (
            self.wire == 1
            or len(datagram) > BODY_LIMIT
            or (last is not None and now - last < _REJECT_EVERY)
        ):
            return
        self.rejected_at[peer] = now
        pair = self.sessions.pairs[peer]
        quoted = codec.named(codec.REJECTION, self.sessions.me, datagram, pair.key_out)
        self.put(self.traffic, peer, 0, quoted)

    def _take_rejection(self, sender: str, quoted: bytes, sink: Sink) -> str | None:
        """Judge a rejection by the own decoder; only frames of this very session count."""
        if quoted[:4] != codec.SESSION:
            return "rejection of nothing"
        name, sequence, start = codec.session_of(quoted)
        session = self.sessions.by_id.get(name)
        if session is None or session.peer != sender or sequence > session.sent:
            return "rejection of nothing"
        if not codec.is_authentic(quoted, session.key_out):
            return "rejection of nothing"
        try:
            for frame in codec.frames(codec.body(quoted, start)):
                if isinstance(frame, Proved):
                    wire.decode(frame.statement)
        except MalformedError:
            sink.rejected(sender)
            return None
        return "rejection without reason"

    def _take_greeting(self, sender: str, body: bytes, sink: Sink, now: int) -> None:
        if not self.greets:
            return
        outcome = self.sessions.hear(sender, codec.greeting(body), now)
        if outcome.answer is not None:
            self.put(self.traffic, sender, 0, outcome.answer)
        if outcome.session is None or outcome.announce is None:
            return
        if sink.welcomes(outcome.session):
            self.sessions.adopt(outcome.session)
            sink.proved(outcome.announce, outcome.session)
        else:
            self.dropped["clone"] += 1

    def _statement(self, frame: Proved, via: str, sink: Sink) -> None:
        signed = self.proofs.check(frame, via)
        if signed is None:
            self.dropped["not signed by its maker"] += 1
        else:
            sink.heard(signed, via)
