"""The one exception tree: what a user did wrong, said in one line.

Every error that a user can cause derives from `KnellError`. The command line
prints `str(error)` and exits with 2; it never shows a traceback for one of
these. So each error says three things, as far as they are known:

* where: a file and line, a path inside a JSON document, or a flag;
* what is wrong there;
* how to mend it.

An error of any other type that reaches the user is a bug of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KnellError(Exception):
    """Something that a user can mend; `str()` is one line `place: message; mend`.

    Args:
        message: What is wrong, without a final period.
        place: Where it is: `file:line`, a file and a JSON path, or a flag.
        mend: What the user can do about it, as an instruction.
    """

    def __init__(self, message: str, *, place: str | None = None, mend: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.mend = mend

    def __str__(self) -> str:
        """Return the error as one printable line, whatever its parts hold."""
        text = self.message
        if self.place:
            text = f"{self.place}: {text}"
        if self.mend:
            text = f"{text}; {self.mend}"
        line = " ".join(text.split())
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep place and mend when the error crosses a process boundary."""
        return (_rebuild, (type(self), self.args, dict(self.__dict__)))


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """A guess to begin the mend with; nothing if no known name is close.

    >>> did_you_mean("defualt", ["small", "default"])
    'did you mean default? '
    """
    close = difflib.get_close_matches(wrong, list(known), n=1)
    return f"did you mean {close[0]}? " if close else ""


class TraceError(KnellError):
    """A trace is malformed; names the file, the place in it, and the mend."""


def _rebuild(
    kind: type[KnellError], args: tuple[object, ...], fields: dict[str, object]
) -> KnellError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(fields)
    return error
