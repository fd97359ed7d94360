"""Errors in a model, with the line of the model that they are about."""

from __future__ import annotations

import contextlib
import inspect
import os
from pathlib import Path
from types import FrameType

from knell.spec.errors import KnellError

_OURS = str(Path(__file__).parent) + os.sep
_PLUMBING = ("<string>", contextlib.__file__)


class ModelError(KnellError):
    """The model is wrong: names file, line and the way out.

    Without an explicit ``place`` it takes the innermost line outside the language itself, which
    is the line of the model that asked for the impossible.
    """

    def __init__(self, message: str, *, place: str | None = None, mend: str | None = None) -> None:
        super().__init__(message, place=place or caller(), mend=mend)


def caller() -> str:
    """``file:line`` of the innermost frame outside this package."""
    frame = _outer_frame()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "?"


def caller_names() -> dict[str, object]:
    """The local names of the innermost frame outside this package."""
    frame = _outer_frame()
    return dict(frame.f_locals) if frame is not None else {}


def _outer_frame() -> FrameType | None:
    frame = inspect.currentframe()
    while frame is not None and frame.f_back is not None and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _is_ours(filename: str) -> bool:
    return filename.startswith(_OURS) or filename in _PLUMBING
