"""`knell validate`: whether the model explains what nodes have logged."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knell.cli.console import Style
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, write_json
from knell.spec.errors import KnellError

if TYPE_CHECKING:
    from knell.conformance.validation import RunVerdict

_EXAMPLES = """\
examples:
  knell demo --fail kill:n1 --log-dir logs   makes a log
  knell validate logs                        every .ndjson file of a directory
  knell validate n1.ndjson n2.ndjson n3.ndjson

Give the logs of all nodes; lines that belong together have the same 'run'.
What a log is says spec/LOGS.md.

exit codes:
  0 a behaviour of the model explains the logs, 1 none does,
  2 they are malformed, 4 the bounds or the model do not suffice to tell,
  or there is no line
"""

_SIGNS = {"accept": "holds", "reject": "violated", "inconclusive": "unknown"}
_EXITS = {"accept": Exit.HOLDS, "reject": Exit.VIOLATED, "inconclusive": Exit.INCONCLUSIVE}
_MOST_REASONS = 6


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "validate",
        help="check the logs of running nodes against the model",
        usage="knell validate LOG... [options]",
        description="Decide whether some behaviour of the model explains what nodes have logged.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("logs", nargs="+", metavar="LOG", help="a file, or a directory of .ndjson")
    parser.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Validate the logs."""
    from knell.conformance.validation import validate

    check_writable("--json", args.json)
    console = human(args.json)
    paths = [path for text in args.logs for path in _files(text)]
    runs = validate(paths)
    for each in runs:
        console.lines(_told(each, console.style))
    verdict = _overall(runs)
    if not runs:
        console.lines(["no line of these logs says what a node did"])
    elif len(runs) > 1:
        console.lines([f"{console.style.sign(_SIGNS[verdict])} {verdict}: {len(runs)} runs"])
    console.flush()
    write_json(args.json, _document(args.logs, runs, verdict))
    return _EXITS[verdict]


def _files(text: str) -> list[Path]:
    path = Path(text)
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*.ndjson"))
    if not found:
        raise KnellError("holds no log", place=text, mend="name a directory of .ndjson files")
    return found


def _overall(runs: list[RunVerdict]) -> str:
    """The worst verdict; without any run nothing was judged."""
    verdicts = {str(each.verdict) for each in runs}
    return next(
        (each for each in ("reject", "inconclusive", "accept") if each in verdicts), "inconclusive"
    )


def _told(each: RunVerdict, style: Style) -> Iterator[str]:
    name = f"run {each.run}: " if each.run else ""
    sign = style.sign(_SIGNS[each.verdict])
    yield f"{sign} {name}{each.verdict}, {each.explained} of {each.lines} lines explained"
    if each.why:
        yield f"  {each.why}"
    for rejection in each.rejections:
        yield f"  {rejection.place}: {rejection.epoch} line {rejection.seq}, {rejection.line}"
        for reason in rejection.reasons[:_MOST_REASONS]:
            yield f"    {reason}"
        if len(rejection.reasons) > _MOST_REASONS:
            yield f"    and {len(rejection.reasons) - _MOST_REASONS} more"


def _document(logs: list[str], runs: list[RunVerdict], verdict: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "logs": logs,
        "runs": [
            {
                "run": each.run,
                "verdict": each.verdict,
                "lines": each.lines,
                "explained": each.explained,
                "why": each.why,
                "rejections": [
                    {
                        "place": rejection.place,
                        "epoch": rejection.epoch,
                        "seq": rejection.seq,
                        "line": rejection.line,
                        "reasons": list(rejection.reasons),
                    }
                    for rejection in each.rejections
                ],
            }
            for each in runs
        ],
        "verdict": verdict,
    }
