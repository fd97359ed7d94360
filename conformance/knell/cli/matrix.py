"""What a person reads of a suite: a line a configuration, and a row of verdicts a property."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

from knell.cli.console import Console, Style, cut, mebibytes, quantity, seconds
from knell.cli.report import PropertyJson, Report, RunJson, SuiteJson
from knell.cli.summary import in_words, overall


def print_suite(suite: SuiteJson, reports: Sequence[Report], target: str, console: Console) -> None:
    """Print the whole result of a suite."""
    style, runs = console.style, suite["runs"]
    if runs:
        console.line()
        console.lines(_configurations(runs, style))
        console.line()
        console.lines(_verdicts(runs, style))
        console.line()
        console.line(style.paint(_legend(runs), "dim"))
        console.line()
    console.lines(_not_holding(runs, target, style))
    console.lines(_shortest_story(reports))
    for text in suite["failures"]:
        console.lines(style.paint(line, "red") for line in style.wrap(f"not checked: {text}"))
    for text in suite["warnings"]:
        console.lines(
            style.paint(line, "yellow") for line in style.wrap(f"warning: {text}", "", "  ")
        )
    total = sum(run["seconds"]["total"] for run in runs)
    states = sum(run["states"]["distinct"] for run in runs)
    console.line(
        f"{quantity(states, 'state')}, {seconds(total)} of work, "
        f"at most {mebibytes(suite['peak_memory_bytes'])} at a time"
    )
    undone = [text.partition(": ")[0] for text in suite["failures"]]
    console.lines(style.wrap(overall(suite["verdict"], runs, style, undone)))


def _configurations(runs: Sequence[RunJson], style: Style) -> Iterator[str]:
    width = max([len(_name(run)) for run in runs] + [13])
    heading = (
        f"     {'configuration':{width}} {'states':>10} {'generated':>11} "
        f"{'depth':>6} {'seconds':>8} {'memory':>9}"
    )
    yield style.paint(heading, "dim")
    for letter, run in zip(_letters(len(runs)), runs, strict=True):
        states = run["states"]
        yield (
            f"  {letter:2} {_name(run):{width}} {states['distinct']:>10,} "
            f"{states['generated']:>11,} {states['depth']:>6,} "
            f"{run['seconds']['total']:>8,.1f} {mebibytes(run['peak_memory_bytes']):>9} "
            f"{style.sign(run['verdict'])}"
        )


def _verdicts(runs: Sequence[RunJson], style: Style) -> Iterator[str]:
    by_run = [{row["id"]: row for row in run["properties"]} for run in runs]
    rows = {name: row for found in by_run for name, row in found.items()}
    width = max([len(name) for name in rows] + [8])
    letters = _letters(len(runs))
    yield style.paint(f"  {'property':{width}}  {' '.join(letters)}", "dim")
    for name in _in_order([list(found) for found in by_run]):
        marks = " ".join(
            style.sign(found[name]["verdict"]) + " " * (len(letter) - 1)
            if name in found
            else style.paint("·", "dim") + " " * (len(letter) - 1)
            for letter, found in zip(letters, by_run, strict=True)
        )
        room = style.width - 4 - width - len(" ".join(letters)) - 2
        about = style.paint(cut(rows[name]["about"], room), "dim")
        yield f"  {name:{width}}  {marks}  {about}".rstrip()


def _legend(runs: Sequence[RunJson]) -> str:
    """What the signs mean, of those that appear."""
    found = {row["verdict"] for run in runs for row in run["properties"]}
    signs = {"✓": "holds", "✗": "violated", "?": "unknown"}
    shown = [f"{sign} {word}" for sign, word in signs.items() if word in found]
    return f"  {'   '.join([*shown, '· not asked in this configuration'])}"


def _in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    """All names, each after the one that it follows where it first appears."""
    merged: list[str] = []
    for names in lists:
        place = 0
        for name in names:
            if name not in merged:
                merged.insert(place, name)
            place = merged.index(name) + 1
    return merged


def _not_holding(runs: Sequence[RunJson], target: str, style: Style) -> Iterator[str]:
    """Each verdict that is not as it should be, with the command that shows more."""
    for run in runs:
        for row in run["properties"]:
            if row["verdict"] == "violated":
                yield f"{style.sign('violated')} {row['id']} in {_name(run)}: {in_words(row)}"
                yield f"    {row['trace'] or _command(run, row, target)}"
        unknown = [row["id"] for row in run["properties"] if row["verdict"] == "unknown"]
        if unknown:
            why = "; ".join(run["reasons"]) or "the search was not complete"
            text = f"{style.sign('unknown')} {', '.join(unknown)} in {_name(run)}: {why}"
            yield from style.wrap(text, "", "    ")


def _shortest_story(reports: Sequence[Report]) -> Iterator[str]:
    """The shortest counterexample of all, told in full."""
    stories = [
        (row["steps"], _name(report.run), report.stories[row["id"]])
        for report in reports
        for row in report.run["properties"]
        if row["id"] in report.stories and row["steps"] is not None
    ]
    if stories:
        _, name, story = min(stories, key=lambda story: story[0])
        yield ""
        yield f"The shortest of these runs, in configuration {name}:"
        yield ""
        yield from story
        yield ""


def _command(run: RunJson, row: PropertyJson, target: str) -> str:
    config = f" --set config={run['config_name']}" if run["config_name"] else ""
    return f"knell check {target}{config} --property {row['id']}"


def _name(run: RunJson) -> str:
    return run["config_name"] or "default"


def _letters(number: int) -> list[str]:
    """Names for the columns: a, b, c, …, z, a2, b2."""
    alphabet = string.ascii_lowercase
    return [alphabet[k % 26] + (str(k // 26 + 1) if k >= 26 else "") for k in range(number)]
