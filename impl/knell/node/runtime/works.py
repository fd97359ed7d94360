"""What members send each other, on its way between two engines: in parts, and in order.

Datagrams may be lost, repeated and reordered; what members send arrives at most once and in the
order in which it was sent, or not at all. Whatever is overtaken on its way is dropped.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from knell.node.runtime.codec import Work
from knell.node.runtime.sessions import Session

LARGEST_PART: Final = 32 * 1024
"""How many bytes go into one datagram."""

_REMEMBERED: Final = 8


def parts_of(work: Work) -> list[Work]:
    """Cut what a member sends into what datagrams take.

    >>> [(len(w.data), w.place, w.more) for w in parts_of(Work("g1", 1, 7, bytes(40_000)))]
    [(32768, 0, True), (7232, 1, False)]
    """
    cuts = range(0, len(work.data), LARGEST_PART) or (0,)
    return [
        replace(
            work,
            data=work.data[at : at + LARGEST_PART],
            place=place,
            more=at + LARGEST_PART < len(work.data),
        )
        for place, at in enumerate(cuts)
    ]


@dataclass(slots=True)
class _Stream:
    """What has come from one peer."""

    session: bytes
    highest: int = 0
    begun: list[Work] = field(default_factory=list)
    former: deque[bytes] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class Order:
    """Puts parts together, and drops what comes too late."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}

    def take(self, session: Session, sequence: int, work: Work) -> Work | None:
        """What a part completes; None if more is to come. A sender never goes back to a session.

        Raises:
            LookupError: It was overtaken, or what it belongs to was.
        """
        stream = self._streams.setdefault(session.peer, _Stream(session.id))
        if stream.session != session.id:
            if session.id in stream.former:
                raise LookupError("of an earlier session")
            former = deque([*stream.former, stream.session], maxlen=_REMEMBERED)
            stream = self._streams[session.peer] = _Stream(session.id, former=former)
        before, stream.highest = stream.highest, max(stream.highest, sequence)
        if sequence < before:
            raise LookupError("overtaken")
        begun, stream.begun = stream.begun, []
        if work.place != len(begun) and work.place:
            raise LookupError("an earlier part is missing")
        if work.place and sequence != before + 1:
            raise LookupError("a part of something else")
        whole = [*begun, work] if work.place else [work]
        if work.more:
            stream.begun = whole
            return None
        return replace(work, data=b"".join(each.data for each in whole), place=0)
