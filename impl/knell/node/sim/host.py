"""One simulated node: engine, sentinel, member processes and disk.

It does what a runtime owes its core (`knell.node.core`): effects in order, what stands behind a
write only once that is synced, frames of one datagram in their order, a challenge before a peer
counts as proved. Its processes are the truth that the monitor compares the protocol with.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knell.node.core import Core, sentinel, start
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.values import MILLISECOND, Durable, Epoch, Settings
from knell.node.sim.network import Datagram
from knell.spec.vocabulary import Cause, MemberState

if TYPE_CHECKING:
    from knell.node.sim.world import World


@dataclass(slots=True)
class Process:
    """A member's process; `stubborn` ones cannot be killed by the node, `stuck` ones die late."""

    number: int = 0
    alive: bool = True
    stubborn: bool = False
    deaf: bool = False
    stuck: bool = False


@dataclass(slots=True)
class Disk:
    """What survives a crash."""

    epoch: int = 0
    groups: dict[str, Durable] = field(default_factory=dict)
    kept: list[ms.Signed] = field(default_factory=list)


class Host:
    """A node, up or down."""

    def __init__(self, world: World, settings: Settings) -> None:
        random = world.random
        self.world = world
        self.settings = settings
        self.name = settings.me
        self.disk = Disk()
        self.engine: Core | None = None
        self.sentinel: Core | None = None
        self.processes: dict[str, Process] = {}
        self.life = 0
        self.incarnation = 0
        self.frozen = False
        self.offset = random.randrange(1_000_000 * MILLISECOND)
        self.rate = random.randrange(-8, 9)  # thousandths: far within the drift bound
        self._syncs: deque[tuple[fx.Persist | fx.Keep, list[fx.Effect]]] = deque()
        self._nonces: set[int] = set()

    # Life

    @property
    def clock(self) -> int:
        """The time by this node's clock."""
        return self.offset + self.world.now * (1000 + self.rate) // 1000

    @property
    def up(self) -> bool:
        """Whether engine or sentinel runs."""
        return self.engine is not None or self.sentinel is not None

    @property
    def off(self) -> bool:
        """Whether nothing of the node runs."""
        return not self.up and not any(each.alive for each in self.processes.values())

    def can_start(self) -> bool:
        """Whether nothing of an earlier epoch runs, or can be killed (§9.1)."""
        return not self.up and not any(
            each.alive and each.stubborn for each in self.processes.values()
        )

    def has_alive(self, group: str) -> bool:
        """Whether a member's process of this group lives here."""
        return group in self.processes and self.processes[group].alive

    def is_gated(self, group: str) -> bool:
        """Whether the engine has cut a member off that is still there."""
        member = self.engine.state.members.get(group) if self.engine is not None else None
        return member is not None and member.state is MemberState.GATED

    def boot(self) -> None:
        """Start the next epoch."""
        for each in self.processes.values():
            each.alive = False
        self.disk.epoch += 1
        self.life += 1
        self.frozen = False
        self.incarnation = self.world.random.randrange(1, 2**48)
        self._forget()
        epoch = self.disk.epoch
        self.sentinel = sentinel(self.settings, epoch=epoch, incarnation=self.incarnation)
        core, effects = start(
            self.settings,
            epoch=epoch,
            incarnation=self.incarnation,
            now=self.clock,
            durable=self.disk.groups,
            kept=self.disk.kept,
        )
        self.engine = core
        self.world.monitor.started(self, effects)
        self.perform(effects)
        for group in self.settings.groups:
            if self.name in group.nodes:
                self.join(group.name)

    def join(self, group: str, *, stubborn: bool = False) -> None:
        """Start a member's process and let it join."""
        old = self.processes.get(group)
        if self.engine is None or self.frozen or (old is not None and old.alive):
            return
        process = self.processes[group] = Process(stubborn=stubborn)
        event = ev.MemberJoins(group, killable=not stubborn)
        effects = self.tell(event)
        (answer,) = (each for each in effects if isinstance(each, fx.Answer))
        process.number = answer.process
        if answer.refused:
            process.alive = False
        elif self.sentinel is not None:
            self._receive(self.sentinel, event)

    def lose_power(self) -> None:
        """All processes are gone, and what was not synced."""
        self.engine = self.sentinel = None
        self._forget()
        for each in self.processes.values():
            each.alive = False

    def lose_engine(self) -> None:
        """The engine dies; the sentinel notices a little later."""
        if self.engine is None:
            return
        lost = ev.EngineLost(self.engine.state.latch, self.engine.state.reporter)
        self._kill_engine()
        if self.sentinel is not None:
            self.world.after(self._soon(), self, lost)
            self.world.after(self._soon() + 4 * MILLISECOND, self, ev.EngineReaped())

    def lose_sentinel(self) -> None:
        """The sentinel dies; the engine notices."""
        self.sentinel = None
        if self.engine is not None:
            self.world.after(self._soon(), self, ev.ComponentDied(Cause.SENTINEL))

    def lose_member(self, group: str) -> None:
        """A member's process dies by itself."""
        process = self.processes.get(group)
        if process is not None and process.alive:
            process.alive = False
            self.world.after(self._soon(), self, ev.MemberReaped(group, process.number))

    def _kill_engine(self) -> None:
        self.engine = None
        for write, _ in self._syncs:
            if self.world.random.random() < 0.5:
                self._write(write)
        self._forget()

    def _forget(self) -> None:
        self._syncs.clear()
        self._nonces.clear()

    def _soon(self) -> int:
        return self.world.random.randrange(MILLISECOND // 2, 3 * MILLISECOND)

    # Events

    def tell(self, event: ev.Event) -> list[fx.Effect]:
        """Give an event to the core that is in charge, and what is due after it."""
        core = self.engine or self.sentinel
        if core is None or self.frozen:
            return []
        if self.engine is None and not isinstance(event, _FOR_SENTINEL):
            return []
        if self.engine is not None and isinstance(event, ev.EngineLost | ev.EngineReaped):
            return []
        effects = self._receive(core, event)
        if self.engine is not None and self.sentinel is not None and isinstance(event, _SHARED):
            self._receive(self.sentinel, event)
        self.drain()
        return effects

    def drain(self) -> None:
        """Do what is due; sometimes later, so that other things come between."""
        core = self.engine or self.sentinel
        if core is None or self.frozen:
            return
        while core is (self.engine or self.sentinel):
            due = core.due(self.clock)
            if not due:
                return
            if self.world.random.random() < self.world.dawdling:
                self.world.drain_after(self._soon(), self)
                return
            self._receive(core, self.world.random.choice(due))

    def _receive(self, core: Core, event: ev.Event) -> list[fx.Effect]:
        before = core.state
        effects = core.receive(event, self.clock)
        self.world.monitor.step(self, core=core, before=before, event=event, effects=effects)
        if core is self.engine or self.engine is None:
            self.perform(effects)
        return effects

    # Effects

    def perform(self, effects: list[fx.Effect]) -> None:
        """Carry out effects up to the first write, the rest once that is synced."""
        for index, effect in enumerate(effects):
            if isinstance(effect, fx.Persist | fx.Keep):
                self._syncs.append((effect, effects[index + 1 :]))
                self.world.sync_after(self._soon(), self)
                return
            self._perform(effect)

    def synced(self) -> None:
        """The oldest write is on the disk."""
        if not self._syncs or self.frozen:
            return
        write, rest = self._syncs.popleft()
        self._write(write)
        self.perform(rest)
        if isinstance(write, fx.Persist):
            self.tell(ev.Persisted(write.group, write.record))

    def _write(self, write: fx.Persist | fx.Keep) -> None:
        if isinstance(write, fx.Keep):
            self.disk.kept.append(write.signed)
        else:
            self.disk.groups[write.group] = write.record

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Send(to, frames):
                for node in to:
                    self._send(node, frames)
            case fx.Arm(timer, after):
                self.world.arm(self, timer, after)
            case fx.Cancel(timer):
                self.world.arm(self, timer, None)
            case fx.Kill() | fx.KillEngine():
                self._kill(effect)
            case fx.ToCC(group, causes):
                self.world.after(self._soon(), self, ev.Notice(causes, group))
            case fx.Tell(group, fx.ClusteringEnding()):
                self._member_is_told(group)
            case fx.End():
                self.engine = self.sentinel = None
                self._forget()
            case _:
                pass

    def _kill(self, effect: fx.Kill | fx.KillEngine) -> None:
        if isinstance(effect, fx.KillEngine):
            if self.engine is not None:
                self._kill_engine()
                self.world.after(self._soon(), self, ev.EngineReaped())
            return
        group, process = effect.group, self.processes[effect.group]
        if process.number != effect.process:
            return
        if process.stubborn:
            self.world.after(self._soon(), self, ev.KillFailed(group, process.number))
        elif not process.stuck:
            process.alive = False
            self.world.after(self._soon(), self, ev.MemberReaped(group, process.number))

    def _member_is_told(self, group: str) -> None:
        process = self.processes.get(group)
        if process is None or not process.alive or process.deaf or process.stubborn:
            return
        if self.world.random.random() < 0.5:
            self.world.after(self._soon(), self, ev.MemberAcknowledges(group, process.number))
        else:
            process.alive = False
            self.world.after(self._soon(), self, ev.MemberReaped(group, process.number))

    # Network

    def _send(self, node: str, frames: tuple[ms.Message, ...]) -> None:
        core = self.engine or self.sentinel
        if core is None:
            return
        peer = core.state.peers[node]
        nonce = 0
        if any(self._is_own_announce(each) for each in frames):
            nonce = self.world.random.randrange(1, 2**48)
            self._nonces.add(nonce)
        source = Epoch(self.name, core.state.epoch)
        self.world.send(
            Datagram(source, core.state.incarnation, node, frames, peer.incarnation, nonce)
        )

    def _is_own_announce(self, frame: ms.Message) -> bool:
        return (
            self.engine is not None
            and isinstance(frame, ms.Signed)
            and isinstance(frame.statement, ms.Announce)
            and frame.statement.incarnation == self.incarnation
        )

    def deliver(self, datagram: Datagram) -> None:
        """A datagram has arrived."""
        core = self.engine or self.sentinel
        if core is None or self.frozen:
            return
        announce = ms.Announce(self.name, core.state.epoch, core.state.incarnation)
        if datagram.reply:
            if datagram.nonce in self._nonces and self.engine is not None:
                (said,) = datagram.frames
                assert isinstance(said, ms.Signed)
                assert isinstance(said.statement, ms.Announce)
                self.tell(ev.PeerProved(said.statement))
            return
        if datagram.nonce and self.engine is not None:
            self.world.send(
                Datagram(
                    Epoch(self.name, core.state.epoch),
                    self.incarnation,
                    datagram.source.node,
                    (ms.Signed(announce),),
                    nonce=datagram.nonce,
                    reply=True,
                )
            )
        for frame in datagram.frames:
            self._frame(datagram, frame, core)

    def _frame(self, datagram: Datagram, frame: ms.Message, core: Core) -> None:
        if isinstance(frame, ms.Signed):
            self.tell(ev.Heard(frame, datagram.source.node))
        elif isinstance(frame, ms.Received) or datagram.session == core.state.incarnation:
            self.tell(ev.Arrived(frame, datagram.source, datagram.incarnation))


_SHARED = ev.MemberReaped | ev.KillFailed
_FOR_SENTINEL = (
    ev.MemberReaped
    | ev.KillFailed
    | ev.MemberAcknowledges
    | ev.EngineLost
    | ev.EngineReaped
    | ev.StopRequested
    | ev.Arrived
    | ev.TimerFired
)
