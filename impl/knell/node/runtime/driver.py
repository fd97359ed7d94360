"""A core at work: events in, effects out, in the order that the contract asks for.

The driver knows no protocol. It hands events to the core one at a time, carries out what the
core asks for, and hands back what is due. What stands behind a write waits for the disk; nothing
else does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Protocol

from knell.node.core import Core
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.runtime.disk import Disk
from knell.node.runtime.guard import Guard
from knell.node.runtime.journal import Journal
from knell.node.runtime.transport import Transport
from knell.node.runtime.watch import Page, clock, keep_up
from knell.spec.vocabulary import Cause

_SPARE: Final = 0.002
"""After how many seconds acknowledgements are sent and lines written: nobody waits for them."""

_GIVE_WAY: Final = 0.002
"""How many seconds a node that has announced its end leaves the processors to those who hear it.

Where nodes share processors, they would else wait for it, and their members for its members.
"""


class Outside(Protocol):
    """The rest of the process: whatever is no frame, timer, write or trace."""

    def tell(self, group: str, news: fx.News) -> None:
        """Tell a member."""

    def kill(self, group: str, join: int) -> None:
        """Kill a member."""

    def kill_engine(self) -> None:
        """Kill the engine."""

    def to_cc(self, group: str, causes: tuple[Cause, ...]) -> None:
        """Pass a shutdown message on."""

    def closed(self) -> None:
        """The gate has closed for good."""

    def ended(self) -> None:
        """Clustering has ended."""


class Driver:
    """Runs a core.

    Args:
        core: The core.
        loop: The event loop.
        transport: Where frames go.
        disk: Where records go; None for the sentinel, which stores nothing.
        page: Where the latch is shown.
        journal: Where traces go.
        pause: What gap between two wake-ups is a pause; 0 for none.

    `silent` makes it carry out nothing: so a sentinel's core keeps up while the engine lives.
    """

    def __init__(
        self,
        core: Core,
        loop: asyncio.AbstractEventLoop,
        *,
        transport: Transport,
        disk: Disk | None,
        page: Page,
        journal: Journal,
        pause: int = 0,
    ) -> None:
        self.core = core
        self.silent = False
        self.answers: deque[fx.Answer | fx.ActResult | fx.Routed] = deque()
        self._outside: Outside | None = None
        self._loop = loop
        self._transport = transport
        self._disk = disk
        self._page = page
        self._journal = journal
        self._pause = pause
        self._timers: dict[ev.Timer, asyncio.TimerHandle] = {}
        self._paced: frozenset[ev.Timer] = frozenset()
        self._awaited: set[ev.Timer] = set()
        self._queue: deque[ev.Event] = deque()
        self._busy = False
        self._over = False
        self._gives_way = False
        self._tidying: asyncio.TimerHandle | None = None
        self._received: dict[str, dict[int, None]] = {}
        self._woke = clock()
        self.guard = Guard()
        self._writer = ThreadPoolExecutor(1, "disk", keep_up) if disk is not None else None

    def serve(self, outside: Outside) -> None:
        """Say who carries out what the driver can't."""
        self._outside = outside

    def tell(self, event: ev.Event) -> None:
        """Hand an event to the core, and do all that follows."""
        self._queue.append(event)
        if self._busy or self._over:
            return
        self._work()
        if not isinstance(event, ev.MemberReports):
            self.guard.note(self.core.state)

    def _work(self) -> None:
        """Do what is queued and what is due; what comes of it meanwhile waits its turn."""
        self._busy = True
        try:
            self.wake()
            while not self._over:
                if self._queue:
                    self._step(self._queue.popleft())
                self._follow()
                if not self._queue:
                    break
        finally:
            self._busy = False
        if self._tidying is None:
            self._tidying = self._loop.call_later(_SPARE, self._tidy)

    def _tidy(self) -> None:
        """Do what has time: acknowledge, and write lines."""
        self._tidying = None
        for to, received in self._received.items():
            numbers = tuple(received)
            for at in range(0, len(numbers), ms.MOST_RECEIVED):
                some = ms.Received(numbers[at : at + ms.MOST_RECEIVED])
                self._transport.send((to,), (some,), urgent=False)
        self._received.clear()
        self._journal.flush()

    def note(self, what: str, **about: object) -> None:
        """Log what is no event of the protocol."""
        self._journal.note(what, **about)

    def begin(self, effects: Iterable[fx.Effect]) -> None:
        """Carry out the effects of a start, and what is due."""
        effects = list(effects)
        self._journal.traced(None, effects, self.core.state)
        self.perform(effects)
        self._follow()
        self._journal.flush()
        self.guard.note(self.core.state)

    def pace(self, timer: ev.Timer) -> None:
        """Leave a timer to somebody else, who calls `tick` when it is time."""
        self._paced |= {timer}

    def tick(self, timer: ev.Timer) -> None:
        """It is time for a timer that was left to somebody else."""
        if timer in self._awaited:
            self._awaited.discard(timer)
            self.tell(ev.TimerFired(timer))

    def wake(self) -> None:
        """Note a wake-up; after too long a gap the core is told before anything else (§10.10)."""
        now = clock()
        gap, self._woke = now - self._woke, now
        if self._pause and gap >= self._pause:
            self._journal.note("paused", ms=gap // 1_000_000)
            self._step(ev.Paused())

    def ask(self, event: ev.Event) -> list[fx.Answer | fx.ActResult | fx.Routed]:
        """Hand an event to the core and return what it answered."""
        self.answers.clear()
        self.tell(event)
        return list(self.answers)

    def _step(self, event: ev.Event) -> None:
        before = self.core.state
        now = clock()
        effects = self.core.receive(event, now)
        latched = self.core.state.latch
        closes = latched is not None and before.latch is None
        if latched is not None and closes:
            self._page.latch(latched, self.core.state.reporter)
        elif broken := self._broken(event):
            self.core.state = before
            self._end_instead(event, broken)
            return
        if not self.silent:
            self._journal.traced(event, effects, self.core.state, now)
        self.perform(effects)
        if closes:
            self._gives_way = True
            self._loop.call_later(_GIVE_WAY, self._go_on)

    def _broken(self, event: ev.Event) -> str | None:
        """Which corrupt record an event has replaced, as long as it matters.

        A report is not held up: what it has replaced is looked at with the next event.
        """
        state = self.core.state
        if self.silent or not state.is_active or isinstance(event, ev.MemberReports):
            return None
        return self.guard.replaced(state)

    def _end_instead(self, event: ev.Event, why: str) -> None:
        """Let the node end instead of doing what a corrupt record has led to.

        What happened outside has happened, and is handed to the core again, which is not active
        any more; a step of its own is dropped.
        """
        self._step(ev.FatalFound((Cause.OBJECT,)))
        self._journal.note("found", cause=Cause.OBJECT, why=why)
        if not isinstance(event, ev.Step):
            self._step(event)

    def _go_on(self) -> None:
        self._gives_way = False
        if not self._over:
            self._work()

    def _follow(self) -> None:
        while not self._over and not self._gives_way:
            due = self.core.due(clock())
            if not due:
                return
            self._step(due[0])

    def perform(self, effects: list[fx.Effect]) -> None:
        """Carry out effects up to the first write, and the rest once that is synced."""
        if self.silent:
            return
        for index, effect in enumerate(effects):
            if isinstance(effect, fx.Persist | fx.Keep):
                self._store(effect, effects[index + 1 :])
                return
            self._perform(effect)

    def _store(self, effect: fx.Persist | fx.Keep, rest: list[fx.Effect]) -> None:
        if self._disk is None or self._writer is None:
            raise RuntimeError("this core has no disk")
        disk = self._disk
        if isinstance(effect, fx.Persist):
            group, record = effect.group, effect.record
            work: Callable[[], None] = lambda: disk.write(group, record)  # noqa: E731
        else:
            signed = effect.signed
            work = lambda: disk.keep(signed)  # noqa: E731
        future = self._writer.submit(work)
        future.add_done_callback(
            lambda done: self._loop.call_soon_threadsafe(self._stored, done, effect, rest)
        )

    def _stored(
        self, done: Future[None], effect: fx.Persist | fx.Keep, rest: list[fx.Effect]
    ) -> None:
        done.result()  # a disk that fails ends the engine; the sentinel announces it
        if self._over:
            return
        self.perform(rest)
        if isinstance(effect, fx.Persist):
            self.tell(ev.Persisted(effect.group, effect.record))

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Send((peer,), (ms.Received(numbers),)):
                self._received.setdefault(peer, {}).update(dict.fromkeys(numbers))
            case fx.Send(to, frames, urgent):
                self._transport.send(to, frames, urgent=urgent)
            case fx.Arm(timer, after):
                self._arm(timer, after)
            case fx.Cancel(timer):
                self._arm(timer, None)
            case fx.Trace():
                pass  # noted before anything is carried out
            case fx.Log(what, about):
                self._journal.note(what, about=about)
            case fx.Answer() | fx.ActResult() | fx.Routed():
                self.answers.append(effect)
            case _:
                self._perform_outside(effect)

    def _perform_outside(self, effect: fx.Effect) -> None:
        outside = self._outside
        assert outside is not None
        match effect:
            case fx.Tell(group, news):
                outside.tell(group, news)
                self._journal.told(group, news)
            case fx.Kill(group, join):
                outside.kill(group, join)
            case fx.KillEngine():
                outside.kill_engine()
            case fx.ToCC(group, causes):
                outside.to_cc(group, causes)
            case fx.CloseGate():
                outside.closed()
            case fx.End():
                self._over = True
                self._tidy()  # a peer that ends too must not wait for what this node has heard
                outside.ended()
            case _:
                raise AssertionError(f"nobody carries out {effect}")

    def _arm(self, timer: ev.Timer, after: int | None) -> None:
        running = self._timers.pop(timer, None)
        if running is not None:
            running.cancel()
        self._awaited.discard(timer)
        if after is not None and timer in self._paced:
            self._awaited.add(timer)
        elif after is not None:
            self._timers[timer] = self._loop.call_later(after / 1e9, self._fire, timer)

    def _fire(self, timer: ev.Timer) -> None:
        self._timers.pop(timer, None)
        self.tell(ev.TimerFired(timer))
