"""`knell explore`: the viewer, live. Each choice in the browser is a step of the model."""

from __future__ import annotations

import argparse
import contextlib
import webbrowser
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.exits import Exit
from knell.cli.outputs import human
from knell.cli.registry import DEFAULT
from knell.spec.errors import KnellError

if TYPE_CHECKING:
    from knell.cli.request import Request

_EXAMPLES = """\
examples:
  knell explore                          the protocol, default configuration
  knell explore --set config=one-signal  another configuration
  knell explore --mutant no-deadline     with a planted fault
  knell explore my_model.py --no-open    a model of your own; prints the address

The page is served to this machine only, under a secret address. Ctrl-C ends it.

exit codes:
  0 ended, 2 bad usage or malformed input, 3 internal failure
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "explore",
        help="step through a model in the browser",
        usage="knell explore [MODEL] [options]",
        description="Step through the enabled actions of a model in the browser.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "model",
        nargs="?",
        default=DEFAULT,
        metavar="MODEL",
        help=f"a name that 'knell models' lists, or file.py[:name]; default: {DEFAULT}",
    )
    arguments.add_variant(parser)
    parser.add_argument(
        "--property", metavar="ID", help="tell which choices break this property; default: all"
    )
    parser.add_argument(
        "--port",
        type=arguments.port,
        default=0,
        metavar="N",
        help="serve on this port; default: any free one",
    )
    parser.add_argument(
        "--no-open", action="store_false", dest="open", help="do not open a browser"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve the model until the user ends it."""
    from knell.cli.execute import prepare
    from knell.cli.live import Live, serve

    request = _request(args)
    model = prepare(request)
    live = Live(model, request.target, args.property)
    console = human(None)
    try:
        server, address = serve(live, args.port)
    except OSError as error:
        raise KnellError(
            f"cannot be used: {error.strerror}",
            place=f"--port {args.port}",
            mend="name another port, or none",
        ) from None
    with server, contextlib.suppress(KeyboardInterrupt):
        console.line(f"{model.name} at {address}")
        console.line("Ctrl-C ends it.")
        console.flush()
        if args.open:
            webbrowser.open(address)
        server.serve_forever(poll_interval=0.1)
    return Exit.HOLDS


def _request(args: argparse.Namespace) -> Request:
    from knell.cli.request import Request

    config, values = arguments.chosen(args)
    return Request(
        target=args.model,
        config=config,
        values=values,
        mutant=args.mutant,
        properties=[args.property] if args.property else None,
    )
