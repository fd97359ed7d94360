"""What a proof attempt found, for people and for machines: `knell prove` reports with these."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from knell.checker.results import PropertyResult
from knell.cli.console import Console, Style
from knell.cli.report import SCHEMA
from knell.cli.story import tell
from knell.cli.traces import file_name, trace_of
from knell.language.model import Model
from knell.prover.results import ProofResult, Proved
from knell.spec.trace import dump

_SIGNS = {"proved": "holds", "refuted": "violated"}


class ObligationJson(TypedDict):
    """One query of a proof."""

    action: str
    conjunct: str
    verdict: str
    seconds: float


class ProvedJson(TypedDict):
    """The verdict on one property; contract up to ``verdict``."""

    id: str
    verdict: str
    kind: str
    depth: int | None
    trace: str | None


def proof_json(model: Model, result: ProofResult, traces: dict[str, str]) -> dict[str, Any]:
    """The result as the command writes it."""
    properties: list[ProvedJson] = [
        {
            "id": each.id,
            "verdict": each.verdict,
            "kind": each.kind,
            "depth": len(each.run.states) if each.run else None,
            "trace": traces.get(each.id),
        }
        for each in result.properties
    ]
    obligations: list[ObligationJson] = [
        {
            "action": each.action,
            "conjunct": each.conjunct,
            "verdict": each.verdict,
            "seconds": round(each.seconds, 4),
        }
        for each in result.obligations
    ]
    return {
        "schema": SCHEMA,
        "model": result.model,
        "method": result.method,
        "scope": result.scope,
        "obligations": obligations,
        "properties": properties,
        "z3": result.z3,
        "seeds": list(result.seeds),
        "verdict": result.verdict,
        "config": model.config,
        "mutant": result.mutant,
        "depth": result.depth,
        "reasons": list(result.reasons),
        "seconds": round(result.seconds, 3),
    }


def write_proof_traces(model: Model, result: ProofResult, directory: str) -> dict[str, str]:
    """Write the run of each property that has one; return the files by property."""
    written = {}
    for each in result.properties:
        if each.run is not None:
            path = Path(directory) / file_name(model, each.id)
            dump(trace_of(model, _as_checked(each), each.run), path)
            written[each.id] = str(path)
    return written


def print_proof(model: Model, result: ProofResult, console: Console) -> None:
    """What a person reads."""
    console.lines(_lines(model, result, console.style))


def _lines(model: Model, result: ProofResult, style: Style) -> Iterator[str]:
    where = "any size" if result.scope == "unbounded" else f"configuration {model.config or '-'}"
    yield f"{style.paint(result.model, 'bold')}  {result.method}, {where}, z3 {result.z3}"
    for each in result.properties:
        if each.verdict == "refuted" and each.run is not None:
            yield ""
            yield from tell(model, _as_checked(each), style)
            yield ""
    for each in result.properties:
        sign = style.sign(_SIGNS.get(each.verdict, "unknown"))
        depth = f"  {len(each.run.states)} states" if each.run else ""
        yield f"  {sign} {each.id}: {each.verdict}{depth}"
    for reason in result.reasons:
        yield from style.wrap(reason, "  ")
    yield f"{style.paint(result.verdict, 'bold')}  {result.seconds:.1f} s"


def _as_checked(each: Proved) -> PropertyResult:
    return PropertyResult(
        each.id,
        each.kind,
        (),
        "violated" if each.verdict == "refuted" else "holds",
        each.run,
        each.broken,
    )
