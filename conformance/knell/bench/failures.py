"""How quickly the others know of a failure: ours, and Corosync beside it where it is installed.

Milliseconds, medians: from the failure until the last member elsewhere has been told, in clusters
of three on this machine. `python -m knell.bench.failures [ROUNDS]` prints the rows.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from knell.bench.corosync import Corosync, is_there
from knell.bench.plan import Talk
from knell.bench.rows import Row, row, table
from knell.node.demo.latency import figures, measure


def rows(rounds: int, talk: Talk) -> Iterator[Row]:
    """Measure announced failures, killed daemons, and what only we have.

    Args:
        rounds: How many failures of ours of each kind; Corosync gets as many that it announces,
            and a tenth of that, one at least, for kills, which take it eight seconds each.
        talk: Told what is going on, and if Corosync is left out.
    """
    ours = {}
    for kind in ("cause", "kill", "hang"):
        talk.tell(f"{rounds} rounds of {kind}")
        ours[kind] = asyncio.run(measure(kind, rounds))
    try:
        announced, killed = _corosync(rounds, talk)
    except (OSError, subprocess.SubprocessError) as error:  # ours are worth having all the same
        talk.note(f"Corosync is left out, for it failed: {error}.")
        announced = killed = None
    yield from _rows("a component's fatal failure", ours["cause"], announced)
    yield from _rows("daemon killed", ours["kill"], killed)
    yield from _rows("daemon hangs", ours["hang"], None)


def _corosync(rounds: int, talk: Talk) -> tuple[float | None, float | None]:
    """Medians of Corosync: a client that leaves, all that it announces, and a daemon killed."""
    missing = is_there()
    if missing is not None:
        talk.note(f"Corosync is left out: {missing}.")
        return None, None
    with Corosync() as peer:
        talk.tell(f"Corosync: {rounds} clients leave")
        left = [peer.leave(number % 3) for number in range(rounds)]
        talk.tell("Corosync: daemons are killed")
        killed = [peer.kill(number % 3) for number in range(max(1, rounds // 10))]
    return statistics.median(left), statistics.median(killed)


def _rows(name: str, found: list[dict[str, Any]], corosync: float | None) -> Iterator[Row]:
    medians = figures(found)
    peer = None if corosync is None else ("Corosync, defaults", corosync)
    yield row(f"{name}: last member told", medians["last_member_learned_ms"], "ms", peer)
    yield row(f"{name}: last engine, idle pings", medians["last_engine_learned_rtt"], "rtt")
    yield row(f"{name}: last member, idle pings", medians["last_member_learned_rtt"], "rtt")


def main() -> int:
    """Print the rows."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100

    def tell(text: str) -> None:
        sys.stderr.write(text + "\n")

    found = list(rows(rounds, Talk(tell, tell)))
    sys.stdout.write("\n".join(table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
