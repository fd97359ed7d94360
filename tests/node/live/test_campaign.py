"""The campaign of failures at random: a short one, and whether its ledger finds what is wrong."""

from __future__ import annotations

import asyncio
import random

import msgspec
import pytest

from knell.node.core import messages as ms
from knell.node.demo.campaign import Campaign
from knell.node.demo.ledger import Ledger, Tail
from knell.node.demo.store import Write, Written
from knell.node.runtime import codec


def test_a_short_campaign_with_two_wire_versions():
    campaign = Campaign(2, random.Random(3), mixed=True)  # noqa: S311 # to be repeatable
    assert asyncio.run(campaign.run(4)) == []
    assert campaign.kinds.total() == 4
    assert campaign.ledger.actions["begin_act"] > 0


def test_an_older_version_reads_what_a_newer_one_adds():
    beat = ms.Heartbeat(5, 6, ("n2",))
    old = codec.encode(codec.as_of(1, beat))
    assert codec.frames(codec.array([old], 1)) == (ms.Heartbeat(5, 6),)
    read = msgspec.msgpack.decode(codec.encode(beat), type=codec.FirstHeartbeat)
    assert read == codec.FirstHeartbeat(5, 6)
    assert codec.as_of(2, beat) is beat


def action(t, name, **args):
    return {"t": t, "action": name, "args": args}


def leave(t, node="n2", group="store", epoch=("n1", 1)):
    news = {"news": {"epoch": list(epoch)}}
    return {
        "t": t,
        "member": "node_left",
        "node": node,
        "epoch": 1,
        "group": group,
        "about": news,
    }


def write(at, node="n1", epoch=1, token=1):
    return Written(Write(node, epoch, "store", token, at), at + 1, accepted=True)


@pytest.mark.parametrize(
    ("lines", "log", "fault"),
    [
        ([action(1, "request_stop", i="n1.1"), leave(2)], [], None),
        ([leave(1), action(2, "restart", j="n1.2")], [], None),
        ([leave(1)], [], "n1.1 was left for no reason"),
        ([leave(1, epoch=("n1", 2)), action(2, "restart", j="n1.2")], [], "left for no reason"),
        ([action(1, "request_stop", i="n1.1"), leave(2), leave(3)], [], "told twice"),
        ([action(1, "quiesce", i="n1.1")] * 2, [], "did quiesce twice"),
        ([action(5, "quiesce", i="n1.1")], [write(6)], "acted after its gate had closed"),
        ([action(5, "quiesce", i="n1.1")], [write(4)], None),
        ([], [write(3, "n2", token=2), write(4)], "n1 acted in store beside a later primary"),
        ([], [write(3), write(4, "n2", token=2), write(5, "n2", token=2)], None),
    ],
)
def test_the_ledger_finds_what_may_never_be(lines, log, fault):
    ledger = Ledger()
    ledger.take(lines, log)
    ledger.close()
    assert (ledger.faults == []) if fault is None else (fault in ledger.faults[0])


def test_a_tail_reads_each_line_once(tmp_path):
    path = tmp_path / "lines"
    tail = Tail(path)
    assert tail.read() == []
    path.write_text('{"t": 1}\n{"t": 2')
    assert tail.read() == [{"t": 1}]
    with path.open("a") as file:
        file.write("}\n")
    assert tail.read() == [{"t": 2}]
    path.write_text('{"t": 3}\n')
    assert tail.read() == [{"t": 3}]
