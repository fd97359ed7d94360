"""Which models there are by name, and how a model is loaded, listed or a user's own."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from knell.language.loading import load_model
from knell.language.model import Model
from knell.language.settings import Settings
from knell.spec.errors import KnellError, did_you_mean

DEFAULT = "node-shutdown"

_AS_IT_IS = Settings()
_FILE = re.compile(r"(?P<path>.*\.py)(?::(?P<name>.+))?", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """Where a model stands: a file, and which of its models is meant if it holds several."""

    path: Path
    name: str | None = None


def listed() -> dict[str, Path]:
    """The models known by name, the protocol first."""
    from knell.examples import EXAMPLES
    from knell.protocol import NODE_SHUTDOWN

    return {DEFAULT: NODE_SHUTDOWN, **EXAMPLES}


def find(target: str) -> Source:
    """The model that a user means: a listed name, or ``file.py`` or ``file.py:name``."""
    known = listed()
    if target in known:
        return Source(known[target])
    match = _FILE.fullmatch(target)
    if match:
        return Source(_checked(Path(match["path"])), match["name"])
    if os.sep in target or Path(target).exists():
        return Source(_checked(Path(target)))
    guess = did_you_mean(target, known)
    raise KnellError(
        f"no model is called {target!r}",
        place="MODEL",
        mend=f"{guess}known: {', '.join(known)}, or name a file.py",
    )


def load(target: str, chosen: Settings = _AS_IT_IS) -> Model:
    """Load a model under a user's settings. What its file prints goes to standard error."""
    source = find(target)
    with contextlib.redirect_stdout(sys.stderr):
        return load_model(source.path, chosen, source.name)


def _checked(path: Path) -> Path:
    if path.is_dir():
        raise KnellError("is a directory", place=str(path), mend="name a model file in it")
    if not path.is_file():
        raise KnellError("no such model file", place=str(path), mend="check the path")
    return path
