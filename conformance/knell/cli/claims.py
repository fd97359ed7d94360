"""`knell claims`: each claim, what shows it, and its verdict."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.arguments import UsageError
from knell.cli.console import Console, Style, cut, quantity
from knell.cli.exits import Exit, of_verdict
from knell.cli.outputs import check_writable, human, write_json
from knell.cli.registry import DEFAULT

if TYPE_CHECKING:
    from knell.cli.evidence import ClaimJson
    from knell.spec.claims import Claim

_EXAMPLES = """\
examples:
  knell claims                           checks the suite; a line a claim
  knell check --suite --json suite.json
  knell claims --results suite.json      shows it from these results
  knell claims C8 --results suite.json   one claim in full, with its evidence

exit codes:
  0 each claim holds, 1 one is violated, 4 one is unknown or lacks evidence
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "claims",
        help="show each claim, what shows it, and its verdict",
        usage="knell claims [CLAIM ...] [options]",
        description="Show each claim on the protocol, the evidence for it, and its verdict.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "claims", nargs="*", metavar="CLAIM", help="show this one only, in full, such as C8"
    )
    parser.add_argument(
        "--results", metavar="FILE", help="take the verdicts from 'knell check --suite --json FILE'"
    )
    parser.add_argument(
        "--workers",
        type=arguments.count,
        metavar="N",
        help="check N configurations at a time; default: as many as there are processors",
    )
    parser.add_argument("--json", metavar="FILE", help="write the table; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the table."""
    from knell.cli.evidence import check_names, judge, overall, read_results
    from knell.cli.registry import load
    from knell.spec.claims import load_claims

    check_writable("--json", args.json)
    console = human(args.json)
    claims = _selected(args.claims, load_claims())
    check_names(claims, DEFAULT)
    failed = Exit.HOLDS
    if args.results is not None:
        runs: list[Any] = read_results(args.results, load(DEFAULT))
    else:
        runs, failed = _check(args.workers, console)
    rows = judge(claims, runs)
    verdict = overall(rows, runs)
    console.line()
    for row in rows:
        if args.claims:
            console.lines(_lines(row, console.style))
        else:
            console.line(_line(row, console.style))
    if not args.claims:
        console.line()
        console.line("'knell claims C8' shows one with its properties, actions and scenario.")
    console.lines(console.style.wrap(_last(rows, runs, verdict)))
    console.flush()
    write_json(args.json, {"schema": 1, "model": DEFAULT, "claims": rows, "verdict": verdict})
    code = of_verdict(verdict)
    return failed if failed == Exit.INTERNAL and code != Exit.VIOLATED else code


def _selected(names: list[str], claims: dict[str, Claim]) -> dict[str, Claim]:
    """The claims that are named; all, if none is."""
    chosen = [name.upper() for name in names]
    for name in chosen:
        if name not in claims:
            raise UsageError(
                f"there is no claim {name!r}",
                place="CLAIM",
                mend=f"give one of {next(iter(claims))} to {list(claims)[-1]}",
            )
    return {name: claims[name] for name in chosen or claims}


def _check(workers: int | None, console: Console) -> tuple[list[Any], Exit]:
    """The runs of the suite, and how it ended."""
    from knell.cli.request import Request
    from knell.cli.suite import exit_of, load_suite, run_suite

    request = Request(DEFAULT)
    suite, jobs = run_suite(request, load_suite(request), workers, console)
    return list(suite["runs"]), exit_of(suite, jobs)


def _line(row: ClaimJson, style: Style) -> str:
    """A claim and its verdict, as far as a line goes."""
    verdict = "" if row["verdict"] == "holds" else f"{row['verdict']}: "
    head = f"{row['id']:4} {_mark(row, style)} {style.paint(verdict, 'red')}"
    return head + cut(row["text"], style.width - len(f"{row['id']:4}   {verdict}"))


def _mark(row: ClaimJson, style: Style) -> str:
    return style.sign({"no evidence": "violated"}.get(row["verdict"], row["verdict"]))


def _lines(row: ClaimJson, style: Style) -> Iterator[str]:
    """A claim in full."""
    head = f"{style.paint(row['id'], 'bold'):4} {_mark(row, style)} {row['verdict']}"
    yield from style.wrap(f"{head}: {row['text']}", "", "     ")
    properties = "  ".join(f"{each['id']}:{each['verdict']}" for each in row["properties"])
    actions = "  ".join(
        each["name"] if each["taken"] else f"{each['name']} (never taken)"
        for each in row["actions"]
    )
    for name, text in (
        ("properties", properties),
        ("actions", f"{row['section']}: {actions}"),
        ("scenario", row["scenario"]),
    ):
        hanging = " " * 17
        yield from style.wrap(text, f"     {name:10}  ", hanging)


def _last(rows: list[ClaimJson], runs: list[Any], verdict: str) -> str:
    claims = [row["id"] for row in rows if row["verdict"] != "holds"]
    configs = [str(run["config_name"]) for run in runs if run["verdict"] != "holds"]
    blamed = f"; not shown: {', '.join(claims)}" if claims else ""
    blamed += f"; not all holds in {', '.join(configs)}" if configs else ""
    return f"{verdict}: {quantity(len(rows), 'claim')}{blamed}"
