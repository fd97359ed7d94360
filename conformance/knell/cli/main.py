"""The entry of the `knell` command, and the one place where errors become exit codes.

| what happens | standard error | exit code |
| --- | --- | --- |
| the user asked for what is not there, or gave malformed input | one line | 2 |
| a failure of our own | one line; with `KNELL_DEBUG=1` a traceback | 3 |
| interrupted before anything was known | one line | 4 |

A reader who stops reading (`knell check | head`) changes nothing: the work goes on, and the
exit code is that of its verdict.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from knell.cli import (
    bench,
    bootstrap,
    check,
    claims,
    conform,
    demo,
    explore,
    export,
    fence,
    keygen,
    metrics,
    models,
    node,
    prove,
    reload,
    shutdown,
    status,
    switchover,
    validate,
    view,
)
from knell.cli.arguments import Parser
from knell.cli.console import Console
from knell.cli.exits import Exit
from knell.spec.errors import KnellError

_EXAMPLES = """\
examples:
  knell models               what can be checked
  knell check                the node-shutdown protocol, default configuration
  knell check --suite        the protocol in every configuration
  knell check my_model.py    a model of your own
  knell claims               each claim, what shows it, and its verdict

'knell COMMAND --help' tells more.
"""


def parsers() -> dict[str, Parser]:
    """The parser of the whole command line, ``knell``, and that of each command."""
    root = Parser(
        prog="knell",
        usage="knell COMMAND [options]",
        description="Check the node-shutdown protocol, and models of your own.",
        epilog=_EXAMPLES,
    )
    root.add_argument("--version", action="version", version=f"knell {version('knell')}")
    commands = root.add_subparsers(
        dest="command", prog="knell", metavar="COMMAND", title="commands", required=True
    )
    for command in (
        models,
        check,
        prove,
        export,
        view,
        explore,
        claims,
        conform,
        node,
        keygen,
        status,
        metrics,
        shutdown,
        switchover,
        reload,
        fence,
        bootstrap,
        demo,
        validate,
        bench,
    ):
        command.add(commands)
    return {"knell": root, **{f"knell {name}": each for name, each in commands.choices.items()}}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    _open_closed_streams()
    try:
        code = _run(argv)
        Console(sys.stdout).flush()
    except KnellError as error:
        return _complain(str(error), Exit.USAGE)
    except KeyboardInterrupt:
        return _complain("interrupted before anything was known", Exit.INCONCLUSIVE)
    except Exception as error:  # noqa: BLE001  # whatever it is, the user gets one line
        return _fail(error)
    return code


def _open_closed_streams() -> None:
    """Give a command that was started without an output (``>&-``) one that swallows it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            sink = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for the whole run
            setattr(sys, name, sink)


def _run(argv: Sequence[str] | None) -> int:
    try:
        known = parsers()
        args, unknown = known["knell"].parse_known_args(argv)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    if unknown:
        known[f"knell {args.command}"].refuse(unknown[0])
    return int(args.run(args))


def _fail(error: Exception) -> int:
    if os.environ.get("KNELL_DEBUG"):
        traceback.print_exception(error)
        return Exit.INTERNAL
    if isinstance(error, MemoryError):
        return _complain("out of memory; bound the search with --max-states", Exit.INTERNAL)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return _complain(
        f"internal error: {what}; rerun with KNELL_DEBUG=1 for the traceback", Exit.INTERNAL
    )


def _complain(text: str, code: Exit) -> int:
    with contextlib.suppress(KnellError):  # the line below says what is wrong
        Console(sys.stdout).flush()
    console = Console(sys.stderr)
    console.line(f"knell: {text}")
    console.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
