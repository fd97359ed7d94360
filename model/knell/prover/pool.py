"""Many queries on several processors.

The processes are forks of this one: they have the queries already, and send answers back. None of
them has used z3 before the fork, which could not be relied upon after it.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.pool import Pool

from knell.language.model import Action, Model
from knell.prover.naming import NamedStep
from knell.prover.problem import Query
from knell.prover.solve import Asker, Effort, Solved

_BATCH = 6  # queries that a process takes at a time
_GRACE = 2.0  # seconds that a query may take beyond the end, before its process is stopped


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
    model: Model, tasks: Sequence[Task], effort: Effort, workers: int
) -> Iterator[tuple[int, Solved]]:
    """The answers, as they come, with the positions of their tasks; none after the end of time.

    Where the system refuses another process, this one answers all queries itself.
    """
    end = effort.end
    _shared.append(_Shared(tasks, lambda: Asker(model, effort)))
    try:
        pool = _pool(workers)
        if pool is None:
            yield from map(_solve, range(len(tasks)))
            return
        with pool:
            batch = max(1, min(_BATCH, len(tasks) // (workers * 2)))
            batches = [range(len(tasks))[k : k + batch] for k in range(0, len(tasks), batch)]
            answers = pool.imap_unordered(_solve_batch, batches)
            for _ in batches:
                left = None if end is None else max(0.0, end - time.monotonic()) + _GRACE
                try:
                    yield from answers.next(left)
                except multiprocessing.TimeoutError:
                    return
    finally:
        _shared.pop()


def _pool(workers: int) -> Pool | None:
    try:
        return multiprocessing.get_context("fork").Pool(workers)
    except OSError:  # a search in this process may hold more memory than can be doubled
        return None


def _solve_batch(positions: Sequence[int]) -> list[tuple[int, Solved]]:
    return [_solve(position) for position in positions]


def _solve(position: int) -> tuple[int, Solved]:
    shared = _shared[-1]
    if shared.asker is None:
        shared.asker = shared.make()
    task = shared.tasks[position]
    return position, shared.asker.ask(task.query, task.step, task.action)
