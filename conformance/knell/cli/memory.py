"""How much memory a command took."""

from __future__ import annotations

import resource
import sys

_UNIT = 1 if sys.platform == "darwin" else 1024


def peak(*, children: bool = True) -> int:
    """The peak resident size of this process, in bytes.

    With ``children`` that of the largest child which it waited for is added: at most so much
    was resident at one time if there was one child at a time.
    """
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if children:
        size += resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return size * _UNIT
