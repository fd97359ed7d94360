"""What a check is asked and what it answers, the same for every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from knell.language.grounding import Instance
from knell.language.recording import Clause

Verdict: TypeAlias = Literal["holds", "violated", "unknown"]
Overall: TypeAlias = Literal["holds", "violated", "inconclusive"]


@dataclass(frozen=True)
class Progress:
    """How far a check is, and what it is ``doing``; ``elapsed`` in seconds, ``memory`` in bytes."""

    distinct: int
    generated: int
    depth: int
    queue: int
    elapsed: float
    memory: int
    doing: str = "searching"


@dataclass(frozen=True)
class Options:
    """How to check.

    ``symmetry=None`` means: where it is sound for every selected property. ``properties`` selects
    by id; the deadlock property, which every model has, is reported unless others are selected.
    ``simulate`` takes so many random walks instead of a search, each of at most ``max_depth``
    states. ``fingerprints`` keeps 63 bits of each state instead of all, ``disk`` names a directory
    where states are kept instead of in memory. Bounds end a search where they are reached, see
    :mod:`knell.checker.drive`.
    """

    engine: str = "auto"
    workers: int = 1
    symmetry: bool | None = None
    properties: tuple[str, ...] | None = None
    fail_fast: bool = False
    simulate: int | None = None
    seed: int = 0
    max_states: int | None = None
    max_depth: int | None = None
    max_seconds: float | None = None
    checkpoint: Path | None = None
    resume: Path | None = None
    fingerprints: bool = False
    disk: Path | None = None
    progress: Callable[[Progress], None] | None = None


@dataclass(frozen=True)
class Run:
    """A path through the state graph from an initial state.

    ``steps[k]`` leads from ``states[k]`` to ``states[k + 1]``. With ``loop`` set the run is
    endless, in one of two ways:

    * ``len(steps) == len(states)``: the last step leads from ``states[-1]`` back to
      ``states[loop]``, and so for ever;
    * ``len(steps) == len(states) - 1`` and ``loop == len(states) - 1``: the run stands still in
      its last state for ever.
    """

    states: tuple[tuple[int, ...], ...]
    steps: tuple[Instance, ...]
    loop: int | None = None


@dataclass(frozen=True)
class PropertyResult:
    """One property's verdict.

    ``run`` is a shortest counterexample, or for ``reachable`` a shortest witness. ``broken``
    are the conjuncts that fail at its end, ``bindings`` the values (by name) of quantified
    variables that show it: of a leads-to, its instance.
    """

    id: str
    kind: str
    claims: tuple[str, ...]
    verdict: Verdict
    run: Run | None = None
    broken: tuple[Clause, ...] = ()
    bindings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check of one configuration. Times in seconds, memory in bytes.

    ``distinct`` counts states, or orbits of states where ``symmetry`` is on; ``generated`` counts
    them as far as they are initial, plus all enabled instances of each state, or of each orbit's
    representative. ``reasons`` say why a search was not complete (bounds, interruption);
    ``warnings`` name actions never taken and vacuous properties; ``levels`` counts the new states
    of each depth; ``fallback`` says why the reference explored where a faster engine was preferred;
    ``omission`` is how likely it is at most that fingerprints have hidden a state.
    After random walks, ``walks`` of them, ``distinct`` counts the states that were visited,
    ``depth`` the states of the longest walk, and there are no levels.
    """

    model: str
    config: dict[str, int | bool | str]
    mutant: str | None
    engine: str
    workers: int
    symmetry: bool
    distinct: int
    generated: int
    depth: int
    complete: bool
    compile_seconds: float
    search_seconds: float
    total_seconds: float
    properties: tuple[PropertyResult, ...]
    taken: dict[str, int]
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    fallback: str | None = None
    omission: float | None = None
    levels: tuple[int, ...] = ()
    walks: int = 0

    @property
    def verdict(self) -> Overall:
        """``violated`` if any property is, ``inconclusive`` if any is unknown, else ``holds``."""
        verdicts = {result.verdict for result in self.properties}
        if "violated" in verdicts:
            return "violated"
        return "inconclusive" if "unknown" in verdicts or not verdicts else "holds"
