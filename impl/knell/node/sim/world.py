"""The simulated cluster: hosts, a network, and one queue of what happens when.

`World.step` takes the earliest thing that is to happen and lets it happen. Ties go to what was
queued first, so a run depends on nothing but the seed.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

from knell.node.core import events as ev
from knell.node.core.values import (
    MILLISECOND,
    SECOND,
    Fencing,
    GroupSettings,
    Settings,
    Takeover,
)
from knell.node.sim.host import Host
from knell.node.sim.monitor import Monitor
from knell.node.sim.network import Datagram, Network


class World:
    """A cluster and its time.

    Args:
        settings: One for each node.
        seed: Of everything that is random.
        dawdling: The chance that a core's next step waits while other things happen.
    """

    def __init__(self, settings: list[Settings], seed: int, *, dawdling: float = 0.1) -> None:
        self.random = Random(seed)  # noqa: S311 # a simulation must be repeatable
        self.now = 0
        self.dawdling = dawdling
        self.network = Network(self.random)
        self.monitor = Monitor(self)
        self.hosts = {each.me: Host(self, each) for each in settings}
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._timers: dict[tuple[str, ev.Timer], int] = {}

    # What is to happen

    def at(self, delay: int, happen: Callable[[], None]) -> int:
        """Let something happen after a delay; return its number in the queue."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + delay, self._count, happen))
        return self._count

    def after(self, delay: int, host: Host, event: ev.Event) -> None:
        """Tell a host an event after a delay, if it lives in the same epoch then."""
        life = host.life

        def happen() -> None:
            if host.life == life:
                if host.frozen:
                    self.after(100 * MILLISECOND, host, event)
                else:
                    host.tell(event)

        self.at(delay, happen)

    def drain_after(self, delay: int, host: Host) -> None:
        """Let a host go on with what is due after a delay."""
        self.at(delay, host.drain)

    def sync_after(self, delay: int, host: Host) -> None:
        """Let a host's oldest write be synced after a delay."""
        life = host.life

        def happen() -> None:
            if host.life != life:
                return
            if host.frozen:
                self.sync_after(100 * MILLISECOND, host)
            else:
                host.synced()

        self.at(delay, happen)

    def arm(self, host: Host, timer: ev.Timer, after: int | None) -> None:
        """Set a host's timer, or clear it."""
        key, life = (host.name, timer), host.life
        if after is None:
            self._timers.pop(key, None)
            return

        def happen() -> None:
            if self._timers.get(key) == number and host.life == life:
                if host.frozen:
                    self.arm(host, timer, 100 * MILLISECOND)
                else:
                    del self._timers[key]
                    host.tell(ev.TimerFired(timer))

        number = self.at(after, happen)
        self._timers[key] = number

    def send(self, datagram: Datagram) -> None:
        """Hand a datagram to the network."""
        for delay in self.network.delays(datagram.source.node, datagram.to):
            self.at(delay, lambda: self.hosts[datagram.to].deliver(datagram))

    # Time

    def step(self) -> bool:
        """Let the next thing happen; return whether there was one."""
        if not self._queue:
            return False
        self.now, _, happen = heapq.heappop(self._queue)
        happen()
        return True

    def run_for(self, duration: int) -> None:
        """Let everything happen that is due within a time."""
        end = self.now + duration
        while self._queue and self._queue[0][0] <= end:
            self.step()
        self.now = end


def cluster(nodes: int) -> list[Settings]:
    """Settings of a cluster with one group of each kind.

    `base` is ordinary, `top` depends on it, `store` checks tokens, `leased` has leases and
    `vital` is critical. In a large cluster heartbeats are rarer, so that they don't drown the rest.
    """
    beat = 400 * MILLISECOND * max(1, nodes // 5)
    names = tuple(f"n{k}" for k in range(1, nodes + 1))
    few = names[:5]
    groups = (
        GroupSettings("base", names),
        GroupSettings("top", tuple(reversed(few)), depends_on=("base",)),
        GroupSettings("store", few, fencing=Fencing.TOKEN),
        GroupSettings("leased", few, takeover=Takeover.LEASE),
        GroupSettings("vital", few[:2], critical=True),
    )
    return [
        Settings(
            me,
            names,
            groups,
            beat=beat,
            lost=5 * beat,
            lease=10 * beat,
            drift=SECOND,
            resend=20 * MILLISECOND,
            resend_limit=500 * MILLISECOND,
        )
        for me in names
    ]
