"""Many queries on several processors.

The processes are forks of this one: they have the queries already, and send answers back. None of
them has used z3 before the fork, which could not be relied upon after it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.pool import Pool

from knell.language.model import Action, Model
from knell.prover.naming import NamedStep
from knell.prover.problem import Query
from knell.prover.solve import Asker, Solved

_BATCH = 6  # queries that a process takes at a time


@dataclass(frozen=True, eq=False)
class Task:
    """A query, and the step that it is about, if it is about one."""

    query: Query
    action: Action | None = None
    step: NamedStep | None = None


@dataclass
class _Shared:
    """What the processes of a pool inherit."""

    tasks: Sequence[Task]
    make: Callable[[], Asker]
    asker: Asker | None = None


_shared: list[_Shared] = []


def solve_all(
    model: Model, tasks: Sequence[Task], *, seconds: float, seed: int, workers: int
) -> Iterator[tuple[int, Solved]]:
    """The answers, as they come, with the positions of their tasks.

    For one worker, or where the system refuses another process, this one answers all itself.
    """
    _shared.append(_Shared(tasks, lambda: Asker(model, seconds, seed)))
    try:
        pool = _pool(workers)
        if pool is None:
            yield from map(_solve, range(len(tasks)))
            return
        with pool:
            batch = max(1, min(_BATCH, len(tasks) // (workers * 2)))
            yield from pool.imap_unordered(_solve, range(len(tasks)), chunksize=batch)
    finally:
        _shared.pop()


def _pool(workers: int) -> Pool | None:
    if workers == 1:
        return None
    try:
        return multiprocessing.get_context("fork").Pool(workers)
    except OSError:  # a search in this process may hold more memory than can be doubled
        return None


def _solve(position: int) -> tuple[int, Solved]:
    shared = _shared[-1]
    if shared.asker is None:
        shared.asker = shared.make()
    task = shared.tasks[position]
    return position, shared.asker.ask(task.query, task.step, task.action)
