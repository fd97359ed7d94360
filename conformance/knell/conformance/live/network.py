"""A cluster of real processes whose nodes reach each other over links of the harness only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from knell.conformance.live.links import Link, Relay
from knell.node.demo.cluster import Cluster, Node

_PEER = re.compile(
    r'\[\[peer\]\]\nname = "(?P<name>[^"]+)"\n'
    r'address = "(?P<address>[^"]+)"\nurgent = "(?P<urgent>[^"]+)"\n'
)


class LinkedCluster(Cluster):
    """A cluster and the links between its nodes.

    Args:
        count: How many nodes.
        draw: Of what links do at random.
        timers: Timers that differ from their defaults, in milliseconds.
        options: Settings of the groups, as TOML.
    """

    def __init__(
        self, count: int, draw: Random, *, timers: Mapping[str, int], options: Sequence[str]
    ) -> None:
        super().__init__(
            count,
            timers=dict(timers),
            options=options,
            environment={"KNELL_ACT_EVERY": "0.1"},
        )
        self.links = {
            (one, other): Link(draw) for one in self.nodes for other in self.nodes if one != other
        }
        self._relays: list[Relay] = []

    async def open(self) -> None:
        """Put the links between the nodes, which must not run yet."""
        for name, node in self.nodes.items():
            text = node.config.read_text(encoding="utf-8")
            for found in list(_PEER.finditer(text)):
                if found["name"] == name:
                    continue
                link = self.links[name, found["name"]]
                near = found[0]
                for which in ("address", "urgent"):
                    host, _, port = found[which].rpartition(":")
                    relay = await Relay(link, (host, int(port))).open()
                    self._relays.append(relay)
                    near = near.replace(found[which], f"127.0.0.1:{relay.address[1]}")
                text = text.replace(found[0], near)
            node.config.write_text(text, encoding="utf-8")

    def of(self, name: str, *, out: bool = True, into: bool = True) -> list[Link]:
        """The links of a node."""
        return [
            link
            for (one, other), link in self.links.items()
            if (out and one == name) or (into and other == name)
        ]

    def has_ended(self, name: str) -> bool:
        """Whether a node's sentinel is gone."""
        process = self.nodes[name].process
        return process is None or process.poll() is not None

    def heal(self) -> None:
        """Let every link carry everything."""
        for link in self.links.values():
            link.heal()

    async def close(self) -> list[int]:
        """End everything; return the processes that were left before that."""
        try:
            return await super().close()
        finally:
            for relay in self._relays:
                relay.close()

    # What was logged

    def actions(self) -> dict[str, list[dict[str, Any]]]:
        """The lines of actions of each node."""
        return {name: list(_actions(node)) for name, node in self.nodes.items()}

    def mark(self) -> dict[str, int]:
        """How much was logged by now."""
        return {name: len(lines) for name, lines in self.actions().items()}

    def since(self, mark: Mapping[str, int], action: str, **args: str) -> list[str]:
        """The nodes that have logged an action since a mark."""
        return [
            name
            for name, lines in self.actions().items()
            if any(
                line["action"] == action and args.items() <= line["args"].items()
                for line in lines[mark[name] :]
            )
        ]

    def partitioned(self, name: str) -> set[str]:
        """The nodes that a node has lost contact with, by what it told last."""
        found: set[str] = set()
        for line in _actions(self.nodes[name]):
            if line["seq"] == 1:
                found = set()
            if "partitioned" in line["post"]:
                found = {each.partition(".")[0] for each in line["post"]["partitioned"]}
        return found

    def save_log(self, path: Path) -> int:
        """Write what can be told by now: no line whose cause is not there yet."""
        lines = [line for found in self.actions().values() for line in found]
        while True:
            said = {name for line in lines for name in _names(line["msg_id"])}
            late = {
                (line["node"], line["epoch"], line["seq"])
                for line in lines
                if line["caused_by"] is not None and line["caused_by"] not in said
            }
            first: dict[str, tuple[int, int]] = {}
            for node, epoch, seq in late:
                first[node] = min(first.get(node, (epoch, seq)), (epoch, seq))
            kept = [
                line
                for line in lines
                if (line["epoch"], line["seq"]) < first.get(line["node"], (line["epoch"] + 1, 0))
            ]
            if len(kept) == len(lines):
                break
            lines = kept
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return len(lines)


def _actions(node: Node) -> Iterator[dict[str, Any]]:
    path = node.folder / "state" / "trace.ndjson"
    for raw in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        if b'"seq"' in raw and raw.endswith(b"\n"):
            yield json.loads(raw)


def _names(said: str | list[str] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())
