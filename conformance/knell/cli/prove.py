"""`knell prove`: show with z3 that a model's safety properties hold, or how they fail."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final, TextIO

from knell.cli import arguments
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, make_directory, write_json
from knell.cli.registry import DEFAULT, load
from knell.language.settings import Settings
from knell.spec.errors import KnellError, did_you_mean

if TYPE_CHECKING:
    from knell.language.model import Model
    from knell.language.recording import Clause
    from knell.prover.inductive import How
    from knell.prover.results import ProofResult

_EXAMPLES = """\
examples:
  knell prove die-hard --bmc 10          the shortest run that breaks a property
  knell prove peterson --k-induction 1   the given sizes, by induction
  knell prove two-phase-commit --needed  what each auxiliary invariant is for
  knell prove two-phase-commit --without heard_was_sent --infer

exit codes:
  0 proved, 1 refuted by a run, 2 bad usage or input, 3 internal failure,
  4 inconclusive: a bound was reached, or the invariants are not inductive
"""

ANY_SIZE: Final = "any-size"
"""How the names of configurations begin that bound nothing; a model may have several."""

MOST_SECONDS: Final = 900.0
"""How long all queries of an induction take at most, unless the user says otherwise."""

_SHOW_SECONDS = 0.2
_EXITS = {"proved": Exit.HOLDS, "refuted": Exit.VIOLATED}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "prove",
        help="prove safety properties with z3, or find how they fail",
        usage="knell prove [MODEL] [--inductive | --bmc K | --k-induction K] [options]",
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
    _add_methods(parser.add_mutually_exclusive_group())
    _add_choices(parser.add_argument_group("what is proved"))
    _add_effort(parser.add_argument_group("how it is proved"))
    outputs = parser.add_argument_group("what is written")
    outputs.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    outputs.add_argument(
        "--trace-dir", metavar="DIR", help="write each counterexample and witness as ITF JSON"
    )
    parser.set_defaults(run=run)


def _add_methods(group: Any) -> None:
    group.add_argument(
        "--inductive",
        action="store_true",
        help="by induction, for any number of elements of each sort; the default",
    )
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
    group.add_argument(
        "--needed",
        action="store_true",
        help="say of each auxiliary invariant of an inductive proof what fails without it",
    )
    group.add_argument(
        "--infer",
        action="store_true",
        help="propose auxiliary invariants for a proof that fails: clauses that hold in the "
        "states of the given size, as far as every action keeps them",
    )


def _add_choices(group: Any) -> None:
    arguments.add_variant(group)
    group.add_argument(
        "--property",
        action="append",
        type=arguments.ids,
        metavar="ID",
        help="prove this property only; repeatable, or ID,ID",
    )
    group.add_argument(
        "--without",
        action="append",
        type=arguments.ids,
        default=[],
        metavar="NAME",
        help="leave this auxiliary invariant out of an induction; repeatable, or NAME,NAME",
    )


def _add_effort(group: Any) -> None:
    group.add_argument(
        "--max-seconds",
        type=arguments.duration,
        metavar="S",
        help="end a bounded search after S seconds, an induction after S; default: no bound, and "
        f"{MOST_SECONDS:g} for an induction",
    )
    group.add_argument(
        "--timeout",
        type=arguments.duration,
        default=20.0,
        metavar="S",
        help="seconds for one query of an induction; default: 20",
    )
    group.add_argument(
        "--workers",
        type=arguments.count,
        metavar="N",
        help="ask N queries at a time; default: as many as there are processors",
    )
    group.add_argument(
        "--seed",
        type=arguments.natural,
        default=0,
        metavar="S",
        help="where the solver's randomness starts; default: 0",
    )
    group.add_argument(
        "--no-cache", action="store_true", help="ask every query, also those answered before"
    )
    group.add_argument(
        "--search-seconds",
        type=arguments.natural,
        default=20,
        metavar="S",
        help="look S seconds for a run that refutes what is not proved; default: 20",
    )


def run(args: argparse.Namespace) -> int:
    """Prove what the command line asks for."""
    from knell.cli.proof import print_proof, proof_json, write_proof_traces

    check_writable("--json", args.json)
    make_directory("--trace-dir", args.trace_dir)
    console = human(args.json)
    model = _model(args)
    if args.needed:
        from knell.cli.needed import report_needs

        return report_needs(model, _how(args), args.json, console)
    if args.infer:
        from knell.cli.needed import report_proposals

        return report_proposals(model, _how(args), args.json, console)
    result = _prove(model, args)
    traces = write_proof_traces(model, result, args.trace_dir) if args.trace_dir else {}
    write_json(args.json, proof_json(model, result, traces))
    print_proof(model, result, console)
    return _EXITS.get(result.verdict, Exit.INCONCLUSIVE)


def _model(args: argparse.Namespace) -> Model:
    """The model; an induction is about the configuration for any size, where that is possible."""
    config, values = arguments.chosen(args)
    settings = Settings(config=config, values=values, mutant=args.mutant)
    model = load(args.model, settings)
    bounded = args.bmc is not None or args.k_induction is not None
    if not (bounded or config):
        model = _of_any_size(model, args, values) or model
    for name in (name for names in args.without for name in names):
        model.invariants.remove(_invariant(model, name))
    return model


def _of_any_size(given: Model, args: argparse.Namespace, values: dict[str, str]) -> Model | None:
    """The first configuration for any size, of a planted fault the first that it changes."""
    from knell.prover.problem import content

    for config in (name for name in given.configs if name.startswith(ANY_SIZE)):
        model = load(args.model, Settings(config=config, values=values, mutant=args.mutant))
        if not args.mutant:
            return model
        sound = load(args.model, Settings(config=config, values=values))
        if content(model) != content(sound):
            return model
    return None


def _invariant(model: Model, name: str) -> Clause:
    known = {clause.name: clause for clause in model.invariants}
    if name not in known:
        raise KnellError(
            f"model {model.name} has no auxiliary invariant {name!r}",
            place="--without",
            mend=f"{did_you_mean(name, list(known))}its invariants: {', '.join(known) or 'none'}",
        )
    return known[name]


def _selected(args: argparse.Namespace, model: Model) -> list[str] | None:
    if args.property is None:
        return None
    known = [*(each.id for each in model.properties), "deadlock"]
    chosen = list(dict.fromkeys(name for ids in args.property for name in ids))
    for name in chosen:
        if name not in known:
            raise KnellError(
                f"model {model.name} has no property {name!r}",
                place="--property",
                mend=f"{did_you_mean(name, known)}its properties: {', '.join(known)}",
            )
    return chosen


def _prove(model: Model, args: argparse.Namespace) -> ProofResult:
    selected = _selected(args, model)
    if args.bmc is None and args.k_induction is None:
        return _induction(model, args, selected)
    from knell.prover.bounded import Bounded

    bounded = Bounded(model, selected)
    if args.bmc is not None:
        return bounded.check(args.bmc, args.max_seconds)
    return bounded.k_induction(args.k_induction)


def _induction(model: Model, args: argparse.Namespace, selected: list[str] | None) -> ProofResult:
    from knell.prover.inductive import Induction

    try:
        return Induction(model, _how(args), selected).prove()
    finally:
        sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")


def _how(args: argparse.Namespace) -> How:
    from knell.prover.cache import default_directory
    from knell.prover.inductive import How

    return How(
        seconds=args.timeout,
        most=args.max_seconds or MOST_SECONDS,
        workers=args.workers or os.cpu_count() or 1,
        seed=args.seed,
        cache=None if args.no_cache else default_directory(),
        search_seconds=args.search_seconds,
        progress=_Counter(sys.stderr),
    )


class _Counter:
    """Shows on a terminal how many queries are answered."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.shown = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.stream.isatty() and now - self.shown > _SHOW_SECONDS:
            self.shown = now
            self.stream.write(f"\r\033[K{done} of {total} obligations")
            self.stream.flush()
