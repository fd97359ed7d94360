"""What the compiled engine refuses."""

from __future__ import annotations

from knell.spec.errors import KnellError


class NotCompilableError(KnellError):
    """The compiled engine cannot do what is asked; the reference can."""
