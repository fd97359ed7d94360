"""One judgement of one implementation: what `knell conform` runs, and what it finds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knell.conformance.adapter.cover import Cover
from knell.conformance.adapter.judge import Judge
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.peer import Child, Loopback, Peer, PeerError
from knell.conformance.adapter.shrink import shrink
from knell.conformance.mapping.actions import RULES
from knell.conformance.mapping.cluster import cluster_of
from knell.conformance.mapping.variables import unmapped
from knell.conformance.replay.coverage import Coverage
from knell.conformance.replay.divergence import Divergence
from knell.conformance.replay.expected import Expectation, Graph
from knell.conformance.replay.product import Product
from knell.conformance.replay.spread import reason_of, spread
from knell.conformance.traces import trace_of
from knell.language.model import Model
from knell.spec.errors import KnellError, did_you_mean
from knell.spec.trace import dump

OURS = "knell.node"
"""The implementation that is judged where no adapter is named."""

COVERAGES = ("transitions", "pairs", "random")

_WALKS = 500
"""Random walks, where no time is given."""


@dataclass(frozen=True)
class Options:
    """What is asked of a campaign.

    Attributes:
        adapter: The command of an adapter; None for our own cores, in this process.
        coverage: Every transition, every pair of consecutive ones, or random walks.
        budget_seconds: When to stop; None for when all is done.
        seed: Of random walks; also handed to the adapter.
        snapshots: Whether to use the snapshots of an adapter that has them.
        most: After how many kinds of divergences to stop.
        only: Actions whose transitions are judged; None for all.
    """

    adapter: str | None = None
    coverage: str = "transitions"
    budget_seconds: float | None = None
    seed: int = 0
    snapshots: bool = True
    most: int = 20
    only: tuple[str, ...] | None = None


@dataclass
class Result:
    """What a campaign found.

    Attributes:
        adapter: Who was judged.
        options: What was asked.
        expected: The model.
        graph: Its states and steps.
        coverage: What was replayed, and what differs.
        seconds: How long it took, exploring the model included.
        pairs: Of pairs of consecutive transitions, how many the model has and were replayed;
            None if nobody counted.
        met: For each number of states of the implementation, how many states of the model were
            met with that many; empty where states cannot be told apart.
        spread: In what these differ, and for how many states of the model.
        traces: Files that hold the runs to divergences, by their ids.
    """

    adapter: str
    options: Options
    expected: Expectation
    graph: Graph
    coverage: Coverage
    seconds: float
    pairs: tuple[int, int] | None = None
    met: dict[int, int] = field(default_factory=dict)
    spread: Counter[str] = field(default_factory=Counter)
    traces: dict[str, str] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)

    @property
    def config(self) -> str:
        """The name of the configuration."""
        return self.expected.model.config or "default"

    @property
    def divergences(self) -> list[Divergence]:
        """Those that are not listed as known."""
        return [each for each in self.coverage.divergences if each.id not in self.known]

    @property
    def unexplained(self) -> list[str]:
        """In what states of the implementation differ although nobody has said why they may."""
        return [name for name in self.spread if reason_of(name) is None]

    @property
    def verdict(self) -> str:
        """What follows; a known failure that has gone is a failure too."""
        if self.divergences or self.unexpected:
            return "diverged"
        coverage = self.coverage
        gaps = coverage.failures or coverage.doubtful or coverage.skipped or self.unexplained
        short = not self.known and coverage.covered < coverage.supported
        return "inconclusive" if gaps or short or not coverage.replays else "conforms"


def conform(
    model: Model, options: Options, progress: Callable[[Coverage], None] = lambda _: None
) -> Result:
    """Replay the model against an implementation.

    Raises:
        KnellError: The configuration cannot be replayed, or there is no such adapter.
        PeerError: The adapter does not even say hello.
    """
    begun = time.monotonic()
    _refuse_unmapped(model)
    _refuse_unknown(options.only)

    def enough() -> bool:
        spent = time.monotonic() - begun
        return options.budget_seconds is not None and spent > options.budget_seconds

    if options.adapter is None and options.coverage != "random":
        result = _ours(model, options, enough, progress)
    else:
        result = _asked(model, options, enough, progress)
    result.seconds = time.monotonic() - begun
    if options.only is not None:
        result.coverage.keep_only(options.only)
    return result


def _refuse_unmapped(model: Model) -> None:
    cluster_of(model)  # knows which features are not covered
    lacking = [each.name for each in model.actions if each.name not in RULES] + unmapped(model)
    if lacking:
        raise KnellError(
            f"nothing says what {', '.join(lacking)} is in an implementation",
            place=f"configuration {model.config or 'default'}",
            mend="choose another configuration, such as default or small",
        )


def _refuse_unknown(only: tuple[str, ...] | None) -> None:
    for name in only or ():
        if name not in RULES:
            raise KnellError(
                f"there is no action {name!r}",
                place="--only",
                mend=f"{did_you_mean(name, list(RULES))}see spec/ADAPTER.md, section 4",
            )


def _ours(
    model: Model,
    options: Options,
    enough: Callable[[], bool],
    progress: Callable[[Coverage], None],
) -> Result:
    product = Product(Expectation(model))
    coverage = product.coverage

    def stop() -> bool:
        if product.visited % 2_000 == 0:
            progress(coverage)
            return enough()
        return False

    product.explore(enough=stop, most=options.most)
    if product.complete:
        product.try_stutters()
    pairs = None
    if options.coverage == "pairs":
        pairs = _pairs(product)
        if pairs[1] < pairs[0]:
            coverage.doubtful += 1
    met = dict(sorted(Counter(product.met.values()).items()))
    return Result(
        OURS,
        options,
        product.expected,
        product.graph,
        coverage,
        0.0,
        pairs,
        met,
        spread(product),
    )


def _pairs(product: Product) -> tuple[int, int]:
    """Pairs of consecutive transitions: each state that a step reached was visited in turn."""
    steps = product.graph.steps
    total = sum(len(steps[step.target]) for each in steps for step in each.values())
    return total, total if product.complete else 0


def _asked(
    model: Model,
    options: Options,
    enough: Callable[[], bool],
    progress: Callable[[Coverage], None],
) -> Result:
    """Judge by the adapter protocol; our own cores, where they are walked at random."""
    expected = Expectation(model)
    graph = expected.graph()
    peer: Peer = Loopback() if options.adapter is None else Child(options.adapter)
    pairs = None
    try:
        judge = _acquainted(expected, graph, peer, options.seed)

        def stop() -> bool:
            progress(cover.coverage)
            return enough()

        cover = Cover(
            judge,
            enough=stop,
            snapshots=options.snapshots and options.coverage != "random",
            most=options.most,
            only=options.only,
        )
        if options.coverage == "random":
            runs = None if options.budget_seconds is not None else _WALKS
            coverage = cover.walk(options.seed, runs=runs)
        elif options.coverage == "pairs":
            _refuse_without_snapshots(cover)
            pairs = cover.run_pairs()
            coverage = cover.coverage
            coverage.doubtful += pairs[1] < pairs[0]
        else:
            coverage = cover.run()
        coverage.divergences = [
            shrink(judge, each, cover.nearest, cover.way) for each in coverage.divergences
        ]
        impl = judge.talk.hello.impl
    finally:
        peer.close()
    name = OURS if options.adapter is None else f"{impl.name} {impl.version}".strip()
    return Result(name, options, expected, graph, coverage, 0.0, pairs)


def _acquainted(expected: Expectation, graph: Graph, peer: Peer, seed: int) -> Judge:
    """A judge to whom the adapter has said hello.

    Raises:
        PeerError: It did not, or not as it must; what it complains of is told.
    """
    try:
        return Judge(expected, graph, peer, seed=seed)
    except (PeerError, MalformedError) as error:
        said = " ".join(peer.complaints().split())
        raise PeerError(f"{error}{f'; it complains: {said[-300:]}' if said else ''}") from error


def _refuse_without_snapshots(cover: Cover) -> None:
    if not cover.snapshots:
        raise KnellError(
            "pairs of transitions are taken from snapshots",
            place="--coverage pairs",
            mend="use --coverage transitions or random, or an adapter with the feature snapshot",
        )


def save_traces(result: Result, folder: Path) -> None:
    """Write each divergence as a trace, and note where."""
    for found in result.coverage.divergences:
        path = folder / f"{result.config}-{found.id.replace('/', '-')}.itf.json"
        dump(trace_of(result.expected, result.graph, found), path)
        result.traces[found.id] = str(path)


def to_json(result: Result) -> dict[str, Any]:
    """The result as the contract of the command line has it."""
    coverage = result.coverage
    document: dict[str, Any] = {
        "schema": 1,
        "adapter": result.adapter,
        "config": result.config,
        "mode": "sim",
        "coverage": result.options.coverage,
        "seed": result.options.seed,
        "transitions": {
            "model": coverage.model,
            "supported": coverage.supported,
            "covered": coverage.covered,
        },
        "replays": coverage.replays,
        "tried": coverage.tried,
        "stutters": coverage.stutters,
        "steps": coverage.steps,
        "seconds": round(result.seconds, 3),
        "divergences": [
            {
                "id": each.id,
                "trace": result.traces.get(each.id),
                "run": list(each.steps),
                "step": each.steps[-1] if each.steps else "reset",
                "enabled": each.enabled,
                "expected": {finding.what: finding.expected for finding in each.findings},
                "observed": {finding.what: finding.observed for finding in each.findings},
                "known": each.id in result.known,
            }
            for each in coverage.divergences
        ],
        "skipped": [{"what": what, "why": why} for what, why in coverage.skipped.items()],
        "ignored": dict(coverage.ignored),
        "failures": coverage.failures,
        "unexpected_passes": result.unexpected,
        "core_states_per_model_state": {str(k): n for k, n in result.met.items()},
        "core_states_differ_in": [
            {"what": what, "model_states": number, "why": reason_of(what)}
            for what, number in result.spread.most_common()
        ],
        "verdict": result.verdict,
    }
    if result.pairs is not None:
        document["pairs"] = {"model": result.pairs[0], "covered": result.pairs[1]}
    return document
