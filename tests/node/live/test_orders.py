"""What operators order: bootstrap, switchover, new keys; and what members may not do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from knell.cli.main import main
from knell.node.core.values import SECOND
from knell.node.runtime.cgroups import Cgroups, own
from knell.node.runtime.keys import make_key
from knell.node.runtime.limits import Bucket
from tests.node.live.clusters import member, notes, running


def play(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 90))


async def run(*arguments):
    return await asyncio.to_thread(main, [str(each) for each in arguments])


def groups(node):
    status = node.status()
    return {} if status is None else {each["group"]: each for each in status["groups"]}


def leads(node, group, entry):
    return groups(node).get(group, {}).get("live_primary") == entry


def audit(node):
    text = (node.folder / "state" / "audit.ndjson").read_text(encoding="utf-8")
    return [(line["act"], line["refused"]) for line in map(json.loads, text.splitlines())]


def test_a_bootstrap_starts_a_group_whose_others_are_off(capsys):
    async def scenario():
        async with running(2) as cluster:
            first, second = cluster.nodes.values()
            order = ["bootstrap", "store", "--config", second.config, "--key"]
            key = cluster.root / "operator.key"
            assert await run(*order, key) == 1, "it has a primary"
            entries = ["n1.1", "n2.1"]
            await cluster.until("both know", lambda: groups(second)["store"]["list"] == entries)
            for node in (first, second):
                await _power_off(cluster, node)
            cluster.start("n2")
            await cluster.until("n2 runs", lambda: groups(second))
            await cluster.until("it has a member", lambda: groups(second)["store"]["member"])
            make_key(cluster.root / "stranger.key")
            assert await run(*order, cluster.root / "stranger.key") == 1
            assert await run(*order, key) == 0
            await cluster.until("n2 leads", lambda: leads(second, "store", "n2.2"))
            acts = audit(second)
            assert [act for act, _ in acts] == ["bootstrap"] * 2, "unsigned orders are no acts"
            assert acts[-1][1] is None
            assert await run("bootstrap", "nobody", "--config", second.config, "--key", key) == 2

    play(scenario)
    said = capsys.readouterr()
    assert "store starts with n2.2; given up: n1.1 n2.1" in said.out
    assert "not signed by an operator's key" in said.out
    assert "no group is called 'nobody'" in said.err


async def _power_off(cluster, node):
    pids = list(node.processes.values())
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
    await cluster.until("it is off", lambda: node.has_ended)


def test_a_planned_switchover():
    async def scenario():
        async with running(2) as cluster:
            first, second = cluster.nodes.values()
            assert await run("switchover", "store", "--config", second.config) == 1
            assert await run("switchover", "store", "--config", first.config) == 0
            await cluster.until("n2 leads", lambda: leads(second, "store", "n2.1"))
            await cluster.until(
                "n1 is back, as the last", lambda: groups(second)["store"]["list"][-1] == "n1.1"
            )
            await cluster.until("it knows", lambda: groups(first)["store"]["lives"])
            assert leads(second, "front", "n1.1"), "other groups stay"
            assert first.stands()["epoch"] == 1
            assert audit(first) == [("switchover", None)]
            told = [line for line in cluster.lines() if line.get("member") == "node_left"]
            assert told == []
            tokens = [w.write.token for w in cluster.log if w.write.group == "store"]
            assert tokens == sorted(tokens)

    play(scenario)


def test_keys_and_addresses_by_reload(capsys):
    async def scenario():
        async with running(2, workers=False) as cluster:
            first, second = cluster.nodes.values()
            old = first.config.read_text()
            first.config.write_text(old.replace("[timers]\n", "[timers]\nbeat = 150\n"))
            assert await run("reload", "--config", first.config) == 1
            revoked = _with_key(old, "n2", make_key(cluster.root / "new.key"))
            first.config.write_text(revoked)
            assert await run("reload", "--config", first.config) == 0
            await cluster.until("n2 is a stranger", lambda: _partitioned(first))
            assert first.stands()["dropped"]["unknown session"] > 0
            first.config.write_text(old)
            first.root.send_signal(signal.SIGHUP)
            await cluster.until("n2 is back", lambda: not _partitioned(first))
            # Rotation: the node is down while the others learn its new key.
            assert await run("shutdown", "--config", second.config) == 0
            await cluster.until("n2 has ended", lambda: second.has_ended)
            first.config.write_text(revoked)
            second.config.write_text(
                _with_key(second.config.read_text(), "n2", _public(revoked, "n2")).replace(
                    '"n2.key"', '"new.key"'
                )
            )
            assert await run("reload", "--config", first.config) == 0
            cluster.start("n2")
            await cluster.until("it is admitted", lambda: _peer(first)["epoch"] == 2)
            assert audit(first)[1:] == [("reload", None), ("reload", None)]
            assert len(notes(cluster, "reloaded")) == 3

    play(scenario)
    assert "[timers] can't change while the node runs" in capsys.readouterr().out


def _with_key(text, name, key):
    return text.replace(_public(text, name), key)


def _public(text, name):
    part = text.split(f'[[peer]]\nname = "{name}"')[1]
    return part.split('key = "')[1].split('"')[0]


def _peer(node):
    status = node.status()
    return status["peers"][0] if status else {"epoch": 0, "partitioned": False}


def _partitioned(node):
    return _peer(node)["partitioned"]


HASTY = """
from knell.node.member import ClusteringEnding, PlainMember, messages as mm
member = PlainMember("store")
print("joined")
desk = member._desk
desk.engine.setblocking(True)
packet = mm.encode(mm.Acknowledge())
try:
    while True:
        desk.engine.send(packet)
