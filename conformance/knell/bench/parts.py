"""What is measured, a part at a time. Runs that are compared take turns; medians count."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Final, TypeAlias

from knell.bench.limit import nanoseconds_a_read
from knell.bench.ours import Asked, Measured, measure
from knell.bench.rows import Row, row
from knell.bench.spin import Spin, Spun
from knell.checker.cluster import is_installed
from knell.examples import EXAMPLES
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN

Tell: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much is measured: the size of two-phase commit, repetitions, workers, how far to grow."""

    size: int = 9
    repeat: int = 3
    workers: int = 2
    largest: int = 9
    nodes: tuple[str, ...] = ("default", "four-nodes", "five-nodes")
    most_nodes: int | None = 6


QUICK: Final = Plan(size=7, repeat=1, largest=7, nodes=("default",), most_nodes=None)
"""A plan that ends within a minute or so."""


def two_phase(size: int, **more: object) -> Asked:
    """Two-phase commit with so many resource managers."""
    asked = Asked(str(EXAMPLES["two-phase-commit"]), values={"RM": str(size)})
    return replace(asked, **more)  # type: ignore[arg-type]


def nodes(config: str, **more: object) -> Asked:
    """A configuration of the protocol."""
    return replace(Asked(str(NODE_SHUTDOWN), config=config), **more)  # type: ignore[arg-type]


class Ours:
    """Searches of ours and of SPIN that take turns."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self.plan = plan
        self.tell = tell

    def turns(
        self, ours: Mapping[str, Asked], spin: Spin | None = None
    ) -> tuple[dict[str, list[Measured]], dict[str, list[Spun]]]:
        """Run each so many times, one after the other."""
        measured: dict[str, list[Measured]] = {name: [] for name in ours}
        spun: dict[str, list[Spun]] = {"dfs": [], "bfs": []} if spin else {}
        for turn in range(self.plan.repeat):
            for name, asked in ours.items():
                self.tell(f"{name}, turn {turn + 1} of {self.plan.repeat}")
                measured[name].append(measure(asked))
            for kind, some in spun.items():
                assert spin is not None
                self.tell(f"SPIN {kind}, turn {turn + 1} of {self.plan.repeat}")
                some.append(spin.search(kind))
        return measured, spun


def searched(some: list[Measured]) -> float:
    """The median of the seconds of search."""
    return median(each.search_seconds for each in some)


def fastest(spun: dict[str, list[Spun]]) -> tuple[str, list[Spun]]:
    """The faster of SPIN's searches."""
    kind = min(spun, key=lambda kind: median(each.search_seconds for each in spun[kind]))
    return f"SPIN {kind}", spun[kind]


def against_spin(plan: Plan, tell: Tell) -> Iterator[Row]:
    """Search, start and memory, side by side with SPIN."""
    what = f"two-phase commit, RM = {plan.size}"
    one = two_phase(plan.size)
    with tempfile.TemporaryDirectory() as folder:
        tell("counting the states")
        states = measure(one).distinct
        spin = Spin(Path(folder), states)
        spin.write(Path(one.path), Settings(values={"RM": str(plan.size)}))
        build = {kind: spin.build(kind) for kind in ("dfs", "bfs")}
        many = {f"{plan.workers} workers": replace(one, workers=plan.workers)}
        ours, spun = Ours(plan, tell).turns({"1 worker": one, **many}, spin)
        peer, best = fastest(spun)
        seconds = median(each.search_seconds for each in best)
        assert best[0].stored == states, "SPIN stores other states"
        for name, some in ours.items():
            yield row(f"{what}: search, {name}", searched(some), "s", (peer, seconds))
        held = ours["1 worker"][0]
        theirs = (peer, best[0].bytes_each)
        yield row(f"{what}: bytes a state", held.held / states, "B", theirs)
        yield row(f"{what}: peak of the whole process", held.resident / states, "B a state")
        cold = (peer, seconds + build[peer.split()[1]])
        cold_seconds = median(_command(two_phase(plan.size), cold=True) for _ in range(plan.repeat))
        yield row(f"{what}: whole command, cold start", cold_seconds, "s", cold)
        yield row(f"{what}: compile, cold", _compile(one, cold=True), "s")
        yield row(f"{what}: compile, warm", _compile(one, cold=False), "s")


