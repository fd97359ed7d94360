"""The exit codes of every command: scripts rely on them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    HOLDS = 0
    VIOLATED = 1
    USAGE = 2
    INTERNAL = 3
    INCONCLUSIVE = 4


_BY_VERDICT = {
    "holds": Exit.HOLDS,
    "violated": Exit.VIOLATED,
    "inconclusive": Exit.INCONCLUSIVE,
}


def of_verdict(verdict: str) -> Exit:
    """The exit code that says ``verdict``."""
    return _BY_VERDICT[verdict]