except OSError:
    print("hung up on")
import time
time.sleep(60)
"""


def test_a_member_that_asks_too_much_has_left_and_its_node_has_not():
    async def scenario():
        async with running(2, workers=False, extra="[limits]\nrequests = 300\n") as cluster:
            node = cluster.nodes["n1"]
            hasty = await member(node, HASTY)
            await cluster.until("it has left", lambda: groups(node)["store"]["member"] == "gated")
            await cluster.until("it knows", lambda: "hung up on" in hasty.lines)
            status = node.stands()
            assert status["phase"] == "active"
            assert status["dropped"]["member: too fast"] == 1
            await hasty.kill()

    play(scenario)


def test_a_bucket_fills_again():
    bucket = Bucket(10, 0)
    assert sum(bucket.takes(0) for _ in range(50)) == 10
    assert sum(bucket.takes(SECOND // 2) for _ in range(50)) == 5
    assert sum(bucket.takes(100 * SECOND) for _ in range(50)) == 10


def test_without_a_cgroup_nothing_happens(tmp_path):
    missing = Cgroups(tmp_path / "none")
    assert missing.place("store") is None
    missing.kill("store")
    missing.remove("store")
    plain = tmp_path / "cgroup"
    plain.write_text("1:cpu:/\n0::/\n")
    assert not own(plain).exists(), "the root is nobody's"


def test_a_node_finds_the_cgroup_that_is_its_own(tmp_path):
    (tmp_path / "cgroup").write_text("3:cpu:/x\n0::/system.slice/knell\n")
    (tmp_path / "mounts").write_text(f"cgroup2 {tmp_path}/fs cgroup2 rw 0 0\n")
    found = own(tmp_path / "cgroup", tmp_path / "mounts")
    assert found == Path(f"{tmp_path}/fs/system.slice/knell")


@pytest.fixture
def delegated():
    """A cgroup v2 of our own, as systemd would delegate it."""
    points = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    point = next((fields[1] for fields in points if fields[2] == "cgroup2"), None)
    path = Path(point or "/nonexistent") / f"knell-test-{os.getpid()}"
    try:
        path.mkdir()
        writable = os.access(path / "cgroup.kill", os.W_OK)
    except OSError:
        writable = False
    if not writable:
        pytest.skip("no cgroup v2 with cgroup.kill in which this user may make others")
    yield path
    for each in (*path.glob("member.*"), path):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                each.rmdir()
                break
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.02)


def test_what_a_member_has_forked_ends_with_it(delegated):
    groups = Cgroups(delegated)

    async def scenario():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _FORKS,
            stdout=asyncio.subprocess.PIPE,
            preexec_fn=groups.place("store"),
        )
        assert process.stdout is not None
        heir = int(await process.stdout.readline())
        members = (delegated / "member.store" / "cgroup.procs").read_text().split()
        assert {str(process.pid), str(heir)} == set(members)
        groups.kill("store")
        assert await asyncio.wait_for(process.wait(), 10) == -signal.SIGKILL
        events = delegated / "member.store" / "cgroup.events"
        while "populated 1" in events.read_text():
            await asyncio.sleep(0.01)
        groups.remove("store")
        assert not (delegated / "member.store").exists()

    play(scenario)


_FORKS = """
import os, signal
heir = os.fork()
if heir:
    print(heir, flush=True)
signal.pause()
"""
