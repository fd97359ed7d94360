"""Many live runs: clusters of each kind are failed in turn, and each run's log is judged."""

from __future__ import annotations

import asyncio
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from knell.conformance.live.network import LinkedCluster
from knell.conformance.live.plays import PLAYS, Play
from knell.conformance.validation import MalformedLogError, Verdict, validate
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.parameters import CONFIGS

NODES: Final = 3
RUNS_OF_A_CLUSTER: Final = 10
PATIENCE: Final = 60.0

_TIMERS: Final = {"beat": 50, "lost": 500, "lease": 1000, "drift": 200}
_KINDS: Final = (
    ('fencing = "token"',),
    ('takeover = "lease"',),
    ("critical = true",),
)


@dataclass(frozen=True)
class LiveOptions:
    """What is asked of a live campaign.

    Attributes:
        runs: How many runs.
        budget_seconds: When to stop; None for when all runs are done.
        seed: Of all choices.
        keep: Where the logs of runs that diverged go.
    """

    runs: int = 200
    budget_seconds: float | None = None
    seed: int = 0
    keep: Path | None = None


@dataclass
class LiveResult:
    """What a live campaign found.

    Attributes:
        options: What was asked.
        runs: How many runs of each kind there were.
        actions: How often each action of the model was seen, or brought about.
        divergences: Per run that diverged its number, kind, and why.
        undecided: The same of runs whose logs the validator could not decide.
        seconds: How long it took.
    """

    options: LiveOptions
    runs: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    divergences: list[dict[str, Any]] = field(default_factory=list)
    undecided: list[dict[str, Any]] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0

    @property
    def uncovered(self) -> list[str]:
        """The actions of the model that were neither seen nor listed."""
        return sorted(of_model() - self.actions.keys() - listed().keys())

    @property
    def coverable(self) -> list[str]:
        """The actions that are listed as uncovered, and were seen all the same."""
        return sorted(listed().keys() & self.actions.keys())

    @property
    def verdict(self) -> str:
        """What follows."""
        if self.divergences or self.coverable:
            return "diverged"
        if self.undecided or self.uncovered or not self.runs:
            return "inconclusive"
        return "conforms"


def listed() -> dict[str, str]:
    """The actions that a live run cannot cover, each with its reason."""
    path = Path(__file__).with_name("uncovered.toml")
    return dict(tomllib.loads(path.read_text(encoding="utf-8"))["uncovered"])


@cache
def of_model() -> frozenset[str]:
    """The actions of the model, in whatever configuration."""
    return frozenset(
        action.name
        for config in CONFIGS
        for action in load_model(NODE_SHUTDOWN, Settings(config=config)).actions
    )


def run_live(
    options: LiveOptions, progress: Callable[[LiveResult], None] = lambda _: None
) -> LiveResult:
    """Run a live campaign."""
    result = LiveResult(options)
    begun = time.monotonic()
    draw = Random(options.seed)  # noqa: S311 # no secret
    plays = _order(draw)
    for options_of_groups in _cycle():
        spent = time.monotonic() - begun
        left = options.runs - result.runs.total()
        if left <= 0 or (options.budget_seconds is not None and spent > options.budget_seconds):
            break
        chosen = [next(plays[options_of_groups]) for _ in range(min(left, RUNS_OF_A_CLUSTER))]
        asyncio.run(_cluster(result, draw, options_of_groups, chosen))
        result.seconds = time.monotonic() - begun
        progress(result)
    return result


def _cycle() -> Iterator[tuple[str, ...]]:
    while True:
        yield from _KINDS


def _order(draw: Random) -> dict[tuple[str, ...], Iterator[Play]]:
    """For each kind of cluster its plays, each once before any comes again."""

    def shuffled(kind: tuple[str, ...]) -> Iterator[Play]:
        leases, critical = "lease" in kind[0], "critical" in kind[0]
        fit = [
            play
            for play in PLAYS
            if (leases or not play.leases)
            and play.critical == (critical and play.name in {"critical", "member"})
        ]
        while True:
            yield from draw.sample(fit, len(fit))

    return {kind: shuffled(kind) for kind in _KINDS}


async def _cluster(
    result: LiveResult, draw: Random, options: tuple[str, ...], plays: list[Play]
) -> None:
    """Run plays on one cluster; after each, judge all that it has logged."""
    cluster = LinkedCluster(NODES, draw, timers=_TIMERS, options=options)
    try:
        await cluster.open()
        cluster.start()
        await cluster.until("the cluster is whole", cluster.is_whole, PATIENCE)
        for play in plays:
            name = draw.choice(list(cluster.nodes))
            result.runs[play.name] += 1
            try:
                await play.do(cluster, draw, name)
                await _recover(cluster)
            except TimeoutError as error:
                _found(result.divergences, result, play, f"{error} was not seen", cluster)
                break
            result.actions.update(play.faults)
            if not _judge(result, cluster, play):
                break
        result.steps += sum(cluster.mark().values())
        for lines in cluster.actions().values():
            result.actions.update(line["action"] for line in lines)
    finally:
        await cluster.close()


async def _recover(cluster: LinkedCluster) -> None:
    """Mend all links, start what has ended, and wait until the cluster is whole."""
    cluster.heal()

    def is_whole() -> bool:
        ended = [name for name in cluster.nodes if cluster.has_ended(name)]
        if ended:
            cluster.start(*ended)
        return not ended and cluster.is_whole()

    await cluster.until("the cluster is whole again", is_whole, PATIENCE)


def _judge(result: LiveResult, cluster: LinkedCluster, play: Play) -> bool:
    """Whether the model explains what the cluster has logged by now."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.ndjson"
        cluster.save_log(path)
        try:
            verdicts = validate([path])
        except MalformedLogError as error:
            _found(result.divergences, result, play, str(error), cluster)
            return False
    for run in verdicts:
        why = run.why or "; ".join(
            f"{each.epoch} line {each.seq}, {reason}"
            for each in run.rejections
            for reason in each.reasons[:2]
        )
        if run.verdict is Verdict.REJECT:
            _found(result.divergences, result, play, why, cluster)
            return False
        if run.verdict is Verdict.INCONCLUSIVE:
            _found(result.undecided, result, play, why, cluster)
            return False
    return True


def _found(
    where: list[dict[str, Any]], result: LiveResult, play: Play, why: str, cluster: LinkedCluster
) -> None:
    number = result.runs.total()
    kept = None
    if result.options.keep is not None:
        result.options.keep.mkdir(parents=True, exist_ok=True)
        kept = result.options.keep / f"run-{number}-{play.name}.ndjson"
        cluster.save_log(kept)
    where.append(
        {"id": f"{number}/{play.name}", "why": why, "log": None if kept is None else str(kept)}
    )


def to_json(result: LiveResult) -> dict[str, Any]:
    """The result as the contract of the command line has it."""
    model = of_model()
    return {
        "schema": 1,
        "adapter": "knell.node",
        "mode": "live",
        "seed": result.options.seed,
        "transitions": {"model": len(model), "covered": len(model & result.actions.keys())},
        "replays": result.runs.total(),
        "runs": dict(sorted(result.runs.items())),
        "steps": result.steps,
        "seconds": round(result.seconds, 3),
        "actions": dict(sorted(result.actions.items())),
        "uncovered": result.uncovered,
        "coverable": result.coverable,
        "divergences": result.divergences,
        "undecided": result.undecided,
        "skipped": [{"what": what, "why": why} for what, why in listed().items()],
        "verdict": result.verdict,
    }
