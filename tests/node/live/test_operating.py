"""A cluster over several epochs, and the commands of its operators."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from knell.cli.main import main
from knell.node.demo.cluster import Cluster
from tests.node.live.clusters import running


def test_a_stopped_node_returns_as_the_last_entry():
    async def play() -> list[int]:
        cluster = Cluster(2)
        try:
            cluster.start()
            await cluster.until("the cluster is whole", cluster.is_whole)
            first = cluster.nodes["n1"]
            code = await asyncio.to_thread(main, ["shutdown", "--config", str(first.config)])
            assert code == 0
            process = first.process
            assert process is not None
            await cluster.until("n1 has ended", lambda: process.poll() is not None)
            assert process.returncode == 0
            cluster.start("n1")
            await cluster.until("the cluster is whole again", lambda: _returned(cluster))
        finally:
            left = await cluster.close()
        return left

    assert asyncio.run(play()) == []


def _returned(cluster: Cluster) -> bool:
    status = cluster.nodes["n2"].status()
    return (
        status is not None
        and cluster.is_whole()
        and all(
            group["list"][-1] == "n1.2" and group["live_primary"] == "n2.1"
            for group in status["groups"]
        )
    )


def test_f49_a_second_instance_is_refused():
    async def play() -> None:
        async with running(1, workers=False) as cluster:
            node = cluster.nodes["n1"]
            second = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "knell.node.runtime", str(node.config)),
                stderr=asyncio.subprocess.PIPE,
            )
            _, said = await asyncio.wait_for(second.communicate(), 30)
            assert second.returncode == 2
            assert b"another instance of this node runs" in said
            status = node.status()
            assert status is not None
            assert (status["phase"], status["epoch"]) == ("active", 1)

    asyncio.run(play())


def test_a_fence_releases_what_was_lost_in_silence(capsys):
    async def play() -> None:
        cluster = Cluster(2)
        try:
            cluster.start()
            await cluster.until("the cluster is whole", cluster.is_whole)
            dead, alive = cluster.nodes["n1"], cluster.nodes["n2"]
            # All at once: a sentinel that outlives its engine by a moment says so.
            victims = list(dead.processes.values())
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in victims:
                    os.kill(pid, number)
            await cluster.until("n1 is silent", lambda: _peer(alive.status())["partitioned"])
            order = ["fence", "n1", "--config", str(alive.config)]
            order += ["--key", str(cluster.root / "operator.key")]
            assert await asyncio.to_thread(main, [*order, "--epoch", "7"]) == 1
            assert await asyncio.to_thread(main, [*order, "--epoch", "1"]) == 0
            await cluster.until("n2 is primary", lambda: _leads(alive.status(), "n2.1"))
            audit = (alive.folder / "state" / "audit.ndjson").read_text().splitlines()
            assert [json.loads(line)["act"] for line in audit] == ["fence", "fence"]
        finally:
            await cluster.close()

    asyncio.run(play())
    assert "newest epoch known here is 1" in capsys.readouterr().out


def _peer(status):
    return status["peers"][0] if status else {"partitioned": False}


def _leads(status, name: str) -> bool:
    return status is not None and all(g["live_primary"] == name for g in status["groups"])


def test_a_plain_member_acts_and_reports_from_a_thread():
    async def play() -> str:
        cluster = Cluster(2, workers=False)
        try:
            cluster.start()
            nodes = list(cluster.nodes.values())
            await cluster.until("nodes run", lambda: all(n.status() for n in nodes))
            first, second = [
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-c",
                    program,
                    env={**os.environ, "KNELL_RUN": str(node.folder / "run")},
                    stdout=asyncio.subprocess.PIPE,
                )
                for node, program in zip(nodes, (_REPORTER, _FOLLOWER), strict=True)
            ]
            said, _ = await asyncio.wait_for(first.communicate(), 30)
            heard, _ = await asyncio.wait_for(second.communicate(), 30)
            return (said + heard).decode()
        finally:
            await cluster.close()

    said = asyncio.run(play()).split("\n")
    # The reporter knows (§7.8): it is ended with the others, maybe before it can say that it was.
    told = [line for line in said if line != "ended object"]
    assert told == ["refused", "token 1", "node_left n1", "primary", ""]
    assert said.index("ended object") == 2 if "ended object" in said else len(said) == len(told)


_REPORTER = """
import threading
from knell.node.member import ClusteringEnding, PlainMember, RefusedError, messages as mm
from knell.spec.vocabulary import Cause
member = PlainMember("store")
try:
    PlainMember("store")
except RefusedError:
    print("refused", flush=True)
listed = ()
while len(listed) < 2:
    event = member.wait(20)
    listed = event.view.domain if isinstance(event, mm.ViewIs) else listed
print("token", member.act().token, flush=True)
threading.Thread(target=member.report_failure, args=(Cause.OBJECT,)).start()
try:
    while True:
        member.wait(20)
except ClusteringEnding as ending:
    print("ended", ending.cause, flush=True)
"""

_FOLLOWER = """
from knell.node.member import PlainMember, messages as mm
member = PlainMember("store")
while True:
    event = member.wait(20)
    if isinstance(event, mm.Left):
        print("node_left", event.news.epoch.node, flush=True)
    if isinstance(event, mm.Primary) and event.news.own:
        print("primary", flush=True)
        break
"""
