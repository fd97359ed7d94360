"""Nodes in network namespaces of their own, as on hosts of their own, with cables to cut."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess

import pytest

from knell.node.demo.cluster import Cluster
from knell.node.demo.failures import Failure
from knell.node.demo.namespaces import Network
from knell.node.demo.show import show
from knell.spec.errors import KnellError

NAMES = ("n1", "n2", "n3")


@pytest.fixture
def network():
    try:
        made = Network(list(NAMES))
    except KnellError as error:
        pytest.skip(str(error))
    yield made
    made.close()


def peers(cluster, name):
    status = cluster.nodes[name].status()
    return {} if status is None else {each["node"]: each for each in status["peers"]}


def is_partitioned(cluster, name, other):
    return peers(cluster, name).get(other, {}).get("partitioned", False)


def test_a_cut_link_evicts_nobody_and_a_missing_route_does(network):
    async def play():
        cluster = Cluster(3, network=network)
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


def test_the_demonstration_runs_there_and_a_link_is_cut(network):
    parted = Failure("partition", "n1", ("n2",))
    result = asyncio.run(show(3, [parted], network=network))
    assert result["faults"] == []
    silent = {e["node"] for e in result["events"] if e["event"] == "lose_heartbeats"}
    assert silent == {"n1", "n2"}


def test_a_link_can_not_part_a_node_from_some(network):
    with pytest.raises(KnellError, match="part it from one node, or from all"):
        network.part("n1", ("n2", "n4"))
