"""How much a node takes from a member before it hangs up on it."""

from __future__ import annotations

from typing import Final

_SECOND: Final = 1_000_000_000


class Bucket:
    """Lets through so many packets a second, and as many at once.

    Args:
        rate: Packets a second.
        now: The time in nanoseconds.
    """

    __slots__ = ("_left", "_rate", "_then")

    def __init__(self, rate: int, now: int) -> None:
        self._rate = rate
        self._left = float(rate)
        self._then = now

    def takes(self, now: int) -> bool:
        """Whether one packet more is within the limit.

        >>> bucket = Bucket(2, 0)
        >>> [bucket.takes(0), bucket.takes(0), bucket.takes(0), bucket.takes(500_000_000)]
        [True, True, False, True]
        """
        gained = (now - self._then) * self._rate / _SECOND
        self._left, self._then = min(float(self._rate), self._left + gained), now
        if self._left < 1:
            return False
        self._left -= 1
        return True
