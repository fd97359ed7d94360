"""`knell keygen`: a key pair for a node or an operator."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from knell.cli.console import Console
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, write_json

_EXAMPLES = """\
examples:
  knell keygen n1.key    prints the public key, for the configurations
  knell keygen ops.key   a key for an operator is made in the same way
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "keygen",
        help="make a key for a node or an operator",
        usage="knell keygen FILE [options]",
        description="Write a new private key to FILE (mode 0600), and print the public key.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("file", metavar="FILE", help="the file of the private key; must be new")
    parser.add_argument("--json", metavar="FILE", help="write the result; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the key."""
    from knell.node.runtime.keys import make_key

    check_writable("--json", args.json)
    public = make_key(Path(args.file))
    console: Console = human(args.json)
    console.line(public)
    console.flush()
    write_json(args.json, {"schema": 1, "file": args.file, "public": public})
    return Exit.HOLDS
