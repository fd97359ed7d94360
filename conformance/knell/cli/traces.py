"""Traces as files: one for each property that a run shows to be broken, or to be reachable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from knell.checker.results import CheckResult
from knell.checker.traces import trace_of
from knell.language.model import Model
from knell.spec.trace import dump

__all__ = ["file_name", "trace_of", "write_traces"]


def write_traces(model: Model, result: CheckResult, directory: str) -> dict[str, str]:
    """Write the run of each property that has one; return the files by property."""
    written = {}
    for found in result.properties:
        if found.run is not None:
            path = Path(directory) / file_name(model, found.id)
            dump(trace_of(model, found, found.run), path)
            written[found.id] = str(path)
    return written


def file_name(model: Model, property_id: str) -> str:
    """``MODEL-CONFIG-PROPERTY.itf.json``; a mutant's traces carry its id too."""
    parts = [model.name, model.config or "default", model.settings.mutant, property_id]
    return "-".join(quote(part, safe=" ") for part in parts if part) + ".itf.json"
