"""`knell conform`: replay the model against an implementation."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knell.cli import arguments, conform_live
from knell.cli.arguments import UsageError
from knell.cli.console import Console
from knell.cli.exits import Exit
from knell.cli.outputs import check_outputs, human, make_directory, write_json, write_text
from knell.cli.registry import DEFAULT, load
from knell.language.settings import Settings

if TYPE_CHECKING:
    from knell.conformance.campaign import Options, Result
    from knell.conformance.replay.coverage import Coverage
    from knell.language.model import Model

_EXAMPLES = """\
examples:
  knell conform                                our own cores, default
  knell conform --set config=small --html out.html
  knell conform --adapter 'node my_adapter.mjs' --set config=small
  knell conform --adapter 'node my_adapter.mjs' --validate-only
  knell conform --mode live --runs 50

exit codes:
  0 conforms, 1 diverged, 2 bad usage or input, 3 the adapter failed,
  4 inconclusive
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "conform",
        help="replay the model against an implementation",
        usage="knell conform [options]",
        description="Replay every transition of the model against an implementation, and compare.",
        epilog=_EXAMPLES,
    )
    _add_choices(parser.add_argument_group("what is judged"))
    _add_effort(parser.add_argument_group("how it is judged"))
    _add_outputs(parser.add_argument_group("what is written"))
    parser.set_defaults(run=run)


def _add_choices(group: Any) -> None:
    group.add_argument(
        "--adapter",
        action="append",
        metavar="CMD",
        help="the command of an adapter (spec/ADAPTER.md), or 'ours'; repeatable; default: ours",
    )
    group.add_argument(
        "--mode",
        choices=("sim", "live"),
        default="sim",
        metavar="NAME",
        help="sim: the harness owns network and clock; live: real processes; default: sim",
    )
    arguments.add_variant(group)
    group.add_argument(
        "--only",
        action="append",
        type=arguments.ids,
        metavar="ACTION",
        help="judge the transitions of this action only; repeatable, or ACTION,ACTION",
    )
    group.add_argument(
        "--validate-only",
        action="store_true",
        help="only whether the adapter speaks the protocol: each reply against its schema",
    )


def _add_effort(group: Any) -> None:
    group.add_argument(
        "--coverage",
        choices=("transitions", "pairs", "random"),
        default="transitions",
        metavar="NAME",
        help="every transition, every pair of consecutive ones, or random walks; "
        "default: transitions",
    )
    group.add_argument(
        "--budget-seconds",
        type=arguments.duration,
        metavar="S",
        help="end after S seconds; what is left is inconclusive",
    )
    group.add_argument(
        "--seed",
        type=arguments.natural,
        default=0,
        metavar="S",
        help="where randomness starts; default: 0",
    )
    group.add_argument(
        "--runs",
        type=arguments.count,
        default=200,
        metavar="N",
        help="how many live runs; default: 200",
    )
    group.add_argument(
        "--no-snapshots",
        action="store_true",
        help="replay runs from the beginning, also where the adapter has snapshots",
    )
    group.add_argument(
        "--known-failing",
        metavar="FILE",
        help="divergences that are known, an id a line; one that is gone fails the run",
    )


def _add_outputs(group: Any) -> None:
    group.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    group.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML")
    group.add_argument("--html", metavar="FILE", help="write a page with a matrix and each run")
    group.add_argument("--markdown", metavar="FILE", help="write a summary for a job's page")
    group.add_argument(
        "--trace-dir", metavar="DIR", help="write each divergence as ITF JSON, for knell view"
    )


def run(args: argparse.Namespace) -> int:
    """Judge what the command line asks for."""
    check_outputs(
        {f"--{flag}": getattr(args, flag) for flag in ("json", "junit", "html", "markdown")}
    )
    if args.mode == "live":
        return conform_live.run(args)
    known = _known(args)
    make_directory("--trace-dir", args.trace_dir)
    console = human(args.json)
    model = _model(args)
    if args.validate_only:
        return _validate(args, model, console)
    try:
        results = [_judge(model, args, adapter, known, console) for adapter in _adapters(args)]
    except AdapterError as error:
        Console(sys.stderr).line(f"knell: {error}")
        return Exit.INTERNAL
    _write(results, args)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from knell.conformance.reports.text import for_github

        console.lines(for_github(results))
    return max((_exit(each) for each in results), key=_severity)


