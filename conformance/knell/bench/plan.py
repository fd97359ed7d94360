"""How much is measured, and how: runs that are compared take turns, and medians count."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, TypeAlias

from knell.bench.ours import Asked, Measured, measure
from knell.bench.spin import Spin, Spun
from knell.examples import EXAMPLES
from knell.protocol import NODE_SHUTDOWN
from knell.spec.errors import KnellError

Tell: TypeAlias = Callable[[str], None]

_LONG: Final = 60.0
"""Seconds; a search that took longer is not repeated."""


@dataclass(frozen=True)
class Plan:
    """How much is measured: the size of two-phase commit, repetitions, workers, how far to grow.

    ``large`` are parameters of a protocol of many states, or ``None`` to leave it out; ``rounds``
    are the failures of each kind.
    """

    size: int = 9
    repeat: int = 3
    workers: int = 2
    largest: int = 9
    nodes: tuple[str, ...] = ("default", "four-nodes", "five-nodes")
    large: Mapping[str, str] | None = None
    rounds: int = 100


LARGE: Final = {"nodes": "6", "members": "2", "placement": "same"}
"""Parameters with which the protocol has many states: 23 million."""

QUICK: Final = Plan(size=7, repeat=1, largest=7, nodes=("default",), rounds=3)
"""A plan that ends within a minute or so."""


@dataclass(frozen=True)
class Talk:
    """Who is told what: ``tell`` what is going on, ``note`` what a reader of the results needs."""

    tell: Tell
    note: Tell


def two_phase(size: int, **more: object) -> Asked:
    """Two-phase commit with so many resource managers."""
    asked = Asked(str(EXAMPLES["two-phase-commit"]), values={"RM": str(size)})
    return replace(asked, **more)  # type: ignore[arg-type]


def nodes(config: str, **more: object) -> Asked:
    """A configuration of the protocol."""
    return replace(Asked(str(NODE_SHUTDOWN), config=config), **more)  # type: ignore[arg-type]


def turns(
    plan: Plan, talk: Talk, ours: Mapping[str, Asked], spin: Spin | None = None
) -> tuple[dict[str, list[Measured]], dict[str, list[Spun]]]:
    """Run each search as often as the plan says, one after the other; long ones once.

    A search of SPIN that fails is left out, with a note.
    """
    measured: dict[str, list[Measured]] = {name: [] for name in ours}
    spun: dict[str, list[Spun]] = {"dfs": [], "bfs": []} if spin else {}
    for turn in range(plan.repeat):
        for name, asked in ours.items():
            if all(each.search_seconds < _LONG for each in measured[name]):
                talk.tell(f"{name}, turn {turn + 1} of {plan.repeat}")
                measured[name].append(measure(asked))
        if spin is not None:
            talk.tell(f"SPIN, turn {turn + 1} of {plan.repeat}")
            spun = {kind: some for kind, some in spun.items() if _spins(spin, kind, some, talk)}
    return measured, spun


def _spins(spin: Spin, kind: str, some: list[Spun], talk: Talk) -> bool:
    """Let SPIN search once more, unless that takes long; whether it could."""
    if any(each.search_seconds >= _LONG for each in some):
        return True
    try:
        some.append(spin.search(kind))
    except KnellError as error:
        talk.note(f"SPIN {kind} is left out of a comparison: {error.message}.")
        return False
    return True


def searched(some: list[Measured]) -> float:
    """The median of the seconds of search."""
    return median(each.search_seconds for each in some)


def fastest(spun: dict[str, list[Spun]]) -> tuple[str, list[Spun]]:
    """The faster of SPIN's searches."""
    kind = min(spun, key=lambda kind: median(each.search_seconds for each in spun[kind]))
    return f"SPIN {kind}", spun[kind]


def command(asked: Asked, *, cold: bool = False) -> float:
    """Seconds of the whole command ``knell check``, from its start to its end."""
    chosen = [f"{name}={value}" for name, value in asked.values.items()]
    chosen += [f"config={asked.config}"] if asked.config else []
    sets = [part for each in chosen for part in ("--set", each)]
    name = "node-shutdown" if asked.path == str(NODE_SHUTDOWN) else "two-phase-commit"
    program = "import sys; from knell.cli.main import main; sys.exit(main(sys.argv[1:]))"
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        subprocess.run(  # noqa: S603  # ourselves
            [sys.executable, "-c", program, "check", name, *sets, "--no-symmetry"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            env={**os.environ, **({"KNELL_CACHE": cache} if cold else {})},
        )
        return time.perf_counter() - start
