"""Random simulation: walks from random initial states, one random enabled instance at a time.

A walk ends where no step changes anything, or after as many states as are asked for. Each walk
draws its own random numbers from the seed and its number, so a seed repeats the walks exactly,
whatever the engine. What they find is real, if not shortest; what they do not find stays unknown.

States that several walks visit are kept once, with the way by which they were first reached. So
what a search asks of a new state, and of every step out of it, is asked in the same way here.
"""

from __future__ import annotations

from collections.abc import Callable

from knell.checker.drive import INTERRUPTED, Clock, interruption
from knell.checker.explored import Walks
from knell.checker.results import Options
from knell.checker.search import Search
from knell.spec.errors import KnellError

WALK_LENGTH = 100
"""The most states of a walk, unless ``max_depth`` says otherwise."""


def refuse_contradictions(options: Options) -> None:
    """Refuse what makes no sense together with random walks."""
    for flag, given in (
        ("--symmetry", options.symmetry),
        ("--checkpoint", options.checkpoint),
        ("--resume", options.resume),
    ):
        if given:
            raise KnellError(
                "random walks have no use for it",
                place=f"{flag} with --simulate",
                mend="leave out one of both",
            )


def simulate(search: Search, options: Options, clock: Clock) -> tuple[Walks, str]:
    """Walk; returns what was seen, and why that is not everything."""
    walks = Walks(generated=len(search.explored.states))
    length = options.max_depth or WALK_LENGTH
    count = options.simulate or 0
    if options.max_states is not None:
        search.most_states = options.max_states
    portion = 1 if options.fail_fast else search.walks_at_once
    number = 0
    with interruption() as interrupted:
        while number < count:
            reason = _stop(search, options, clock, interrupted)
            if reason is not None:
                return walks, f"{reason} after {number} of {count} random walks"
            some = range(number, min(count, number + portion))
            walks.taken = number = search.walk(some, length, options.seed, walks)
            try:
                clock.report(search.explored)
            except KeyboardInterrupt:
                return walks, INTERRUPTED
    return walks, f"{count} random walks of at most {length} states prove nothing"


def _stop(
    search: Search, options: Options, clock: Clock, interrupted: Callable[[], bool]
) -> str | None:
    if interrupted():
        return INTERRUPTED
    if options.fail_fast and search.failed:
        return "stopped at the first violation"
    if clock.is_over:
        return clock.over
    if options.max_states is not None and len(search.explored.states) >= options.max_states:
        return f"the bound of {options.max_states} states was reached"
    return None
