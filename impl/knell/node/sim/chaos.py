"""What goes wrong, and who asks for what: drawn at random, one thing after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from typing import Final

from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.operator import bootstrap_order
from knell.node.core.values import MILLISECOND, SECOND
from knell.node.sim.host import Host
from knell.node.sim.world import World
from knell.spec.vocabulary import CLAIMED_CAUSES, Cause, NodePhase

_COMPONENTS = (Cause.CLUSTER_CONTROL, Cause.NAME_SERVER, Cause.MONITOR)


ALL: Final = {
    "boot": 22,
    "act": 30,
    "work": 8,
    "report": 3,
    "component": 1,
    "fatal": 1,
    "stop": 2,
    "engine": 2,
    "sentinel": 1,
    "power": 4,
    "member": 5,
    "leave": 3,
    "join": 20,
    "relent": 2,
    "deafen": 1,
    "cut": 4,
    "heal": 8,
    "freeze": 3,
    "fence": 3,
    "bootstrap": 3,
}
"""How often each thing happens, in proportion: the name of a method of `Chaos`, and a weight."""

SILENCE: Final = {
    **dict.fromkeys(ALL, 0),
    "boot": 4,
    "act": 30,
    "join": 4,
    "power": 0.5,
    "report": 0.3,
    "cut": 3,
    "heal": 4,
    "freeze": 4,
}
"""Mostly cuts and pauses, which last: what leases are for."""


class Chaos:
    """Drives a world: boots it, then lets things go wrong every now and then.

    Args:
        world: The cluster.
        weights: What happens how often.
        pace: The mean time between two things, in nanoseconds; by default the less the more nodes.
    """

    def __init__(
        self,
        world: World,
        weights: Mapping[str, float] = ALL,
        *,
        pace: int | None = None,
    ) -> None:
        self.world = world
        self.weights = weights
        self.pace = pace or 900 * MILLISECOND // len(world.hosts)
        self.random = world.random
        self.acts = 0
        self.calm = False
        for host in world.hosts.values():
            world.at(self.random.randrange(SECOND), partial(self._boot, host))
        world.at(3 * SECOND, self._next)

    def run(self, steps: int) -> str:
        """Run for so many steps of cores; return a digest of the whole run."""
        goal = self.world.monitor.steps + steps
        while self.world.monitor.steps < goal:
            if not self.world.step():
                break
        return self.digest()

    def settle(self, duration: int = 60 * SECOND) -> None:
        """Stop the faults, mend the network, start what is down, and let time pass."""
        self.calm = True
        self.world.network.quiet()
        for _ in range(4):
            for host in self.world.hosts.values():
                if host.frozen:
                    self._thaw(host)
                for group in host.processes:
                    if host.processes[group].stubborn or host.is_gated(group):
                        host.processes[group].stubborn = False
                        host.lose_member(group)
                if host.engine is None and host.sentinel is None:
                    self._boot(host)
                elif host.engine is not None and host.engine.state.phase is NodePhase.ACTIVE:
                    for each in host.settings.groups:
                        if host.name in each.nodes:
                            host.join(each.name)
            self.world.run_for(duration // 4)

    def digest(self) -> str:
        """Return what identifies the run so far."""
        states = [
            (host.name, host.disk, host.engine and host.engine.state)
            for host in self.world.hosts.values()
        ]
        text = repr((self.world.now, self.world.monitor.steps, states))
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def _next(self) -> None:
        if self.calm:
            return
        self.world.at(int(self.random.expovariate(1) * self.pace), self._next)
        host = self.random.choice(list(self.world.hosts.values()))
        (name,) = self.random.choices(list(self.weights), list(self.weights.values()))
        happen: Callable[[Host], None] = getattr(self, f"_{name}")
        happen(host)

    def _group(self, host: Host) -> str:
        return self.random.choice(
            [group.name for group in host.settings.groups if host.name in group.nodes]
        )

    # Things that happen

    def _boot(self, host: Host) -> None:
        if host.can_start():
            host.boot()

    def _act(self, host: Host) -> None:
        self.acts += 1
        act, group = self.acts, self._group(host)
        host.tell(ev.ActBegins(group, act, primary=self.random.random() < 0.7))
        if host.engine is not None:
            self.world.after(self.random.randrange(5 * MILLISECOND), host, ev.ActEnds(group, act))

    def _work(self, host: Host) -> None:
        if host.engine is not None and host.settings.peers:
            other = self.random.choice(host.settings.peers)
            host.tell(ev.WorkComes(self._group(host), other))

    def _report(self, host: Host) -> None:
        causes = tuple(self.random.sample(CLAIMED_CAUSES, self.random.randrange(1, 3)))
        for _ in range(self.random.randrange(1, 3)):
            host.tell(ev.MemberReports(self._group(host), causes))

    def _component(self, host: Host) -> None:
        if host.engine is not None:
            host.tell(ev.ComponentDied(self.random.choice(_COMPONENTS)))

    def _fatal(self, host: Host) -> None:
        if host.engine is not None:
            host.tell(ev.FatalFound((Cause.COMMUNICATION,)))

    def _stop(self, host: Host) -> None:
        if host.engine is not None:
            host.tell(ev.StopRequested())
            if self.random.random() < 0.3:
                self.world.after(50 * MILLISECOND, host, ev.StopRequested())

    def _engine(self, host: Host) -> None:
        if host.sentinel is None:
            host.lose_power()
        else:
            host.lose_engine()

    def _sentinel(self, host: Host) -> None:
        if host.engine is None:
            host.lose_power()
        else:
            host.lose_sentinel()

    def _power(self, host: Host) -> None:
        host.lose_power()

    def _member(self, host: Host) -> None:
        host.lose_member(self._group(host))

    def _leave(self, host: Host) -> None:
        if host.engine is not None:
            group = self._group(host)
            if group not in host.processes:
                return
            host.tell(ev.MemberLeaves(group, host.processes[group].number))
            if self.random.random() < 0.7:
                self.world.at(10 * MILLISECOND, lambda: host.lose_member(group))

    def _join(self, host: Host) -> None:
        host.join(self._group(host), stubborn=self.random.random() < 0.2)

    def _relent(self, host: Host) -> None:
        for group, process in host.processes.items():
            if process.stubborn:
                process.stubborn = False
                host.lose_member(group)

    def _deafen(self, host: Host) -> None:
        for process in host.processes.values():
            process.deaf = True

    def _cut(self, host: Host) -> None:
        if not host.settings.peers:
            return
        others = self.random.sample(
            host.settings.peers, self.random.randrange(1, len(host.settings.peers) + 1)
        )
        for other in others:
            kind = self.random.randrange(3)
            if kind != 0:
                self.world.network.cut.add((host.name, other))
            if kind != 1:
                self.world.network.cut.add((other, host.name))

    def _heal(self, host: Host) -> None:
        cut = self.world.network.cut
        cut -= {pair for pair in cut if host.name in pair}

    def _freeze(self, host: Host) -> None:
        if host.up and not host.frozen:
            host.frozen = True
            pause = self.random.choice((SECOND // 2, 2 * SECOND, 12 * SECOND))
            self.world.at(pause, lambda: self._thaw(host))

    def _thaw(self, host: Host) -> None:
        if host.frozen:
            host.frozen = False
            if host.engine is not None:
                host.tell(ev.Paused())

    def _fence(self, host: Host) -> None:
        """An operator fences a node that is off, as is true (§10.8)."""
        off = [each for each in self.world.hosts.values() if each.off and each is not host]
        if off and host.engine is not None:
            victim = self.random.choice(off)
            epoch = victim.disk.epoch
            self.world.monitor.fence(victim.name, epoch)
            host.tell(ev.FenceOrdered(ms.Fence(victim.name, epoch)))

    def _bootstrap(self, host: Host) -> None:
        """An operator starts a group whose other nodes are, as is true, all off (§11.5)."""
        group = self._group(host)
        if host.engine is None or host.frozen:
            return
        order = bootstrap_order(host.engine.state, group)
        nodes = host.settings.group(group).nodes
        others = [self.world.hosts[node] for node in nodes if node != host.name]
        if order is not None and all(each.off for each in others):
            host.tell(ev.BootstrapOrdered(order))


def unsettled(world: World) -> list[str]:
    """Say what is not as it should be in a cluster that was left in peace (L1 to L6)."""
    found = []
    for host in world.hosts.values():
        if host.engine is None or host.engine.state.phase is not NodePhase.ACTIVE:
            found.append(f"{host.name} is down")
            continue
        state = host.engine.state
        for group in host.settings.groups:
            if state.live_primary(group.name) is None:
                found.append(f"{host.name} knows no primary of {group.name}")
            elif host.name in group.nodes and not state.lives(group.name):
                found.append(f"{host.name} has no entry in {group.name}")
    return found
