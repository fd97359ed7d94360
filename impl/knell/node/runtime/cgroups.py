"""Members in cgroups of their own, where a cgroup v2 is delegated to the node.

Killing a process leaves what it has forked; `cgroup.kill` ends all of it. A node that runs under
systemd with `Delegate=yes` owns its cgroup and may make others in it. Elsewhere nothing here
has any effect, and members are killed by their process descriptors alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


def own(processes: Path = Path("/proc/self/cgroup"), mounts: Path = Path("/proc/mounts")) -> Path:
    """The folder of this process's cgroup v2; an impossible one if it has none of its own."""
    nowhere = Path("/nonexistent")
    try:
        entries = processes.read_text(encoding="ascii").splitlines()
        points = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return nowhere
    name = next((line[3:] for line in entries if line.startswith("0::")), "/")
    point = next((fields[1] for fields in points if fields[2] == "cgroup2"), None)
    # The root belongs to the whole machine: nobody has delegated it.
    return nowhere if point is None or name == "/" else Path(point + name)


class Cgroups:
    """The cgroups of a node's members.

    Args:
        folder: The node's own; by default that of this process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = own() if folder is None else folder

    def place(self, group: str) -> Callable[[], None] | None:
        """Make the cgroup of a member; return what moves the calling process there, if any."""
        path = self._of(group)
        try:
            path.mkdir(exist_ok=True)
            if not os.access(path / "cgroup.kill", os.W_OK):
                return None
        except OSError:
            return None

        def enter() -> None:
            (path / "cgroup.procs").write_text("0", encoding="ascii")

        return enter

    def kill(self, group: str) -> None:
        """Kill all processes in the cgroup of a member."""
        with contextlib.suppress(OSError):
            (self._of(group) / "cgroup.kill").write_text("1", encoding="ascii")

    def remove(self, group: str) -> None:
        """Take the empty cgroup of a member away."""
        with contextlib.suppress(OSError):
            self._of(group).rmdir()

    def _of(self, group: str) -> Path:
        return self._folder / f"member.{group}"
