"""The engine: transport, membership, latch, gate and delivery (§3.1)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from typing import Annotated, Final, NoReturn

import msgspec
from msgspec import Meta

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core import start
from knell.node.core.leaving import is_clone
from knell.node.core.shutdown import CONTROL as TO_CONTROL
from knell.node.core.values import MILLISECOND, Epoch
from knell.node.runtime import components as parts
from knell.node.runtime import switchover
from knell.node.runtime.channel import Channel, listen
from knell.node.runtime.codec import Work
from knell.node.runtime.detectors import contradicts
from knell.node.runtime.driver import Driver
from knell.node.runtime.epoch import Prepared
from knell.node.runtime.links import (
    AttachLine,
    Ended,
    Introduced,
    Line,
    Reload,
    Restart,
    SessionLine,
    Stop,
    decode,
    encode,
)
from knell.node.runtime.loops import new_loop
from knell.node.runtime.operators import Operators
from knell.node.runtime.reload import reload
from knell.node.runtime.serving import Members, Resident
from knell.node.runtime.sessions import Session
from knell.node.runtime.watch import (
    CONTROL,
    ENGINE,
    MONITOR,
    NAMES,
    SENTINEL,
    Watch,
    clock,
    come_first,
)
from knell.spec.errors import KnellError
from knell.spec.vocabulary import Cause

_CAUSE_OF: Final = {
    CONTROL: Cause.CLUSTER_CONTROL,
    NAMES: Cause.NAME_SERVER,
    MONITOR: Cause.MONITOR,
    SENTINEL: Cause.SENTINEL,
}
_notice: Final = msgspec.json.Decoder(tuple[str, Annotated[tuple[Cause, ...], Meta(min_length=1)]])
_GREET_EVERY: Final = 4
_CHECK_EVERY: Final = 20
_TICK: Final = parts.BEAT_MS * MILLISECOND


class Engine:
    """One engine; `run` returns when its epoch is over.

    Args:
        prepared: The epoch.
        sentinel: The connection to the sentinel, and its process.
        components: For each component the connection to it, and its process.
    """

    def __init__(
        self,
        prepared: Prepared,
        sentinel: tuple[int, socket.socket],
        components: dict[int, tuple[int, socket.socket]],
    ) -> None:
        self.prepared = prepared
        self.transport = prepared.transport
        self.loop = loop = new_loop()
        self._page = prepared.page
        self._journal = prepared.journal
        self._logs = prepared.logs("engine")
        self._journal.reader = self._logs.take
        disk = prepared.disk
        core, self._first = start(
            prepared.settings,
            epoch=prepared.epoch,
            incarnation=prepared.incarnation,
            now=clock(),
            durable=disk.durable(),
            kept=disk.kept(),
        )
        self.driver = Driver(
            core,
            loop,
            transport=self.transport,
            disk=disk,
            page=self._page,
            journal=self._journal,
            pause=prepared.config.timers.pause * MILLISECOND,
        )
        self.driver.serve(self)
        self.driver.pace(ev.Timer.BEAT)
        self.members = Members(
            loop,
            self.driver,
            self.transport,
            users={each.name: each.users for each in prepared.config.group},
            limit=prepared.config.limits.requests,
            introduce=self._introduce,
            retired=lambda group: self._tell_sentinel(Restart(group)),
            cgroups=prepared.cgroups,
        )
        self.operators = Operators(self)
        self.pids = {slot: pid for slot, (pid, _) in components.items()}
        self._links: dict[int, Channel] = {}
        self._watches: list[Watch] = []
        self._lost: set[int] = set()
        self._pidfds: dict[int, int] = {}
        self._ticks = 0
        self._connect(SENTINEL, sentinel, self._from_sentinel)
        self._connect(CONTROL, components[CONTROL], self._from_control)
        self._connect(NAMES, components[NAMES], self._from_names)
        self._connect(MONITOR, components[MONITOR], self._from_monitor)

    def _connect(
        self, slot: int, process: tuple[int, socket.socket], hear: Callable[[Channel, bytes], None]
    ) -> None:
        pid, link = process
        self._links[slot] = Channel(self.loop, link, hear, lambda _: self._is_lost(slot))
        limit = self.prepared.config.timers.watch * MILLISECOND
        self._watches.append(Watch(self._page, slot, pid, _TICK, limit))
        self._pidfds[slot] = os.pidfd_open(pid)
        self.loop.add_reader(self._pidfds[slot], self._is_lost, slot)

    def run(self) -> None:
        """Serve the epoch."""
        for sock in (self.transport.urgent, self.transport.traffic):
            self.loop.add_reader(sock.fileno(), self._read, sock)
        run = self.prepared.run
        for name, accept in (
            ("engine.sock", self.members.accept),
            ("operator.sock", self.operators.accept),
        ):
            listener = listen(run / name)
            self.loop.add_reader(listener.fileno(), accept, listener)
        self.loop.set_exception_handler(self._failed)
        self.driver.begin(self._first)
        self._tick()
        self.loop.run_forever()

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """A failure of the engine itself ends it; the sentinel announces that (§7.6)."""
        try:
            loop.default_exception_handler(context)
            self._journal.note("engine failed", why=repr(context.get("exception")))
            self._journal.flush()
            self._logs.write()
        finally:
            os._exit(70)

    # Regular work

    def _tick(self) -> None:
        self.loop.call_later(parts.BEAT_MS / 1000, self._tick)
        self._page.beat(ENGINE)
        self.driver.wake()
        now = clock()
        for watch in self._watches:
            if watch.slot not in self._lost and watch.hangs(now):
                self._is_lost(watch.slot)
                self._journal.note("hangs", slot=watch.slot)
        if self._ticks % _GREET_EVERY == 0:
            for peer in self.transport.sessions.pairs:
                if peer not in self.transport.sessions.latest:
                    self.transport.greet(peer)
        self._look()
        self._ticks += 1
        self._journal.flush()
        self._logs.write()

    def _read(self, sock: socket.socket) -> None:
        self.driver.wake()
        if sock is self.transport.traffic:
            self.transport.read(self.transport.urgent, self, clock())
        self.transport.read(sock, self, clock())

    # What comes from peers

    def heard(self, signed: ms.Signed, via: str) -> None:
        said = signed.statement
        if isinstance(said, ms.Commit) and contradicts(self.driver.core.state, said):
            self._found(Cause.PROTOCOL, f"{said.group}: {via} tells of another committed list")
        self.driver.tell(ev.Heard(signed, via))
        if isinstance(said, ms.Announce) and said.node == via:
            session = self.transport.sessions.latest.get(via)
            if session is None or session.incarnation != said.incarnation:
                self.transport.greet(via)

    def arrived(self, message: ms.Traffic, sender: Epoch, incarnation: int) -> None:
        if isinstance(message, ms.Heartbeat):
            self.transport.faults.heard(sender.node, message.contacts, clock())
        self.driver.tell(ev.Arrived(message, sender, incarnation))

    def welcomes(self, session: Session) -> bool:
        peer = self.driver.core.state.peers[session.peer]
        return not is_clone(peer, session.epoch, session.incarnation)

    def proved(self, announce: ms.Signed, session: Session) -> None:
        assert isinstance(announce.statement, ms.Announce)
        self._links[SENTINEL].send(encode(SessionLine(session)))
        self.driver.tell(ev.PeerProved(announce.statement, announce.proof))

    def worked(self, work: Work, sender: Epoch) -> None:
        self.members.worked(work, sender)

    def rejected(self, peer: str) -> None:
        self._found(Cause.PROTOCOL, f"{peer} can't decode what this node sends")

    def socket_failed(self, error: OSError) -> None:
        self._found(Cause.COMMUNICATION, f"a socket fails: {error.strerror}")

    def _found(self, cause: Cause, why: str) -> None:
        """The engine has found a fatal cause itself (§7.1)."""
        self.driver.tell(ev.FatalFound((cause,)))
        self._journal.note("found", cause=cause, why=why)

    def _look(self) -> None:
        """Look for what comes without an event: failing sends, corrupt memory."""
        state, timers = self.driver.core.state, self.prepared.config.timers
        if not state.is_active:
            return
        reached = [n for n, each in state.peers.items() if each.admitted and not each.partitioned]
        lost = self.transport.faults.unreachable(
            reached,
            clock(),
            limit=timers.comm * MILLISECOND,
            fresh=timers.lost * MILLISECOND,
        )
        if lost is not None:
            self._found(Cause.COMMUNICATION, f"sends to {lost} fail, others reach it")
        elif self._ticks % _CHECK_EVERY == 0 and (broken := self.driver.guard.broken()):
            self._found(Cause.OBJECT, broken)

    # What comes from the processes of this node

    def _from_sentinel(self, channel: Channel, packet: bytes) -> None:  # noqa: ARG002 # one shape
        match decode(packet):
            case Stop():
                self.driver.tell(ev.StopRequested())
            case Introduced(group, join):
                self.members.introduced(group, join)
            case Reload():
                self._reload()
            case _:
                pass

    def _from_control(self, channel: Channel, packet: bytes) -> None:  # noqa: ARG002 # one shape
        try:
            group, causes = _notice.decode(packet)
        except msgspec.DecodeError as error:
            self._found(Cause.PROTOCOL, f"CC: {error}")
        else:
            self.driver.tell(ev.Notice(causes, group or None))

    def _from_names(self, channel: Channel, packet: bytes) -> None:  # noqa: ARG002 # one shape
        try:
            self.operators.resolved(packet)
        except msgspec.DecodeError as error:
            self._found(Cause.PROTOCOL, f"name server: {error}")

    def _from_monitor(self, channel: Channel, packet: bytes) -> None:  # noqa: ARG002 # one shape
        self.driver.tick(ev.Timer.BEAT)

    def _is_lost(self, slot: int) -> None:
        """A process of the daemon is dead or hangs."""
        if slot in self._lost:
            return
        self._lost.add(slot)
        self.loop.remove_reader(self._pidfds[slot])
        self._links[slot].close()
        self.driver.tell(ev.ComponentDied(_CAUSE_OF[slot]))
        if slot == SENTINEL:
            for group, resident in list(self.members.by_group.items()):
                self.members.introduced(group, resident.join)

    # What operators ask for

    def reload(self) -> str | None:
        """Read keys and addresses again, here and in the sentinel; return why not."""
        refused = self._reload()
        if refused is None:
            self._tell_sentinel(Reload())
        return refused

    def _reload(self) -> str | None:
        try:
            changed = reload(self.prepared)
        except KnellError as error:
            self._journal.note("reload refused", why=str(error))
            return str(error)
        self._journal.note("reloaded", changed=changed)
        return None

    def switch(self, group: str) -> str | None:
        """Let the next entry of a group take over from this node; return why not."""
        refused = switchover.refusal(self.driver.core.state, group)
        if refused is None:
            self.members.retire(group, self.prepared.config.timers.member / 1000)
        return refused

    def _tell_sentinel(self, line: Line) -> None:
        self._links[SENTINEL].send(encode(line))

    def ask_names(self, question: object) -> None:
        """Ask the name server."""
        self._links[NAMES].send(msgspec.json.encode(question))

    # What the core asks for

    def tell(self, group: str, news: fx.News) -> None:
        if group == TO_CONTROL:
            return
        self.members.tell(group, news)
        if isinstance(news, fx.View):
            nodes = [each.node for each in news.domain if each not in news.out]
            self.ask_names({"set": group, "nodes": nodes})

    def kill(self, group: str, join: int) -> None:
        self.members.kill(group, join)

    def kill_engine(self) -> None:
        raise AssertionError("an engine does not kill itself")

    def to_cc(self, group: str, causes: tuple[Cause, ...]) -> None:
        self._links[CONTROL].send(msgspec.json.encode((group, causes)))

    def closed(self) -> None:
        self._journal.note("gate closed")

    def ended(self) -> None:
        self._page.end()
        self._links[SENTINEL].send(encode(Ended()))
        self.operators.ended()
        for slot in self.pids:
            self._lost.add(slot)
            self._links[slot].close()
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._pidfds[slot], signal.SIGKILL)
        self.transport.close()
        self._journal.note("ended")
        self._journal.flush()
        self._logs.write()
        self.loop.stop()

    def _introduce(self, resident: Resident) -> None:
        """Let the sentinel know a member before the member knows that it has joined."""
        link = self._links[SENTINEL]
        line = AttachLine(resident.group, resident.join, resident.process.killable)
        if link.is_open:
            with contextlib.suppress(OSError):
                socket.send_fds(link.sock, [encode(line)], [resident.process.pidfd])
                return
        self.members.introduced(resident.group, resident.join)


def run(
    prepared: Prepared,
    sentinel: tuple[int, socket.socket],
    components: dict[int, tuple[int, socket.socket]],
) -> NoReturn:
    """Be the engine, until the epoch is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if prepared.config.node.realtime:
        come_first()
    code = 70
    try:
        Engine(prepared, sentinel, components).run()
        code = 0
    finally:
        os._exit(code)
