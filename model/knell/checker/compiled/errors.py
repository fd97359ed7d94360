"""What the compiled engine refuses, and the errors of the model that native code met."""

from __future__ import annotations

from typing import Any

from knell.checker.compiled.context import At
from knell.checker.errors import MisstepError
from knell.spec.errors import KnellError


class NotCompilableError(KnellError):
    """The compiled engine cannot do what is asked; the reference can."""


def misstep_of(context: Any) -> MisstepError:
    """The error that a context holds."""
    error = int(context[At.ERROR])
    if error > 0:
        return MisstepError(error - 1)
    return MisstepError(None, -error - 1, int(context[At.ERROR_DETAIL]))
