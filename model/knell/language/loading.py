"""Loading models: a Python file is run under a user's settings and yields its models."""

from __future__ import annotations

import runpy
import traceback
from collections.abc import Mapping
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
        place = f"{error.filename or path}:{error.lineno}"
        raise ModelError(f"syntax error: {error.msg}", place=place) from None
    except RecursionError:
        raise ModelError("the model recurses without end", place=str(path)) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a user's file may do
        raise ModelError(
            f"{type(error).__name__}: {' '.join(str(error).split())}", place=_place(error, path)
        ) from None
    return _choose(path, _by_name(namespace), name).finish()


def _by_name(namespace: Mapping[str, object]) -> dict[str, Model]:
    models: dict[str, Model] = {}
    for model in namespace.values():
        if isinstance(model, Model) and models.setdefault(model.name, model) is not model:
            raise ModelError(
                f"two models are called {model.name!r}",
                place=model.place,
                mend=f"see {models[model.name].place}",
            )
    return models


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


def _place(error: BaseException, path: Path) -> str:
    """The innermost line of the model's file that led to the error."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}:{lines[-1]}" if lines else str(path)
