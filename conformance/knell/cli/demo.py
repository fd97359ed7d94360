"""`knell demo`: a real cluster on loopback, a failure, and what becomes of it."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knell.cli import arguments
from knell.cli.console import Style
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, make_directory, write_json

_EXAMPLES = """\
examples:
  knell demo                         a member of n1 reports a fatal error
  knell demo --fail kill:n1          the engine of n1 is killed
  knell demo --fail hang:n1 --fail cause:n2 --nodes 4
  knell demo --fail 'partition:n1|n2'
  knell demo --namespaces --fail 'partition:n1|n2|n3'

failures:
  cause, kill, hang, cc, names, monitor, sentinel, stop, communication,
  protocol, memory, object: the node shuts down
  stall: it is stopped beyond its leases, and shuts down when it runs on
  member, freeze, power, partition: no node leaves

exit codes:
  0 all that had to happen did, 1 it did not
"""

_NOISE = {"begin_act", "finish_act", "act", "route_work", "view", "tell View", "joined"}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "demo",
        help="start a cluster on loopback, fail something, show what happens",
        usage="knell demo [options]",
        description="Start a cluster of real processes, fail something, judge, and clean up.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "--fail", action="append", metavar="KIND:NODE", help="what to fail; may be repeated"
    )
    parser.add_argument(
        "--nodes", type=arguments.count, default=3, metavar="N", help="how many nodes; default: 3"
    )
    parser.add_argument(
        "--namespaces",
        action="store_true",
        help="give each node a network namespace; a partition cuts a link (needs root)",
    )
    parser.add_argument(
        "--log-dir", metavar="DIR", help="keep what the nodes logged, for knell validate"
    )
    parser.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demonstration."""
    from knell.node.demo.failures import parse
    from knell.node.demo.namespaces import Network
    from knell.node.demo.show import show

    check_writable("--json", args.json)
    make_directory("--log-dir", args.log_dir)
    console = human(args.json)
    nodes = [f"n{number}" for number in range(1, args.nodes + 1)]
    failures = [parse(text, nodes) for text in args.fail or ["cause:n1"]]
    network = Network(nodes) if args.namespaces else None
    keep = args.log_dir and Path(args.log_dir)

    async def until_told_to_stop() -> dict[str, Any]:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await show(args.nodes, failures, keep=keep, network=network)

    try:
        result = asyncio.run(until_told_to_stop())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None  # told to stop is told to stop
    finally:
        if network is not None:
            network.close()
    console.lines(_timeline(result, nodes))
    console.lines(_summary(result, console.style))
    console.flush()
    write_json(args.json, result)
    return Exit.VIOLATED if result["faults"] else Exit.HOLDS


def _timeline(result: dict[str, Any], nodes: list[str]) -> Iterator[str]:
    """One line an event, one column a node."""
    width = 16
    yield "Times count from the failure; those below 0 are of the last moments before it."
    yield "   ms      " + "".join(f"{node:{width}}" for node in nodes) + "what"
    for event in result["events"]:
        if event["event"] in _NOISE or event["event"].startswith("tell "):
            continue
        column = nodes.index(event["node"])
        mark = "●" if event["process"] == "engine" else "○"
        cells = ["│"] * len(nodes)
        cells[column] = f"{mark} {event['process'][: width - 3]}"
        lanes = "".join(f"{cell:{width}}" for cell in cells)
        group = f" {event['group']}" if event["group"] else ""
        yield f"{event['t_ms']:9.3f}  {lanes}{event['event']}{group}{_about(event['about'])}"


def _about(about: Any) -> str:
    if isinstance(about, dict):
        flat = {k: v for k, v in about.items() if isinstance(v, str | int)}
        return "".join(f" {key}={value}" for key, value in flat.items() if key not in {"op", "at"})
    return f" {about}" if about else ""


def _summary(result: dict[str, Any], style: Style) -> Iterator[str]:
    yield ""
    idle = result["rtt_ms"]["idle_p50"]
    tight = result["rtt_ms"]["tight_p50"]
    yield f"a ping and its answer on this machine: {idle} ms when idle, {tight} ms back to back"
    for key, text in (
        ("last_engine_learned_ms", "last engine learned"),
        ("last_member_learned_ms", "last member learned"),
        ("quiesced_ms", "quiesced"),
        ("last_promoted_ms", "last promotion"),
    ):
        value = result.get(key)
        if value is not None:
            yield f"{text} after {value} ms, {value / idle:.1f} idle round trips"
    for fault in result["faults"]:
        yield f"{style.sign('violated')} {fault}"
    happened = "all" if result["verdict"] == "holds" else "not all"
    yield f"{style.sign(result['verdict'])} {happened} that had to happen did"
