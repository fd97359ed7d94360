"""What other cluster managers do when a node ends, and users do not expect; ours does not.

Each test is about one behaviour that was seen in a well-known system.
"""

from __future__ import annotations

import asyncio
import os
import signal

from knell.cli.main import main
from knell.node.demo.cluster import GROUPS
from tests.node.live.clusters import member, running

FOLLOWER = """
from knell.node.member import ClusteringEnding, PlainMember, messages as mm
member = PlainMember("store")
print("joined")
try:
    while True:
        match member.wait():
            case mm.Received(node, number):
                print("received", node)
            case mm.Left():
                print("node_left")
            case _:
                pass
except ClusteringEnding as ending:
    print("ended", ending.cause)
"""


def play(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 90))


def test_members_learn_that_the_whole_daemon_has_died():
    """Elsewhere local clients are not told, and run on when the daemon dies."""

    async def scenario():
        async with running(1, workers=False) as cluster:
            node = cluster.nodes["n1"]
            follower = await member(node, FOLLOWER)
            await cluster.until("it has joined", lambda: "joined" in follower.lines)
            daemon = {name: pid for name, pid in node.processes.items() if "member" not in name}
            for pid in daemon.values():
                os.kill(pid, signal.SIGKILL)
            assert (await follower.end())[-1] == "ended unknown"

    play(scenario)


LEAVER = """
import time
from knell.node.member import ClusteringEnding, PlainMember, messages as mm
member = PlainMember("store")
while len(member.send(b"before")) < 1:
    time.sleep(0.01)
print("sent")
member.leave()
try:
    member.send(b"after")
except ClusteringEnding:
    print("raised")
desk = member._desk  # a program that does not use our library
desk.engine.setblocking(True)
desk.engine.send(mm.encode(mm.SendWork(99, b"after")))
while True:
    packet = desk.engine.recv(mm.LARGEST)
    said = mm.decode_answer.decode(packet) if packet else mm.Result(99, "hung up")
    if isinstance(said, mm.Result) and said.id == 99:
        print("refused" if said.refused else "taken")
        break
"""


def test_a_send_after_leaving_is_refused():
    """Elsewhere a send after the leave returns success, and is lost."""

    async def scenario():
        async with running(2, workers=False) as cluster:
            first, second = cluster.nodes.values()
            follower = await member(second, FOLLOWER)
            leaver = await member(first, LEAVER)
            assert await leaver.end() == ["sent", "raised", "refused"]
            lines = await follower.kill()
            assert lines.count("received n1") == 1

    play(scenario)


def test_a_member_that_never_answers_stops_no_shutdown():
    """Elsewhere such a client cancels the shutdown, and the tool reports success."""

    async def scenario():
        async with running(2, workers=False) as cluster:
            first, second = cluster.nodes.values()
            followers = [await member(node, FOLLOWER) for node in (first, second)]
            await cluster.until("both are in", lambda: all("store" in p for p in _members(cluster)))
            os.kill(followers[0].process.pid, signal.SIGSTOP)
            code = await asyncio.to_thread(main, ["shutdown", "--config", str(first.config)])
            assert code == 0
            assert "ended" not in " ".join(await followers[0].end())
            assert followers[0].process.returncode == -signal.SIGKILL
            await cluster.until("n2 knows", lambda: "node_left" in followers[1].lines)
            await followers[1].kill()

    play(scenario)


def _members(cluster):
    """For each node the groups in which it has a member that has an entry."""
    return [
        {g["group"] for g in (node.status() or {"groups": []})["groups"] if g["lives"]}
        for node in cluster.nodes.values()
    ]


SENDER = """
import time
from knell.node.member import ClusteringEnding, PlainMember, RefusedError
member = PlainMember("store")
try:
    while True:
        try:
            if member.send(b"data"):
                print("sent")
        except RefusedError:
            print("refused")
        time.sleep(0.002)
except ClusteringEnding as ending:
    print("ended", ending.cause)
"""


def test_nothing_is_heard_of_a_node_that_was_left():
    """Elsewhere a node that had left could still send to the others."""

    async def scenario():
        async with running(2, workers=False) as cluster:
            first, second = cluster.nodes.values()
            follower, sender = await member(second, FOLLOWER), await member(first, SENDER)
            await cluster.until("both are in", lambda: all("store" in p for p in _members(cluster)))
            await cluster.until("data comes", lambda: "received n1" in follower.lines)
            second.ask({"op": "block", "peers": ["n1"]})
            order = ["fence", "n1", "--epoch", "1", "--config", str(second.config)]
            order += ["--key", str(cluster.root / "operator.key")]
            assert await asyncio.to_thread(main, order) == 0
            await cluster.until("n2 has left it", lambda: "node_left" in follower.lines)
            sent = sender.lines.count("sent")
            await cluster.until("n1 goes on", lambda: sender.lines.count("sent") > sent + 20)
            second.ask({"op": "block", "peers": []})
            assert (await sender.end())[-1] == "ended left_elsewhere"
            lines = await follower.kill()
            assert "received n1" not in lines[lines.index("node_left") :]

    play(scenario)


STUBBORN = """
import time
from knell.node.member import PlainMember, messages as mm
from knell.spec.vocabulary import Cause
member = PlainMember("store")
while not member.send(b"data"):
    time.sleep(0.01)
desk = member._desk  # a program that does not heed the message
desk.engine.setblocking(True)
print("sending")
number = 1000
ending = False
while True:
    number += 1
    desk.engine.send(mm.encode(mm.SendWork(number, b"data")))
    while True:
        said = mm.decode_answer.decode(desk.engine.recv(mm.LARGEST))
        ending = ending or isinstance(said, mm.Ending)
        if isinstance(said, mm.Result):
            break
    print("late" if ending else "early", "refused" if said.refused else "taken")
"""


def test_an_unheeding_member_cannot_go_on_sending():
    """Elsewhere an unsupervised process kept sending for most of a second."""

    async def scenario():
        async with running(2, workers=False) as cluster:
            first, second = cluster.nodes.values()
            follower, stubborn = await member(second, FOLLOWER), await member(first, STUBBORN)
            await cluster.until("data comes", lambda: "early taken" in stubborn.lines)
            first.ask({"op": "fail", "causes": ["object"]})
            lines = await stubborn.end()
            assert "late refused" in lines
            assert "late taken" not in lines
            await follower.kill()

    play(scenario)


def test_a_thawed_node_resumes_nothing():
    """Elsewhere a frozen daemon resumes sending after the others moved on."""

    async def scenario():
        timers = {"lease": 1_500, "drift": 300, "lost": 800}
        async with running(3, timers=timers, options=('takeover = "lease"',)) as cluster:
            first, second, _ = cluster.nodes.values()
            processes = first.processes
            follows = {g["group"]: g["list"][1].split(".")[0] for g in second.stands()["groups"]}
            for pid in processes.values():
                os.kill(pid, signal.SIGSTOP)
            await cluster.until(
                "the next in each list acts",
                lambda: all(follows[group] in _takers(cluster, group) for group in GROUPS),
            )
            for pid in processes.values():
                os.kill(pid, signal.SIGCONT)
            await cluster.until("n1 has ended", lambda: first.has_ended)
            for group in GROUPS:
                takers = _takers(cluster, group)
                assert "n1" not in takers[takers.index(follows[group]) :]

    play(scenario)


def _takers(cluster, group):
    """The nodes whose acts the store has taken, in order."""
    return [w.write.node for w in cluster.log if w.accepted and w.write.group == group]
