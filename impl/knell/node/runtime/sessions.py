"""Proof that a peer is there now: challenge and response with fresh nonces on both sides (§9.2).

    A → B  Hello    A's nonce
    B → A  Reply    B's nonce; B's ANNOUNCE and signature over both nonces: A has proof of B
    A → B  Confirm  A's ANNOUNCE and signature over both nonces: B has proof of A

Each message carries the authentication code of the pair, which is checked before any signature.
The two nonces give the session its keys. Either side may begin; a node accepts the latest few
sessions of a peer and sends in the latest.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from nacl.signing import SigningKey, VerifyKey

from knell.node.core import messages as ms
from knell.node.core.values import Epoch
from knell.node.runtime import codec
from knell.node.runtime.keys import derive, is_signed, pair_secret
from knell.node.runtime.proofs import Proofs

WINDOW: Final = 256
_KEPT_SESSIONS: Final = 3
_REPLIES_A_SECOND: Final = 20


@dataclass(slots=True)
class Session:
    """One proved peer, and the keys to talk with it."""

    peer: str
    epoch: int
    incarnation: int
    id: bytes
    key_out: bytes
    key_in: bytes
    sent: int = 0
    highest: int = 0
    seen: int = 0

    @property
    def source(self) -> Epoch:
        """The epoch at the other end."""
        return Epoch(self.peer, self.epoch)

    def is_fresh(self, sequence: int) -> bool:
        """Whether a number is new; it is marked as seen."""
        if sequence > self.highest:
            ahead = sequence - self.highest
            self.seen = 1 if ahead >= WINDOW else (self.seen << ahead | 1) & (1 << WINDOW) - 1
            self.highest = sequence
            return True
        age = self.highest - sequence
        if age >= WINDOW or self.seen >> age & 1:
            return False
        self.seen |= 1 << age
        return True


class Pair(NamedTuple):
    """What a node holds for one peer, whether or not the peer is there."""

    verify: VerifyKey
    secret: bytes
    key_out: bytes
    key_in: bytes


def pairs(me: str, own: SigningKey, nodes: Mapping[str, VerifyKey]) -> dict[str, Pair]:
    """Derive the secrets of all pairs that a node belongs to."""
    found = {}
    for name, key in nodes.items():
        if name != me:
            secret = pair_secret(own, key)
            found[name] = Pair(
                key, secret, derive(secret, "open", me, name), derive(secret, "open", name, me)
            )
    return found


class Outcome(NamedTuple):
    """What a greeting leads to: a datagram to send back, a session, a proved announcement."""

    answer: bytes | None = None
    session: Session | None = None
    announce: ms.Signed | None = None


@dataclass(slots=True)
class _Pending:
    nonce: bytes
    theirs: codec.Hello | None = None


@dataclass(slots=True)
class Sessions:
    """All sessions of an epoch."""

    me: str
    epoch: int
    incarnation: int
    key: SigningKey
    announce: codec.Proved
    pairs: Mapping[str, Pair]
    proofs: Proofs
    by_id: dict[bytes, Session] = field(default_factory=dict)
    latest: dict[str, Session] = field(default_factory=dict)
    _asked: dict[str, _Pending] = field(default_factory=dict)
    _answered: dict[str, _Pending] = field(default_factory=dict)
    _replies: dict[str, deque[int]] = field(default_factory=dict)

    def greet(self, peer: str) -> bytes:
        """Challenge a peer; the challenge stays the same until it was met."""
        pending = self._asked.setdefault(peer, _Pending(os.urandom(16)))
        return self._pack(peer, codec.Hello(self.epoch, self.incarnation, pending.nonce))

    def hear(self, sender: str, said: codec.Greeting, now: int) -> Outcome:
        """Process a greeting whose authentication code was right."""
        match said:
            case codec.Hello():
                return self._on_hello(sender, said, now)
            case codec.Reply():
                return self._on_reply(sender, said)
            case codec.Confirm():
                return self._on_confirm(sender, said)

    def adopt(self, session: Session) -> None:
        """Use a session from now on; the oldest of that peer is forgotten."""
        self.latest[session.peer] = session
        self.by_id[session.id] = session
        of_peer = [each for each in self.by_id.values() if each.peer == session.peer]
        for old in of_peer[:-_KEPT_SESSIONS]:
            del self.by_id[old.id]

    def renew(self, pairs: Mapping[str, Pair], changed: set[str]) -> None:
        """Take new secrets; whoever has a new key has to show anew that it is there."""
        self.pairs = pairs
        for peer in changed:
            for kept in (self.latest, self._asked, self._answered):
                kept.pop(peer, None)
        for name in [name for name, each in self.by_id.items() if each.peer in changed]:
            del self.by_id[name]

    def _on_hello(self, sender: str, said: codec.Hello, now: int) -> Outcome:
        recent = self._replies.setdefault(sender, deque(maxlen=_REPLIES_A_SECOND))
        if len(recent) == _REPLIES_A_SECOND and now - recent[0] < 1_000_000_000:
            return Outcome()
        recent.append(now)
        pending = self._answered.get(sender)
        if pending is None or pending.theirs != said:
            pending = self._answered[sender] = _Pending(os.urandom(16), said)
        reply = codec.Reply(
            self.epoch,
            self.incarnation,
            pending.nonce,
            said.nonce,
            self.announce,
            self._sign("reply", sender, said.nonce, pending.nonce),
        )
        return Outcome(self._pack(sender, reply))

    def _on_reply(self, sender: str, said: codec.Reply) -> Outcome:
        pending = self._asked.get(sender)
        if pending is None or said.echo != pending.nonce:
            return Outcome()
        announce = self._checked(sender, said, "reply", pending.nonce, said.nonce)
        if announce is None:
            return Outcome()
        del self._asked[sender]
        confirm = codec.Confirm(
            self.epoch,
            self.incarnation,
            said.nonce,
            self.announce,
            self._sign("confirm", sender, pending.nonce, said.nonce),
        )
        session = self._derive(sender, said, pending.nonce, said.nonce)
        return Outcome(self._pack(sender, confirm), session, announce)

    def _on_confirm(self, sender: str, said: codec.Confirm) -> Outcome:
        pending = self._answered.get(sender)
        if pending is None or pending.theirs is None or said.echo != pending.nonce:
            return Outcome()
        theirs = pending.theirs
        if (said.epoch, said.incarnation) != (theirs.epoch, theirs.incarnation):
            return Outcome()
        announce = self._checked(sender, said, "confirm", theirs.nonce, pending.nonce)
        if announce is None:
            return Outcome()
        del self._answered[sender]
        self._asked.pop(sender, None)
        return Outcome(None, self._derive(sender, said, theirs.nonce, pending.nonce), announce)

    def _checked(
        self, sender: str, said: codec.Reply | codec.Confirm, kind: str, first: bytes, second: bytes
    ) -> ms.Signed | None:
        """The announcement of a greeting, if it and the greeting are signed by the sender."""
        data = _transcript(kind, (sender, self.me), (first, second), said.epoch, said.incarnation)
        if not is_signed(self.pairs[sender].verify, data, said.signature):
            return None
        signed = self.proofs.check(said.announce)
        expected = ms.Announce(sender, said.epoch, said.incarnation)
        return signed if signed is not None and signed.statement == expected else None

    def _derive(
        self, sender: str, said: codec.Reply | codec.Confirm, first: bytes, second: bytes
    ) -> Session:
        secret = self.pairs[sender].secret
        return Session(
            sender,
            said.epoch,
            said.incarnation,
            blake2b(first + second, digest_size=8).digest(),
            derive(secret, "session", first, second, self.me, sender),
            derive(secret, "session", first, second, sender, self.me),
        )

    def _sign(self, kind: str, receiver: str, first: bytes, second: bytes) -> bytes:
        data = _transcript(kind, (self.me, receiver), (first, second), self.epoch, self.incarnation)
        return self.key.sign(data).signature

    def _pack(self, peer: str, said: codec.Greeting) -> bytes:
        body = codec.encode(said)
        return codec.named(codec.GREETING, self.me, body, self.pairs[peer].key_out)


def _transcript(
    kind: str, ends: tuple[str, str], nonces: tuple[bytes, bytes], epoch: int, incarnation: int
) -> bytes:
    return codec.encode(["knell session 1", kind, *ends, *nonces, epoch, incarnation])
