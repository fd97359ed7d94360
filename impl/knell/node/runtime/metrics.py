"""The state of a node as Prometheus metrics, read from its operator socket.

A process of its own serves them (`knell metrics --serve`), so that whoever scrapes takes no time
from the engine. Each scrape asks the node once; a node that does not answer is `knell_up 0`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    StateSetMetricFamily,
)
from prometheus_client.registry import Collector

from knell.spec.vocabulary import NodePhase

Status = dict[str, Any]

FAMILIES: Final = {
    "knell_up": "Whether the node answers.",
    "knell_epoch": "The epoch of the node.",
    "knell_phase": "The phase of the epoch (§4.1); one of them is 1.",
    "knell_peer_admitted": "Whether an epoch of the peer is admitted.",
    "knell_peer_partitioned": "Whether contact with an admitted peer is lost (§10.1).",
    "knell_group_has_primary": "Whether this node knows a live primary of the group.",
    "knell_group_in_doubt": "Whether the group has no primary and may not get one (§7.25).",
    "knell_group_is_primary": "Whether the member on this node is the primary.",
    "knell_group_entries": "How many entries the list of the group has.",
    "knell_member_active": "Whether the group has an active member on this node.",
    "knell_taken_total": "Datagrams of peers that were authentic and new.",
    "knell_dropped_total": "Datagrams and requests that were dropped, by reason.",
}
"""Every metric, and what it says."""


class NodeCollector(Collector):
    """Asks a node how it stands, at each scrape.

    Args:
        ask: Returns the status of the node, or None if it does not answer.
    """

    def __init__(self, ask: Callable[[], Status | None]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        status = self._ask()
        yield _gauge("knell_up", [], [([], status is not None)])
        if status is not None:
            yield from _of_node(status)
            yield from _of_groups(status)

    def describe(self) -> Iterator[Metric]:
        yield from ()


def _gauge(name: str, labels: list[str], samples: list[tuple[list[str], float]]) -> Metric:
    family = GaugeMetricFamily(name, FAMILIES[name], labels=labels)
    for values, value in samples:
        family.add_metric(values, float(value))
    return family


def _of_node(status: Status) -> Iterator[Metric]:
    yield _gauge("knell_epoch", [], [([], status["epoch"])])
    phases = {phase.value: phase.value == status["phase"] for phase in NodePhase}
    yield StateSetMetricFamily("knell_phase", FAMILIES["knell_phase"], value=phases)
    peers = status["peers"]
    yield _gauge(
        "knell_peer_admitted", ["peer"], [([each["node"]], bool(each["epoch"])) for each in peers]
    )
    yield _gauge(
        "knell_peer_partitioned",
        ["peer"],
        [([each["node"]], bool(each["epoch"] and each["partitioned"])) for each in peers],
    )
    yield CounterMetricFamily("knell_taken", FAMILIES["knell_taken_total"], value=status["taken"])
    dropped = CounterMetricFamily("knell_dropped", FAMILIES["knell_dropped_total"], labels=["why"])
    for why, count in status["dropped"].items():
        dropped.add_metric([why], count)
    yield dropped


def _of_groups(status: Status) -> Iterator[Metric]:
    own = f"{status['node']}.{status['epoch']}"
    values: dict[str, Callable[[dict[str, Any]], float]] = {
        "knell_group_has_primary": lambda each: each["live_primary"] is not None,
        "knell_group_in_doubt": lambda each: each["live_primary"] is None and each["in_doubt"],
        "knell_group_is_primary": lambda each: each["live_primary"] == own,
        "knell_group_entries": lambda each: len(each["list"]),
        "knell_member_active": lambda each: each["member"] == "active",
    }
    for name, value in values.items():
        samples = [([each["group"]], value(each)) for each in status["groups"]]
        yield _gauge(name, ["group"], samples)


def _registry(ask: Callable[[], Status | None]) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(NodeCollector(ask))
    return registry


def text(ask: Callable[[], Status | None]) -> str:
    """The metrics of a node in the exposition format."""
    return generate_latest(_registry(ask)).decode()


def serve(ask: Callable[[], Status | None], address: tuple[str, int]) -> None:
    """Serve the metrics of a node over HTTP, until interrupted.

    Raises:
        OSError: The address can't be bound.
    """
    server, thread = start_http_server(address[1], addr=address[0], registry=_registry(ask))
    try:
        threading.Event().wait()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
