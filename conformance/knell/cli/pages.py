"""`knell check --html`: the report of a check as one page, with each trace in the viewer."""

from __future__ import annotations

from typing import Any

from knell.checker.results import CheckResult
from knell.checker.traces import trace_of
from knell.cli.extras import extras_of
from knell.cli.report import Report, RunJson, SuiteJson
from knell.language.model import Model
from knell.viewer import bundle_of, render_page


def bundles_of(model: Model, result: CheckResult, target: str) -> dict[str, dict[str, Any]]:
    """Each run that the check found, packed for the viewer; all is told of what is violated."""
    bundles = {}
    for found in result.properties:
        if found.run is not None:
            trace = trace_of(model, found, found.run)
            brief = found.verdict != "violated"
            extras = extras_of(model, trace, target, brief=brief)
            bundles[found.id] = bundle_of(trace, found.id, extras)
    return bundles


def report_page(reports: list[Report], suite: SuiteJson | None = None) -> str:
    """The page of one check, or of a suite."""
    runs = [{**report.run, "levels": report.levels} for report in reports]
    whole: dict[str, Any] = {**suite, "runs": runs} if suite else dict(runs[0])
    traces = {
        f"{number}/{name}": bundle
        for number, report in enumerate(reports)
        for name, bundle in report.bundles.items()
    }
    content = {"report": whole, "places": list(traces), "traces": list(traces.values())}
    return render_page(content, _title([report.run for report in reports]))


def _title(runs: list[RunJson]) -> str:
    return f"check of {runs[0]['model']} · knell" if runs else "check · knell"
