"""One check, from a request to a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from knell.checker.results import Progress
from knell.cli.memory import peak
from knell.cli.registry import load
from knell.cli.report import Report, run_json
from knell.cli.request import Request
from knell.cli.story import tell
from knell.cli.traces import write_traces
from knell.language.model import Model
from knell.language.settings import Settings
from knell.spec.errors import KnellError

DEADLOCK: Final = "deadlock"


def prepare(request: Request) -> Model:
    """Load the model that the request names, with the properties that it selects."""
    model = load(request.target, request.settings)
    known = [each.id for each in model.properties]
    for chosen in request.properties or ():
        if chosen not in (*known, DEADLOCK):
            raise _unknown_property(request, model, chosen, known)
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
        found.id: tell(model, found, request.style)
        for found in result.properties
        if found.verdict == "violated"
    }
    bundles = {}
    if request.html:
        from knell.cli.pages import bundles_of

        bundles = bundles_of(model, result, request.target)
    return Report(run_json(model, result, traces, peak()), stories, list(result.levels), bundles)


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
        mend=f"its properties: {', '.join([*known, DEADLOCK])}",
    )
