"""`knell shutdown`: stop a node in order."""

from __future__ import annotations

import argparse
from typing import Any

from knell.cli.exits import Exit
from knell.cli.outputs import human

_EXAMPLES = """\
examples:
  knell shutdown --config n1.toml         stops the node and waits for its end
  knell shutdown --config n1.toml --now   without waiting for acknowledgements

exit codes:
  0 the node has ended in order, 4 it does not answer, or did not end
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "shutdown",
        help="stop a node in order",
        usage="knell shutdown --config FILE [options]",
        description="Stop a node: the peers are told, its groups fail over, clustering ends.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--config", metavar="FILE", required=True, help="the node's TOML file")
    parser.add_argument(
        "--now", action="store_true", help="skip deadlines; no step is skipped, members are killed"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Stop the node."""
    from knell.node.runtime.asking import stop_node

    ended = stop_node(args.config, now=args.now)
    console = human(None)
    console.line("clustering has ended" if ended else "the node did not say that it has ended")
    console.flush()
    return Exit.HOLDS if ended else Exit.INCONCLUSIVE
