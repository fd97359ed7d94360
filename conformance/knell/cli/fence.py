"""`knell fence`: assert that an epoch of a node is off and stays off."""

from __future__ import annotations

import argparse
from typing import Any

from knell.cli import arguments
from knell.cli.answering import tell

_EXAMPLES = """\
examples:
  knell fence n2 --epoch 7 --config n1.toml --key ops.key

Only fence a node that you know to be off: its groups fail over at once.

exit codes:
  0 it is fenced, 1 the order was refused, 4 the node asked does not answer
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "fence",
        help="assert that an epoch of a node is off",
        usage="knell fence NODE --epoch E --config FILE --key FILE",
        description="Make a signed, audited statement that epoch E of NODE is off for good.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("node", metavar="NODE", help="the node that is off")
    parser.add_argument(
        "--epoch", type=arguments.count, required=True, metavar="E", help="its newest epoch"
    )
    parser.add_argument(
        "--config", metavar="FILE", required=True, help="the TOML file of the node to ask"
    )
    parser.add_argument("--key", metavar="FILE", required=True, help="the operator's private key")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Fence the epoch."""
    from knell.node.runtime.asking import fence_node

    answer = fence_node(args.config, args.key, args.node, args.epoch)
    return tell(answer, f"{args.node}.{args.epoch} is fenced")
