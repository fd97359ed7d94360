"""`knell bootstrap`: start a group without those that it waits for."""

from __future__ import annotations

import argparse
from typing import Any

from knell.cli.answering import tell

_EXAMPLES = """\
examples:
  knell bootstrap orders --config n2.toml --key ops.key

Only bootstrap a group when every other node of it is off, and the data of this
node will do: what others alone have committed is given up.

exit codes:
  0 the group has started here, 1 it was refused, 4 the node does not answer
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "bootstrap",
        help="start a group without the nodes it waits for",
        usage="knell bootstrap GROUP --config FILE --key FILE",
        description="Let a node start GROUP without its other nodes; signed and audited.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("group", metavar="GROUP", help="the group")
    parser.add_argument("--config", metavar="FILE", required=True, help="the TOML file of the node")
    parser.add_argument("--key", metavar="FILE", required=True, help="the operator's private key")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Give the order."""
    from knell.node.runtime.asking import bootstrap_group

    answer = bootstrap_group(args.config, args.key, args.group)
    done = ""
    if answer is not None and answer["refused"] is None:
        given_up = " ".join(answer["given_up"]) or "nothing"
        done = f"{args.group} starts with {answer['entry']}; given up: {given_up}"
    return tell(answer, done)
