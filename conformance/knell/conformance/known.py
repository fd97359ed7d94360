"""Lists of known failures: strict, so that they cannot grow stale.

A line names one divergence by its id, as `knell conform` prints it; what follows a `#` says why. A
listed divergence does not fail the run; one that is listed and does not appear does.
"""

from __future__ import annotations

from pathlib import Path

from knell.conformance.campaign import Result
from knell.spec.errors import KnellError


def read(path: Path) -> list[str]:
    """The ids that a file lists.

    Raises:
        KnellError: The file cannot be read, or a line is no id, or stands twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise KnellError(
            f"cannot be read: {why}", place=f"--known-failing {path}", mend="check the path"
        ) from None
    found: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        id = line.partition("#")[0].strip()
        if not id:
            continue
        if "/" not in id or id in found:
            what = "stands twice" if id in found else "is no id of a divergence"
            raise KnellError(
                f"{id!r} {what}",
                place=f"{path}:{number}",
                mend="write one id a line, such as quiesce/phase",
            )
        found.append(id)
    return found


def apply(result: Result, known: list[str]) -> None:
    """Excuse what is listed, and accuse what is listed in vain."""
    found = {each.id for each in result.coverage.divergences}
    result.known = [id for id in known if id in found]
    result.unexpected = [id for id in known if id not in found]