def _compile(asked: Asked, *, cold: bool) -> float:
    """Seconds until a search can begin: model, ground terms, machine code."""
    with tempfile.TemporaryDirectory() as cache:
        return measure(asked, Path(cache) if cold else None).compile_seconds


def _command(asked: Asked, *, cold: bool = False, symmetry: bool = False) -> float:
    """Seconds of the whole command, from its start to its end."""
    chosen = [f"{name}={value}" for name, value in asked.values.items()]
    chosen += [f"config={asked.config}"] if asked.config else []
    sets = [part for each in chosen for part in ("--set", each)]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, **({"KNELL_CACHE": cache} if cold else {})}
        program = "import sys; from knell.cli.main import main; sys.exit(main(sys.argv[1:]))"
        name = "node-shutdown" if asked.path == str(NODE_SHUTDOWN) else "two-phase-commit"
        command = [sys.executable, "-c", program, "check", name, *sets]
        start = time.perf_counter()
        subprocess.run(  # noqa: S603  # ourselves
            command if symmetry else [*command, "--no-symmetry"],
            stdout=subprocess.DEVNULL,
            check=True,
            env=environment,
        )
        return time.perf_counter() - start


def against_memory(plan: Plan, tell: Tell) -> Iterator[Row]:
    """Look-ups against random reads over as many bytes."""
    for workers in dict.fromkeys((1, plan.workers)):
        asked = two_phase(plan.size, workers=workers)
        some, _ = Ours(plan, tell).turns({f"{workers} worker(s)": asked})
        (found,) = some.values()
        each = searched(found) * 1e9 / found[0].lookups
        tell(f"random reads, {workers} worker(s)")
        table = found[0].held - 8 * found[0].distinct
        read = median(nanoseconds_a_read(table, workers) for _ in range(plan.repeat))
        name = f"two-phase commit, RM = {plan.size}: time a look-up, {workers} worker(s)"
        yield row(name, each, "ns", ("random read", read))


def against_reference(plan: Plan, tell: Tell) -> Iterator[Row]:
    """States a second of the reference."""
    size = min(plan.size, 6)
    asked = two_phase(size)
    some, _ = Ours(plan, tell).turns(
        {"compiled": asked, "reference": replace(asked, engine="reference")}
    )
    ours, theirs = (searched(some[name]) for name in ("compiled", "reference"))
    yield row(f"two-phase commit, RM = {size}: search", ours, "s", ("reference", theirs))


def growth(plan: Plan, tell: Tell) -> Iterator[Row]:
    """How time and memory grow with the size."""
    for size in range(7, plan.largest + 1):
        once = replace(plan, repeat=1 if size > 9 else plan.repeat)
        some, _ = Ours(once, tell).turns({f"RM = {size}": two_phase(size)})
        (found,) = some.values()
        first = found[0]
        counts = f"{first.distinct:,} states, {first.generated:,} generated, depth {first.depth}"
        name = f"two-phase commit, RM = {size} ({counts})"
        yield row(f"{name}: search", searched(found), "s")
        yield row(f"{name}: bytes a state", first.held / first.distinct, "B")


def symmetry(plan: Plan, tell: Tell) -> Iterator[Row]:
    """What dividing out symmetry adds."""
    with_, without = two_phase(plan.size, symmetry=True), two_phase(plan.size)
    some, _ = Ours(plan, tell).turns({"with symmetry": with_, "without symmetry": without})
    orbits, states = (some[name] for name in ("with symmetry", "without symmetry"))
    name = f"two-phase commit, RM = {plan.size}: {orbits[0].distinct:,} orbits"
    yield row(f"{name}, search", searched(orbits), "s", ("without symmetry", searched(states)))


