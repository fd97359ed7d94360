"""Traces as files: one for each property that a run shows to be broken, or to be reachable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from knell.checker.results import CheckResult
from knell.checker.traces import trace_of
from knell.cli.extras import extras_of
from knell.cli.registry import listed
from knell.language.model import Model
from knell.spec.trace import dump

__all__ = ["file_name", "trace_of", "write_traces"]


def write_traces(model: Model, result: CheckResult, directory: str, target: str) -> dict[str, str]:
    """Write the run of each property that has one; return the files by property.

    A listed model is at hand wherever its traces are shown. A counterexample of a user's own
    model carries what the model knows about it.
    """
    written = {}
    for found in result.properties:
        if found.run is not None:
            path = Path(directory) / file_name(model, found.id)
            trace = trace_of(model, found, found.run)
            if found.verdict == "violated" and target not in listed():
                extras = extras_of(model, trace, target)
                trace = replace(trace, meta={**trace.meta, "extras": extras})
            dump(trace, path)
            written[found.id] = str(path)
    return written


def file_name(model: Model, property_id: str) -> str:
    """``MODEL-CONFIG-PROPERTY.itf.json``; a mutant's traces carry its id too."""
    parts = [model.name, model.config or "default", model.settings.mutant, property_id]
    return "-".join(quote(part, safe=" ") for part in parts if part) + ".itf.json"
