"""`knell check`: explore a model and judge its properties."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.arguments import UsageError
from knell.cli.console import Console
from knell.cli.exits import Exit, of_verdict
from knell.cli.outputs import check_outputs, human, make_directory, write_json, write_text
from knell.cli.registry import DEFAULT, find

if TYPE_CHECKING:
    from knell.checker.results import Progress
    from knell.cli.request import Request

_EXAMPLES = """\
examples:
  knell check                                the protocol, default configuration
  knell check --set config=one-signal        a weaker protocol, and how it fails
  knell check --suite --junit results.xml    every configuration of the suite
  knell check two-phase-commit --set RM=5    an example, larger
  knell check my_model.py --trace-dir out    a model of your own

exit codes:
  0 holds, 1 violated, 2 bad usage or input, 3 internal failure, 4 inconclusive
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        help="explore a model and judge its properties",
        usage="knell check [MODEL] [options]",
        description="Explore every state of a model and judge its properties.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "model",
        nargs="?",
        default=DEFAULT,
        metavar="MODEL",
        help=f"a name that 'knell models' lists, or file.py[:name]; default: {DEFAULT}",
    )
    _add_choices(parser.add_argument_group("what is checked"))
    _add_search(parser.add_argument_group("how it is searched"))
    _add_outputs(parser.add_argument_group("what is written"))
    parser.set_defaults(run=run)


def _add_choices(group: Any) -> None:
    arguments.add_variant(group)
    group.add_argument(
        "--property",
        action="append",
        type=arguments.ids,
        metavar="ID",
        help="judge this property only; repeatable, or ID,ID",
    )
    group.add_argument(
        "--suite",
        action="store_true",
        help="every configuration that the model lists as part of its suite",
    )


def _add_search(group: Any) -> None:
    group.add_argument(
        "--engine",
        choices=("auto", "reference", "compiled", "ray"),
        default="auto",
        help="what explores the states: auto, reference, compiled or ray; default: auto",
        metavar="NAME",
    )
    group.add_argument(
        "--workers",
        type=arguments.count,
        metavar="N",
        help="work in parallel: on one search (default 1), or on N configurations of the "
        "suite at a time (default: as many as there are processors)",
    )
    symmetry = group.add_mutually_exclusive_group()
    symmetry.add_argument(
        "--symmetry",
        action="store_const",
        const=True,
        help="count interchangeable states once; refused where that is unsound",
    )
    symmetry.add_argument(
        "--no-symmetry",
        action="store_const",
        const=False,
        dest="symmetry",
        help="count every state; default: symmetry wherever it is sound",
    )
    group.add_argument(
        "--fail-fast", action="store_true", help="end after the depth of the first violation"
    )
    group.add_argument(
        "--simulate",
        type=arguments.count,
        metavar="N",
        help="take N random runs instead; finding no violation is inconclusive",
    )
    group.add_argument(
        "--seed", type=arguments.natural, metavar="S", help="where randomness starts; default: 0"
    )
    group.add_argument("--max-states", type=arguments.count, metavar="N", help="end after N states")
    group.add_argument("--max-depth", type=arguments.count, metavar="N", help="end at depth N")
    group.add_argument(
        "--max-seconds", type=arguments.duration, metavar="S", help="end after S seconds"
    )
    group.add_argument(
        "--checkpoint", metavar="DIR", help="keep in DIR what a later --resume needs"
    )
    group.add_argument("--resume", metavar="DIR", help="go on from the checkpoint in DIR")
    group.add_argument(
        "--fingerprints",
        action="store_true",
        help="keep 63 bits of each state instead of all; how likely a state was missed is told",
    )
    group.add_argument("--disk", metavar="DIR", help="keep states in DIR instead of in memory")


