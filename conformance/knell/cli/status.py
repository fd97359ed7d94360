"""`knell status`: how a node stands."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, write_json

_EXAMPLES = """\
examples:
  knell status --config n1.toml
  knell status --config n1.toml --json -

exit codes:
  0 the node is active, 1 it is failing or ending, 4 it does not answer
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "status",
        help="show how a node stands",
        usage="knell status --config FILE [options]",
        description="Show the phase of a node, its peers, and the groups as it sees them.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--config", metavar="FILE", required=True, help="the node's TOML file")
    parser.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the status."""
    from knell.node.runtime.asking import ask_node

    check_writable("--json", args.json)
    status = ask_node(args.config, {"op": "status"})
    console = human(args.json)
    if status is None:
        console.line("the node does not answer")
        console.flush()
        return Exit.INCONCLUSIVE
    console.lines(_lines(status))
    console.flush()
    write_json(args.json, status)
    return Exit.HOLDS if status["phase"] == "active" else Exit.VIOLATED


def _lines(status: dict[str, Any]) -> Iterator[str]:
    cause = f", cause {status['cause']}" if status["cause"] else ""
    yield f"{status['node']}, epoch {status['epoch']}: {status['phase']}{cause}"
    for peer in status["peers"]:
        if peer["epoch"]:
            how = "partitioned" if peer["partitioned"] else "active"
            yield f"  {peer['node']:16} epoch {peer['epoch']}, {how}"
        else:
            left = f", left epoch {peer['left']}" if peer["left"] else ""
            yield f"  {peer['node']:16} not in the cluster{left}"
    for group in status["groups"]:
        primary = group["live_primary"] or "none, in doubt"
        yield f"  group {group['group']}: primary {primary}; {' '.join(group['list']) or 'no list'}"
    for what, count in sorted(status["dropped"].items()):
        yield f"  dropped: {what} {count}"
