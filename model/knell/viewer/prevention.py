"""What would have prevented it, in sentences; the page says the same in `web/prevention.js`."""

from __future__ import annotations

from typing import Any, Final

from knell.viewer.history import History

_MOST_CELLS: Final = 3
"""Cells named in a sentence, at most."""


def remedy(run: History) -> list[str]:
    """What the model without its weakness does instead of a run; nothing if that is not known."""
    found: dict[str, Any] | None = run.extras.get("remedy")
    if not found:
        return []
    lines = [str(found["of"])]
    stops, differs = found.get("stops"), found.get("differs")
    if differs:
        named, _ = _cells(found)
        cells = ", ".join(f"{cell} = {there} instead of {here}" for cell, here, there in named)
        rest = len(differs["cells"]) - len(named)
        more = f", and {rest} more" if rest else ""
        lines.append(
            f"Step {differs['step']}, {differs['action']}, has another effect there: {cells}{more}."
        )
    if stops:
        verb = "does" if len(stops["clauses"]) == 1 else "do"
        since = ", ".join(f"{cell} = {value}" for cell, value in stops["since"][:_MOST_CELLS])
        lines.append(
            f"Step {stops['step']}, {stops['action']}, is not allowed: "
            f"{', '.join(stops['clauses'])} {verb} not hold{f', since {since}' if since else ''}."
        )
    if found.get("goes_on"):
        lines.append(_goes_on(run, found["goes_on"], found.get("means", {})))
    return lines


def prevented(run: History, other: History, side: str) -> str:
    """Where the other run is one of the model without the weakness: what that one does instead.

    Args:
        run: The run of the weaker model.
        other: The run that it is compared with.
        side: Which of both the first one is: `"first"` or `"second"`.
    """
    found: dict[str, Any] | None = run.extras.get("remedy")
    if not found or other.meta["mutant"] or other.meta["model"] != run.meta["model"]:
        return ""
    if other.meta["config"] is None or other.meta["config"] != found.get("config"):
        return ""
    stops, differs, parts = found.get("stops"), found.get("differs"), []
    named, decisive = _cells(found)
    if differs:
        what = " and ".join(_setting(*each) for each in named)
        parts.append(f"the {side}'s step {differs['step']} would {what}")
    if stops:
        whose = "" if differs else f"the {side}'s "
        parts.append(f"{whose}step {stops['step']} would not be allowed")
    if found.get("goes_on"):
        parts.append(f"the {side} would have to go on with {' or '.join(found['goes_on'])}")
    there = (
        f"Without the {side}'s planted fault"
        if run.meta["mutant"]
        else f"Under the {'second' if side == 'first' else 'first'}'s configuration"
    )
    return f"{there}, {(', so ' if stops and decisive else ', and ').join(parts)}."


def _cells(found: dict[str, Any]) -> tuple[list[list[str]], bool]:
    """Of the cells that a step leaves otherwise those to be named, and whether they decide.

    Those that forbid the later step, if it reads any of them.
    """
    cells: list[list[str]] = (found.get("differs") or {}).get("cells", [])
    read = {cell for cell, _ in (found.get("stops") or {}).get("since", ())}
    deciding = [each for each in cells if each[0] in read]
    return (deciding or cells)[:_MOST_CELLS], bool(deciding)


def _setting(cell: str, here: str, there: str) -> str:
    """What a step would do to a cell without the weakness."""
    if (here, there) == ("true", "false"):
        return f"not set {cell}"
    return f"set {cell}" if there == "true" else f"leave {cell} = {there} instead of {here}"


def _goes_on(run: History, steps: list[str], means: dict[str, str]) -> str:
    """The steps that would have to happen, and what their actions are."""
    where = "go round for ever" if run.bundle["closing"] else f"stay as it is after step {run.last}"
    would = f"It could not {where}: {', '.join(steps)} would have to happen."
    return would + "".join(f" {name} means: “{about}”" for name, about in means.items() if about)
