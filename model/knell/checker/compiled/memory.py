"""Memory that grows without being copied, in pages of no file or of one on disk."""

from __future__ import annotations

import contextlib
import mmap
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

_HUGE = 4 << 20  # from this size on, large pages are asked for
# Python names the flag from 3.13 on. Without it a process with much of it cannot start another.
_COMMON = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
_UNRESERVED: int = getattr(mmap, "MAP_NORESERVE", 0x4000 if _COMMON else 0)


class Memory:
    """Zeroed memory at a fixed address; pages cost nothing until they are touched.

    With ``disk`` they are those of a file there, which has no name: it is gone with the process.
    """

    def __init__(self, size: int, disk: Path | None = None) -> None:
        self.size = max(size, mmap.PAGESIZE)
        if disk is None:
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _UNRESERVED
            self._map = mmap.mmap(-1, self.size, flags=flags)
        else:
            with tempfile.TemporaryFile(dir=disk) as file:
                file.truncate(self.size)
                self._map = mmap.mmap(file.fileno(), self.size)
        if disk is None and size >= _HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            with contextlib.suppress(OSError):  # a kernel without them
                self._map.madvise(mmap.MADV_HUGEPAGE)
        self._whole = np.frombuffer(self._map, dtype=np.uint8)
        self.address: int = self._whole.ctypes.data

    def view(self, kind: Any, count: int | None = None) -> Any:
        """The memory as an array of numbers."""
        return np.frombuffer(self._map, dtype=kind, count=-1 if count is None else count)


def physical_bytes() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def disk_bytes(disk: Path) -> int:
    """The free space of a disk, to a whole page."""
    return shutil.disk_usage(disk).free // mmap.PAGESIZE * mmap.PAGESIZE
