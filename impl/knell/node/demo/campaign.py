"""Many rounds of failures drawn at random, with restarts, in clusters of real processes.

`python -m knell.node.demo.campaign --rounds 300` (`make live`) fails clusters of one, two and
three nodes, one of them with nodes that speak different versions of the wire format. After each
round what has ended is started again and the cluster must become whole; the ledger judges every
line. It ends with 1 at any fault, at what is left behind, and if a node that ran all the time
kept memory or descriptors.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from typing import Any, Final

from knell.node.demo.cluster import Cluster
from knell.node.demo.footprint import footprint, growth
from knell.node.demo.ledger import Ledger, Tail
from knell.node.demo.scenarios import SCENARIOS, Scenario

SHARES: Final = ((1, 0.08, False), (2, 0.12, False), (3, 0.55, False), (3, 0.25, True))
"""Clusters: how many nodes, which share of the rounds, whether two wire versions are mixed."""

PATIENCE: Final = 90.0


class Campaign:
    """One cluster and what was seen of it.

    Args:
        nodes: How many nodes.
        mixed: Whether every other node speaks the older version of the wire format.
        draw: Of all choices.
    """

    def __init__(self, nodes: int, draw: random.Random, *, mixed: bool) -> None:
        wire = {"n2": 1} if mixed else {}
        self.cluster = Cluster(nodes, environment={"KNELL_ACT_EVERY": "0.1"}, wire=wire)
        self.kinds: Counter[str] = Counter()
        self.ledger = Ledger()
        self._draw = draw
        self._mixed = mixed
        self._tails = [Tail(path) for path in self.cluster.journals()]
        self._untouched = f"n{nodes}" if nodes > 2 else None
        self._first: dict[str, int] = {}
        self.grown: dict[str, int] = {}

    async def run(self, rounds: int) -> list[str]:
        """Run rounds; return the faults."""
        cluster = self.cluster
        left: list[int] = []
        root = cluster.root
        try:
            cluster.start()
            await cluster.until("the cluster is whole", cluster.is_whole, PATIENCE)
            for number in range(rounds):
                await self._round(number, rounds)
                if self.ledger.faults:
                    break
        except (TimeoutError, AssertionError) as error:
            self.ledger.faults.append(f"after {dict(self.kinds)}: {error}")
        finally:
            self._look()
            left = await cluster.close()
        self._read()
        self.ledger.close()
        faults = [*self.ledger.faults, *growth(self.grown)]
        faults += [f"processes were left: {left}"] if left else []
        return [*faults, *([f"{root} was left"] if root.exists() else [])]

    async def _round(self, number: int, rounds: int) -> None:
        cluster, draw = self.cluster, self._draw
        possible = [each for each in SCENARIOS if each.least <= len(cluster.nodes)]
        # In the second half nobody touches the last node, so that growth would be seen there.
        steady = self._untouched if number >= rounds // 2 else None
        possible = [each for each in possible if steady is None or not each.all_nodes]
        possible = [each for each in possible if not (self._mixed and each.modern)]
        scenario: Scenario = draw.choice(possible)
        names = [name for name in cluster.nodes if name != steady]
        self.kinds[scenario.name] += 1
        await asyncio.sleep(draw.random() * 0.3)  # failures come at any moment
        if number == rounds // 2 and steady is not None:
            self._first = footprint(cluster.nodes[steady])
        cluster.struck.clear()
        await scenario.play(cluster, draw, names)
        await cluster.until(f"whole after {scenario.name}", self._is_whole_again, PATIENCE)
        cluster.reap()
        self._read()

    def _is_whole_again(self) -> bool:
        """Start what has ended, and look whether all is as it was."""
        for name, node in self.cluster.nodes.items():
            process = node.process
            if process is not None and process.poll() is not None:
                if name not in self.cluster.struck:
                    self.ledger.faults.append(f"{name} ended, and nothing was done to it")
                self.cluster.start(name)
        return self.cluster.is_whole()

    def _look(self) -> None:
        steady = self._untouched
        if steady is not None and self._first and self.cluster.nodes[steady].status():
            last = footprint(self.cluster.nodes[steady])
            self.grown = {name: value - self._first[name] for name, value in last.items()}

    def _read(self) -> None:
        store = self.cluster.store
        lines = [line for tail in self._tails for line in tail.read()]
        self.ledger.take(lines, store.log if store is not None else [])


async def campaign(rounds: int, seed: int) -> dict[str, Any]:
    """Run all clusters, one after the other; return what was seen."""
    draw = random.Random(seed)  # noqa: S311 # to be repeatable
    begun, faults = time.monotonic(), []
    kinds: Counter[str] = Counter()
    actions: Counter[str] = Counter()
    grown: dict[str, int] = {}
    for nodes, share, mixed in SHARES:
        one = Campaign(nodes, draw, mixed=mixed)
        found = await one.run(max(1, round(rounds * share)))
        name = f"{nodes} nodes{', two wire versions' if mixed else ''}"
        faults += [f"{name}: {each}" for each in found]
        kinds += one.kinds
        actions += one.ledger.actions
        grown |= {f"{name}: {what}": more for what, more in one.grown.items()}
        _say(f"{name}: {one.kinds.total()} rounds, {len(found)} faults")
        for each in found:
            _say(f"  {each}")
    return {
        "rounds": kinds.total(),
        "seconds": round(time.monotonic() - begun),
        "kinds": dict(sorted(kinds.items())),
        "actions": dict(sorted(actions.items())),
        "grown": grown,
        "faults": faults,
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run as the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="campaign", description="Fail live clusters at random.")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    result = asyncio.run(campaign(options.rounds, options.seed))
    for name, value in result.items():
        _say(f"{name}: {value}")
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
