"""A long campaign: `python -m knell.node.sim --steps 200000`.

Runs clusters of 3, 5 and 20 nodes under chaos, each seed for a share of the steps, lets each
settle at last, and says what was seen. Ends with 1 at the first broken property.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from knell.node.sim.chaos import ALL, SILENCE, Chaos, unsettled
from knell.node.sim.monitor import ViolationError
from knell.node.sim.world import World, cluster

_SHARES = ((3, 0.5, 5_000), (5, 0.3, 10_000), (20, 0.2, 20_000))
"""Sizes of clusters, the share of the steps that each gets, and the steps of one seed."""


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="knell.node.sim", description="Simulated clusters under chaos."
    )
    parser.add_argument("--steps", type=int, default=200_000, help="steps of cores in all")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args(arguments)
    actions: Counter[str] = Counter()
    done, began = 0, time.monotonic()
    for nodes, share, length in _SHARES:
        goal, seed = done + int(options.steps * share), options.seed
        while done < goal:
            world = World(cluster(nodes), seed)
            chaos = Chaos(world, SILENCE if seed % 2 else ALL)
            try:
                chaos.run(min(length, goal - done))
                chaos.settle()
            except ViolationError as error:
                _say(f"{nodes} nodes, seed {seed}: {error}")
                return 1
            left = unsettled(world)
            if left:
                _say(f"{nodes} nodes, seed {seed}: not settled: {'; '.join(left)}")
                return 1
            done += world.monitor.steps
            actions += world.monitor.actions
            seed += 1
        _say(f"{nodes} nodes: {seed - options.seed} runs, {done} steps so far")
    rate = done / (time.monotonic() - began)
    _say(f"{done} steps, {rate:.0f} a second, S1 to S15 hold")
    for action, count in sorted(actions.items()):
        _say(f"  {action} {count}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
