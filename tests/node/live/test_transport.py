"""What comes from outside is checked; what fails the check is counted and changes nothing."""

from __future__ import annotations

import random
import socket
from typing import Any

import pytest
from nacl.signing import SigningKey

from knell.node import wire
from knell.node.core import messages as ms
from knell.node.runtime import codec
from knell.node.runtime.proofs import Proofs
from knell.node.runtime.sessions import WINDOW, Session, Sessions, pairs
from knell.node.runtime.transport import Transport
from knell.spec.vocabulary import Cause


class Log:
    def __init__(self) -> None:
        self.statements: list[object] = []
        self.traffic: list[tuple[Any, ...]] = []
        self.peers: list[object] = []
        self.rejections: list[str] = []
        self.failures: list[OSError] = []

    def heard(self, signed, via):
        self.statements.append((signed.statement, via))

    def arrived(self, message, sender, incarnation):
        self.traffic.append((message, sender, incarnation))

    def welcomes(self, session):  # noqa: ARG002 # one shape
        return True

    def proved(self, announce, session):  # noqa: ARG002 # one shape
        self.peers.append(announce.statement)

    def worked(self, work, sender):
        self.traffic.append((work, sender))

    def rejected(self, peer):
        self.rejections.append(peer)

    def socket_failed(self, error):
        self.failures.append(error)


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


@pytest.fixture
def two():
    keys = {name: SigningKey.generate() for name in ("a", "b")}
    public = {name: key.verify_key for name, key in keys.items()}
    socks = {name: (_socket(), _socket()) for name in keys}
    addresses = {name: tuple(s.getsockname() for s in pair) for name, pair in socks.items()}
    ends = []
    for number, (name, key) in enumerate(keys.items()):
        proofs = Proofs(key, public, ())
        announce = proofs.prove(ms.Signed(ms.Announce(name, 1, number + 10)))
        sessions = Sessions(name, 1, number + 10, key, announce, pairs(name, key, public), proofs)
        ends.append(Transport(*socks[name], addresses=addresses, sessions=sessions, proofs=proofs))
    yield ends
    for end in ends:
        end.close()


def _settle(ends, logs):
    for _ in range(6):
        for end, log in zip(ends, logs, strict=True):
            for sock in (end.urgent, end.traffic):
                end.read(sock, log, 0)


def test_two_nodes_prove_to_each_other_that_they_are_there(two):
    a, _ = two
    logs = Log(), Log()
    a.greet("b")
    _settle(two, logs)
    assert [log.peers for log in logs] == [[ms.Announce("b", 1, 11)], [ms.Announce("a", 1, 10)]]
    a.send(("b",), (ms.Heartbeat(5, 6),), urgent=False)
    _settle(two, logs)
    assert logs[1].traffic == [(ms.Heartbeat(5, 6), ("a", 1), 10)]


def test_distress_needs_no_session(two):
    a, b = two
    logs = Log(), Log()
    said = ms.Distress("a", 1, 10, Cause.OBJECT)
    a.prepare(said)
    a.send(("b",), (ms.Signed(said),), urgent=True)
    _settle(two, logs)
    assert logs[1].statements == [(said, "a")]
    assert not b.dropped


def test_a_statement_in_the_name_of_another_node_is_dropped(two):
    a, b = two
    logs = Log(), Log()
    a.send(("b",), (ms.Signed(ms.Distress("b", 1, 11, Cause.OBJECT)),), urgent=True)
    _settle(two, logs)
    assert not logs[1].statements
    assert b.dropped == {"not signed by its maker": 1}


def _open(sender, to, statement, proof):
    frame = codec.encode(codec.Proved(wire.encode(statement), proof))
    return sender._open(to, [frame])


@pytest.mark.parametrize("kind", [ms.Distress("a", 1, 10, Cause.OBJECT), ms.Quiesced("a", 1, 10)])
def test_what_is_urgent_is_taken_from_its_maker_by_the_code_of_its_datagram(two, kind):
    """From others, and of any other kind, it needs its maker's signature (§5.1)."""
    (a, b), log, forged = two, Log(), bytes(64)
    b.take(_open(a, "b", kind, forged), log, 0)
    assert log.statements == [(kind, "a")]
    b.take(_open(a, "b", ms.Announce("a", 2, 10), forged), log, 0)
    a.take(_open(b, "a", kind, forged), log, 0)
    assert len(log.statements) == 1, "neither another kind, nor what b says of a"
    assert a.dropped == b.dropped == {"not signed by its maker": 1}
    b.proofs.renew({}, ())
    b.renew(
        b._addresses, pairs("b", SigningKey.generate(), {"a": SigningKey.generate().verify_key})
    )
    b.take(_open(a, "b", kind, forged), log, 0)
    assert b.dropped["not authentic"] == 1, "nor under a key that was given up"


def test_traffic_is_taken_once(two):
    a, b = two
    logs = Log(), Log()
    a.greet("b")
    _settle(two, logs)
    session = a.sessions.latest["b"]
    frame = codec.array([codec.encode(ms.Heartbeat(1))], 1)
    datagram = codec.in_session(session.id, 9, frame, session.key_out)
    for _ in range(3):
        b.take(datagram, logs[1], 0)
    assert len(logs[1].traffic) == 1
    assert b.dropped == {"replayed": 2}


def _meet(two):
    """Let two nodes prove that they are there; keep what a sends from then on."""
    a, _ = two
    logs = Log(), Log()
    a.greet("b")
    _settle(two, logs)
    kept: list[bytes] = []
    a.put = lambda sock, peer, which, datagram: kept.append(datagram)  # one shape
    return logs[1], kept


