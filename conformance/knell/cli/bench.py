"""`knell bench`: measures the engines, side by side with what is installed."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.arguments import UsageError
from knell.cli.exits import Exit
from knell.cli.outputs import check_outputs, human, write_json, write_text

if TYPE_CHECKING:
    from knell.bench.plan import Plan
    from knell.bench.rows import Row

_EXAMPLES = """\
examples:
  knell bench --quick                        a minute, small sizes
  knell bench --part spin --repeat 5         against SPIN, five turns
  knell bench --part failures                real failures, beside Corosync
  knell bench --largest 10 --markdown BENCHMARKS.md
"""
_USUAL = (
    "spin",
    "memory",
    "reference",
    "growth",
    "symmetry",
    "walks",
    "start",
    "protocol",
    "large",
    "cluster",
)
_ASKED = ("failures",)
_OUTPUTS = ("json", "svg", "markdown")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "bench",
        help="measure the engines, side by side with installed peers",
        usage="knell bench [options]",
        description="Measure the engines, side by side with installed peers. Runs that are\n"
        "compared take turns; medians count. A part that fails is named, the others are\n"
        "measured all the same, and the exit code is 3.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "--part",
        action="append",
        choices=(*_USUAL, *_ASKED),
        metavar="NAME",
        help=f"measure this part only: {', '.join(_USUAL)}, or one that is measured\n"
        f"only if asked for: {', '.join(_ASKED)}; repeatable",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one turn")
    parser.add_argument(
        "--repeat",
        type=arguments.count,
        metavar="N",
        help="turns; default: 3, quick 1. What takes over a minute has one",
    )
    parser.add_argument(
        "--workers", type=arguments.count, metavar="N", help="default: as many as processors"
    )
    parser.add_argument(
        "--largest",
        type=arguments.count,
        metavar="RM",
        help="largest two-phase commit of the part growth; default: 9, quick 7",
    )
    parser.add_argument(
        "--rounds",
        type=arguments.count,
        metavar="N",
        help="failures of each kind of the part failures; default: 100, quick 3",
    )
    parser.add_argument("--json", metavar="FILE", help="write the rows; - is standard output")
    parser.add_argument("--svg", metavar="FILE", help="write the ratios as a picture")
    parser.add_argument("--markdown", metavar="FILE", help="write a document, with the machine")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure what the command line asks for."""
    from knell.bench.parts import run_parts
    from knell.bench.plan import Talk
    from knell.bench.rows import table
    from knell.checker.compiled import is_installed
    from knell.cli.progress import Display

    check_outputs({f"--{flag}": getattr(args, flag) for flag in _OUTPUTS})
    if not is_installed():
        raise UsageError(
            "there is nothing to measure without the compiled engine",
            place="knell bench",
            mend="pip install 'knell[compiled]'",
        )
    chosen = tuple(dict.fromkeys(args.part or _USUAL))
    console = human(args.json)
    display = Display(sys.stderr)
    rows: list[Row] = []
    notes = [*_machine(), "", f"The command: `{' '.join(['knell', *sys.argv[1:]])}`."]
    failed: list[str] = []

    def note(text: str) -> None:
        display.clear()
        console.line(text)
        if text not in notes:
            notes.append(text)

    def take(row: Row) -> None:
        rows.append(row)
        display.clear()
        console.lines(table([row]))
        console.flush()
        _write(args, rows, notes)  # what is measured is not lost, whatever comes

    try:
        failed = run_parts(chosen, _plan(args), Talk(display.show, note), take)
    except KeyboardInterrupt:
        note("Interrupted; this is what was measured.")
    _write(args, rows, notes)
    if args.json == "-":
        write_json("-", [each.json() for each in rows])
    if failed:
        return Exit.INTERNAL
    return Exit.HOLDS if rows else Exit.INCONCLUSIVE


def _write(args: argparse.Namespace, rows: list[Row], notes: list[str]) -> None:
    """Write the files that are asked for."""
    from knell.bench.document import markdown
    from knell.bench.rows import picture

    if args.json not in (None, "-"):
        write_json(args.json, [each.json() for each in rows])
    if args.svg is not None:
        write_text("--svg", args.svg, picture(rows))
    if args.markdown is not None:
        seen = None
        if args.svg is not None:
            seen = os.path.relpath(args.svg, Path(args.markdown).parent)
        write_text("--markdown", args.markdown, markdown(rows, notes, seen))


def _plan(args: argparse.Namespace) -> Plan:
    from knell.bench.plan import LARGE, QUICK, Plan

    plan = QUICK if args.quick else Plan(large=LARGE)
    plan = replace(plan, workers=args.workers or os.cpu_count() or 1)
    for field in ("repeat", "largest", "rounds"):
        if getattr(args, field):
            plan = replace(plan, **{field: getattr(args, field)})
    return plan


def _machine() -> list[str]:
    """Where and when it was measured."""
    started = dt.datetime.now(dt.UTC)
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8") if _is_linux() else ""
    names = [line.split(":", 1)[1].strip() for line in lines.splitlines() if "model name" in line]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    processors = f"{os.cpu_count()} processors{f' ({names[0]})' if names else ''}"
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    load = f"{os.getloadavg()[0]:.1f}"
    return [
        f"Measured on {started:%Y-%m-%d %H:%M} UTC, on {processors}, {memory:.0f} GiB of memory,",
        f"{system}; at the start the load was {load}. Medians of runs that took turns; a ratio",
        "above 1 is in our favour.",
    ]


def _is_linux() -> bool:
    return Path("/proc/cpuinfo").exists()
