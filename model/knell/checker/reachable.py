"""The reachable states of a model, for judges that want to look at all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knell.checker.drive import Clock, drive
from knell.checker.engines import engine_for
from knell.checker.questions import Questions
from knell.checker.results import Options
from knell.language.grounding import Program
from knell.language.layout import State


@dataclass(frozen=True)
class Reached:
    """States in the order of their discovery; all there are, if ``complete``."""

    program: Program
    states: Sequence[State]
    complete: bool


def reachable(program: Program, most: int, seconds: float) -> Reached:
    """The reachable states, about ``most`` of them, found in about ``seconds``."""
    options = Options(properties=(), max_states=most, max_seconds=seconds, symmetry=False)
    search = engine_for(program, Questions(program, ()), None, options).search
    search.start()
    reason = drive(search, options, Clock(limit=seconds))
    found = search.explored.states
    states = [tuple(found[k]) for k in range(len(found))]
    return Reached(program, states, reason is None)
