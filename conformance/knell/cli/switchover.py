"""`knell switchover`: let the next entry of a group take over."""

from __future__ import annotations

import argparse
from typing import Any

from knell.cli.answering import tell

_EXAMPLES = """\
examples:
  knell switchover orders --config n1.toml   n1 has its primary

The member on this node ends, the next in line becomes primary, and the member
is started again as the last entry. The node and its other groups go on.

exit codes:
  0 the member is on its way out, 1 it was refused, 4 the node does not answer
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "switchover",
        help="let the next in line become primary of a group",
        usage="knell switchover GROUP --config FILE",
        description="Let the next in line become primary of GROUP, in place of this node.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("group", metavar="GROUP", help="the group")
    parser.add_argument("--config", metavar="FILE", required=True, help="the TOML file of the node")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Give the order."""
    from knell.node.runtime.asking import switch_group

    answer = switch_group(args.config, args.group)
    return tell(answer, f"the member of {args.group} on this node ends; the next takes over")
