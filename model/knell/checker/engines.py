"""Which engine explores the states: the reference, or the compiled one where it can.

``auto`` takes the compiled engine where it is installed and can do what is asked, else the
reference. Results are the same; only the time differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from knell.checker.canonical import canonical_form
from knell.checker.compiled import is_installed
from knell.checker.questions import Questions
from knell.checker.search import Search
from knell.checker.symmetry import Group
from knell.language.grounding import Program
from knell.spec.errors import KnellError

if TYPE_CHECKING:
    from knell.checker.results import Options

ENGINES: Final = ("auto", "reference", "compiled")
_PLANNED: Final = ("ray",)


def refuse_engine(engine: str) -> None:
    """Refuse an engine that is not here."""
    known = f"use one of {', '.join(ENGINES)}"
    if engine in _PLANNED:
        raise KnellError(
            f"the engine {engine!r} is not part of this installation", place="--engine", mend=known
        )
    if engine not in ENGINES:
        raise KnellError(f"no engine {engine!r}", place="--engine", mend=known)
    if engine == "compiled" and not is_installed():
        raise KnellError(
            "the compiled engine is not installed",
            place="--engine",
            mend="pip install 'knell[compiled]', or leave out --engine",
        )


def searcher(
    program: Program, questions: Questions, group: Group | None, options: Options
) -> tuple[Search, str]:
    """The search that explores, and the name of its engine."""
    obstacle = _obstacle(group, options)
    if options.engine == "compiled" and obstacle is not None:
        raise KnellError(
            f"the compiled engine cannot do {obstacle}",
            place="--engine",
            mend="leave out --engine, or that",
        )
    if options.engine != "reference" and obstacle is None and is_installed():
        from knell.checker.compiled.parallel import ParallelSearch  # noqa: PLC0415
        from knell.checker.compiled.search import CompiledSearch  # noqa: PLC0415  # an extra
        from knell.checker.compiled.terms import NotCompilableError  # noqa: PLC0415

        try:
            if options.workers > 1 and not questions.responses:
                return ParallelSearch(program, questions, options.workers), "compiled"
            return CompiledSearch(program, questions), "compiled"
        except NotCompilableError:
            if options.engine == "compiled":
                raise
    canonical = canonical_form(program, group) if group else None
    return Search(program, questions, canonical=canonical), "reference"


def _obstacle(group: Group | None, options: Options) -> str | None:
    """What is asked that the compiled engine cannot do."""
    if group is not None:
        return "symmetry: give --no-symmetry"
    if options.simulate is not None:
        return "random runs"
    if options.checkpoint is not None or options.resume is not None:
        return "checkpoints"
    return None
