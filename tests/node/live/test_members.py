"""What members can do to a node: nothing but leave it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from knell.node.demo.cluster import Cluster
from knell.node.demo.fuzz import fuzz
from tests.node.live.clusters import meets, member, notes, running


def test_f51_a_live_node_under_fire():
    """A small share of `make fuzz`."""
    result = asyncio.run(fuzz(frames=8_000, requests=6_000, flood=0.3))
    assert result["faults"] == []
    assert result["frames"] >= 8_000
    assert result["requests"] >= 6_000
    assert len(result["kinds"]) == 9
    assert result["dropped"]["malformed"] > 100
    assert result["genuine_heard_under_flood"] > 0


def test_f4_an_error_that_is_not_fatal_is_logged():
    async def play():
        async with running(2, workers=False) as cluster:
            program = await member(cluster.nodes["n1"], _TROUBLED)
            await cluster.until("it is logged", lambda: notes(cluster, "trouble of a member"))
            (line,) = notes(cluster, "trouble of a member")
            assert (line["group"], line["text"]) == ("store", "a cable is loose")
            assert all(node.stands()["phase"] == "active" for node in cluster.nodes.values())
            await program.kill()

    asyncio.run(play())


_TROUBLED = """
from knell.node.member import PlainMember
member = PlainMember("store")
member.report_trouble("a cable is loose")
while True:
    member.wait()
"""


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


def test_an_heir_of_the_engine_hides_no_death():
    """The sentinel knows of the death by the engine's descriptor, not by the end of a pipe."""

    async def play() -> None:
        cluster = Cluster(2, workers=False)
        try:
            cluster.start()
            first, second = cluster.nodes.values()
            await cluster.until("they meet", lambda: all(meets(n, 1) for n in (first, second)))
            first.ask({"op": "fork"})
            await cluster.until("it has an heir", lambda: notes(cluster, "forked"))
            (line,) = notes(cluster, "forked")
            heir, process = line["pid"], first.process
            assert process is not None
            os.kill(first.processes["engine"], signal.SIGKILL)
            await cluster.until("n1 has ended", lambda: process.poll() is not None)
            await cluster.until("n2 knows", lambda: _left(second) == 1)
            os.kill(heir, 0)
            os.kill(heir, signal.SIGKILL)
        finally:
            assert await cluster.close() == []

    asyncio.run(play())


def _left(node) -> int | None:
    status = node.status()
    return status["peers"][0]["left"] if status else None


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
