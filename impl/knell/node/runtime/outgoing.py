"""The sending half of a transport: two UDP sockets, one for traffic, one for what is urgent.

What the own kernel answers to a send is noted peer by peer: `detectors` judges it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections import Counter
from collections.abc import Mapping
from typing import Final

from knell.node.core import messages as ms
from knell.node.runtime import codec
from knell.node.runtime.codec import Work
from knell.node.runtime.detectors import SendFaults
from knell.node.runtime.proofs import Proofs
from knell.node.runtime.sessions import Pair, Session, Sessions
from knell.node.runtime.watch import clock
from knell.node.runtime.works import Order, parts_of

BODY_LIMIT: Final = codec.LARGEST - 1_000
_NO_ROUTE: Final = OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))


class Outgoing:
    """Sends frames to peers.

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
        self.faults = SendFaults()
        self.wire = codec.VERSION
        self.order = Order()
        # For experiments: whom not to send to, and to whom sends fail.
        self.mute: frozenset[str] = frozenset()
        self.broken: frozenset[str] = frozenset()
        self._addresses = addresses
        self.rejected_at: dict[str, int] = {}
        self._prepared: dict[tuple[str, ms.Statement], bytes] = {}

    def prepare(self, statement: ms.Statement) -> None:
        """Make the datagrams of an own urgent statement, so that only sending is left (§7.5)."""
        for peer in self.sessions.pairs:
            self._prepared[peer, statement] = self._open(
                peer, [self._encoded(ms.Signed(statement))]
            )

    def renew(
        self,
        addresses: Mapping[str, tuple[tuple[str, int], tuple[str, int]]],
        pairs: Mapping[str, Pair],
    ) -> None:
        """Take new addresses, and the secrets that follow from new keys of peers."""
        changed = {peer for peer, pair in pairs.items() if pair != self.sessions.pairs[peer]}
        self._addresses = addresses
        self.sessions.renew(pairs, changed)
        for peer, statement in self._prepared:
            if peer in changed:
                frame = self._encoded(ms.Signed(statement))
                self._prepared[peer, statement] = self._open(peer, [frame])

    def send(self, to: tuple[str, ...], frames: tuple[ms.Message, ...], *, urgent: bool) -> None:
        """Send frames to each of these peers, in their order."""
        if urgent and len(frames) == 1 and isinstance(frames[0], ms.Signed):
            statement = frames[0].statement
            for peer in to:
                found = self._prepared.get((peer, statement))
                if found is None:
                    found = self._open(peer, [self._encoded(frames[0])])
                self.put(self.urgent, peer, 1, found)
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
                    self.put(self.urgent, peer, 1, self._open(peer, part))
                else:
                    self.put(self.traffic, peer, 0, _in_session(session, part))

    def send_work(self, peer: str, work: Work) -> None:
        """Send what a member has for the members on a peer."""
        session = self.sessions.latest.get(peer)
        if session is not None:
            for part in parts_of(work):
                self.put(self.traffic, peer, 0, _in_session(session, [codec.encode(part)]))

    def garble(self, peer: str) -> None:
        """Send an authentic frame that nobody can decode; an experiment."""
        session = self.sessions.latest[peer]
        session.sent += 1
        self.put(
            self.traffic, peer, 0, codec.in_session(session.id, session.sent, b"?", session.key_out)
        )

    def greet(self, peer: str) -> None:
        """Ask a peer to show that it is there."""
        self.put(self.traffic, peer, 0, self.sessions.greet(peer))

    def _encoded(self, frame: ms.Message) -> bytes:
        if isinstance(frame, ms.Signed):
            return codec.encode(self.proofs.prove(frame))
        return codec.encode(codec.as_of(self.wire, frame))

    def _open(self, peer: str, part: list[bytes]) -> bytes:
        body = codec.array(part, len(part))
        return codec.named(codec.OPEN, self.sessions.me, body, self.sessions.pairs[peer].key_out)

    def put(self, sock: socket.socket, peer: str, which: int, datagram: bytes) -> None:
        """Send a datagram to a peer's address for traffic, 0, or to its urgent one, 1."""
        if peer in self.mute:
            return
        try:
            if peer in self.broken:
                raise _NO_ROUTE
            sock.sendto(datagram, self._addresses[peer][which])
        except BlockingIOError:
            self.dropped["send queue full"] += 1
            self.faults.failed(peer, clock())
        except OSError as error:
            self.dropped[f"send: {error.strerror}"] += 1
            self.faults.failed(peer, clock())
        else:
            self.faults.worked(peer)

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
        if not parts or size + len(raw) > BODY_LIMIT:
            parts.append([])
            size = 0
        parts[-1].append(raw)
        size += len(raw)
    return parts
