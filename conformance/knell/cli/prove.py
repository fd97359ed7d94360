"""`knell prove`: show with z3 that a model's safety properties hold, or how they fail."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.console import Console
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, make_directory, write_json
from knell.cli.registry import DEFAULT, load
from knell.language.settings import Settings

if TYPE_CHECKING:
    from knell.language.model import Model
    from knell.prover.results import ProofResult

_EXAMPLES = """\
examples:
  knell prove die-hard --bmc 10          the shortest run that breaks a property
  knell prove peterson --k-induction 1   the given sizes, by induction

exit codes:
  0 proved, 1 refuted by a run, 2 bad usage or input, 3 internal failure,
  4 inconclusive: a bound was reached, or the invariants are not inductive
"""

_EXITS = {"proved": Exit.HOLDS, "refuted": Exit.VIOLATED}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "prove",
        help="prove safety properties with z3, or find how they fail",
        usage="knell prove [MODEL] (--bmc K | --k-induction K) [options]",
        description="Prove the safety properties of a model with z3, or find how they fail.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "model",
        nargs="?",
        default=DEFAULT,
        metavar="MODEL",
        help=f"a name that 'knell models' lists, or file.py[:name]; default: {DEFAULT}",
    )
    _add_methods(parser.add_mutually_exclusive_group(required=True))
    _add_choices(parser.add_argument_group("what is proved"))
    outputs = parser.add_argument_group("what is written")
    outputs.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    outputs.add_argument(
        "--trace-dir", metavar="DIR", help="write each counterexample and witness as ITF JSON"
    )
    parser.set_defaults(run=run)


def _add_methods(group: Any) -> None:
    group.add_argument(
        "--bmc",
        type=arguments.count,
        metavar="K",
        help="look for a shortest run, of at most K states, that breaks a property",
    )
    group.add_argument(
        "--k-induction",
        type=arguments.count,
        metavar="K",
        help="prove the properties for the given sizes, from K good states in a row",
    )


def _add_choices(group: Any) -> None:
    group.add_argument(
        "--set",
        action="append",
        type=arguments.assignment,
        default=[],
        metavar="NAME=VALUE",
        help="give a parameter a value; config=NAME selects a named configuration; repeatable",
    )
    group.add_argument(
        "--mutant", metavar="ID", help="plant a fault, in the configuration that it names"
    )
    group.add_argument(
        "--property",
        action="append",
        type=arguments.ids,
        metavar="ID",
        help="prove this property only; repeatable, or ID,ID",
    )
    group.add_argument(
        "--max-seconds", type=arguments.duration, metavar="S", help="end after S seconds"
    )


def run(args: argparse.Namespace) -> int:
    """Prove what the command line asks for."""
    from knell.cli.proof import print_proof, proof_json, write_proof_traces

    check_writable("--json", args.json)
    make_directory("--trace-dir", args.trace_dir)
    console = human(args.json)
    model = _model(args)
    result = _prove(model, args, console)
    traces = write_proof_traces(model, result, args.trace_dir) if args.trace_dir else {}
    write_json(args.json, proof_json(model, result, traces))
    print_proof(model, result, console)
    return _EXITS.get(result.verdict, Exit.INCONCLUSIVE)


def _model(args: argparse.Namespace) -> Model:
    values = dict(args.set)
    config = values.pop("config", None)
    return load(args.model, Settings(config=config, values=values, mutant=args.mutant))


def _selected(args: argparse.Namespace, model: Model) -> list[str] | None:
    from knell.spec.errors import KnellError

    if args.property is None:
        return None
    known = [*(each.id for each in model.properties), "deadlock"]
    chosen = list(dict.fromkeys(name for ids in args.property for name in ids))
    for name in chosen:
        if name not in known:
            raise KnellError(
                f"model {model.name} has no property {name!r}",
                place="--property",
                mend=f"its properties: {', '.join(known)}",
            )
    return chosen


def _prove(model: Model, args: argparse.Namespace, console: Console) -> ProofResult:  # noqa: ARG001
    from knell.prover.bounded import Bounded

    bounded = Bounded(model, _selected(args, model))
    if args.bmc is not None:
        return bounded.check(args.bmc, args.max_seconds)
    return bounded.k_induction(args.k_induction)
