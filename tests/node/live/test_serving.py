"""What the engine owes to a member that is slow, and allows to one that asks too much."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from typing import Any
from unittest.mock import Mock

import pytest

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core.values import Epoch
from knell.node.member import messages as mm
from knell.node.runtime.channel import listen
from knell.node.runtime.serving import Members, view_of
from tests.node.core.samples import INCARNATIONS, settings


class Served:
    """Members, the socket on which they join, and the loop that serves them."""

    def __init__(self, path, limit=100_000):
        self.loop = asyncio.new_event_loop()
        self.socks: list[socket.socket] = []
        self.core: Any = founded(settings(), INCARNATIONS)
        self.driver = Mock(core=self.core)
        self.driver.ask.return_value = [fx.Answer(None, process=1)]
        self.members = Members(
            self.loop,
            self.driver,
            Mock(dropped=Counter()),
            users={},
            limit=limit,
            introduce=lambda resident: self.members.introduced(resident.group, resident.join),
            retired=Mock(),
            cgroups=Mock(),
        )
        self.path = str(path)
        self.listener = listen(path)
        self.loop.add_reader(self.listener.fileno(), self.members.accept, self.listener)

    def connect(self, first):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socks.append(sock)
        sock.connect(self.path)
        sock.send(mm.encode(first))
        sock.setblocking(False)
        self.run()
        return sock

    def end(self):
        for resident in list(self.members.by_group.values()):
            self.members._reaped(resident)
        for channel in list(self.members._processes):
            channel.close()
        self.listener.close()
        self.loop.close()
        for sock in self.socks:
            sock.close()

    def run(self):
        self.loop.call_later(0.01, self.loop.stop)
        self.loop.run_forever()

    def read(self, sock):
        """All that comes until nothing more does."""
        found: list[mm.Answer | None] = []
        quiet = 0
        while quiet < 2:
            try:
                packet = sock.recv(mm.LARGEST)
            except BlockingIOError:
                quiet += 1
                self.run()
                continue
            if not packet:
                return [*found, None]
            quiet = 0
            found.append(mm.decode_answer.decode(packet))
        return found


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path / "s")
    yield served
    served.end()


def test_a_member_that_was_too_slow_learns_so_though_nothing_else_happens(served):
    """What was lost may be the last that happens for long: a node leave."""
    sock = served.connect(mm.Join("g1"))
    happens = fx.PeerPartitioned(Epoch("n2", 1))
    for _ in range(20_000):
        served.members.tell("g1", happens)
    resident = served.members.by_group["g1"]
    assert resident.lossy
    *events, last = served.read(sock)
    assert mm.Silent(happens) in events
    assert last == mm.EventsLost(view_of(served.core.state, "g1"))
    assert not resident.lossy
    served.members.tell("g1", happens)
    assert served.read(sock) == [mm.Silent(happens)]


def _left(served):
    return [c.args[0] for c in served.driver.tell.call_args_list] == [ev.MemberLeaves("g1", 1)]


def test_a_flood_on_the_connection_for_reports_is_a_leave_too(tmp_path):
    served = Served(tmp_path / "s", limit=3)
    sock = served.connect(mm.Join("g1"))
    reporter = served.connect(mm.Reporter("g1", 1))
    for _ in range(3):
        reporter.send(mm.encode(mm.Trouble("it squeaks")))
    assert served.read(reporter)[-1] is None
    assert served.read(sock)[-1] is None
    assert _left(served)
    served.end()


def test_a_member_that_takes_all_connections_has_left(served):
    sock = served.connect(mm.Join("g1"))
    for _ in range(17):
        served.connect(mm.Reporter("g1", 1))
    assert served.read(sock)[-1] is None
    assert _left(served)


def test_a_connection_for_reports_may_be_made_anew_for_ever(served):
    served.connect(mm.Join("g1"))
    for _ in range(40):
        served.connect(mm.Reporter("g1", 1)).close()
        served.run()
    assert served.members.by_group["g1"].reporters == []
    assert not _left(served)
