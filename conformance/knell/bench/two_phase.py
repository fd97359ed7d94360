"""What is measured of two-phase commit, whose states are one word and whose counts are known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from knell.bench.limit import nanoseconds_a_read
from knell.bench.ours import Asked, measure
from knell.bench.plan import Plan, Talk, command, fastest, nodes, searched, turns, two_phase
from knell.bench.rows import Row, row
from knell.bench.spin import Spin, check_stored
from knell.checker.cluster import is_installed
from knell.language.settings import Settings
from knell.spec.errors import KnellError


def against_spin(plan: Plan, talk: Talk) -> Iterator[Row]:
    """Search, start and memory, side by side with SPIN."""
    what = f"two-phase commit, RM = {plan.size}"
    one = two_phase(plan.size)
    missing = Spin.missing()
    if missing is not None:
        talk.note(f"SPIN is left out: {missing}.")
        return
    with tempfile.TemporaryDirectory() as folder:
        talk.tell("counting the states")
        states = measure(one).distinct
        spin = Spin(Path(folder), states)
        spin.write(Path(one.path), Settings(values={"RM": str(plan.size)}))
        build = {kind: spin.build(kind) for kind in ("dfs", "bfs")}
        many = {f"{plan.workers} workers": replace(one, workers=plan.workers)}
        ours, spun = turns(plan, talk, {"1 worker": one, **many}, spin)
    if not spun:
        raise KnellError("no search of SPIN ended")
    peer, best = fastest(spun)
    check_stored(best, states)
    seconds = median(each.search_seconds for each in best)
    for name, some in ours.items():
        yield row(f"{what}: search, {name}", searched(some), "s", (peer, seconds))
    held = ours["1 worker"][0]
    theirs = (peer, best[0].bytes_each)
    yield row(f"{what}: bytes a state", held.held / states, "B", theirs)
    yield row(f"{what}: bytes a state, peak while it grows", held.grown / states, "B")
    yield row(f"{what}: bytes a state, peak of the whole process", held.resident / states, "B")
    talk.tell("whole commands, cold")
    cold = (peer, seconds + build[peer.split()[1]])
    cold_seconds = median(command(one, cold=True) for _ in range(plan.repeat))
    yield row(f"{what}: whole command, cold start", cold_seconds, "s", cold)
    warm_seconds = median(command(one) for _ in range(plan.repeat))
    yield row(f"{what}: whole command, warm start", warm_seconds, "s", (peer, seconds))
    yield row(f"{what}: compile, cold", compile_seconds(one, cold=True), "s")
    yield row(f"{what}: compile, warm", compile_seconds(one, cold=False), "s")


def compile_seconds(asked: Asked, *, cold: bool) -> float:
    """Seconds until a search can begin: model, ground terms, machine code."""
    with tempfile.TemporaryDirectory() as cache:
        return measure(asked, Path(cache) if cold else None).compile_seconds


def against_memory(plan: Plan, talk: Talk) -> Iterator[Row]:
    """Look-ups against random reads over as many bytes, and what else a look-up costs."""
    what = f"two-phase commit, RM = {plan.size}"
    for workers in dict.fromkeys((1, plan.workers)):
        asked = two_phase(plan.size, workers=workers)
        some, _ = turns(plan, talk, {f"{workers} worker(s)": asked})
        (found,) = some.values()
        each = searched(found) * 1e9 / found[0].lookups
        talk.tell(f"random reads, {workers} worker(s)")
        table = found[0].held - 8 * found[0].distinct
        read = median(nanoseconds_a_read(table, workers) for _ in range(plan.repeat))
        name = f"{what}: time a look-up, {workers} worker(s)"
        yield row(name, each, "ns", ("random read", read))
        if workers == 1:
            talk.tell("successors alone")
            again = replace(asked, remake=True)
            made = median(measure(again).making_seconds for _ in range(plan.repeat))
            name = f"{what}: of a look-up's time, making the successor"
            yield row(name, made * 1e9 / found[0].lookups, "ns")


def against_reference(plan: Plan, talk: Talk) -> Iterator[Row]:
    """States a second of the reference."""
    size = min(plan.size, 6)
    asked = two_phase(size)
    engines = {"compiled": asked, "reference": replace(asked, engine="reference")}
    some, _ = turns(plan, talk, engines)
    ours, theirs = (searched(some[name]) for name in engines)
    yield row(f"two-phase commit, RM = {size}: search", ours, "s", ("reference", theirs))


def growth(plan: Plan, talk: Talk) -> Iterator[Row]:
    """How time and memory grow with the size."""
    for size in range(7, plan.largest + 1):
        some, _ = turns(plan, talk, {f"RM = {size}": two_phase(size)})
        (found,) = some.values()
        first = found[0]
        counts = f"{first.distinct:,} states, {first.generated:,} generated, depth {first.depth}"
        name = f"two-phase commit, RM = {size} ({counts})"
        yield row(f"{name}: search", searched(found), "s")
        yield row(f"{name}: bytes a state", first.held / first.distinct, "B")


def symmetry(plan: Plan, talk: Talk) -> Iterator[Row]:
    """What dividing out symmetry adds, also to the protocol with nodes apart from all groups."""
    apart = {"nodes": str(min(5, plan.size - 3)), "members": "2", "placement": "same"}
    for what, asked in (
        (f"two-phase commit, RM = {plan.size}", two_phase(plan.size)),
        (
            f"node-shutdown, {apart['nodes']} nodes, groups on two of them",
            nodes("default", values=apart, properties="safety"),
        ),
    ):
        ways = {"with symmetry": replace(asked, symmetry=True), "without symmetry": asked}
        some, _ = turns(plan, talk, ways)
        orbits, states = (some[name] for name in ways)
        counts = f"{orbits[0].distinct:,} orbits of {states[0].distinct:,} states"
        peer = ("without symmetry", searched(states))
        yield row(f"{what}: {counts}, search", searched(orbits), "s", peer)


def walks(plan: Plan, talk: Talk) -> Iterator[Row]:
    """Random walks a second, of the protocol too."""
    count = 20_000
    for name, asked in (
        (f"two-phase commit, RM = {plan.size}", two_phase(plan.size)),
        ("node-shutdown, default", nodes("default", properties="safety")),
    ):
        engines = {"compiled": count, "reference": count // 100}
        some, _ = turns(
            plan, talk, {e: replace(asked, engine=e, walks=n) for e, n in engines.items()}
        )
        ours, theirs = (n / searched(some[engine]) for engine, n in engines.items())
        yield row(f"{name}: random walks", ours, "/s", ("reference", theirs), more_is_better=True)


def cluster(plan: Plan, talk: Talk) -> Iterator[Row]:
    """Actors of Ray on this machine against threads, with as many workers."""
    if not is_installed():
        talk.note("Ray is left out: it is not installed.")
        return
    size = min(plan.size, 8)
    threads = two_phase(size, workers=plan.workers)
    ways = {"threads": threads, "Ray": replace(threads, engine="ray")}
    some, _ = turns(plan, talk, ways)
    name = f"two-phase commit, RM = {size}: search, {plan.workers} actors of Ray"
    yield row(name, searched(some["Ray"]), "s", ("as many threads", searched(some["threads"])))