def walks(plan: Plan, tell: Tell) -> Iterator[Row]:
    """Random walks a second."""
    count = 20_000
    for name, asked in (
        (f"two-phase commit, RM = {plan.size}", two_phase(plan.size)),
        ("node-shutdown, default", nodes("default", properties="safety")),
    ):
        some, _ = Ours(plan, tell).turns(
            {
                f"walks, {engine}": replace(asked, engine=engine, walks=n)
                for engine, n in (("compiled", count), ("reference", count // 100))
            }
        )
        ours = count / searched(some["walks, compiled"])
        theirs = count / 100 / searched(some["walks, reference"])
        yield row(f"{name}: random walks", ours, "/s", ("reference", theirs), more_is_better=True)


def protocol(plan: Plan, tell: Tell) -> Iterator[Row]:
    """Configurations of the protocol, with no property, with safety, and with all."""
    for config in plan.nodes:
        bare = nodes(config, properties="none")
        tell(f"{config}: compile, cold")
        yield row(f"node-shutdown, {config}: compile, cold", _compile(bare, cold=True), "s")
        with tempfile.TemporaryDirectory() as folder:
            states = measure(bare).distinct
            name = f"node-shutdown, {config} ({states:,} states)"
            spin = Spin(Path(folder), states) if Spin.is_installed() else None
            if spin is not None:
                tell(f"{config}: SPIN's text and verifiers")
                spin.write(Path(bare.path), Settings(config))
                for kind in ("dfs", "bfs"):
                    spin.build(kind)
            asked = {"no property": bare, "safety": replace(bare, properties="safety")}
            asked[f"no property, {plan.workers} workers"] = replace(bare, workers=plan.workers)
            asked["all properties"] = replace(bare, properties="all")
            ours, spun = Ours(plan, tell).turns(asked, spin)
        peer = theirs = None
        if spun:
            who, best = fastest(spun)
            assert best[0].stored == states, "SPIN stores other states"
            peer = who, median(each.search_seconds for each in best)
            theirs = who, best[0].bytes_each
        for what, some in ours.items():
            same = peer if "no property" in what else None
            yield row(f"{name}: search, {what}", searched(some), "s", same)
        yield row(f"{name}: bytes a state", ours["no property"][0].held / states, "B", theirs)


def large(plan: Plan, tell: Tell) -> Iterator[Row]:
    """The protocol on more nodes than a configuration has, once, without properties."""
    if plan.most_nodes is None:
        return
    for workers in dict.fromkeys((1, plan.workers)):
        values = {"nodes": str(plan.most_nodes)}
        asked = nodes("five-nodes", values=values, properties="none", workers=workers)
        tell(f"{plan.most_nodes} nodes, {workers} worker(s)")
        found = measure(asked)
        assert found.complete
        name = f"node-shutdown, {plan.most_nodes} nodes ({found.distinct:,} states)"
        yield row(f"{name}: search, {workers} worker(s)", found.search_seconds, "s")
        yield row(f"{name}: bytes a state", found.held / found.distinct, "B")


def cluster(plan: Plan, tell: Tell) -> Iterator[Row]:
    """Actors of Ray on this machine against threads, with as many workers."""
    if not is_installed():
        return
    size = min(plan.size, 8)
    threads = two_phase(size, workers=plan.workers)
    some, _ = Ours(plan, tell).turns({"threads": threads, "Ray": replace(threads, engine="ray")})
    name = f"two-phase commit, RM = {size}: search, {plan.workers} actors of Ray"
    yield row(name, searched(some["Ray"]), "s", ("as many threads", searched(some["threads"])))


def start(plan: Plan, tell: Tell) -> Iterator[Row]:
    """How soon a small model is judged."""
    tell("a small model, warm")
    small = nodes("small")
    _command(small)
    seconds = median(_command(small, symmetry=True) for _ in range(plan.repeat))
    yield row("node-shutdown, small: whole command, warm", seconds, "s")
    tell("a small model, cold")
    yield row("node-shutdown, small: whole command, cold", _command(small, cold=True), "s")


PARTS: Final[dict[str, Callable[[Plan, Tell], Iterator[Row]]]] = {
    "spin": against_spin,
    "memory": against_memory,
    "reference": against_reference,
    "growth": growth,
    "symmetry": symmetry,
    "walks": walks,
    "start": start,
    "protocol": protocol,
    "large": large,
    "cluster": cluster,
}
"""The parts by their names."""
