"""`knell node`: run a node."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from knell.cli.exits import Exit

_EXAMPLES = """\
examples:
  knell node --config n1.toml          runs the node until it ends
  knell node --config n1.toml --check  only checks the configuration

exit codes:
  0 the node was stopped as planned, 1 it shut itself down, 2 it could not start
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "node",
        help="run a node of a cluster",
        usage="knell node --config FILE [options]",
        description="Run a node: its sentinel, engine, components and configured members.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--config", metavar="FILE", required=True, help="the node's TOML file")
    parser.add_argument(
        "--check", action="store_true", help="check the configuration, and start nothing"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the node."""
    from knell.node.runtime import config, epoch, sentinel

    loaded = config.load(Path(args.config))
    if args.check:
        return Exit.HOLDS
    return sentinel.run(epoch.prepare(loaded))
