"""Loading models: a Python file is run under a user's settings and yields its models."""

from __future__ import annotations

import runpy
import traceback
from pathlib import Path

from knell.language.errors import ModelError
from knell.language.model import Model
from knell.language.settings import Settings, settings
from knell.spec.errors import KnellError


def load_model(path: Path, chosen: Settings, name: str | None = None) -> Model:
    """Run the model file at ``path`` and return its model, or the one called ``name``.

    Every mistake in the file, also a Python one, ends as one line with its place.
    """
    if not path.is_file():
        raise KnellError("no such model file", place=str(path), mend="check the path")
    try:
        with settings(chosen):
            namespace = runpy.run_path(str(path))
    except KnellError:
        raise
    except SyntaxError as error:
        raise ModelError(f"syntax error: {error.msg}", place=f"{path}:{error.lineno}") from None
    except RecursionError:
        raise ModelError("the model recurses without end", place=str(path)) from None
    except Exception as error:
        raise ModelError(
            f"{type(error).__name__}: {' '.join(str(error).split())}", place=_place(error, path)
        ) from None
    models = {m.name: m for m in namespace.values() if isinstance(m, Model)}
    return _choose(path, models, name).finish()


def _choose(path: Path, models: dict[str, Model], name: str | None) -> Model:
    known = ", ".join(models)
    if not models:
        raise ModelError(
            "the file defines no model", place=str(path), mend='start with m = Model("name")'
        )
    if name is None:
        if len(models) > 1:
            raise ModelError(
                "the file defines several models",
                place=str(path),
                mend=f"name one of {known}: {path}:NAME",
            )
        return next(iter(models.values()))
    if name not in models:
        raise ModelError(f"no model {name!r}", place=str(path), mend=f"it defines {known}")
    return models[name]


def _place(error: Exception, path: Path) -> str:
    """The innermost line of the model's file that led to the error."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}:{lines[-1]}" if lines else str(path)
