"""Loading models: a Python file is run under a user's settings and yields its models.

However the file ends, it ends here: what would end the whole process becomes an error of the
model, so that an exit code is always a verdict of ours.
"""

from __future__ import annotations

import builtins
import os
import re
import runpy
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from knell import language
from knell.language.errors import ModelError
from knell.language.model import Model
from knell.language.settings import Settings, settings
from knell.spec.errors import KnellError, did_you_mean

_UNKNOWN = re.compile(
    r"(?:cannot import )?name '(?P<name>\w+)' (?:is not defined|from 'knell.language')"
)


def load_model(path: Path, chosen: Settings, name: str | None = None) -> Model:
    """Run the model file at ``path`` and return its model, or the one called ``name``.

    Every mistake in the file, also a Python one, ends as one line with its place.
    """
    if not path.is_file():
        raise KnellError("no such model file", place=str(path), mend="check the path")
    try:
        with settings(chosen), _no_way_out():
            namespace = runpy.run_path(str(path))
    except (KnellError, KeyboardInterrupt):
        raise
    except SyntaxError as error:
        line = "" if error.lineno is None else f":{error.lineno}"
        place = f"{error.filename or path}{line}"
        raise ModelError(f"syntax error: {error.msg}", place=place) from None
    except RecursionError:
        raise ModelError("the model recurses without end", place=str(path)) from None
    except BaseException as error:  # noqa: BLE001  # whatever a user's file may do
        raise ModelError(
            f"{type(error).__name__}: {' '.join(str(error).split())}",
            place=_place(error, path),
            mend=_mend(error),
        ) from None
    return _choose(path, _by_name(namespace), name).finish()


@contextmanager
def _no_way_out() -> Iterator[None]:
    """Let what ends a process without an exception raise one instead, while the file runs."""
    ways = {name: getattr(os, name) for name in ("_exit", "abort", "execv", "execve")}
    for name in ways:
        setattr(os, name, _refuse_to_leave)
    try:
        yield
    finally:
        for name, way in ways.items():
            setattr(os, name, way)


def _refuse_to_leave(*given: object) -> NoReturn:
    raise SystemExit(*given[:1])


def _mend(error: BaseException) -> str | None:
    """What a name that is not there was probably meant to be."""
    if isinstance(error, SystemExit):
        return "a model declares, and leaves the rest to the command"
    found = _UNKNOWN.match(str(error))
    if not found:
        return None
    if found["name"] in language.__all__:
        return f"add: from knell.language import {found['name']}"
    return did_you_mean(found["name"], [*language.__all__, *dir(builtins)]).strip() or None


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
