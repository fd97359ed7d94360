"""A network that may lose, delay, duplicate and reorder whatever is sent (§12.1)."""

from __future__ import annotations

from random import Random

from msgspec import Struct

from knell.node.core.messages import Message
from knell.node.core.values import MILLISECOND, Epoch


class Datagram(Struct, frozen=True):
    """Frames on their way from an epoch of one node to another node.

    `session` is the incarnation of the receiver that the sender has admitted: traffic is
    authenticated for that pair and worth nothing to another incarnation. A `nonce` makes it a
    challenge, or, if `reply` is set, the response to one.
    """

    source: Epoch
    incarnation: int
    to: str
    frames: tuple[Message, ...]
    session: int = 0
    nonce: int = 0
    reply: bool = False


class Network:
    """Decides when a datagram arrives, if ever.

    Attributes:
        cut: Pairs (from, to) between which nothing passes.
        loss: The chance that a datagram is lost.
        twice: The chance that it arrives twice.
        slow: The chance that it takes up to seconds.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.cut: set[tuple[str, str]] = set()
        self.loss, self.twice, self.slow = 0.05, 0.05, 0.02

    def delays(self, source: str, to: str) -> list[int]:
        """Return after what times copies of a datagram arrive; none if it is lost."""
        random = self.random
        if (source, to) in self.cut or random.random() < self.loss:
            return []
        return [self._delay() for _ in range(2 if random.random() < self.twice else 1)]

    def _delay(self) -> int:
        random = self.random
        if random.random() < self.slow:
            return random.randrange(10 * MILLISECOND, 8_000 * MILLISECOND)
        return random.randrange(MILLISECOND // 10, 3 * MILLISECOND)

    def quiet(self) -> None:
        """From now on carry everything, soon and once."""
        self.cut.clear()
        self.loss = self.twice = self.slow = 0.0
