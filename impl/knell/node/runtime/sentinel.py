"""The sentinel: root of a node, parent of its processes, its voice when the engine has none (§3.5).

It forks the engine and its components before it starts a loop of its own, starts the members that
the configuration names, and waits. While the engine lives it only watches. When the engine is
dead or hangs it runs the rules of §7.6 to §7.13 by a core of its own, over the sockets that it
bound at the start.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import Final

import msgspec

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core import sentinel as sentinel_core
from knell.node.core.shutdown import CONTROL as TO_CONTROL
from knell.node.core.values import MILLISECOND, Epoch
from knell.node.member import messages as mm
from knell.node.runtime import components as parts
from knell.node.runtime import engine
from knell.node.runtime.channel import Channel, Process, accepted, listen
from knell.node.runtime.codec import Work
from knell.node.runtime.config import SOCKETS
from knell.node.runtime.driver import Driver
from knell.node.runtime.epoch import Prepared
from knell.node.runtime.limits import Bucket
from knell.node.runtime.links import (
    AttachLine,
    Ended,
    Introduced,
    Reload,
    Restart,
    SessionLine,
    Stop,
    decode,
    encode,
)
from knell.node.runtime.loops import new_loop
from knell.node.runtime.notify import Notify
from knell.node.runtime.reload import reload
from knell.node.runtime.serving import MOST_CONNECTIONS, UNKNOWN_FOR, message_of
from knell.node.runtime.sessions import Session
from knell.node.runtime.starting import Started
from knell.node.runtime.watch import (
    ENGINE,
    SENTINEL,
    Watch,
    become_subreaper,
    clock,
    close_all_but,
    come_first,
    is_dead,
)
from knell.spec.errors import KnellError
from knell.spec.vocabulary import Cause

_TICK: Final = parts.BEAT_MS * MILLISECOND


class Child(msgspec.Struct):
    """A member, as the sentinel knows it."""

    group: str
    join: int
    process: Process
    channel: Channel | None = None


class Sentinel:
    """One sentinel; `run` returns the exit status of the node.

    Args:
        prepared: The epoch.
        engine_process: The engine, and the connection to it.
        components: The processes of the components, and their descriptors.
    """

    def __init__(
        self,
        prepared: Prepared,
        engine_process: tuple[int, socket.socket],
        components: dict[int, int],
    ) -> None:
        self.prepared = prepared
        self.loop = loop = new_loop()
        self._page = prepared.page
        self._journal = prepared.journal
        self._transport = prepared.transport
        self._transport.greets = False
        core = sentinel_core(
            prepared.settings, epoch=prepared.epoch, incarnation=prepared.incarnation
        )
        self._driver = Driver(
            core,
            loop,
            transport=self._transport,
            disk=None,
            page=self._page,
            journal=self._journal,
        )
        self._driver.serve(self)
        self._driver.silent = True
        self._engine, link = engine_process
        self._pidfd = os.pidfd_open(self._engine)
        self._link = Channel(
            loop, link, self._from_engine, lambda _: self._engine_lost("end"), takes_files=True
        )
        limit = prepared.config.timers.watch * MILLISECOND
        self._watch = Watch(self._page, ENGINE, self._engine, _TICK, limit)
        self._components = components
        self._members: dict[str, Child] = {}
        self._attaching: dict[Channel, Process] = {}
        self._buckets: dict[Channel, Bucket] = {}
        self._started = Started(prepared)
        self._speaks = False
        self._finished = False
        self._stops = 0
        self._notify = Notify()
        self._logs = prepared.logs("sentinel")
        self._journal.reader = self._logs.take

    def run(self) -> int:
        """Watch until the node has ended; return its exit status."""
        loop = self.loop
        loop.add_reader(self._pidfd, self._engine_dead)
        listener = listen(self.prepared.run / "sentinel.sock")
        loop.add_reader(listener.fileno(), self._accept, listener)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        self._tick()
        self._started.start_all()
        self._journal.note("sentinel started", engine=self._engine)
        self._journal.flush()
        loop.run_forever()
        self._say_how_it_stands()
        self._bury()
        planned = self._page.ended and self._page.latched is Cause.PLANNED_STOP
        self._journal.note("node ended", planned=planned, ended=self._page.ended)
        self._journal.flush()
        self._logs.write()
        return 0 if planned else 1

    def _tick(self) -> None:
        self.loop.call_later(parts.BEAT_MS / 1000, self._tick)
        self._page.beat(SENTINEL)
        self._reap()
        if not self._speaks and not self._page.ended and self._watch.hangs(clock()):
            self._engine_lost("hang")
        self._journal.flush()
        self._say_how_it_stands()
        self._logs.write()

    def _say_how_it_stands(self) -> None:
        """Tell the service manager; its watchdog starves if this loop stands still."""
        if self._page.latched is not None or self._page.ended:
            self._notify.once("STOPPING=1", f"STATUS=ending: {self._page.latched}")
        elif self._page.beats(ENGINE):
            self._notify.once("READY=1", f"STATUS=epoch {self.prepared.epoch}")
            self._notify.feed(clock())

    def _hang_up(self) -> None:
        """Read keys and addresses again, and let the engine do so too."""
        if self._reload():
            self._link.send(encode(Reload()))

    def _reload(self) -> bool:
        try:
            reload(self.prepared)
        except KnellError as error:
            self._journal.note("reload refused", why=str(error))
            return False
        return True

    def _stop(self) -> None:
        self._stops += 1
        if self._speaks:
            self._driver.tell(ev.StopRequested())
        else:
            self._link.send(encode(Stop()))

    def _reap(self) -> None:
        """Wait for whatever has died: children, and orphans that became such."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    # The engine

    def _from_engine(self, channel: Channel, packet: bytes) -> None:
        match decode(packet):
            case AttachLine() as line if channel.files:
                self._join(line, channel.files[0])
            case SessionLine(session):
                self._transport.sessions.by_id[session.id] = session
            case Reload():
                self._reload()
            case Restart(name):
                self._started.start(name)
            case Ended():
                self._journal.note("engine has ended")
            case _:
                pass

    def _join(self, line: AttachLine, pidfd: int) -> None:
        old = self._members.get(line.group)
        if old is not None:
            self._member_dead(old)
        child = Child(line.group, line.join, Process(_pid_of(pidfd), -1, pidfd))
        self._members[line.group] = child
        self._driver.tell(ev.MemberJoins(line.group, line.killable))
        self.loop.add_reader(pidfd, self._member_dead, child)
        try:
            if child.process.pid > 0:
                self.prepared.remember(child.process.pid)
        except KnellError as error:  # so it never learns that it has joined
            self._journal.note("member not remembered", group=line.group, why=str(error))
            return
        self._link.send(encode(Introduced(line.group, line.join)))

    def _engine_lost(self, how: str) -> None:
        """The engine is dead or hangs: speak in its place (§7.6)."""
        if self._speaks or self._page.ended:
            return
        self._speaks = True
        self._driver.silent = False
        self._journal.note("engine lost", how=how)  # from here the figures of a kill count
        self._driver.tell(ev.EngineLost(self._page.latched, self._page.reporter))
        self._journal.flush()
        for sock in (self._transport.urgent, self._transport.traffic):
            self.loop.add_reader(sock.fileno(), self._read, sock)

    def _engine_dead(self) -> None:
        self.loop.remove_reader(self._pidfd)
        self._journal.note("engine dead", ended=self._page.ended)
        if self._page.ended:
            self._finish()
            return
        self._engine_lost("death")
        self._journal.take_over()
        self._driver.tell(ev.EngineReaped())

    def _read(self, sock: socket.socket) -> None:
        self._transport.read(sock, self, clock())

    # What comes from peers while the sentinel speaks: acknowledgements

    def heard(self, signed: ms.Signed, via: str) -> None:
        """A sentinel draws no conclusions."""

    def arrived(self, message: ms.Traffic, sender: Epoch, incarnation: int) -> None:
        if isinstance(message, ms.Received):
            self._driver.tell(ev.Arrived(message, sender, incarnation))

    def welcomes(self, session: Session) -> bool:  # noqa: ARG002 # one shape
        return False

    def proved(self, announce: ms.Signed, session: Session) -> None:
        """A sentinel greets nobody."""

    def worked(self, work: Work, sender: Epoch) -> None:
        """A sentinel delivers nothing."""

    def rejected(self, peer: str) -> None:
        """A sentinel's node is failing already."""

    def socket_failed(self, error: OSError) -> None:
        """As with a network that carries nothing, there is nobody to tell."""

    # Members

    def _accept(self, listener: socket.socket) -> None:
        for sock, process in accepted(listener):
            os.close(process.pidfd)
            if len(self._attaching) >= MOST_CONNECTIONS:
                sock.close()
                continue
            channel = Channel(self.loop, sock, self._packet, self._channel_ended)
            self._attaching[channel] = process
            self._buckets[channel] = Bucket(self.prepared.config.limits.requests, clock())
            channel.close_after(UNKNOWN_FOR)

    def _packet(self, channel: Channel, packet: bytes) -> None:
        if not self._buckets[channel].takes(clock()):
            channel.close()  # either channel's end is a leave (§3.6)
            return
        try:
            request = mm.decode_request.decode(packet)
        except (msgspec.DecodeError, ValueError, RecursionError):
            channel.close()
            return
        match request:
            case mm.Attach(group, join):
                self._attach(channel, group, join)
            case mm.Acknowledge() if self._speaks:
                for child in self._members.values():
                    if child.channel is channel:
                        self._driver.tell(ev.MemberAcknowledges(child.group, child.join))
            case mm.Acknowledge():
                pass
            case _:
                channel.close()

    def _attach(self, channel: Channel, group: str, join: int) -> None:
        child = self._members.get(group)
        process = self._attaching[channel]
        if child is None or (child.process.pid, child.join) != (process.pid, join):
            channel.send(mm.encode(mm.Refused("this process is not that member")))
            channel.close()
            return
        if child.channel is not None and child.channel is not channel:
            child.channel.close()
        child.channel = channel
        channel.stay()
        channel.send(mm.encode(mm.Joined(join, self.prepared.settings.me, self.prepared.epoch)))
        if self._speaks:
            channel.send(mm.encode(mm.Ending((self._page.latched or Cause.ENGINE).value)))

    def _channel_ended(self, channel: Channel) -> None:
        self._attaching.pop(channel, None)
        self._buckets.pop(channel, None)
        for child in self._members.values():
            if child.channel is channel:
                child.channel = None

    def _member_dead(self, child: Child) -> None:
        if self._members.get(child.group) is child:
            del self._members[child.group]
        self.loop.remove_reader(child.process.pidfd)
        self._driver.tell(ev.MemberReaped(child.group, child.join))
        self.prepared.cgroups.kill(child.group)
        os.close(child.process.pidfd)

    # What the core asks for

    def tell(self, group: str, news: fx.News) -> None:
        child = self._members.get(group)
        if group != TO_CONTROL and child is not None and child.channel is not None:
            child.channel.send(mm.encode(message_of(news)))

    def kill(self, group: str, join: int) -> None:
        child = self._members.get(group)
        if child is None or child.join != join:
            return
        if not child.process.kill():
            self._driver.tell(ev.KillFailed(group, join))
            return
        self.prepared.cgroups.kill(group)

    def kill_engine(self) -> None:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def to_cc(self, group: str, causes: tuple[Cause, ...]) -> None:  # noqa: ARG002 # one shape
        raise AssertionError("a sentinel takes no reports")

    def closed(self) -> None:
        self._journal.note("gate closed")

    def ended(self) -> None:
        self._page.end()
        self._finish()

    # The end

    def _finish(self) -> None:
        if not self._finished:
            self._finished = True
            self.loop.call_soon(self.loop.stop)

    def _bury(self) -> None:
        """Wait for what is left of the daemon, and take the sockets away."""
        for pidfd in self._components.values():
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        self._transport.close()
        for name in SOCKETS:
            (self.prepared.run / name).unlink(missing_ok=True)
        for pid in [*self._components, self._engine]:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        self._started.end()
        self._reap()


