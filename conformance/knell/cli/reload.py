"""`knell reload`: take new keys and addresses while a node runs."""

from __future__ import annotations

import argparse
from typing import Any

from knell.cli.answering import tell

_EXAMPLES = """\
examples:
  knell reload --config n1.toml

Taken are keys and addresses of peers, and keys of operators.
SIGHUP does the same.

exit codes:
  0 they are in force, 1 it was refused, 4 the node does not answer
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "reload",
        help="take new keys and addresses of peers",
        usage="knell reload --config FILE",
        description="Let a node read keys and addresses of peers and operators again.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--config", metavar="FILE", required=True, help="the TOML file of the node")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Give the order."""
    from knell.node.runtime.asking import reload_node

    return tell(reload_node(args.config), "keys and addresses are in force")
