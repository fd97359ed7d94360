"""What is measured of the protocol: its configurations by nodes, and how soon it starts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from knell.bench.ours import Measured, measure
from knell.bench.plan import Plan, Talk, command, fastest, nodes, searched, turns
from knell.bench.rows import Row, row
from knell.bench.spin import Spin, Spun, check_stored
from knell.bench.two_phase import compile_seconds
from knell.language.settings import Settings


def protocol(plan: Plan, talk: Talk) -> Iterator[Row]:
    """Configurations of the protocol, with no property, with safety, and with all."""
    for config in plan.nodes:
        bare = nodes(config, properties="none")
        asked = {"no property": bare, "safety": replace(bare, properties="safety")}
        asked[f"no property, {plan.workers} workers"] = replace(bare, workers=plan.workers)
        asked["all properties"] = replace(bare, properties="all")
        talk.tell(f"{config}: counting the states")
        states = measure(bare).distinct
        with tempfile.TemporaryDirectory() as folder:
            spin = _built(config, Path(folder), states, talk)
            ours, spun = turns(plan, talk, asked, spin)
        yield from _rows(f"node-shutdown, {config} ({states:,} states)", states, ours, spun)


def _built(config: str, folder: Path, states: int, talk: Talk) -> Spin | None:
    """SPIN's verifiers of a configuration."""
    missing = Spin.missing()
    if missing is not None:
        talk.note(f"SPIN is left out: {missing}.")
        return None
    talk.tell(f"{config}: SPIN's text and verifiers")
    spin = Spin(folder, states)
    spin.write(Path(nodes(config).path), Settings(config))
    for kind in ("dfs", "bfs"):
        spin.build(kind)
    return spin


def _rows(
    name: str, states: int, ours: dict[str, list[Measured]], spun: dict[str, list[Spun]]
) -> Iterator[Row]:
    peer = theirs = None
    if spun:
        who, best = fastest(spun)
        check_stored(best, states)
        peer = who, median(each.search_seconds for each in best)
        theirs = who, best[0].bytes_each
    for what, some in ours.items():
        same = peer if "no property" in what else None
        yield row(f"{name}: search, {what}", searched(some), "s", same)
    yield row(f"{name}: bytes a state", ours["no property"][0].held / states, "B", theirs)
    most = max(each.grown for each in ours["all properties"])
    yield row(f"{name}: bytes a state, liveness, peak", most / states, "B")


def large(plan: Plan, talk: Talk) -> Iterator[Row]:
    """The protocol with more states than a configuration has, once, all safety properties."""
    if plan.large is None:
        return
    chosen = " ".join(f"{name}={value}" for name, value in plan.large.items())
    for workers in dict.fromkeys((1, plan.workers)):
        talk.tell(f"{chosen}, {workers} worker(s)")
        asked = nodes("default", values=dict(plan.large), properties="safety", workers=workers)
        found = measure(asked)
        name = f"node-shutdown, {chosen} ({found.distinct:,} states)"
        yield row(f"{name}: search, safety, {workers} worker(s)", found.search_seconds, "s")
        yield row(f"{name}: bytes a state, {workers} worker(s)", found.held / found.distinct, "B")


def start(plan: Plan, talk: Talk) -> Iterator[Row]:
    """How soon a model is judged, and how long its kernel takes to compile."""
    talk.tell("a small model, warm")
    small = nodes("small")
    command(small)
    seconds = median(command(small) for _ in range(plan.repeat))
    yield row("node-shutdown, small: whole command, warm", seconds, "s")
    talk.tell("a small model, cold")
    yield row("node-shutdown, small: whole command, cold", command(small, cold=True), "s")
    for config in ("default", "two-epochs"):
        talk.tell(f"{config}: compile, cold")
        seconds = compile_seconds(nodes(config), cold=True)
        yield row(f"node-shutdown, {config}: compile, cold", seconds, "s")


def known(plan: Plan, talk: Talk) -> Iterator[Row]:
    """How quickly the others know of a failure of a real node, beside Corosync."""
    from knell.bench import failures  # noqa: PLC0415  # needs the extra `node`

    yield from failures.rows(plan.rounds, talk)
