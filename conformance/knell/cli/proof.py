"""What a proof attempt found, for people and for machines: `knell prove` reports with these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict

from knell.checker.results import PropertyResult
from knell.cli.console import Console, Style
from knell.cli.prove import ANY_SIZE
from knell.cli.report import SCHEMA
from knell.cli.story import tell
from knell.cli.traces import file_name, trace_of
from knell.language.model import Model
from knell.language.symbols import Variable
from knell.prover.results import INITIATION, Counterexample, ProofResult, Proved, Table
from knell.spec.trace import Trace, TraceState, dump, new_meta
from knell.spec.values import Map, Value

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
    holds_here: bool


def proof_json(model: Model, result: ProofResult, traces: dict[str, str]) -> dict[str, Any]:
    """The result as the command writes it."""
    properties: list[ProvedJson] = [
        {
            "id": each.id,
            "verdict": each.verdict,
            "kind": each.kind,
            "depth": len(each.run.states) if each.run else None,
            "trace": traces.get(each.id),
            "holds_here": each.holds_here,
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
        "uncovered": list(result.uncovered),
        "explored": result.explored,
        "left_out": _left_out(model),
        "counterexamples": [
            {"action": each.action, "conjunct": each.conjunct, "sizes": dict(each.sizes)}
            for each in result.counterexamples
        ],
        "seconds": round(result.seconds, 3),
    }


def write_proof_traces(model: Model, result: ProofResult, directory: str) -> dict[str, str]:
    """Write the run of each property that has one, and each counterexample to induction.

    Returns the files of the runs by property.
    """
    written = {}
    for shown in result.counterexamples:
        name = file_name(model, f"{shown.action}-{shown.conjunct}")
        dump(induction_trace(model, shown), Path(directory) / name)
    for each in result.properties:
        if each.run is not None:
            path = Path(directory) / file_name(model, each.id)
            dump(trace_of(model, _as_checked(each), each.run), path)
            written[each.id] = str(path)
    return written


def print_proof(model: Model, result: ProofResult, console: Console) -> None:
    """What a person reads."""
    console.lines(_lines(model, result, console.style))


def induction_trace(model: Model, shown: Counterexample) -> Trace:
    """A counterexample to induction: a state that need not be reachable, and the one after."""
    functions = [each for each in model.variables if each.hidden_in is None]

    def values(tables: Mapping[str, Table]) -> dict[str, Value]:
        return {each.name: _value(each, tables[each.name]) for each in functions}

    initiation = shown.action == INITIATION
    states = [TraceState(values(shown.before), violated=shown.conjunct if initiation else None)]
    if not initiation:
        states.append(
            TraceState(
                values(shown.after),
                action=shown.action,
                parameters=dict(shown.parameters),
                violated=shown.conjunct,
            )
        )
    meta = new_meta(
        model=model.name,
        kind="run",  # no violation: nobody says that it can be reached
        property_id=shown.conjunct,
        conjuncts=[shown.conjunct],
        bindings={},
        config={**model.values, **_found_sizes(model, shown)},
        mutant=model.settings.mutant,
    )
    return Trace(meta, tuple(each.name for each in functions), tuple(states))


def _found_sizes(model: Model, shown: Counterexample) -> dict[str, int]:
    """The sizes of the counterexample, of the sorts whose size is a parameter."""
    return {name: size for name, size in shown.sizes.items() if name in model.parameters}


def _value(variable: Variable, table: Table) -> Value:
    if not variable.domain:
        return table[()]
    return Map((point[0] if len(point) == 1 else point, value) for point, value in table.items())


def _failures(result: ProofResult, style: Style) -> Iterator[str]:
    """The obligations that fail, with the smallest counterexample to each."""
    sizes = {(c.action, c.conjunct): c.sizes for c in result.counterexamples}
    for each in result.obligations:
        if each.verdict != "proved":
            found = sizes.get((each.action, each.conjunct))
            size = ", ".join(f"{n} {name}" for name, n in (found or {}).items())
            shown = f"counterexample to induction with {size}" if found else each.reason
            text = f"{each.action} / {each.conjunct}: {each.verdict}"
            yield from style.wrap(f"{text}; {shown}" if shown else text, "  ", "    ")


def _lines(model: Model, result: ProofResult, style: Style) -> Iterator[str]:
    where = "any size" if result.scope == "unbounded" else f"configuration {model.config or '-'}"
    seeds = " ".join(map(str, result.seeds))
    by = f"z3 {result.z3}, seeds {seeds}" if len(result.seeds) > 1 else f"z3 {result.z3}"
    yield f"{style.paint(result.model, 'bold')}  {result.method}, {where}, {by}"
    for each in result.properties:
        if each.verdict == "refuted" and each.run is not None:
            yield ""
            yield from tell(model, _as_checked(each), style)
            yield ""
    for each in result.properties:
        sign = style.sign(_SIGNS.get(each.verdict, "unknown"))
        depth = f"  {len(each.run.states)} states" if each.run else ""
        here = (
            f", but holds in all {result.explored:,} states of this size" if each.holds_here else ""
        )
        yield from style.wrap(f"{sign} {each.id}: {each.verdict}{here}{depth}", "  ", "    ")
    yield from _failures(result, style)
    for reason in result.reasons:
        yield from style.wrap(reason, "  ")
    if result.method == "inductive":
        cached = sum(each.cached for each in result.obligations)
        yield f"  {len(result.obligations)} obligations, {cached} of them known from before"
        for name, configs in _left_out(model).items():
            whole = [config for config in configs if config.startswith(ANY_SIZE)]
            where = (
                f"see {whole[0]}" if whole else f"checked in given sizes by {', '.join(configs)}"
            )
            yield from style.wrap(f"not in this proof: {name}; {where}", "  ", "    ")
    yield f"{style.paint(result.verdict, 'bold')}  {result.seconds:.1f} s"


def _left_out(model: Model) -> dict[str, list[str]]:
    """What is switched off here, and the configurations that have it on."""
    found: dict[str, list[str]] = {}
    for name, value in model.values.items():
        if value in (False, 0):
            asked = [*(c for c in model.configs if c.startswith(ANY_SIZE)), *model.suite]
            on = [c for c in asked if model.configs[c].get(name, value) not in (False, 0)]
            if on:
                found[name] = on
    return found


def _as_checked(each: Proved) -> PropertyResult:
    return PropertyResult(
        each.id,
        each.kind,
        (),
        "violated" if each.verdict == "refuted" else "holds",
        each.run,
        each.broken,
    )
