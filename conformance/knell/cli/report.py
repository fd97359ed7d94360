"""The result of a check as JSON: the shapes that scripts rely on.

The keys up to `verdict` are a contract; those below the line are ours to change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from knell.checker.results import CheckResult, PropertyResult
from knell.language.model import Model

SCHEMA: Final = 1


class StatesJson(TypedDict):
    """How much was explored; ``distinct`` counts orbits where symmetry is on."""

    distinct: int
    generated: int
    depth: int
    complete: bool


class SecondsJson(TypedDict):
    """How long it took."""

    compile: float
    search: float
    total: float


class PropertyJson(TypedDict):
    """One property's verdict; ``trace`` is the file with the run that shows it, if written."""

    id: str
    kind: str
    claims: list[str]
    verdict: str
    trace: str | None
    # ---
    about: str
    witness: str | None
    steps: int | None


class ActionJson(TypedDict):
    """How often an action was taken."""

    name: str
    taken: int


class RunJson(TypedDict):
    """One check of one configuration."""

    schema: int
    model: str
    config: dict[str, int | bool | str]
    mutant: str | None
    engine: str
    workers: int
    symmetry: bool
    states: StatesJson
    seconds: SecondsJson
    peak_memory_bytes: int
    properties: list[PropertyJson]
    actions: list[ActionJson]
    verdict: str
    # ---
    config_name: str | None
    warnings: list[str]
    reasons: list[str]
    notes: list[str]


class SuiteJson(TypedDict):
    """Checks of many configurations of one model."""

    schema: int
    runs: list[RunJson]
    verdict: str
    # ---
    warnings: list[str]
    failures: list[str]
    peak_memory_bytes: int


@dataclass(frozen=True)
class Report:
    """One check as plain data: the JSON, and a story to read for each violated property.

    ``levels`` counts the new states of each depth; ``bundles`` are the runs by property, packed
    for the viewer, where a page is asked for.
    """

    run: RunJson
    stories: dict[str, list[str]] = field(default_factory=dict)
    levels: list[int] = field(default_factory=list)
    bundles: dict[str, dict[str, Any]] = field(default_factory=dict)


def run_json(
    model: Model, result: CheckResult, traces: dict[str, str], peak_memory: int, notes: list[str]
) -> RunJson:
    """The JSON of one check; ``traces`` are the files written, by property."""
    return {
        "schema": SCHEMA,
        "model": result.model,
        "config": dict(result.config),
        "mutant": result.mutant,
        "engine": result.engine,
        "workers": result.workers,
        "symmetry": result.symmetry,
        "states": {
            "distinct": result.distinct,
            "generated": result.generated,
            "depth": result.depth,
            "complete": result.complete,
        },
        "seconds": {
            "compile": round(result.compile_seconds, 6),
            "search": round(result.search_seconds, 6),
            "total": round(result.total_seconds, 6),
        },
        "peak_memory_bytes": peak_memory,
        "properties": [_property(model, found, traces) for found in result.properties],
        "actions": [{"name": name, "taken": taken} for name, taken in result.taken.items()],
        "verdict": result.verdict,
        "config_name": model.config,
        "warnings": list(result.warnings),
        "reasons": list(result.reasons),
        "notes": notes,
    }


def _property(model: Model, found: PropertyResult, traces: dict[str, str]) -> PropertyJson:
    declared = next((each for each in model.properties if each.id == found.id), None)
    return {
        "id": found.id,
        "kind": found.kind,
        "claims": list(found.claims),
        "verdict": found.verdict,
        "trace": traces.get(found.id),
        "about": declared.about if declared else "",
        "witness": declared.witness if declared else None,
        "steps": len(found.run.steps) if found.run else None,
    }


def worst(verdicts: list[str]) -> str:
    """The verdict of several checks: violated before inconclusive before holds."""
    if "violated" in verdicts:
        return "violated"
    return "inconclusive" if not verdicts or "inconclusive" in verdicts else "holds"
