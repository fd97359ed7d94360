"""Memory that grows without being copied, and tables that are carried over piece by piece."""

from __future__ import annotations

import contextlib
import mmap
import os
from typing import Any

import numpy as np

_HUGE = 4 << 20  # from this size on, large pages are asked for
_UNRESERVED = getattr(mmap, "MAP_NORESERVE", 0)


class Memory:
    """Zeroed memory at a fixed address; pages cost nothing until they are touched."""

    def __init__(self, size: int) -> None:
        self.size = max(size, mmap.PAGESIZE)
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _UNRESERVED
        self._map = mmap.mmap(-1, self.size, flags=flags)
        if size >= _HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            with contextlib.suppress(OSError):  # a kernel without them
                self._map.madvise(mmap.MADV_HUGEPAGE)
        self._whole = np.frombuffer(self._map, dtype=np.uint8)
        self.address: int = self._whole.ctypes.data

    def view(self, kind: Any, count: int | None = None) -> Any:
        """The memory as an array of numbers."""
        return np.frombuffer(self._map, dtype=kind, count=-1 if count is None else count)

    def forget(self, start: int, end: int) -> None:
        """Give pages back to the system; they read as zero from now on."""
        start = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        end = end // mmap.PAGESIZE * mmap.PAGESIZE
        if start < end and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED, start, end - start)


def physical_bytes() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
