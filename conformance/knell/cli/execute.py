"""One check, from a request to a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from knell.checker.results import CheckResult, Progress, PropertyResult
from knell.cli.console import quantity
from knell.cli.memory import peak
from knell.cli.registry import load
from knell.cli.report import Report, run_json
from knell.cli.request import Request
from knell.cli.story import tell
from knell.cli.traces import trace_of, write_traces
from knell.language.model import Model
from knell.language.settings import Settings
from knell.spec.errors import KnellError, did_you_mean

DEADLOCK: Final = "deadlock"


def prepare(request: Request) -> Model:
    """Load the model that the request names, with the properties that it selects."""
    model = load(request.target, request.settings)
    known = [each.id for each in model.properties]
    for chosen in request.properties or ():
        if chosen not in (*known, DEADLOCK):
            raise _unknown_property(request, model, chosen, known)
    _refuse_mutant_unasked(request, model, known)
    return model


def execute(
    request: Request, model: Model, progress: Callable[[Progress], None] | None = None
) -> Report:
    """Check the model, write its traces, and report."""
    from knell.checker import check

    result = check(model, request.options(progress))
    traces = {}
    if request.trace_dir:
        traces = write_traces(model, result, request.trace_dir, request.target)
    stories = {
        found.id: [*tell(model, found, request.style), *_reasons(request, model, found)]
        for found in result.properties
        if found.verdict == "violated"
    }
    bundles = {}
    if request.html:
        from knell.cli.pages import bundles_of

        bundles = bundles_of(model, result, request.target)
    run = run_json(model, result, traces, peak(), list(_notes(request, result)))
    return Report(run, stories, list(result.levels), bundles)


def _reasons(request: Request, model: Model, found: PropertyResult) -> list[str]:
    """Why a run violates its property and what would have prevented it, as the viewer says it."""
    from knell.cli.extras import reasons_of
    from knell.viewer import bundle_of, render_reasons

    if found.run is None:
        return []
    trace = trace_of(model, found, found.run)
    reasons = reasons_of(model, trace, request.target)
    return render_reasons(bundle_of(trace, found.id, reasons), request.style)


def _refuse_mutant_unasked(request: Request, model: Model, known: list[str]) -> None:
    """Refuse a planted fault where nothing that can tell it is asked."""
    asked = {*known, DEADLOCK} if request.properties is None else set(request.properties)
    for mutant in model.mutants:
        if mutant.id != request.mutant or asked & set(mutant.killed_by):
            continue
        tell = ", ".join(mutant.killed_by)
        if set(mutant.killed_by) & {*known, DEADLOCK}:
            mend = "ask for one of them by --property, or leave that out"
        else:
            mend = f"leave out --set config; it means {mutant.config or 'the default'}"
        raise KnellError(
            f"only {tell} can tell it, which nobody asks here",
            place=f"--mutant {mutant.id}",
            mend=mend,
        )


def _notes(request: Request, result: CheckResult) -> Iterator[str]:
    """What was asked for and not done, without harm to the verdicts."""
    if result.omission is not None:
        yield f"fingerprints: a state was missed with probability {result.omission:.2g} at most"
    if result.walks and result.search_seconds > 0:
        rate = result.walks / result.search_seconds
        yield f"{quantity(result.walks, 'random walk')}, {rate:,.0f} a second"
    if result.fallback is not None:
        yield f"the reference engine explored: {result.fallback}"
    if request.workers > result.workers:
        yield (
            f"--workers {request.workers}: one worked, which is all that the {result.engine} "
            "engine can use here"
        )


def _unknown_property(request: Request, model: Model, chosen: str, known: list[str]) -> KnellError:
    """The error for a property that is not there, or only in other configurations."""
    elsewhere = [
        name
        for name in model.configs
        if name != model.config
        and any(each.id == chosen for each in load(request.target, Settings(name)).properties)
    ]
    if elsewhere:
        return KnellError(
            f"configuration {model.config} has no property {chosen!r}",
            place="--property",
            mend=f"choose one that has it: --set config={' or '.join(elsewhere)}",
        )
    return KnellError(
        f"model {model.name} has no property {chosen!r}",
        place="--property",
        mend=f"{did_you_mean(chosen, known)}its properties: {', '.join([*known, DEADLOCK])}",
    )
