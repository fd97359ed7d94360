"""`knell metrics`: how a node stands, for Prometheus."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from knell.cli.exits import Exit
from knell.cli.outputs import human

_EXAMPLES = """\
examples:
  knell metrics --config n1.toml                          prints them once
  knell metrics --config n1.toml --serve 127.0.0.1:9107   serves them

docs/alerts.yml holds rules that go with them.

exit codes:
  0 printed, 4 the node does not answer: knell_up is 0
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "metrics",
        help="show or serve the metrics of a node",
        usage="knell metrics --config FILE [options]",
        description="Show the metrics of a node, or serve them to Prometheus.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--config", metavar="FILE", required=True, help="the node's TOML file")
    parser.add_argument(
        "--serve", metavar="ADDRESS:PORT", help="serve them over HTTP until interrupted"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the metrics, or serve them."""
    from knell.node.runtime import config, metrics
    from knell.node.runtime.asking import ask_node
    from knell.spec.errors import KnellError

    config.load(Path(args.config))  # a wrong one is told at once
    answers: list[dict[str, Any] | None] = []

    def ask() -> dict[str, Any] | None:
        answers[:] = [ask_node(args.config, {"op": "status"})]
        return answers[0]

    console = human(None)
    if args.serve is None:
        console.write(metrics.text(ask))
        console.flush()
        return Exit.HOLDS if answers[0] is not None else Exit.INCONCLUSIVE
    address = config.endpoint(args.serve, "--serve")
    console.line(f"serving http://{args.serve}/metrics")
    console.flush()
    try:
        metrics.serve(ask, address)
    except OSError as error:
        raise KnellError(
            f"cannot be bound: {error.strerror}", place=f"--serve {args.serve}", mend="free it"
        ) from None
    except KeyboardInterrupt:
        pass
    return Exit.HOLDS
