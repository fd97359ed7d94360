"""The engine's members: who they are, what they ask, what they are told."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core.acts import token
from knell.node.core.state import State
from knell.node.core.values import Epoch
from knell.node.member import messages as mm
from knell.node.runtime import switchover
from knell.node.runtime.cgroups import Cgroups
from knell.node.runtime.channel import Channel, Process, accepted
from knell.node.runtime.codec import Work
from knell.node.runtime.driver import Driver
from knell.node.runtime.limits import Bucket
from knell.node.runtime.transport import Transport
from knell.node.runtime.watch import clock
from knell.node.runtime.works import LARGEST_PART

_MOST_REPORTERS: Final = 16
MOST_CONNECTIONS: Final = 512
UNKNOWN_FOR: Final = 5.0
"""How many seconds a connection may stay without saying what it is for."""


@dataclass(slots=True, eq=False)
class Resident:
    """One member on this node."""

    group: str
    join: int
    process: Process
    channel: Channel
    introduced: bool = False
    lossy: bool = False
    retired: bool = False
    early: list[bytes] = field(default_factory=list)
    reporters: list[Channel] = field(default_factory=list)


class Members:
    """Serves the members of a node on the engine's socket.

    Args:
        loop: The event loop.
        driver: The core at work.
        transport: Carries what members send to each other.
        users: For each group the users whose processes may join; empty for the node's own.
        limit: How many requests a second a connection may make.
        introduce: Told each join; it calls `introduced` once the sentinel knows the member too.
        retired: Told the group of a member that was switched over and has ended.
        cgroups: Where members that the node has started run.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        driver: Driver,
        transport: Transport,
        *,
        users: Mapping[str, tuple[int, ...]],
        limit: int,
        introduce: Callable[[Resident], None],
        retired: Callable[[str], None],
        cgroups: Cgroups,
    ) -> None:
        self.by_group: dict[str, Resident] = {}
        self._loop = loop
        self._driver = driver
        self._transport = transport
        self._users = users
        self._introduce = introduce
        self._by_channel: dict[Channel, Resident] = {}
        self._processes: dict[Channel, Process] = {}
        self._retired = retired
        self._cgroups = cgroups
        self._acts = 0
        self._limit = limit
        self._buckets: dict[Channel, Bucket] = {}

    # Connections

    def accept(self, listener: socket.socket) -> None:
        """Take what has connected."""
        for sock, process in accepted(listener):
            if len(self._processes) >= MOST_CONNECTIONS:
                os.close(process.pidfd)
                sock.close()
                continue
            channel = Channel(
                self._loop, sock, self._packet, self._ended, on_drained=self._caught_up
            )
            self._processes[channel] = process
            self._buckets[channel] = Bucket(self._limit, clock())
            channel.close_after(UNKNOWN_FOR)

    def _packet(self, channel: Channel, packet: bytes) -> None:
        if not self._buckets[channel].takes(clock()):
            self._refuse(channel, "too fast")
            return
        try:
            request = mm.decode_request.decode(packet)
        except (msgspec.DecodeError, ValueError, RecursionError):
            self._refuse(channel, "malformed")
            return
        resident = self._by_channel.get(channel)
        if resident is None:
            self._first(channel, request)
        else:
            self._request(channel, resident, request)

    def _refuse(self, channel: Channel, why: str) -> None:
        """Hang up on a member that exceeds a limit, on whichever connection: it has left."""
        self._transport.dropped[f"member: {why}"] += 1
        resident = self._by_channel.get(channel)
        channel.close()
        if resident is not None:
            resident.channel.close()

    def _first(self, channel: Channel, request: mm.Request) -> None:
        """What a connection is for."""
        match request:
            case mm.Join(group):
                self._join(channel, group)
            case mm.Reporter(group, join):
                self._reporter(channel, group, join)
            case _:
                channel.close()

    def _request(self, channel: Channel, resident: Resident, request: mm.Request) -> None:
        """What a member asks."""
        group = resident.group
        match request:
            case mm.Report(causes):
                self._driver.tell(ev.MemberReports(group, causes))
            case mm.Trouble(text):
                self._driver.note("trouble of a member", group=group, text=text)
            case mm.Act(number):
                self._act(resident, number)
            case mm.SendWork(number, data):
                self._send(resident, number, data)
            case mm.Acknowledge():
                self._driver.tell(ev.MemberAcknowledges(group, resident.join))
            case mm.Leave():
                self._driver.tell(ev.MemberLeaves(group, resident.join))
            case _:
                channel.close()

    def _ended(self, channel: Channel) -> None:
        self._buckets.pop(channel, None)
        process = self._processes.pop(channel, None)
        resident = self._by_channel.pop(channel, None)
        if resident is None:
            if process is not None:
                os.close(process.pidfd)
        elif channel is resident.channel:
            # The end of the connection is a leave; the process is watched on (§7.16).
            self._driver.tell(ev.MemberLeaves(resident.group, resident.join))
        else:
            resident.reporters.remove(channel)
            if process is not None:
                os.close(process.pidfd)

    def _join(self, channel: Channel, group: str) -> None:
        process = self._processes[channel]
        allowed = self._users.get(group) or (os.geteuid(), 0)
        if process.uid not in allowed:
            channel.send(mm.encode(mm.Refused("this user may not join the group")))
            channel.close()
            return
        answer = fx.Answer("the node gave no answer")
        event = ev.MemberJoins(group, killable=process.killable)
        for each in self._driver.ask(event):
            if isinstance(each, fx.Answer):
                answer = each
        if answer.refused is not None:
            channel.send(mm.encode(mm.Refused(answer.refused)))
            channel.close()
            return
        resident = Resident(group, answer.process, process, channel)
        self.by_group[group] = resident
        self._by_channel[channel] = resident
        channel.stay()
        self._loop.add_reader(process.pidfd, self._reaped, resident)
        self._introduce(resident)

    def _reporter(self, channel: Channel, group: str, join: int) -> None:
        resident = self.by_group.get(group)
        same = resident is not None and self._processes[channel].pid == resident.process.pid
        if resident is None or not same or resident.join != join:
            channel.send(mm.encode(mm.Refused("this process is not that member")))
            channel.close()
            return
        self._by_channel[channel] = resident
        channel.stay()
        resident.reporters.append(channel)
        if len(resident.reporters) > _MOST_REPORTERS:
            self._refuse(channel, "too many connections")

    def introduced(self, group: str, join: int) -> None:
        """The sentinel knows a member: tell it that it has joined, and what happened since."""
        resident = self.by_group.get(group)
        if resident is None or resident.join != join or resident.introduced:
            return
        resident.introduced = True
        state = self._driver.core.state
        resident.channel.send(mm.encode(mm.Joined(join, state.me, state.epoch)))
        for packet in resident.early:
            resident.channel.send(packet)
        resident.early.clear()

    def _reaped(self, resident: Resident) -> None:
        """The process of a member is surely dead."""
        self._loop.remove_reader(resident.process.pidfd)
        if self.by_group.get(resident.group) is resident:
            del self.by_group[resident.group]
        self._driver.tell(ev.MemberReaped(resident.group, resident.join))
        for channel in (*resident.reporters, resident.channel):
            channel.close()
        os.close(resident.process.pidfd)
        if resident.retired:
            self._retired(resident.group)

    def kill(self, group: str, join: int) -> None:
        """Kill a member's process (§7.10)."""
        resident = self.by_group.get(group)
        if resident is None or resident.join != join:
            return
        if not resident.process.kill():
            self._driver.tell(ev.KillFailed(group, join))
            return
        self._cgroups.kill(group)

    def retire(self, group: str, grace: float) -> None:
        """Cut a member off, tell it, and end its process after a time of grace."""
        resident = self.by_group[group]
        resident.retired = True
        resident.channel.urge(mm.encode(mm.Ending(switchover.CAUSE)))
        self._driver.tell(ev.MemberLeaves(group, resident.join))
        self._loop.call_later(grace, self.kill, group, resident.join)

    # Requests

    def _act(self, resident: Resident, number: int) -> None:
        refused = self._run_act(resident.group, primary=True)
        if refused is not None:
            resident.channel.send(mm.encode(mm.Result(number, refused)))
            return
        mark = token(self._driver.core.state, resident.group)
        resident.channel.send(mm.encode(mm.Result(number, token=mark)))

    def _send(self, resident: Resident, number: int, data: bytes) -> None:
        group = resident.group
        state = self._driver.core.state
        nodes = dict.fromkeys(e.node for e in state.groups[group].domain if e.node != state.me)
        routed = [
            each.node
            for node in nodes
            for each in self._driver.ask(ev.WorkComes(group, node))
            if isinstance(each, fx.Routed) and each.refused is None
        ]
        # Accepting what goes to nobody would hide that it is lost.
        refused = None if state.is_active else "clustering is ending"
        if self._transport.wire == 1 and len(data) > LARGEST_PART:
            refused = refused or "too long for version 1 of the wire format"
        refused = refused or self._run_act(group, primary=False)
        if refused is None:
            for node in routed:
                self._transport.send_work(node, Work(group, resident.join, number, data))
        result = mm.Result(number, refused, to=tuple(routed) if refused is None else ())
        resident.channel.send(mm.encode(result))

    def _run_act(self, group: str, *, primary: bool) -> str | None:
        """Pass one act through the gate; return why it was refused (§4.5)."""
        self._acts += 1
        for event in (ev.ActBegins(group, self._acts, primary), ev.ActEnds(group, self._acts)):
            for each in self._driver.ask(event):
                if isinstance(each, fx.ActResult) and each.act == self._acts and each.refused:
                    return each.refused
        return None

    # News

    def worked(self, work: Work, sender: Epoch) -> None:
        """Deliver what a member elsewhere has sent."""
        resident = self.by_group.get(work.group)
        state = self._driver.core.state
        if resident is not None and state.admitted(sender) and state.runs(work.group):
            self._deliver(resident, mm.Received(sender.node, work.number, work.data))

    def tell(self, group: str, news: fx.News) -> None:
        """Tell a member what has happened."""
        resident = self.by_group.get(group)
        if resident is not None:
            self._deliver(resident, message_of(news))

    def _deliver(self, resident: Resident, said: mm.Answer) -> None:
        packet = mm.encode(said)
        if not resident.introduced:
            resident.early.append(packet)
        elif isinstance(said, mm.Ending):
            resident.channel.urge(packet)
        else:
            self._event(resident, packet)

    def _event(self, resident: Resident, packet: bytes) -> None:
        """Deliver an event, or note that events are lost from here on."""
        if resident.lossy or not resident.channel.send(packet):
            resident.lossy = True

    def _caught_up(self, channel: Channel) -> None:
        """A member has read all that waited: if that was not all, say so, and how things stand."""
        resident = self._by_channel.get(channel)
        if resident is not None and resident.lossy and channel is resident.channel:
            resident.lossy = False
            view = view_of(self._driver.core.state, resident.group)
            channel.send(mm.encode(mm.EventsLost(view)))


def view_of(state: State, name: str) -> fx.View:
    """How a group stands now."""
    group = state.groups[name]
    domain = group.domain[: group.committed]
    out = tuple(each for each in domain if state.is_released(name, each))
    return fx.View(domain, out, state.primary_of(name))


def message_of(news: fx.News) -> mm.Answer:
    """The message by which a member is told something."""
    match news:
        case fx.View():
            return mm.ViewIs(news)
        case fx.NodeLeft():
            return mm.Left(news)
        case fx.MemberLeft():
            return mm.Gone(news)
        case fx.PrimaryIs():
            return mm.Primary(news)
        case fx.Deposed():
            return mm.NotPrimary(news)
        case fx.PeerPartitioned():
            return mm.Silent(news)
        case fx.PeerBack():
            return mm.Back(news)
        case fx.InDoubt():
            return mm.Doubt(news)
        case fx.ClusteringEnding(cause):
            return mm.Ending(cause.value)
