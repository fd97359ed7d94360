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
from knell.cli.outputs import check_writable, human, write_json, write_text

if TYPE_CHECKING:
    from knell.bench.parts import Plan

_EXAMPLES = """\
examples:
  knell bench --quick                        a minute, small sizes
  knell bench --part spin --repeat 5         against SPIN, five turns
  knell bench --largest 10 --markdown BENCHMARKS.md
"""
_PARTS = (
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


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "bench",
        help="measure the engines, side by side with installed peers",
        usage="knell bench [options]",
        description="Measure the engines, side by side with installed peers. Runs that are\n"
        "compared take turns; medians count.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "--part",
        action="append",
        choices=_PARTS,
        metavar="NAME",
        help=f"measure this part only: {', '.join(_PARTS)}; repeatable",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one turn")
    parser.add_argument(
        "--repeat", type=arguments.count, metavar="N", help="turns; default: 3, quick 1"
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
    parser.add_argument("--json", metavar="FILE", help="write the rows; - is standard output")
    parser.add_argument("--svg", metavar="FILE", help="write the ratios as a picture")
    parser.add_argument("--markdown", metavar="FILE", help="write a document, with the machine")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure what the command line asks for."""
    from knell.bench.parts import PARTS
    from knell.bench.rows import Row, markdown, picture, table
    from knell.bench.spin import Spin
    from knell.checker.compiled import is_installed
    from knell.cli.progress import Display

    chosen = list(dict.fromkeys(args.part or _PARTS))
    for flag in ("json", "svg", "markdown"):
        check_writable(f"--{flag}", getattr(args, flag))
    if not is_installed():
        raise UsageError(
            "there is nothing to measure without the compiled engine",
            place="knell bench",
            mend="pip install 'knell[compiled]'",
        )
    if "spin" in chosen and not Spin.is_installed():
        if args.part:
            raise UsageError(
                "SPIN and a C compiler are not installed", place="--part spin", mend="install them"
            )
        chosen.remove("spin")
    plan = _plan(args)
    console = human(args.json)
    display = Display(sys.stderr)
    rows: list[Row] = []
    started = dt.datetime.now(dt.UTC)
    try:
        for name in chosen:
            for each in PARTS[name](plan, display.show):
                rows.append(each)
                display.clear()
                console.lines(table([each]))
                console.flush()
    except KeyboardInterrupt:
        display.clear()
        console.line("interrupted; this is what was measured")
    write_json(args.json, [each.json() for each in rows])
    if args.svg:
        write_text("--svg", args.svg, picture(rows))
    if args.markdown:
        notes = [*_machine(started), "", f"The command: `{_command()}`."]
        write_text("--markdown", args.markdown, markdown(rows, notes))
    return Exit.HOLDS if rows else Exit.INCONCLUSIVE


def _plan(args: argparse.Namespace) -> Plan:
    from knell.bench.parts import QUICK, Plan

    plan = QUICK if args.quick else Plan()
    plan = replace(plan, workers=args.workers or os.cpu_count() or 1)
    if args.repeat:
        plan = replace(plan, repeat=args.repeat)
    if args.largest:
        plan = replace(plan, largest=args.largest)
    return plan


def _machine(started: dt.datetime) -> list[str]:
    """Where and when it was measured."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8") if _is_linux() else ""
    names = [line.split(":", 1)[1].strip() for line in lines.splitlines() if "model name" in line]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    processors = f"{os.cpu_count()} processors{f' ({names[0]})' if names else ''}"
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return [
        f"Measured on {started:%Y-%m-%d %H:%M} UTC, on {processors}, {memory:.0f} GiB of memory,",
        f"{system}. Medians of runs that took turns; a ratio above 1 is in our favour.",
    ]


def _is_linux() -> bool:
    return Path("/proc/cpuinfo").exists()


def _command() -> str:
    return " ".join(["knell", *sys.argv[1:]])
