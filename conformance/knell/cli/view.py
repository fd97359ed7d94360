"""`knell view`: a trace in the terminal, or as one HTML file."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knell.cli import arguments
from knell.cli.arguments import UsageError
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, write_text
from knell.spec.errors import KnellError

if TYPE_CHECKING:
    from knell.language.model import Model
    from knell.spec.trace import Trace
    from knell.viewer.bundle import Bundle

_EXAMPLES = """\
examples:
  knell view t.itf.json                     what it shows, step by step
  knell view t.itf.json --step 3            the state there, what could happen
  knell view t.itf.json --html t.html       one file, to keep or to send
  knell view t.itf.json other.itf.json      where two traces part
  knell view t.itf.json --model model.py    a trace of a model of your own

Traces of other tools in ITF JSON are shown with what they carry.

exit codes:
  0 shown, 2 bad usage or malformed input, 3 internal failure
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "view",
        help="show a trace, or two side by side",
        usage="knell view TRACE [OTHER] [options]",
        description="Show a trace: what it violates, by which step, and why.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("trace", metavar="TRACE", help="a trace, ITF JSON")
    parser.add_argument("other", nargs="?", metavar="OTHER", help="another one, to compare it with")
    parser.add_argument(
        "--html", metavar="OUT", help="write one self-contained HTML file; - is standard output"
    )
    parser.add_argument(
        "--open", action="store_true", help="open the HTML file in a browser; needs --html"
    )
    parser.add_argument(
        "--step",
        type=arguments.natural,
        metavar="N",
        help="the state after step N: what holds there, and what could happen",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="the model of the trace, a name or file.py[:name]; default: the listed model that "
        "the trace names",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show what the command line asks for."""
    if args.open and (args.html is None or args.html == "-"):
        raise UsageError(
            "only a file can be opened", place="--open", mend="name the file: --html OUT"
        )
    if args.step is not None and (args.html or args.other):
        raise UsageError(
            "one step is shown of one trace, in the terminal",
            place="--step",
            mend="drop it, and choose the step in the page",
        )
    check_writable("--html", args.html)
    bundles = [_bundle(path, args.model) for path in (args.trace, args.other) if path]
    if args.html:
        from knell.viewer import render_page

        title = f"{bundles[0]['name']} · knell"
        write_text("--html", args.html, render_page({"traces": bundles}, title))
        if args.open:
            webbrowser.open(Path(args.html).resolve().as_uri())
        return Exit.HOLDS
    from knell.viewer import render_text

    console = human(None)
    other = bundles[1] if len(bundles) > 1 else None
    console.lines(render_text(bundles[0], console.style, other, args.step))
    return Exit.HOLDS


def _bundle(path: str, target: str | None) -> Bundle:
    """The trace in a file, packed, with what its model knows about it."""
    from knell.spec.trace import load
    from knell.viewer import bundle_of

    trace = load(path)
    return bundle_of(trace, Path(path).name, known_about(trace, target))


def known_about(trace: Trace, target: str | None = None) -> dict[str, Any] | None:
    """What the model of a trace knows about it: the listed one that it names, or the one given."""
    from knell.cli.extras import extras_of
    from knell.cli.registry import listed

    named = trace.meta.get("model") if trace.is_ours else None
    chosen = target or (named if isinstance(named, str) and named in listed() else None)
    if chosen is None or (target is None and "extras" in trace.meta):
        return None
    try:
        model = model_of(trace, chosen)
    except KnellError as error:
        if target is not None:
            raise
        return {"version": 1, "limits": [f"the model {named} has changed since: {error}"]}
    return extras_of(model, trace, chosen)


def model_of(trace: Trace, target: str) -> Model:
    """The model of a trace, under the settings that the trace names."""
    from knell.cli.registry import load
    from knell.language.settings import Settings

    config, mutant = trace.meta.get("config"), trace.meta.get("mutant")
    values = dict(config) if isinstance(config, dict) else {}
    chosen = Settings(None, values, mutant if isinstance(mutant, str) else None)
    model = load(target, chosen)
    named = _config_of(model)
    return load(target, Settings(named, values, chosen.mutant)) if named else model


def _config_of(model: Model) -> str | None:
    """The named configuration that gives the parameters their values, if one does."""
    defaults = {name: each.default for name, each in model.parameters.items()}
    for name, given in model.configs.items():
        if {**defaults, **given} == model.values:
            return name
    return None
