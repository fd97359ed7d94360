"""Files that a command writes, and whether they can be written before hours are spent."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from knell.cli.console import Console
from knell.spec.errors import KnellError

STDOUT = "-"


def human(json_target: str | None) -> Console:
    """Where people read: standard output, unless that is where the JSON goes."""
    return Console(sys.stderr if json_target == STDOUT else sys.stdout)


def check_writable(flag: str, target: str | None) -> None:
    """Refuse a file that can't be written, before the work whose result it is to hold."""
    if target is None or target == STDOUT:
        return
    path = Path(target)
    if path.is_dir():
        raise KnellError("is a directory", place=f"{flag} {target}", mend="name a file")
    if not path.parent.is_dir():
        raise KnellError(
            "its directory does not exist",
            place=f"{flag} {target}",
            mend=f"create {path.parent} first",
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _unwritable(flag, target, "permission denied")


def check_outputs(targets: Mapping[str, str | None], model: Path | None = None) -> None:
    """Refuse what can't be written, one place for two outputs, and the model's as an output."""
    taken = {} if model is None else {os.path.realpath(model): "the model"}
    for flag, target in targets.items():
        check_writable(flag, target)
        if target is None:
            continue
        place = target if target == STDOUT else os.path.realpath(target)
        if place in taken:
            raise KnellError(
                f"is the place of {taken[place]} too",
                place=f"{flag} {target}",
                mend="name another place",
            )
        taken[place] = flag


def make_directory(flag: str, target: str | None) -> None:
    """Create the directory if it is missing; refuse one that can't hold files."""
    if target is None:
        return
    try:
        Path(target).mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise KnellError(
            "is no directory", place=f"{flag} {target}", mend="name a directory"
        ) from None
    except OSError as error:
        raise _unwritable(flag, target, error.strerror or str(error)) from None
    if not os.access(target, os.W_OK | os.X_OK):
        raise _unwritable(flag, target, "permission denied")


def write_text(flag: str, target: str, text: str) -> None:
    """Write a file; ``-`` is standard output."""
    try:
        if target == STDOUT:
            console = Console(sys.stdout)
            console.write(text)
            console.flush()
        else:
            Path(target).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise _unwritable(flag, target, error.strerror or str(error)) from None


def write_json(target: str | None, document: object) -> None:
    """Write a result where ``--json`` says; nowhere if it says nothing."""
    if target is not None:
        text = json.dumps(document, indent=2, ensure_ascii=target == STDOUT) + "\n"
        write_text("--json", target, text)


def _unwritable(flag: str, target: str, why: str) -> KnellError:
    return KnellError(
        f"cannot be written: {why}", place=f"{flag} {target}", mend="name another place"
    )
