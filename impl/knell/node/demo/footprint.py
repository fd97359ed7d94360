"""What a node takes of its machine: memory and descriptors of engine and sentinel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from knell.node.demo.cluster import Node

GROWTH: Final = 16 * 2**20
"""How many bytes a process may grow: caches fill up to their limits, and no further."""

MORE_FILES: Final = 8
"""How many descriptors more may be open: connections that just come or go."""


def footprint(node: Node) -> dict[str, int]:
    """Resident bytes and open descriptors of engine and sentinel."""
    found = {}
    for name in ("engine", "sentinel"):
        pid = node.processes[name]
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        found[f"{name}_bytes"] = pages * os.sysconf("SC_PAGE_SIZE")
        found[f"{name}_files"] = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return found


def growth(grown: dict[str, int]) -> list[str]:
    """What has grown beyond what caches take."""
    return [
        f"{name} grew by {more}"
        for name, more in grown.items()
        if more > (GROWTH if name.endswith("bytes") else MORE_FILES)
    ]