def _pid_of(pidfd: int) -> int:
    """The process of a descriptor, as numbered here; -1 if it is gone."""
    if is_dead(pidfd):
        return -1
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as file:  # noqa: PTH123 # no file
        for line in file:
            if line.startswith("Pid:"):
                return int(line.split()[1])
    return -1


def run(prepared: Prepared) -> int:
    """Run a node: fork its daemon, be its sentinel; return its exit status."""
    become_subreaper()
    page, journal = prepared.page, prepared.journal
    prepared.remember(os.getpid())
    beat = prepared.config.timers.beat
    first = prepared.config.node.realtime
    running = {
        slot: parts.fork(slot, page, beat, disk=prepared.disk, first=first)
        for slot in parts.NAMES_OF
    }
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sentinel = os.getpid()
    components = {each: os.pidfd_open(each) for each, _ in running.values()}
    pid = os.fork()
    if pid == 0:
        own = journal.renamed("engine")
        kept = {sock.fileno() for _, sock in running.values()}
        kept |= {theirs.fileno(), own.descriptor, prepared.disk.lock}
        kept |= {prepared.transport.traffic.fileno(), prepared.transport.urgent.fileno()}
        close_all_but(kept)
        prepared.journal = own
        engine.run(prepared, (sentinel, theirs), running)
    theirs.close()
    if first:
        journal.note("comes first", allowed=come_first())
    for each, sock in running.values():
        sock.close()
        prepared.remember(each)
    prepared.remember(pid)
    return Sentinel(prepared, (pid, ours), components).run()
