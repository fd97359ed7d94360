"""Which engine explores the states: the reference, or the compiled one where it can.

``auto`` takes the compiled engine where it is installed and can do what is asked, else the
reference. Results are the same; only the time differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from knell.checker import cluster
from knell.checker.canonical import canonical_form
from knell.checker.compiled import NotCompilableError, is_installed
from knell.checker.questions import Questions
from knell.checker.search import Search
from knell.checker.symmetry import Group
from knell.language.grounding import Program
from knell.spec.errors import KnellError

if TYPE_CHECKING:
    from knell.checker.cluster.team import Team
    from knell.checker.results import Options

ENGINES: Final = ("auto", "reference", "compiled", "ray")
_INSTALL: Final = "pip install 'knell[compiled]', or leave out --engine"


def refuse_engine(engine: str, *, beyond_memory: bool = False) -> None:
    """Refuse an engine that is not here, or that cannot search beyond memory."""
    known = f"use one of {', '.join(ENGINES)}"
    if engine not in ENGINES:
        raise KnellError(f"no engine {engine!r}", place="--engine", mend=known)
    if engine == "compiled" and not is_installed():
        raise KnellError("the compiled engine is not installed", place="--engine", mend=_INSTALL)
    if engine == "ray" and not cluster.is_installed():
        raise KnellError("Ray is not installed", place="--engine", mend="pip install 'knell[ray]'")
    if engine == "reference" and beyond_memory:
        raise KnellError(
            "the reference engine keeps whole states in memory",
            place="--fingerprints, --disk",
            mend="leave out --engine reference",
        )


@dataclass(frozen=True)
class Engine:
    """What explores: a search, the name of its engine, and why it is not a faster one."""

    search: Search
    name: str
    fallback: str | None = None


def engine_for(
    program: Program, questions: Questions, group: Group | None, options: Options
) -> Engine:
    """The engine that explores, by the options and by what it can do."""
    why = None
    if options.engine == "ray":
        return Engine(_cluster(program, questions, group, options), "ray")
    if options.engine != "reference":
        try:
            return Engine(_compiled(program, questions, group, options), "compiled")
        except NotCompilableError as obstacle:
            if options.engine == "compiled" or options.fingerprints or options.disk:
                raise
            why = obstacle.message
    canonical = canonical_form(program, group) if group else None
    return Engine(Search(program, questions, canonical=canonical), "reference", why)


def _cluster(
    program: Program, questions: Questions, group: Group | None, options: Options
) -> Search:
    """The search over a team of parts."""
    asked = {
        "--simulate": options.simulate is not None,
        "--checkpoint": options.checkpoint is not None,
        "--resume": options.resume is not None,
        "--fingerprints": options.fingerprints,
        "--disk": options.disk is not None,
    }
    for flag, given in asked.items():
        if given:
            raise NotCompilableError(
                "the ray engine has none of it", place=flag, mend="leave it out, or --engine ray"
            )
    from knell.checker.cluster.search import ClusterSearch  # noqa: PLC0415  # an extra

    return ClusterSearch(program, questions, group, team_for(program, questions, group, options))


def team_for(program: Program, questions: Questions, group: Group | None, options: Options) -> Team:
    """The actors that search."""
    from knell.checker.cluster.team import RayTeam  # noqa: PLC0415  # an extra

    return RayTeam(program, questions, group, options.workers)


def _compiled(
    program: Program, questions: Questions, group: Group | None, options: Options
) -> Search:
    """The compiled search; raises where it cannot be had."""
    if not is_installed():
        raise NotCompilableError("the compiled engine is not installed", mend=_INSTALL)
    from knell.checker.compiled.parallel import ParallelSearch  # noqa: PLC0415  # an extra
    from knell.checker.compiled.search import CompiledSearch  # noqa: PLC0415
    from knell.checker.compiled.store import Store  # noqa: PLC0415
    from knell.checker.compiled.walks import CompiledWalks  # noqa: PLC0415

    store = Store(options.fingerprints, options.disk)
    if options.simulate is not None:
        return CompiledWalks(program, questions, None, store)
    if options.workers > 1 and not questions.responses:
        return ParallelSearch(program, questions, group, options.workers, store)
    return CompiledSearch(program, questions, group, store)