def test_64_kib_arrive_as_they_were_sent(two):
    """They are more than a datagram holds."""
    a, b = two
    log, kept = _meet(two)
    data = bytes(range(256)) * 256
    a.send_work("b", codec.Work("g", 1, 1, data))
    assert len(kept) == 2
    for datagram in kept:
        b.take(datagram, log, 0)
    assert [work for work, _ in log.traffic] == [codec.Work("g", 1, 1, data)]


@pytest.mark.parametrize(
    ("arrive", "numbers", "dropped"),
    [
        ((0, 1, 2, 3), [1, 2, 3], {}),
        ((0, 3, 1, 2), [1, 3], {"work: overtaken": 2}),
        ((0, 2, 3), [1, 3], {"work: an earlier part is missing": 1}),
        ((0, 1, 3), [1, 3], {}),
        ((1, 0, 2, 3), [2, 3], {"work: overtaken": 1}),
    ],
)
def test_what_members_send_arrives_in_order_or_not_at_all(two, arrive, numbers, dropped):
    a, b = two
    log, kept = _meet(two)
    for number, size in ((1, 10), (2, 40_000), (3, 10)):
        a.send_work("b", codec.Work("g", 1, number, bytes(size)))
    for at in arrive:
        b.take(kept[at], log, 0)
    assert [work.number for work, _ in log.traffic] == numbers
    assert b.dropped == dropped


def test_parts_of_two_sends_of_one_number_are_never_joined(two):
    """Numbers are the members' own, and may repeat."""
    a, b = two
    log, kept = _meet(two)
    for fill in (b"x", b"y"):
        a.send_work("b", codec.Work("g", 1, 1, fill * 40_000))
    for at in (0, 3):
        b.take(kept[at], log, 0)
    assert not log.traffic
    assert b.dropped == {"work: a part of something else": 1}


def test_an_earlier_session_brings_no_more_work(two):
    a, b = two
    log, kept = _meet(two)
    a.send_work("b", codec.Work("g", 1, 1, b""))
    a.send_work("b", codec.Work("g", 1, 2, b""))
    del a.put
    a.greet("b")
    _settle(two, (Log(), log))
    a.send_work("b", codec.Work("g", 1, 3, b""))
    b.take(kept[0], log, 0)
    _settle(two, (Log(), log))
    b.take(kept[1], log, 0)
    assert [work.number for work, _ in log.traffic] == [1, 3]
    assert b.dropped == {"work: of an earlier session": 1}


def test_f51_whatever_is_mutated_is_dropped(two):
    a, b = two
    logs = Log(), Log()
    a.greet("b")
    _settle(two, logs)
    session = a.sessions.latest["b"]
    said = a.proofs.prove(ms.Signed(ms.Distress("a", 1, 10, Cause.OBJECT)))
    body = codec.array([codec.encode(said)], 1)
    genuine = [
        codec.named(codec.OPEN, "a", body, a.sessions.pairs["b"].key_out),
        codec.in_session(session.id, 50, body, session.key_out),
        a.sessions.greet("b"),
    ]
    draw = random.Random(5)  # noqa: S311 # no secret
    for _ in range(20_000):
        datagram = bytearray(draw.choice(genuine))
        kind = draw.randrange(3)
        if kind == 0:
            datagram[draw.randrange(len(datagram))] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del datagram[draw.randrange(len(datagram)) :]
        else:
            datagram = bytearray(draw.randbytes(draw.randrange(200)))
        b.take(bytes(datagram), logs[1], 0)
    assert not logs[1].statements
    assert sum(b.dropped.values()) == 20_000


def test_f6_an_authentic_frame_that_nobody_can_decode_comes_back(two):
    a, b = two
    logs = Log(), Log()
    a.greet("b")
    _settle(two, logs)
    a.garble("b")
    _settle(two, logs)
    assert logs[0].rejections == ["b"]
    assert b.dropped == {"malformed": 1}
    assert not logs[1].rejections, "the receiver is not in the wrong"


def test_a_rejection_of_a_good_frame_proves_nothing(two):
    a, b = two
    logs = Log(), Log()
    a.greet("b")
    _settle(two, logs)
    session, pair = b.sessions.latest["a"], b.sessions.pairs["a"]
    body = codec.array([codec.encode(ms.Heartbeat(5))], 1)
    own = a.sessions.latest["b"]
    own.sent += 1
    good = codec.in_session(own.id, own.sent, body, own.key_out)
    other = codec.in_session(own.id, own.sent, b"?", session.key_out)
    for quoted in (good, other, good[:-1], b"KN1T", codec.named(codec.OPEN, "a", body, b"k")):
        a.take(codec.named(codec.REJECTION, "b", quoted, pair.key_out), logs[0], 0)
    assert not logs[0].rejections
    assert a.dropped == {
        "rejection without reason": 1,
        "rejection of nothing": 3,
        "malformed": 1,
    }


def test_a_socket_that_fails_is_told_and_an_icmp_error_is_not(two):
    a, b = two
    log = Log()
    b.close()
    a.greet("b")
    a.read(a.traffic, log, 0)
    assert not log.failures
    a.traffic.close()
    a.read(a.traffic, log, 0)
    assert len(log.failures) == 1


def test_the_window_takes_each_number_once_in_any_order():
    session = Session("a", 1, 1, b"", b"", b"")
    numbers = list(range(1, 200))
    random.Random(3).shuffle(numbers)  # noqa: S311 # no secret
    assert all(session.is_fresh(number) for number in numbers)
    assert not any(session.is_fresh(number) for number in numbers)
    assert session.is_fresh(10_000)
    assert not session.is_fresh(10_000 - WINDOW)
