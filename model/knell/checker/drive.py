"""Driving a check: bounds, progress, interruption and checkpoints.

A search goes level by level and looks at the clock itself. What comes before and after it, the
building of the model and the search for fair cycles, is :func:`watched`.

A bound is reached when states are left that it forbids to expand; that the search would have
found nothing new is no excuse. ``max_states`` stops before the first state to be expanded with
that many states found, so a few more than that many may be known. ``max_depth`` counts the states
of a path: those of the last level are found but not expanded.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from knell.checker.explored import Explored
from knell.checker.results import Options, Progress
from knell.checker.search import Search

BUILDING = "building the model"
INTERRUPTED = "interrupted"
_PROGRESS_SECONDS = 0.25
_ALARM_SECONDS = 0.05
_AGAIN_SECONDS = 0.5
_CHECKPOINT_SECONDS = 30.0


class OutOfTimeError(Exception):
    """The limit of seconds was reached while something was :func:`watched`."""


class Clock:
    """Measures seconds, of which there may be a limit, and tells progress now and then.

    ``doing`` says what is being done.
    """

    def __init__(
        self, tell: Callable[[Progress], None] | None = None, limit: float | None = None
    ) -> None:
        self.tell = tell
        self.limit = limit
        self.doing = BUILDING
        self.start = time.perf_counter()
        self._told = self.start

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.start

    @property
    def is_over(self) -> bool:
        """Whether the limit is reached."""
        return self.limit is not None and self.elapsed >= self.limit

    @property
    def over(self) -> str:
        """The reason to stop that the limit is."""
        return f"the bound of {self.limit:g} seconds was reached"

    def report(self, explored: Explored | None = None) -> None:
        """Tell how far the check is, unless that was told a moment ago."""
        if self.tell is None or time.perf_counter() - self._told < _PROGRESS_SECONDS:
            return
        self._told = time.perf_counter()
        if explored is None or not explored.level_ends:
            explored = Explored(level_ends=[0])
        self.tell(
            Progress(
                distinct=len(explored.states),
                generated=explored.generated,
                depth=len(explored.levels),
                queue=len(explored.states) - explored.expanded,
                elapsed=self.elapsed,
                memory=resident_bytes(),
                doing=self.doing,
            )
        )


@contextmanager
def watched(clock: Clock, doing: str, explored: Explored | None = None) -> Iterator[None]:
    """Look at the clock while something runs that does not: tell progress, end it in time.

    An alarm does so. Only the main thread hears one; in another there is neither progress nor end.
    What it raises is lost where Python happens to reclaim memory just then, so it is raised again.

    Raises:
        OutOfTimeError: The clock's limit was reached.
    """
    clock.doing = doing
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    is_on, next_end = True, 0.0

    def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler
        nonlocal next_end
        if not is_on:
            return
        if clock.is_over and clock.elapsed >= next_end:
            next_end = clock.elapsed + _AGAIN_SECONDS
            raise OutOfTimeError
        clock.report(explored)

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, _ALARM_SECONDS, _ALARM_SECONDS)
        try:
            yield
        finally:
            is_on = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def drive(
    search: Search, options: Options, clock: Clock, save: Callable[[], None] | None = None
) -> str | None:
    """Run the search; returns why it is not complete, or ``None``. ``save`` keeps a checkpoint."""
    clock.doing = "searching"
    with interruption() as interrupted:
        reason = _drive(search, options, clock, interrupted, save)
    if save is not None:
        save()
    return reason


def _drive(
    search: Search,
    options: Options,
    clock: Clock,
    interrupted: Callable[[], bool],
    save: Callable[[], None] | None,
) -> str | None:
    found = search.explored
    if options.max_states is not None:
        search.most_states = options.max_states
    saved = clock.elapsed
    while not found.complete:
        if found.expanded == found.level_ends[-1]:
            found.level_ends.append(len(found.states))
        reason = _stop(search, options)
        if reason is None and interrupted():
            reason = INTERRUPTED
        if reason is None and clock.is_over:
            reason = clock.over
        if reason is not None:
            return reason
        search.expand(min(found.level_ends[-1], found.expanded + search.portion))
        try:
            clock.report(found)
        except KeyboardInterrupt:
            return INTERRUPTED
        if save is not None and clock.elapsed - saved > _CHECKPOINT_SECONDS:
            save()
            saved = clock.elapsed
    return None


def _stop(search: Search, options: Options) -> str | None:
    """Whether what is found so far reaches a bound."""
    found = search.explored
    if len(found.states) >= search.most_states:
        return f"the bound of {options.max_states} states was reached"
    at_level = found.expanded == found.level_start
    if options.max_depth is not None and at_level and len(found.level_ends) >= options.max_depth:
        return f"the bound of depth {options.max_depth} was reached"
    if options.fail_fast and at_level and search.failed:
        return "stopped after the first violation"
    return None


@contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question, so that it stops the search between two states.

    A second Ctrl-C, and one in another thread than the main one, works as usual.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return

    def press(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
