"""What members can do to a node: nothing but leave it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
from pathlib import Path

from knell.node.demo.cluster import Cluster
from tests.node.live.clusters import member, notes, running

REQUESTS = [
    b'{"op":"join","group":"store"}',
    b'{"op":"join","group":"nobody"}',
    b'{"op":"attach","group":"store","join":1}',
    b'{"op":"reporter","group":"store","join":1}',
    b'{"op":"report","causes":["object"]}',
    b'{"op":"act","id":1}',
    b'{"op":"send","id":2,"data":"AAAA"}',
    b'{"op":"acknowledge"}',
    b'{"op":"leave"}',
    b'{"op":"status"}',
]


def test_no_request_of_a_stranger_harms_a_node():
    async def play() -> None:
        cluster = Cluster(1)
        try:
            cluster.start()
            await cluster.until("the node is whole", cluster.is_whole)
            node = cluster.nodes["n1"]
            before = _descriptors(node.processes)
            await asyncio.to_thread(_pester, node.folder / "run", 4_000)
            await cluster.until("the node is whole", cluster.is_whole)
            assert _descriptors(node.processes) <= before + 2
            status = node.status()
            assert status is not None
            assert (status["phase"], status["epoch"]) == ("active", 1)
        finally:
            assert await cluster.close() == []

    asyncio.run(play())


def test_f4_an_error_that_is_not_fatal_is_logged():
    async def play():
        async with running(2, workers=False) as cluster:
            program = await member(cluster.nodes["n1"], _TROUBLED)
            await cluster.until("it is logged", lambda: notes(cluster, "trouble of a member"))
            (line,) = notes(cluster, "trouble of a member")
            assert (line["group"], line["text"]) == ("store", "a cable is loose")
            assert all(node.status()["phase"] == "active" for node in cluster.nodes.values())
            await program.kill()

    asyncio.run(play())


_TROUBLED = """
from knell.node.member import PlainMember
member = PlainMember("store")
member.report_trouble("a cable is loose")
while True:
    member.wait()
"""


def _descriptors(processes: dict[str, int]) -> int:
    folders = [Path(f"/proc/{processes[name]}/fd") for name in ("engine", "sentinel")]
    return sum(len(list(folder.iterdir())) for folder in folders)


def _pester(run, count: int) -> None:
    draw = random.Random(11)  # noqa: S311 # no secret
    for _ in range(count):
        name = draw.choice(["engine.sock", "sentinel.sock", "operator.sock"])
        packet = bytearray(draw.choice(REQUESTS))
        if draw.random() < 0.8:
            packet[draw.randrange(len(packet))] = draw.randrange(256)
        if draw.random() < 0.2:
            del packet[draw.randrange(1, len(packet)) :]
        if b"stop" in packet:
            continue
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.connect(str(run / name))
            with contextlib.suppress(OSError):  # the node hangs up on what it can't read
                sock.send(bytes(packet))
                sock.send(bytes(packet) * draw.randrange(1, 4))


def test_a_fork_that_holds_every_descriptor_hides_no_death():
    """Death is known by process descriptors too, so an heir of all sockets changes nothing."""

    async def play() -> str:
        cluster = Cluster(2, workers=False)
        try:
            cluster.start()
            nodes = list(cluster.nodes.values())
            await cluster.until("nodes run", lambda: all(n.status() for n in nodes))
            member = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _FORKS,
                env={**os.environ, "KNELL_RUN": str(nodes[0].folder / "run")},
                stdout=asyncio.subprocess.PIPE,
            )
            assert member.stdout is not None
            heir = int(await asyncio.wait_for(member.stdout.readline(), 20))
            member.kill()
            await cluster.until("the member is gone", lambda: _state(nodes[0]) == "gone")
            os.kill(heir, 0)
            os.kill(heir, signal.SIGKILL)
            return json.dumps(nodes[0].status())
        finally:
            await cluster.close()

    assert '"phase": "active"' in asyncio.run(play())


def _state(node) -> str | None:
    status = node.status()
    return status["groups"][0]["member"] if status else None


_FORKS = """
import os, signal
from knell.node.member import PlainMember
member = PlainMember("store")
heir = os.fork()
if heir:
    print(heir, flush=True)
signal.pause()
"""
