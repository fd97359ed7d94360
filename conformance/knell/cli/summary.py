"""What a person reads of one check: what was asked, each verdict, what was never taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knell.cli.console import Console, Style, cut, mebibytes, quantity, seconds
from knell.cli.report import PropertyJson, Report, RunJson
from knell.language.model import Model
from knell.language.settings import ParameterValue


def header(model: Model, style: Style) -> Iterator[str]:
    """Which model is checked, in which configuration and with which parameters."""
    name = style.paint(model.name, "bold")
    yield f"{name}, configuration {model.config}" if model.config else name
    yield from _parameters(model, style)
    for mutant in model.mutants:
        if mutant.id == model.settings.mutant:
            yield from style.wrap(f"mutant {mutant.id}: {mutant.about}", "  ", "    ")


def _parameters(model: Model, style: Style) -> list[str]:
    """The parameters: all, if a line holds them, else those that are not at their defaults."""
    texts = {
        name: f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in model.values.items()
    }
    whole = style.wrap("  ".join(texts.values()), "  ")
    if len(whole) < 2:
        return whole
    own = [texts[name] for name, value in model.values.items() if value != _default(model, name)]
    others = len(texts) - len(own)
    known = style.paint(f"({others} others at their defaults: knell models {model.name})", "dim")
    return style.wrap("  ".join([*own, known]), "  ")


def _default(model: Model, name: str) -> ParameterValue:
    return model.parameters[name].default


def print_report(report: Report, model: Model, console: Console) -> None:
    """Print the whole result of one check."""
    run, style = report.run, console.style
    console.line()
    console.lines(_properties(run, style))
    console.line()
    console.lines(_actions(run, style))
    notes = [f"warning: {text}" for text in _warnings(run)]
    notes += [f"not complete: {text}" for text in run["reasons"]]
    notes += [f"note: {text}" for text in run["notes"]]
    if notes:
        console.line()
    for note in notes:
        console.lines(style.paint(line, "yellow") for line in style.wrap(note, "", "  "))
    for story in report.stories.values():
        console.line()
        console.lines(story)
    console.line()
    console.lines(style.wrap(_figures(run)))
    console.lines(style.wrap(_mutant(run, model)))
    console.lines(style.wrap(overall(run["verdict"], [run], style)))


def overall(verdict: str, runs: list[RunJson], style: Style, undone: Sequence[str] = ()) -> str:
    """The last line: the verdict, and which properties are to blame for it.

    ``undone`` names the configurations that could not be checked.
    """
    color = {"holds": "green", "violated": "red"}.get(verdict, "yellow")
    blamed = {"violated": "violated", "inconclusive": "unknown"}.get(verdict)
    names: dict[str, None] = {}
    for run in runs:
        for found in run["properties"]:
            if blamed is None or found["verdict"] == blamed:
                names[found["id"]] = None
    if blamed is None:
        return f"{style.paint(verdict, 'bold', color)}: {quantity(len(names), 'property')}"
    parts = [", ".join(names)] if names else []
    if undone:
        parts.append(f"{quantity(len(undone), 'configuration')} not checked: {', '.join(undone)}")
    listed = "; ".join(parts) or "nothing was decided"
    return f"{style.paint(verdict, 'bold', color)}: {listed}"


def _properties(run: RunJson, style: Style) -> Iterator[str]:
    rows = run["properties"]
    claims_too = any(row["claims"] for row in rows)
    name = max([len(row["id"]) for row in rows] + [8])
    verdict = max([len(in_words(row)) for row in rows] + [7]) + 2
    room = style.width - name - verdict - 17
    heading = f"  {'property':{name}}  {'kind':9}  {'verdict':{verdict}}"
    yield style.paint(f"{heading}  claims" if claims_too else heading.rstrip(), "dim")
    for row in rows:
        mark = f"{style.sign(row['verdict'])} {in_words(row):{verdict - 2}}"
        claims = cut(" ".join(row["claims"]), room)
        yield f"  {row['id']:{name}}  {row['kind']:9}  {mark}  {claims}".rstrip()


def in_words(row: PropertyJson) -> str:
    """A property's verdict, and how soon it shows."""
    number = row["steps"]
    steps = quantity(number or 0, "step")
    match row["kind"], row["verdict"]:
        case "reachable", "holds" if number is not None:
            return f"found after {steps}" if number else "found at the start"
        case "reachable", "violated":
            return "not reachable"
        case _, "violated" if number is not None:
            return f"violated, shown in {steps}" if number else "violated at the start"
    return row["verdict"]


def _actions(run: RunJson, style: Style) -> Iterator[str]:
    """How often each action was taken, in as many columns as fit."""
    entries = [(row["name"], f"{row['taken']:,}", row["taken"]) for row in run["actions"]]
    if not entries:
        return
    name = max(len(entry[0]) for entry in entries)
    number = max(len(entry[1]) for entry in entries)
    columns = max(1, (style.width - 2) // (name + number + 4))
    rows = -(-len(entries) // columns)
    yield style.paint("  actions, and how often each was taken", "dim")
    for row in range(rows):
        cells = [
            style.paint(f"{text:{name}} {shown:>{number}}", *([] if taken else ["yellow"]))
            for text, shown, taken in entries[row::rows]
        ]
        yield "  " + "    ".join(cells)


def _warnings(run: RunJson) -> list[str]:
    """The warnings, those about actions in one."""
    idle = [row["name"] for row in run["actions"] if not row["taken"]]
    said = {f"action {name} was never taken" for name in idle}
    others = [text for text in run["warnings"] if text not in said]
    if len(others) == len(run["warnings"]):
        return others
    return [f"never taken: {', '.join(idle)}", *others]


def _figures(run: RunJson) -> str:
    states, timing = run["states"], run["seconds"]
    symmetry = ", up to symmetry" if run["symmetry"] else ""
    return (
        f"{quantity(states['distinct'], 'state')}{symmetry}; {states['generated']:,} generated, "
        f"depth {states['depth']}, {seconds(timing['total'])}, "
        f"{mebibytes(run['peak_memory_bytes'])}, {run['engine']} engine"
    )


def _mutant(run: RunJson, model: Model) -> str:
    if run["mutant"] is None:
        return ""
    expected = next(each.killed_by for each in model.mutants if each.id == run["mutant"])
    killers = [row["id"] for row in run["properties"] if row["verdict"] == "violated"]
    if not killers:
        return f"mutant {run['mutant']} survives; expected to kill it: {', '.join(expected)}"
    by = ", ".join(killers)
    known = "" if set(killers) & set(expected) else f" (expected: {', '.join(expected)})"
    return f"mutant {run['mutant']} is killed by {by}{known}"
