"""Nodes in network namespaces of their own, as on hosts of their own, with cables to cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess

import pytest

from knell.node.demo.cluster import Cluster

NAMES = ("n1", "n2", "n3")
FRONT = f"kn{os.getpid() % 10_000}"
ADDRESS = "10.213.7."


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)  # noqa: S607


class Network:
    """One namespace a node, joined by a bridge that has one of its own."""

    def __init__(self):
        self.switch = f"{FRONT}sw"
        ip("netns", "add", self.switch)
        self._in(self.switch, "link", "add", "br0", "type", "bridge")
        self._in(self.switch, "link", "set", "br0", "up")
        for number, name in enumerate(NAMES, start=1):
            place, outer = f"{FRONT}{name}", f"to-{name}"
            ip("netns", "add", place)
            veth = ("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", place)
            self._in(self.switch, *veth)
            self._in(self.switch, "link", "set", outer, "master", "br0", "up")
            self._in(place, "addr", "add", f"{ADDRESS}{number}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                self._in(place, "link", "set", device, "up")
        self.hosts = {
            name: (f"{ADDRESS}{number}", ["ip", "netns", "exec", f"{FRONT}{name}"])
            for number, name in enumerate(NAMES, start=1)
        }

    def _in(self, place, *words):
        ip("-n", place, *words)

    def cable(self, name, state):
        """Pull the cable of a node, or put it back."""
        self._in(self.switch, "link", "set", f"to-{name}", state)

    def no_route(self, name, to):
        """Let the kernel of a node refuse to send to another."""
        self._in(f"{FRONT}{name}", "route", "add", "unreachable", self.hosts[to][0])

    @staticmethod
    def close():
        for name in (*NAMES, "sw"):
            ip("netns", "delete", f"{FRONT}{name}", check=False)


@pytest.fixture
def network():
    try:
        made = Network()
    except (OSError, subprocess.CalledProcessError) as error:
        Network.close()
        why = getattr(error, "stderr", "") or str(error)
        pytest.skip(f"no network namespaces here: {why.strip()}")
    yield made
    made.close()


def peers(cluster, name):
    status = cluster.nodes[name].status()
    return {} if status is None else {each["node"]: each for each in status["peers"]}


def is_partitioned(cluster, name, other):
    return peers(cluster, name).get(other, {}).get("partitioned", False)


def test_a_cut_link_evicts_nobody_and_a_missing_route_does(network):
    async def play():
        cluster = Cluster(3, hosts=network.hosts)
        try:
            cluster.start()
            await cluster.until("the cluster is whole", cluster.is_whole, 60)
            network.cable("n1", "down")
            await cluster.until(
                "n1 is cut off",
                lambda: all(
                    is_partitioned(cluster, *pair)
                    for pair in (("n1", "n2"), ("n1", "n3"), ("n2", "n1"), ("n3", "n1"))
                ),
            )
            assert all(
                each["left"] == 0 for name in NAMES for each in peers(cluster, name).values()
            )
            network.cable("n1", "up")
            await cluster.until("contact is back", cluster.is_whole)
            await cluster.until("both see it", lambda: not is_partitioned(cluster, "n2", "n1"))
            # n3 is there for n2, and n1's own kernel can't send to it: n1 is in the wrong.
            network.no_route("n1", "n3")
            process = cluster.nodes["n1"].process
            assert process is not None
            await cluster.until("n1 has ended", lambda: process.poll() is not None)
            await cluster.until(
                "it was left",
                lambda: all(peers(cluster, name)["n1"]["left"] == 1 for name in ("n2", "n3")),
            )
            found = [line for line in cluster.lines() if line.get("note") == "found"]
            assert [line["cause"] for line in found] == ["communication"]
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                network.cable("n1", "up")
            assert await cluster.close() == []

    asyncio.run(play())
