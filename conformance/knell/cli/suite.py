"""`knell check --suite`: every configuration that a model lists, each in its own process."""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys

from knell.cli.caveats import of_suite
from knell.cli.console import Console, quantity
from knell.cli.execute import DEADLOCK
from knell.cli.exits import Exit, of_verdict
from knell.cli.junit import junit
from knell.cli.matrix import print_suite
from knell.cli.outputs import make_directory, write_json, write_text
from knell.cli.pool import INTERRUPTED, Job, Pool, peak_of_all
from knell.cli.progress import Display
from knell.cli.registry import load
from knell.cli.report import SCHEMA, Report, SuiteJson, worst
from knell.cli.request import Request
from knell.language.layout import Layout
from knell.language.model import Model
from knell.spec.errors import KnellError


def check_suite(request: Request, args: argparse.Namespace, console: Console) -> Exit:
    """Check the whole suite, print its matrix, write what was asked for."""
    models = load_suite(request)
    make_directory("--trace-dir", args.trace_dir)
    suite, jobs = run_suite(request, models, args.workers, console)
    reports = [job.report for job in jobs if job.report is not None]
    print_suite(suite, reports, request.target, console)
    console.flush()
    write_json(args.json, suite)
    if args.junit:
        name = next(iter(models.values())).name
        missing = [(f"{name}.{job.name}", job.failure) for job in jobs if job.failure]
        write_text("--junit", args.junit, junit(reports, missing))
    if args.html:
        from knell.cli.pages import report_page

        write_text("--html", args.html, report_page(reports, suite))
    return exit_of(suite, jobs)


def load_suite(request: Request) -> dict[str, Model]:
    """The model in each configuration of its suite, by name, in the order of the suite."""
    first = load(request.target, request.settings)
    if not first.suite:
        raise KnellError(
            f"model {first.name} lists no suite", place="--suite", mend="check it without"
        )
    models = {
        name: load(request.target, dataclasses.replace(request, config=name).settings)
        for name in first.suite
    }
    known = {each.id: None for model in models.values() for each in model.properties}
    for chosen in request.properties or ():
        if chosen not in (*known, DEADLOCK):
            raise KnellError(
                f"no configuration of the suite has a property {chosen!r}",
                place="--property",
                mend=f"the properties: {', '.join([*known, DEADLOCK])}",
            )
    return models


def run_suite(
    request: Request, models: dict[str, Model], workers: int | None, console: Console
) -> tuple[SuiteJson, list[Job]]:
    """Check every configuration, the biggest first; the result is in the suite's order."""
    requests = {
        name: dataclasses.replace(request, config=name, properties=_selected(request, models[name]))
        for name in sorted(models, key=lambda name: -_size(models[name]))
    }
    requests = {name: each for name, each in requests.items() if each.properties != []}
    pool = Pool(requests, workers or processors())
    name = console.style.paint(next(iter(models.values())).name, "bold")
    heading = f"{name}, {quantity(len(pool.jobs), 'configuration')}, {pool.parallel} at a time"
    watcher = _Watcher(heading, console, len(pool.jobs))
    try:
        pool.run(watcher)
    finally:
        watcher.display.clear()
    jobs = sorted(pool.jobs, key=lambda job: list(models).index(job.name))
    reports = [job.report for job in jobs if job.report is not None]
    return _suite_json(models, jobs, reports), jobs


def exit_of(suite: SuiteJson, jobs: list[Job]) -> Exit:
    """Violated is violated, whatever else went wrong; a failure of ours is never a verdict."""
    broken = any(job.failure not in (None, INTERRUPTED) for job in jobs)
    if broken and suite["verdict"] != "violated":
        return Exit.INTERNAL
    return of_verdict(suite["verdict"])


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system can tell
        return os.cpu_count() or 1


def _suite_json(models: dict[str, Model], jobs: list[Job], reports: list[Report]) -> SuiteJson:
    runs = [report.run for report in reports]
    verdicts = [run["verdict"] for run in runs]
    if len(reports) < len(jobs):
        verdicts.append("inconclusive")
    return {
        "schema": SCHEMA,
        "runs": runs,
        "verdict": worst(verdicts),
        "warnings": of_suite(models, runs),
        "failures": [f"{job.name}: {job.failure}" for job in jobs if job.failure],
        "peak_memory_bytes": peak_of_all(jobs),
    }


def _selected(request: Request, model: Model) -> list[str] | None:
    """The selected properties that this configuration has."""
    if request.properties is None:
        return None
    known = {DEADLOCK, *(each.id for each in model.properties)}
    return [chosen for chosen in request.properties if chosen in known]


def _size(model: Model) -> float:
    """A guess at how long the check takes, from the size of a state and the number of steps."""
    bits = sum(math.log2(cell.to.size) for cell in Layout(model).cells)
    steps = sum(math.prod(p.of.size for p in action.parameters) for action in model.actions)
    return bits * steps


class _Watcher:
    """Shows how far the suite is, under a heading that comes with the first sign of work."""

    def __init__(self, heading: str, console: Console, total: int) -> None:
        self.heading: str | None = heading
        self.console = console
        self.display = Display(sys.stderr)
        self.total = total
        self.done = 0

    def __call__(self, pool: Pool, ended: Job | None) -> None:
        if ended is not None:
            self.done += 1
        if self.heading and (self.done or any(job.progress for job in pool.running)):
            self.console.line(self.heading)
            self.console.flush()
            self.heading = None
        if self.display.is_due():
            self.display.show(self._text(pool))

    def _text(self, pool: Pool) -> str:
        running = ", ".join(
            f"{job.name} ({quantity(job.progress.distinct, 'state')})" if job.progress else job.name
            for job in pool.running
        )
        return f"{self.done} of {self.total} configurations done; checking {running or 'nothing'}"
