"""`knell export`: a model as text for other tools."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.console import Console
from knell.cli.exits import Exit
from knell.cli.outputs import STDOUT, check_writable, make_directory, write_text
from knell.cli.registry import load
from knell.language.settings import Settings
from knell.spec.errors import KnellError

if TYPE_CHECKING:
    from knell.export.tla import Counts
    from knell.language.model import Model

_EXAMPLES = """\
examples:
  knell export two-phase-commit --to tla --output out
  knell export node-shutdown --to promela --property S2,deadlock > model.pml
  knell export peterson --to dot > peterson.dot
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export",
        help="write a model as text for other tools",
        usage="knell export MODEL --to FORMAT [options]",
        description="Write a model as text for other tools.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "model", metavar="MODEL", help="a name that 'knell models' lists, or file.py[:name]"
    )
    parser.add_argument(
        "--to",
        choices=("promela", "tla", "dot", "graphml"),
        required=True,
        metavar="FORMAT",
        help="promela (for SPIN), tla (a module and its .cfg), dot or graphml (the state graph "
        "of a small model)",
    )
    arguments.add_variant(parser)
    parser.add_argument(
        "--property",
        action="append",
        type=arguments.ids,
        metavar="ID",
        help="promela: assert this property, or deadlock; repeatable, or ID,ID",
    )
    parser.add_argument(
        "--output",
        default=None,
        metavar="PATH",
        help="for tla a directory, default: this one; else a file, default: standard output",
    )
    parser.add_argument(
        "--count-seconds",
        type=arguments.natural,
        default=60,
        metavar="S",
        help="count the states for a comment, for S seconds at most; default: 60; 0: don't",
    )
    parser.add_argument(
        "--max-states",
        type=arguments.count,
        default=2000,
        metavar="N",
        help="states of a graph; default: 2000",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write what the command line asks for."""
    config, values = arguments.chosen(args)
    model = load(args.model, Settings(config=config, values=values, mutant=args.mutant))
    if args.property is not None and args.to != "promela":
        raise KnellError(
            "properties can be chosen for promela only",
            place="--property",
            mend="leave it out, or choose --to promela",
        )
    if args.to == "tla":
        return _tla(model, args)
    if args.to == "promela":
        return _promela(model, args)
    from knell.export.graph import dot, explore, graphml

    target = args.output or STDOUT
    check_writable("--output", target)
    graph = explore(model, args.max_states)
    write_text("--output", target, (dot if args.to == "dot" else graphml)(model, graph))
    return Exit.HOLDS


def _promela(model: Model, args: argparse.Namespace) -> int:
    from knell.export.promela import to_promela

    target = args.output or STDOUT
    check_writable("--output", target)
    properties = [id for ids in args.property or () for id in ids]
    write_text("--output", target, to_promela(model, properties))
    return Exit.HOLDS


def _tla(model: Model, args: argparse.Namespace) -> int:
    from knell.export.tla import export

    directory = args.output or "."
    make_directory("--output", directory)
    module = export(model, _counts(model, args.count_seconds))
    console = Console(sys.stdout)
    for ending, text in (("tla", module.tla), ("cfg", module.cfg)):
        path = Path(directory) / f"{module.name}.{ending}"
        write_text("--output", str(path), text)
        console.line(f"wrote {path}")
    return Exit.HOLDS


def _counts(model: Model, seconds: int) -> Counts | None:
    """What a search of all states finds, if it ends in time."""
    if not seconds:
        return None
    from knell.checker import Options, check
    from knell.export.tla import Counts

    result = check(model, Options(symmetry=False, properties=(), max_seconds=seconds))
    return Counts(result.distinct, result.depth) if result.complete else None
