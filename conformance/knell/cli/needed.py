"""What each auxiliary invariant of a proof is for: `knell prove --needed` reports with this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knell.cli.console import Console
from knell.cli.exits import Exit
from knell.cli.outputs import write_json
from knell.cli.report import SCHEMA

if TYPE_CHECKING:
    from knell.language.model import Model
    from knell.prover.inductive import How
    from knell.prover.needs import Need


def report_needs(model: Model, how: How, json: str | None, console: Console) -> Exit:
    """Say of each invariant what fails without it; one that nothing needs is a violation."""
    from knell.prover.needs import Needs

    found: list[Need] = []
    for need in Needs(model, how):
        console.lines(console.style.wrap(_line(need, console), "  ", "    "))
        found.append(need)
    idle = [need.invariant for need in found if not need.lost]
    write_json(json, _json(model, found))
    console.line(
        f"{len(idle)} of {len(found)} invariants can be left out"
        if idle
        else f"every one of {len(found)} invariants is needed"
    )
    return Exit.VIOLATED if idle else Exit.HOLDS


def _line(need: Need, console: Console) -> str:
    if need.lost:
        sign = console.style.sign("holds")
        lost = ", ".join(need.lost)
        return f"{sign} {need.invariant}: without it {need.action} / {need.conjunct} fails ({lost})"
    sign = console.style.sign("violated")
    fallen = f", nor are {', '.join(need.fallen)}" if need.fallen else ""
    return f"{sign} {need.invariant}: not needed for any property{fallen}"


def _json(model: Model, found: list[Need]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "model": model.name,
        "config": model.config,
        "invariants": [
            {
                "name": need.invariant,
                "needed": bool(need.lost),
                "action": need.action,
                "conjunct": need.conjunct,
                "lost": list(need.lost),
                "fallen": list(need.fallen),
            }
            for need in found
        ],
    }
