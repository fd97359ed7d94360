"""Why the last step was allowed, and what an endless run waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from knell.cli.reads import Reads
from knell.cli.replaying import Replayed
from knell.language.evaluate import Environment
from knell.language.expressions import Expr

Cause: TypeAlias = list[Any]
"""A cell, what it holds, and the step that set it, or 0."""

_MOST: Final = 3
"""Cells told of a wait, at most."""


def allowing(run: Replayed, reads: Reads, writers: Mapping[int, int]) -> list[Cause]:
    """The cells that earlier steps set, and without which the last step could not be taken.

    Args:
        run: A run whose last step breaks a property.
        reads: Tells what a guard reads.
        writers: Of each cell the step before the last one that set it.
    """
    if not run.steps:
        return []
    step, state = run.steps[-1], run.states[-2]
    read: set[int] = set()
    for clause in step.action.guard:
        read |= reads.why(clause.formula, state, step.env, None, holds=True)[1]
    cells = run.evaluator.layout.cells
    return [
        [str(cells[c]), cells[c].to.show(state[c] + cells[c].to.lo), writers[c]]
        for c in sorted(read & writers.keys(), key=lambda c: (-writers[c], c))
    ]


def waits(
    run: Replayed,
    reads: Reads,
    writers: Mapping[int, int],
    *,
    goal: Expr,
    env: Environment,
    would: Mapping[str, str],
) -> list[dict[str, Any]]:
    """What an endless run waits for: cells of the goal first, then those that block the way.

    Args:
        run: The run, whose last state is one in which the goal does not hold.
        reads: Tells what a formula reads.
        writers: Of each cell the latest step that set it.
        goal: What never comes.
        env: The instance of the property.
        would: The cells that the sound model would change in the end, and to what.
    """
    state = run.states[-1]
    cells = run.evaluator.layout.cells
    wanted = dict(_reaching(run, reads, goal, env))
    direct = {c: values & {would.get(str(cells[c]))} for c, values in wanted.items()}
    chosen = {c: values for c, values in direct.items() if values} or wanted
    blocking = {
        c: {would[str(cell)]}
        for c, cell in enumerate(cells)
        if str(cell) in would and chosen is wanted
    }

    def told(c: int, values: set[str], *, goal: bool) -> dict[str, Any]:
        return {
            "cell": str(cells[c]),
            "value": cells[c].to.show(state[c] + cells[c].to.lo),
            "since": writers.get(c, 0),
            "for": sorted(values, key=[*_texts(run, c)].index),
            "goal": goal,
        }

    return [
        *(told(c, values, goal=True) for c, values in [*chosen.items()][:_MOST]),
        *(told(c, values, goal=False) for c, values in [*blocking.items()][:_MOST]),
    ]


def _texts(run: Replayed, c: int) -> Iterator[str]:
    """The values of a cell, as they are shown."""
    to = run.evaluator.layout.cells[c].to
    return (to.show(value) for value in to.values())


def _reaching(
    run: Replayed, reads: Reads, goal: Expr, env: Environment
) -> Iterator[tuple[int, set[str]]]:
    """The cells that alone could make the goal hold, with the values that would.

    A value that the cell has had before is none to wait for: the run went on from it.
    """
    state = run.states[-1]
    _, read = reads.why(goal, state, env, None, holds=False)
    for c in sorted(read):
        to = run.evaluator.layout.cells[c].to
        had = {each[c] for each in run.states}
        values = {
            to.show(value)
            for value in to.values()
            if value - to.lo not in had
            and run.evaluator.value(goal, (*state[:c], value - to.lo, *state[c + 1 :]), env)
        }
        if values:
            yield c, values
