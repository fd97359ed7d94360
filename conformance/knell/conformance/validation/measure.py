"""How long validation takes: `python -m knell.conformance.validation.measure`.

Logs are those of simulated clusters (`knell.node.sim`): one long one, one of a tenth of it, and
many short ones. Simulating them takes longer than validating and is not counted. Logs in which an
epoch gets a second entry in a group, which the model does not have, are replaced by the next seed's
and counted: what can be said of them ends there (`spec/LOGS.md` §5).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Final

from knell.conformance.validation import RunVerdict, Verdict, validate
from knell.node.core.values import MILLISECOND, Fencing, GroupSettings, Settings
from knell.node.sim.chaos import ALL, Chaos
from knell.node.sim.logs import Recorder
from knell.node.sim.world import World

_STEPS: Final = 1_000
_LONG: Final[Mapping[str, float]] = {
    **dict.fromkeys(ALL, 0),
    "boot": 60,
    "act": 900,
    "work": 100,
    "report": 2,
    "engine": 1,
    "stop": 1,
    "component": 1,
    "power": 1,
}
"""Much work, and now and then a failure of each kind."""

_SHORT: Final[Mapping[str, float]] = {
    **dict.fromkeys(ALL, 0),
    "boot": 20,
    "act": 20,
    "report": 3,
    "component": 1,
    "engine": 2,
    "sentinel": 1,
    "power": 2,
    "stop": 2,
    "cut": 3,
    "heal": 6,
    "freeze": 2,
}


def cluster() -> list[Settings]:
    """Three nodes, two groups, the second depending on the first: as in `knell demo`."""
    names = ("n1", "n2", "n3")
    groups = (
        GroupSettings("store", names, fencing=Fencing.TOKEN),
        GroupSettings("front", names, depends_on=("store",)),
    )
    beat = 400 * MILLISECOND
    return [Settings(name, names, groups, beat=beat, lost=5 * beat) for name in names]


def simulate(
    folder: Path,
    seed: int,
    lines: int,
    weights: Mapping[str, float] = _SHORT,
    *,
    pace: int = 100 * MILLISECOND,
    settings: list[Settings] | None = None,
) -> list[Path]:
    """Simulate a cluster until its nodes have logged so many lines; return the logs."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(settings or cluster(), seed)
    recorder = Recorder(world, folder, f"seed{seed}")
    chaos = Chaos(world, weights, pace=pace)
    while sum(recorder.actions.values()) < lines:
        chaos.run(_STEPS if lines > _STEPS else 100)
    recorder.close()
    return sorted(folder.glob("*.ndjson"))


def plain(
    folder: Path, seeds: Iterator[int], lines: int, weights: Mapping[str, float], pace: int
) -> list[Path]:
    """Simulate until no epoch has a second entry; return the logs of that seed."""
    for seed in seeds:
        paths = simulate(folder / f"seed{seed}", seed, lines, weights, pace=pace)
        if not any(map(_has_second_entries, paths)):
            return paths
    raise AssertionError("seeds never end")


def _has_second_entries(path: Path) -> bool:
    """Whether an epoch gives up its entry, or a member of it joins a second time."""
    joined = set()
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if line.get("action") == "give_up_entry":
            return True
        if line.get("action") == "member_joins":
            join = (line["epoch"], line["args"]["g"])
            if join in joined:
                return True
            joined.add(join)
    return False


def main() -> int:
    """Measure; return 1 if a log is not accepted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="lines of the long log")
    parser.add_argument("--runs", type=int, default=300, help="how many short logs")
    args = parser.parse_args()
    bad: list[RunVerdict] = []
    with tempfile.TemporaryDirectory() as folder:
        for lines in (args.lines // 10, args.lines):
            seeds = count(8)
            paths = plain(Path(folder) / str(lines), seeds, lines, _LONG, 20 * MILLISECOND)
            bad += _timed(f"one log of {lines:,}, {next(seeds) - 9} passed over", paths)
        short: list[Path] = []
        seeds = count()
        for _ in range(args.runs):
            short += plain(Path(folder), seeds, 300, _SHORT, 100 * MILLISECOND)
        passed = next(seeds) - args.runs
        bad += _timed(f"{args.runs} logs of 300, {passed} passed over", short)
    for each in bad:
        sys.stdout.write(f"{each}\n")
    return 1 if bad else 0


def _timed(what: str, paths: list[Path]) -> list[RunVerdict]:
    begun = time.monotonic()
    runs = validate(paths)
    seconds = time.monotonic() - begun
    total = sum(run.lines for run in runs)
    sys.stdout.write(
        f"{what}: {total:,} lines in {seconds:.1f} s, {total / seconds:,.0f} a second\n"
    )
    return [run for run in runs if run.verdict is not Verdict.ACCEPT]


if __name__ == "__main__":
    sys.exit(main())