def _severity(code: Exit) -> int:
    """What outweighs what when several were judged."""
    return [Exit.HOLDS, Exit.INCONCLUSIVE, Exit.INTERNAL, Exit.VIOLATED].index(code)


def _adapters(args: argparse.Namespace) -> list[str | None]:
    return [None if each == "ours" else each for each in args.adapter or ["ours"]]


def _known(args: argparse.Namespace) -> list[str]:
    from knell.conformance import known

    return [] if args.known_failing is None else known.read(Path(args.known_failing))


def _model(args: argparse.Namespace) -> Model:
    config, values = arguments.chosen(args)
    return load(DEFAULT, Settings(config=config, values=values, mutant=args.mutant))


def _options(args: argparse.Namespace, adapter: str | None) -> Options:
    from knell.conformance.campaign import Options

    only = None if args.only is None else tuple(dict.fromkeys(n for ids in args.only for n in ids))
    return Options(
        adapter=adapter,
        coverage=args.coverage,
        budget_seconds=args.budget_seconds,
        seed=args.seed,
        snapshots=not args.no_snapshots,
        only=only,
    )


def _judge(
    model: Model,
    args: argparse.Namespace,
    adapter: str | None,
    known: list[str],
    console: Console,
) -> Result:
    from knell.conformance.adapter.peer import PeerError
    from knell.conformance.campaign import conform, save_traces
    from knell.conformance.known import apply
    from knell.conformance.reports.text import lines_of

    meter = _Meter()
    try:
        result = conform(model, _options(args, adapter), meter)
    except PeerError as error:
        raise AdapterError(f"--adapter {adapter!r}: {error}") from error
    finally:
        meter.clear()
    apply(result, known)
    if args.trace_dir is not None:
        save_traces(result, Path(args.trace_dir))
    console.lines(lines_of(result))
    console.flush()
    return result


class AdapterError(Exception):
    """The adapter failed before anything could be judged."""


def _exit(result: Result) -> Exit:
    if result.verdict == "conforms":
        return Exit.HOLDS
    if result.verdict == "diverged":
        return Exit.VIOLATED
    return Exit.INTERNAL if result.coverage.failures else Exit.INCONCLUSIVE


def _validate(args: argparse.Namespace, model: Model, console: Console) -> Exit:
    from knell.conformance.adapter.validate import validate

    worst = Exit.HOLDS
    for adapter in _adapters(args):
        if adapter is None:
            raise UsageError(
                "names no adapter", place="--validate-only", mend="add --adapter 'CMD'"
            )
        answered, complaints = validate(model, adapter, seed=args.seed)
        for each in complaints:
            console.line(f"  {each}")
        console.line(f"{adapter}: {answered:,} replies, {len(complaints)} of them not valid")
        if complaints:
            worst = Exit.INTERNAL
        elif not answered and worst is Exit.HOLDS:
            worst = Exit.INCONCLUSIVE
    return worst


def _write(results: list[Result], args: argparse.Namespace) -> None:
    from knell.conformance.campaign import to_json

    documents = [to_json(each) for each in results]
    if len(documents) == 1:
        write_json(args.json, documents[0])
    else:
        verdicts = [each["verdict"] for each in documents]
        worst = next(v for v in ("diverged", "inconclusive", "conforms") if v in verdicts)
        write_json(args.json, {"schema": 1, "runs": documents, "verdict": worst})
    if args.junit:
        from knell.conformance.reports.junit import junit

        write_text("--junit", args.junit, junit(results))
    if args.html:
        from knell.conformance.reports.page import page

        write_text("--html", args.html, page(results))
    if args.markdown:
        from knell.conformance.reports.text import markdown

        write_text("--markdown", args.markdown, markdown(results))


class _Meter:
    """One line that says how far a campaign is, on a terminal."""

    def __init__(self) -> None:
        self.shown = False

    def __call__(self, now: Coverage) -> None:
        if sys.stderr.isatty():
            text = f"{now.covered:,} of {now.model:,} transitions, {now.replays:,} replays"
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self.shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
