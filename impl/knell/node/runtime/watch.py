"""Who is alive: one shared page for beats and the latch, process descriptors for death (§3.7).

Each process of the daemon counts up its own slot of the page. A watcher looks at it regularly and
counts a beat as missed only if the count has stood still although the watcher itself was on time,
and although the other was not merely kept waiting for a processor or a disk. So neither a frozen
nor an overloaded machine raises an alarm.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import select
import signal
import time
from pathlib import Path
from typing import Final

from knell.spec.vocabulary import Cause

SENTINEL, ENGINE, CONTROL, NAMES, MONITOR = range(5)
"""The slots of the page."""

_LATCH: Final = 8
_ENDED: Final = 9
_REPORTER: Final = 128
"""Where in the page the name of the reporter's group begins, behind all cells."""
_NAME: Final = 63
"""How long a name may be: `values.Name`."""
_CAUSES: Final = tuple(Cause)
_SUBREAPER: Final = 36
_DEATH_SIGNAL: Final = 1
_STARTING: Final = 20
_BLOCKED: Final = 10
"""By how much more time a process gets before its first beat, and while it waits for a disk."""


def clock() -> int:
    """The time in nanoseconds, suspend included: what a core is told."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Page:
    """One page of memory that all processes of a daemon share."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)
        self._cells = memoryview(self._memory).cast("Q")

    def beat(self, slot: int) -> None:
        """Say that this process is alive."""
        self._cells[slot] += 1

    def beats(self, slot: int) -> int:
        """How often a process has said so."""
        return self._cells[slot]

    def latch(self, cause: Cause, reporter: str | None = None) -> None:
        """Note in the latch, for whoever outlives the engine, the cause and who reported (§4.4)."""
        name = (reporter or "").encode("ascii")
        self._memory[_REPORTER : _REPORTER + len(name)] = name
        self._cells[_LATCH] = 1 + _CAUSES.index(cause)

    @property
    def latched(self) -> Cause | None:
        """The cause in the latch."""
        number = self._cells[_LATCH]
        return _CAUSES[number - 1] if number else None

    @property
    def reporter(self) -> str | None:
        """The group whose member's report closed the latch, if that was it."""
        name = self._memory[_REPORTER : _REPORTER + _NAME].rstrip(b"\0")
        return name.decode("ascii") or None

    def end(self) -> None:
        """Note that clustering has ended in order (§7.13)."""
        self._cells[_ENDED] = 1

    @property
    def ended(self) -> bool:
        """Whether clustering has ended in order."""
        return bool(self._cells[_ENDED])


class Watch:
    """Looks whether one process hangs.

    A process that sleeps or was stopped hangs after a time of silence; one that wants to run hangs
    after it has *run* for so long without a beat, as it may be waiting for a processor; one that
    waits for a disk, or has yet to start, is given more time.

    Args:
        page: The shared page.
        slot: The slot of the process.
        pid: The process; it is not reaped while it is watched.
        interval: Time between two looks.
        limit: How long a process may be silent (T_watch).
    """

    def __init__(self, page: Page, slot: int, pid: int, interval: int, limit: int) -> None:
        self.slot = slot
        self._page = page
        self._pid = pid
        self._interval = interval
        self._limit = limit
        self._looked = 0
        self._beats = 0
        self._ran = 0
        self._silent = 0
        self._used = 0
        self._blocked = 0

    def hangs(self, now: int) -> bool:
        """Look once; return whether the process is to be taken for dead."""
        late = now - self._looked > 2 * self._interval
        self._looked = now
        beats = self._page.beats(self.slot)
        if beats != self._beats:
            self._beats = beats
            self._silent = self._used = self._blocked = 0
            self._ran = _runtime(self._pid)
            return False
        # What passed while this watcher was late itself says nothing about the other.
        if not late:
            self._count(state_of(self._pid))
        limit = self._limit if beats else _STARTING * self._limit
        blocked = self._blocked > _BLOCKED * limit
        return blocked or self._used >= limit or self._silent >= limit

    def _count(self, state: str) -> None:
        ran, before = _runtime(self._pid), self._ran
        self._ran = ran
        match state:
            case "R":
                self._used += ran - before
            case "D":
                self._blocked += self._interval
            case _:
                self._silent += self._interval


def _runtime(pid: int) -> int:
    """How many nanoseconds the threads of a process have run; 0 if that can't be told."""
    ran = 0
    for task in _tasks(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            ran += int(Path(f"{task}/schedstat").read_text(encoding="ascii").split()[0])
    return ran


def state_of(pid: int) -> str:
    """The state of a process in the kernel's letter; empty if there is none.

    It is that of the first thread, but if another wants to run the process does: the first may be
    waiting for what the other holds, such as the lock of the interpreter.
    """
    fields = _fields(f"/proc/{pid}")
    if fields and fields[0] == "S" and any(_fields(task)[:1] == ["R"] for task in _tasks(pid)):
        return "R"
    return fields[0] if fields else ""


def _tasks(pid: int) -> list[str]:
    try:
        return [str(each) for each in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []


def start_time(pid: int) -> int:
    """When a process was started, in clock ticks since boot; 0 if there is none."""
    fields = _fields(f"/proc/{pid}")
    return int(fields[19]) if fields else 0


def _fields(task: str) -> list[str]:
    try:
        text = Path(f"{task}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def is_dead(pidfd: int) -> bool:
    """Whether the process of a descriptor is surely dead (§2.6)."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(0))


def wait_for(pidfd: int) -> None:
    """Wait until the process of a descriptor is surely dead (§2.6), without limit (§7.10)."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll()


def come_first() -> bool:
    """Run before ordinary processes, where that is allowed; what is forked from here does not.

    On a busy machine a daemon that waits for its turn would be late to say that it fails, and
    would seem to hang.
    """
    try:
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))
    except OSError:
        return False
    return True


def keep_up() -> None:
    """Let a thread run before ordinary processes if the first thread of its process does.

    Else it would wait for its turn with the lock of the interpreter in its hands, and the first
    thread for it.
    """
    if os.sched_getscheduler(os.getpid()) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR:
        come_first()


def stand_back() -> None:
    """Run like ordinary processes again: all that is left is to end, which takes a millisecond."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def become_subreaper() -> None:
    """Make orphans among the descendants children of this process."""
    _prctl(_SUBREAPER, 1)


def stop_with_parent() -> None:
    """Be told to stop, by SIGTERM, when the thread that has started this process is gone."""
    _prctl(_DEATH_SIGNAL, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def close_all_but(kept: set[int]) -> None:
    """Close every inherited descriptor that a forked process has no use for."""
    for path in list(Path("/proc/self/fd").iterdir()):
        number = int(path.name)
        if number > 2 and number not in kept:
            try:
                os.close(number)
            except OSError:
                continue