def _add_outputs(group: Any) -> None:
    group.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    group.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML")
    group.add_argument(
        "--html", metavar="FILE", help="write a page with verdicts, coverage and each trace"
    )
    group.add_argument(
        "--trace-dir", metavar="DIR", help="write each counterexample and witness as ITF JSON"
    )


def run(args: argparse.Namespace) -> int:
    """Check what the command line asks for."""
    _refuse_contradictions(args)
    console = human(args.json)
    request = _request(args, console)
    outputs = {"--json": args.json, "--junit": args.junit, "--html": args.html}
    check_outputs(outputs, find(args.model).path)
    if args.suite:
        from knell.cli.suite import check_suite

        return check_suite(request, args, console)
    return _check_one(request, args, console)


def _check_one(request: Request, args: argparse.Namespace, console: Console) -> Exit:
    from knell.checker import WorkerLostError
    from knell.checker.drive import BUILDING
    from knell.cli.execute import execute, prepare
    from knell.cli.junit import junit
    from knell.cli.progress import Meter
    from knell.cli.summary import header, print_report

    model = prepare(request)
    make_directory("--trace-dir", args.trace_dir)
    make_directory("--disk", args.disk)
    meter = Meter(sys.stderr)
    lines = list(header(model, console.style))

    def progress(now: Progress) -> None:
        """Show the header once there are states: a refused check prints one line."""
        if lines and now.doing != BUILDING:
            console.lines(lines)
            console.flush()
            lines.clear()
        meter(now)

    try:
        report = execute(request, model, progress)
    except WorkerLostError as lost:
        meter.clear()
        Console(sys.stderr).line(f"knell: {lost}")
        return Exit.INTERNAL
    finally:
        meter.clear()
    console.lines(lines)
    print_report(report, model, console)
    console.flush()
    write_json(args.json, report.run)
    if args.junit:
        write_text("--junit", args.junit, junit([report]))
    if args.html:
        from knell.cli.pages import report_page

        write_text("--html", args.html, report_page([report]))
    return of_verdict(report.run["verdict"])


def _request(args: argparse.Namespace, console: Console) -> Request:
    from knell.cli.request import Request

    config, values = arguments.chosen(args)
    return Request(
        target=args.model,
        config=config,
        values=values,
        mutant=args.mutant,
        engine=args.engine,
        workers=1 if args.suite else args.workers or 1,
        symmetry=args.symmetry,
        properties=_distinct(args.property),
        fail_fast=args.fail_fast,
        simulate=args.simulate,
        seed=args.seed or 0,
        max_states=args.max_states,
        max_depth=args.max_depth,
        max_seconds=args.max_seconds,
        checkpoint=args.checkpoint,
        resume=args.resume,
        fingerprints=args.fingerprints,
        disk=args.disk,
        trace_dir=args.trace_dir,
        html=args.html is not None,
        style=console.style,
    )


def _distinct(lists: list[list[str]] | None) -> list[str] | None:
    return None if lists is None else list(dict.fromkeys(name for ids in lists for name in ids))


def _refuse_contradictions(args: argparse.Namespace) -> None:
    given = {
        "--mutant": args.mutant is not None,
        "--set config": arguments.chosen(args)[0] is not None,
        "--checkpoint": args.checkpoint is not None,
        "--resume": args.resume is not None,
        "--simulate": args.simulate is not None,
    }
    if args.seed is not None and args.simulate is None:
        raise UsageError(
            "only random runs have a seed", place="--seed", mend="add --simulate N, or drop it"
        )
    if args.suite:
        for flag in ("--mutant", "--set config", "--checkpoint", "--resume"):
            if given[flag]:
                raise UsageError(
                    "the suite is every configuration, each from its start",
                    place=f"--suite with {flag}",
                    mend="drop one of both",
                )
    for flag in ("--checkpoint", "--resume"):
        if given["--simulate"] and given[flag]:
            raise UsageError(
                "random runs have nothing to go on from",
                place=f"--simulate with {flag}",
                mend="drop one of both",
            )
