"""What each auxiliary invariant is for, and what is missing: `knell prove --needed`, `--infer`."""

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


def report_proposals(model: Model, how: How, json: str | None, console: Console) -> Exit:
    """Propose invariants with which the model is proved, as a model writes them."""
    from knell.prover.infer import infer

    found = infer(model, how)
    all_of = "all" if found.complete else "the first"
    looked = f"{found.tried} clauses hold in {all_of} {found.looked_at:,} states of this size"
    console.lines(console.style.wrap(looked))
    for obligation in found.reachable_looking:
        said = f"{obligation}: its counterexample starts from what such a state looks like"
        console.lines(console.style.wrap(said, "  ", "    "))
    for each in found.invariants:
        console.line(f'm.invariant("{each.clause.name}", {each.text})')
    console.line(
        f"proved with these {len(found.invariants)}"
        if found.proved
        else f"not proved; {len(found.invariants)} of them are kept by every action"
    )
    write_json(
        json,
        {
            "schema": SCHEMA,
            "model": model.name,
            "config": model.config,
            "proved": found.proved,
            "invariants": [
                {"name": each.clause.name, "text": each.text} for each in found.invariants
            ],
            "looked_at": found.looked_at,
            "complete": found.complete,
            "tried": found.tried,
            "seconds": round(found.seconds, 3),
        },
    )
    return Exit.HOLDS if found.proved else Exit.INCONCLUSIVE


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
