"""Fatal causes that an engine finds in its own transport and in what peers say (§7.1).

Both detectors are pure: they are told what happens, and judge when asked.
"""

from __future__ import annotations

from collections.abc import Collection

from knell.node.core import messages as ms
from knell.node.core.state import State
from knell.node.core.values import BOOTSTRAP_STEP, end_of


class SendFaults:
    """Finds communication errors: local failures to send to a peer that others do reach.

    Silence is none, and neither is what an ICMP message says: only what the own kernel answers to
    a send counts. If this node reaches nobody it is cut off, and can't tell who is in the wrong.
    """

    def __init__(self) -> None:
        self._since: dict[str, int] = {}
        self._contacts: dict[str, tuple[int, frozenset[str]]] = {}

    @property
    def failing(self) -> frozenset[str]:
        """The peers to which the latest send failed."""
        return frozenset(self._since)

    def failed(self, peer: str, now: int) -> bool:
        """Note that a send failed at once; return whether it is the first in a row."""
        first = peer not in self._since
        self._since.setdefault(peer, now)
        return first

    def worked(self, peer: str) -> None:
        """Note that a send was taken."""
        self._since.pop(peer, None)

    def heard(self, peer: str, contacts: Collection[str], now: int) -> None:
        """Note with which nodes a peer says it is in contact."""
        self._contacts[peer] = now, frozenset(contacts)

    def unreachable(
        self, reached: Collection[str], now: int, *, limit: int, fresh: int
    ) -> str | None:
        """A peer that only this node can't reach.

        Args:
            reached: The peers with which this node is in contact.
            now: The time.
            limit: For how long sends must have failed (T_comm).
            fresh: How old the word of another peer may be (T_lost).
        """
        for peer, since in self._since.items():
            if now - since < limit:
                continue
            for via in reached:
                at, contacts = self._contacts.get(via, (0, frozenset[str]()))
                if via not in self._since and now - at <= fresh and peer in contacts:
                    return peer
        return None


def contradicts(state: State, said: ms.Commit) -> bool:
    """Whether a committed list has another entry at a position that is committed here too.

    Committed lists are one order (§9.7), so such a frame is impossible, though authentic. After a
    bootstrap it proves nothing: what was committed before may have been given up (§11.5).
    """
    group = state.groups.get(said.group)
    if group is None or max(end_of(said.domain), end_of(group.domain)) > BOOTSTRAP_STEP:
        return False
    here = {each.position: each for each in group.domain[: group.committed]}
    return any(here.get(each.position, each) != each for each in said.domain)
