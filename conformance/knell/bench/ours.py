"""One search of ours, measured in a process of its own: no run warms the memory of another.

``python -m knell.bench.ours`` reads the JSON of an :class:`Asked` and prints that of a
:class:`Measured`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from knell.bench.making import MakingSearch
from knell.checker.drive import Clock, drive, resident_bytes
from knell.checker.engines import engine_for
from knell.checker.questions import Questions
from knell.checker.results import Options
from knell.checker.search import Search
from knell.checker.simulate import simulate
from knell.checker.symmetry import symmetry_group
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.spec.errors import KnellError


@dataclass(frozen=True)
class Asked:
    """What is to be searched, and how; ``safety`` asks for all properties but leads-to."""

    path: str
    config: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    properties: str = "all"  # or "safety" or "none"
    engine: str = "compiled"
    workers: int = 1
    symmetry: bool = False
    walks: int | None = None
    max_states: int | None = None
    remake: bool = False  # make the successors once more, without a table


@dataclass(frozen=True)
class Measured:
    """Seconds, counts and bytes of one search; its seconds include those of judging liveness.

    ``held`` is what the engine holds at the end, ``grown`` how much larger the process was at its
    peak than before the search, ``resident`` that peak. ``making_seconds`` are those of the
    successors alone.
    """

    compile_seconds: float
    search_seconds: float
    distinct: int
    generated: int
    depth: int
    complete: bool
    lookups: int
    held: int
    grown: int
    resident: int
    making_seconds: float = 0.0


def measure(asked: Asked, cache: Path | None = None) -> Measured:
    """Search in a fresh process."""
    environment = {**os.environ, **({"KNELL_CACHE": str(cache)} if cache else {})}
    done = subprocess.run(  # ourselves
        [sys.executable, "-m", "knell.bench.ours"],
        input=json.dumps(asdict(asked)),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode:
        raise KnellError(f"a measured search failed: {done.stderr.strip().splitlines()[-1:]}")
    return Measured(**json.loads(done.stdout))


def search(asked: Asked) -> Measured:
    """Search here."""
    start = time.perf_counter()
    model = load_model(Path(asked.path), Settings(asked.config, asked.values))
    selected = {
        "all": None,
        "safety": (*(p.id for p in model.properties if p.kind != "leads_to"), "deadlock"),
        "none": (),
    }[asked.properties]
    program = Program(model)
    questions = Questions(program, selected)
    group = symmetry_group(program, questions.properties, asked.symmetry)
    options = Options(
        engine=asked.engine,
        workers=asked.workers,
        simulate=asked.walks,
        max_states=asked.max_states,
    )
    if asked.remake:
        chosen: Search = MakingSearch(program, questions, group)
    else:
        chosen = engine_for(program, questions, group, options).search
    before = resident_bytes()
    begun = time.perf_counter()
    chosen.start()
    clock = Clock()
    generated = 0
    if asked.walks is None:
        drive(chosen, options, clock)
        generated = chosen.explored.generated
        _judge_liveness(chosen)
    else:
        generated = simulate(chosen, options, clock)[0].generated
    ended = time.perf_counter()
    found = chosen.explored
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    measured = Measured(
        begun - start,
        ended - begun,
        len(found.states),
        generated,
        len(found.levels),
        found.complete,
        getattr(chosen, "lookups", 0),
        getattr(chosen, "bytes_held", 0),
        peak - before,
        peak,
        chosen.seconds_to_make() if isinstance(chosen, MakingSearch) else 0.0,
    )
    chosen.close()
    return measured


def _judge_liveness(search: Search) -> None:
    """Look for runs that refute the leads-to properties, as a check does."""
    wanted = [p for p in search.questions.properties if p.kind == "leads_to"]
    if wanted:
        analysis = search.analysis()
        for declared in wanted:
            analysis.refutation(declared)


def main() -> None:
    """Read what is asked, print what was measured."""
    asked = Asked(**json.load(sys.stdin))
    sys.stdout.write(json.dumps(asdict(search(asked))) + "\n")


if __name__ == "__main__":
    main()
