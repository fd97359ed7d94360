"""Random simulation: walks from random initial states, one random enabled instance at a time.

A walk ends where no step changes anything, or after as many states as are asked for. Everything
is chosen by one generator of random numbers, so a seed repeats the walks exactly. What they find
is real, if not shortest; what they do not find stays unknown.

States that several walks visit are kept once, with the way by which they were first reached. So
what a search asks of a new state, and of every step out of it, is asked in the same way here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from knell.checker.drive import INTERRUPTED, Clock, interruption
from knell.checker.results import Options
from knell.checker.search import Search
from knell.spec.errors import KnellError

WALK_LENGTH = 100
"""The most states of a walk, unless ``max_depth`` says otherwise."""


@dataclass
class Walks:
    """How much the walks have seen: enabled instances met, and states of the longest walk."""

    generated: int = 0
    longest: int = 0


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
    chance = random.Random(options.seed)  # noqa: S311  # nothing secret
    with interruption() as interrupted:
        for number in range(count):
            reason = _stop(search, options, clock, interrupted)
            if reason is not None:
                return walks, f"{reason} after {number} of {count} random walks"
            walk(search, walks, chance, length)
            try:
                clock.report(search.explored)
            except KeyboardInterrupt:
                return walks, INTERRUPTED
    return walks, f"{count} random walks of at most {length} states prove nothing"


def walk(search: Search, walks: Walks, chance: random.Random, length: int) -> None:
    """Take one random walk."""
    found = search.explored
    number = chance.randrange(found.level_ends[0])
    states = 1
    while states < length:
        moves = search.moves(number)
        walks.generated += len(moves)
        changes = [(k, after) for k, after in moves if after != found.states[number]]
        if not changes:
            break
        instance, after = chance.choice(changes)
        number = search.arrive(number, instance, after)
        states += 1
    walks.longest = max(walks.longest, states)


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
