"""Tiny models: the reference has explored them before a kernel is compiled for them.

So ``auto`` begins with the reference, and takes another engine once there are more states than a
person waits for.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from knell.checker.canonical import canonical_form
from knell.checker.drive import INTERRUPTED, Clock, drive
from knell.checker.questions import Questions
from knell.checker.results import Options
from knell.checker.search import Search
from knell.checker.symmetry import Group
from knell.language.grounding import Program

MOST: Final = 4_000
"""States of a tiny model, at most."""


def tried(
    program: Program, questions: Questions, group: Group | None, options: Options, clock: Clock
) -> Search | None:
    """A reference search that has found all that is asked for; None if that takes longer."""
    special = options.simulate, options.checkpoint, options.resume, options.disk
    if (
        options.engine != "auto"
        or options.workers > 1
        or options.fingerprints
        or any(each is not None for each in special)
    ):
        return None
    if _starts(program) > MOST:
        return None
    canonical = canonical_form(program, group) if group else None
    search = Search(program, questions, canonical=canonical)
    search.start()
    most = min(MOST, options.max_states or MOST)
    if drive(search, replace(options, max_states=most), clock) == INTERRUPTED:
        raise KeyboardInterrupt
    found = search.explored
    is_all = found.complete or len(found.states) < most or most == options.max_states
    return search if is_all else None


def _starts(program: Program) -> int:
    """How many initial states there are, at most."""
    free = (cell for cell in program.layout.cells if cell.variable.initial.value is None)
    return math.prod(cell.to.size for cell in free)
