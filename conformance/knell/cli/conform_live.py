"""`knell conform --mode live`: runs of real processes, each held against the model."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from knell.cli.arguments import UsageError
from knell.cli.console import Console, Style
from knell.cli.exits import Exit
from knell.cli.outputs import human, make_directory, write_json, write_text

if TYPE_CHECKING:
    from knell.conformance.live.campaign import LiveResult

_SIGNS = {"conforms": "holds", "diverged": "violated", "inconclusive": "unknown"}
_EXITS = {
    "conforms": Exit.HOLDS,
    "diverged": Exit.VIOLATED,
    "inconclusive": Exit.INCONCLUSIVE,
}
_SIM_ONLY = ("adapter", "only", "known_failing", "html")


def run(args: argparse.Namespace) -> int:
    """Run the campaign that the command line asks for."""
    from knell.conformance.live.campaign import LiveOptions, run_live, to_json
    from knell.conformance.reports import live

    for name in _SIM_ONLY:
        if getattr(args, name):
            flag = f"--{name.replace('_', '-')}"
            raise UsageError("judges in sim mode only", place=flag, mend="leave out --mode live")
    make_directory("--trace-dir", args.trace_dir)
    console = human(args.json)
    options = LiveOptions(
        runs=args.runs,
        budget_seconds=args.budget_seconds,
        seed=args.seed,
        keep=None if args.trace_dir is None else Path(args.trace_dir),
    )

    def progress(result: LiveResult) -> None:
        found = len(result.divergences)
        line = f"{result.runs.total()} runs, {found} divergences, {result.seconds:.0f} s"
        console.lines([line])
        console.flush()

    result = run_live(options, progress)
    console.lines(_told(result, console))
    write_json(args.json, to_json(result))
    if args.junit:
        write_text("--junit", args.junit, live.junit(result))
    if args.markdown:
        write_text("--markdown", args.markdown, live.markdown(result))
    return _EXITS[result.verdict]


def _told(result: LiveResult, console: Console) -> Iterator[str]:
    from knell.conformance.live.campaign import listed, to_json

    style: Style = console.style
    covered = to_json(result)["transitions"]
    yield ", ".join(f"{count} {name}" for name, count in sorted(result.runs.items()))
    yield f"{covered['covered']} of {covered['model']} actions of the model covered"
    for name in result.uncovered:
        yield f"  not covered: {name}"
    for name, why in listed().items():
        yield f"  cannot be covered: {name}, {why}"
    for name in result.coverable:
        yield f"  is listed as uncovered and was covered: {name}; take it off the list"
    for found in (*result.divergences, *result.undecided):
        yield f"  run {found['id']}: {found['why']}"
        if found["log"]:
            yield f"    its log: {found['log']}"
    runs = result.runs.total()
    rate = f"{runs} runs, {result.steps} lines in {result.seconds:.0f} s"
    yield f"{style.sign(_SIGNS[result.verdict])} {result.verdict}: {rate}"
