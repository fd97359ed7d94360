"""The logs that a simulated cluster would write (`spec/LOGS.md`).

A monitor that also keeps a journal for each process that speaks. Nothing of what is written is
lost, as no process is killed between an event and its line; what a sentinel has not written when
power is lost is, as on a real node.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from knell.node.core import Core
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core.state import State
from knell.node.core.values import Role
from knell.node.runtime.journal import Journal, declare_lost
from knell.node.sim.monitor import Monitor

if TYPE_CHECKING:
    from knell.node.sim.host import Host
    from knell.node.sim.world import World


class Recorder(Monitor):
    """Judges a world, and writes a log for each of its nodes.

    Args:
        world: The world, which takes this as its monitor.
        folder: Where the logs go.
        run: The name of the run.
    """

    def __init__(self, world: World, folder: Path, run: str = "") -> None:
        super().__init__(world)
        self._folder, self._run = folder, run
        self._journals: dict[str, dict[Role, Journal]] = {}
        world.monitor = self

    def started(self, host: Host, effects: list[fx.Effect]) -> None:
        """A host starts an epoch."""
        super().started(host, effects)
        self._close(host.name)
        path = self._folder / f"{host.name}.ndjson"
        self._journals[host.name] = {
            role: Journal(path, host.name, host.disk.epoch, str(role), owns=role is Role.ENGINE)
            for role in Role
        }
        for journal in self._journals[host.name].values():
            journal.run = self._run
        if host.engine is not None:
            self._write(host, Role.ENGINE, None, effects, host.engine.state)

    def step(
        self,
        host: Host,
        *,
        core: Core,
        before: State,
        event: ev.Event,
        effects: list[fx.Effect],
    ) -> None:
        """Judge one step of one core, and write it down if that core speaks."""
        super().step(host, core=core, before=before, event=event, effects=effects)
        role = core.state.role
        if role is Role.SENTINEL and host.engine is not None:
            return
        if isinstance(event, ev.EngineReaped):
            self._journals[host.name][role].take_over()
        self._write(host, role, event, effects, core.state)

    def close(self) -> None:
        """Close all files; say of nodes that are down what they may have lost.

        A sentinel that speaks and still waits for its engine to be reaped writes what it holds
        back: others have heard it, and a log may end anywhere only if its end is nobody's cause.
        """
        for name in tuple(self._journals):
            host, journal = self.world.hosts[name], self._journals[name][Role.SENTINEL]
            if host.engine is None and host.sentinel is not None and not journal.owns:
                journal.take_over()
            self._close(name)
            if not self.world.hosts[name].up:
                declare_lost(self._folder / f"{name}.ndjson")

    def _write(
        self,
        host: Host,
        role: Role,
        event: ev.Event | None,
        effects: list[fx.Effect],
        state: State,
    ) -> None:
        journal = self._journals[host.name][role]
        journal.traced(event, effects, state)
        journal.flush()

    def _close(self, name: str) -> None:
        for journal in self._journals.pop(name, {}).values():
            os.close(journal.descriptor)
