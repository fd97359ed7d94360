"""Datagrams as nobody should send them, made with the key of a peer."""

from __future__ import annotations

import random
from collections.abc import Callable

from knell.node.core import messages as ms
from knell.node.core.values import Entry
from knell.node.runtime import codec, config
from knell.node.runtime.epoch import keys_of
from knell.node.runtime.keys import read_key
from knell.node.runtime.proofs import Proofs
from knell.node.runtime.sessions import Session, Sessions, pairs
from knell.spec.vocabulary import Cause


class Frames:
    """Makes datagrams to a node as nobody should: `next` gives one and its kind.

    Args:
        peer: The configuration of the node whose key is used.
        victim: To whom they go.
        seed: Of all choices.
    """

    def __init__(self, peer: config.Config, victim: str, seed: int) -> None:
        self._draw = draw = random.Random(seed)  # noqa: S311 # to be repeatable
        me = peer.node.name
        key = read_key(peer.at(peer.node.key))
        nodes, operators = keys_of(peer)
        self._proofs = Proofs(key, nodes, operators)
        announce = self._proofs.prove(ms.Signed(ms.Announce(me, 1, 7)))
        self._sessions = Sessions(me, 1, 7, key, announce, pairs(me, key, nodes), self._proofs)
        self._me, self._victim = me, victim
        self._key = self._sessions.pairs[victim].key_out
        said: list[ms.Statement] = [ms.Distress(me, 0, 5, cause) for cause in Cause]
        said += [ms.Quiesced(me, 0, 5), ms.Announce(me, 0, 5)]
        said += [ms.Promoted("store", Entry(1, me, 0, 1, 5))]
        self._old = [codec.encode(self._proofs.prove(ms.Signed(each))) for each in said]
        session = Session(victim, 1, 1, draw.randbytes(8), draw.randbytes(32), b"")
        beat = codec.array([codec.encode(ms.Heartbeat(5, 6))], 1)
        self.genuine = [
            *(self._open(each) for each in self._old),
            self._sessions.greet(victim),
            codec.in_session(session.id, 9, beat, session.key_out),
        ]
        self._kinds: dict[str, Callable[[], bytes]] = {
            "mutated": self._mutated,
            "cut": self._cut,
            "replayed": lambda: draw.choice(self.genuine),
            "forged": self._forged,
            "oversized": lambda: draw.choice(self.genuine) + bytes(draw.randrange(1, 65_000)),
            "random": lambda: draw.randbytes(draw.randrange(1_500)),
            "malformed but authentic": self._malformed,
            "of another epoch": lambda: self._open(draw.choice(self._old)),
            "of a clone": lambda: self._sessions.greet(victim),
        }
        self._names = list(self._kinds)

    def next(self) -> tuple[str, bytes]:
        """One datagram, and what kind it is."""
        name = self._draw.choice(self._names)
        return name, self._kinds[name]()[:65_000]

    def _open(self, *frames: bytes) -> bytes:
        return codec.named(codec.OPEN, self._me, codec.array(frames, len(frames)), self._key)

    def _mutated(self) -> bytes:
        raw = bytearray(self._draw.choice(self.genuine))
        for _ in range(self._draw.randrange(1, 4)):
            raw[self._draw.randrange(len(raw))] = self._draw.randrange(256)
        return bytes(raw)

    def _cut(self) -> bytes:
        raw = self._draw.choice(self.genuine)
        return raw[: self._draw.randrange(len(raw))]

    def _forged(self) -> bytes:
        body = codec.array([self._draw.choice(self._old)], 1)
        kind = self._draw.choice([codec.OPEN, codec.GREETING, codec.REJECTION])
        return codec.named(kind, self._draw.choice(["n2", "n3", "n9"]), body, b"no key")

    def _malformed(self) -> bytes:
        """A right authentication code around something else."""
        raw = bytearray(self._draw.choice(self._old))
        raw[self._draw.randrange(len(raw))] ^= 1 << self._draw.randrange(8)
        kind = self._draw.choice([codec.OPEN, codec.GREETING, codec.REJECTION])
        body = self._draw.choice([codec.array([bytes(raw)], 1), bytes(raw), b""])
        return codec.named(kind, self._me, body, self._key)
