"""Whether a machine under full load makes a node believe that something of it hangs.

`python -m knell.node.demo.alarms SECONDS` (`make alarms`) keeps every processor busy, watches a
cluster in which nothing fails, and ends with 1 if any node left or found a fatal cause. That
contact was lost for a while is reported too; it harms nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from typing import Any, Final

from knell.node.demo.cluster import Cluster

_BURN: Final = "while True: pass"
_ALARMS: Final = {"hangs", "engine lost", "found", "engine failed"}


async def watch(seconds: float, burners: int) -> dict[str, Any]:
    """Run a cluster under load for a time; return what was seen."""
    cluster = Cluster(3)
    load: list[subprocess.Popen[bytes]] = []
    try:
        cluster.start()
        await cluster.until("the cluster is whole", cluster.is_whole)
        load = [subprocess.Popen([sys.executable, "-c", _BURN]) for _ in range(burners)]  # noqa: S603 # ourselves
        await asyncio.sleep(seconds)
        epochs = {name: (node.status() or {}).get("epoch") for name, node in cluster.nodes.items()}
        lines = cluster.lines()
    finally:
        for each in load:
            each.kill()
            each.wait()
        await cluster.close()
    alarms = [line for line in lines if line.get("note") in _ALARMS]
    return {
        "seconds": seconds,
        "busy_processes": burners,
        "epochs": epochs,
        "alarms": alarms,
        "pauses": sum(line.get("note") == "paused" for line in lines),
        "contact_lost": sum(line.get("action") == "lose_heartbeats" for line in lines),
        "faults": [
            *(f"{line['node']}: {line['note']}" for line in alarms),
            *(f"{name} has ended" for name, epoch in epochs.items() if epoch != 1),
        ],
    }


def main() -> int:
    """Watch as the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="alarms", description="Look for false alarms.")
    parser.add_argument("seconds", type=float, nargs="?", default=600.0)
    parser.add_argument("--busy", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    result = asyncio.run(watch(args.seconds, args.busy))
    for name, value in result.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
