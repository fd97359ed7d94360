"""How large a model may be. What is larger is refused in a line, before it fills the memory.

The bounds lie far beyond what any search could finish, so that whoever meets one has mistyped a
size, or left out what a model needs to be small.
"""

from __future__ import annotations

from typing import Final

from knell.language.errors import ModelError

MOST_ELEMENTS: Final = 1_000
"""Elements of a sort."""

MOST_OF_A_NUMBER: Final = 10_000
"""The greatest value of an integer parameter, unless the model declares another."""

MOST_CELLS: Final = 100_000
"""Cells of a state, and points of a rigid function."""

MOST_INSTANCES: Final = 1_000_000
"""Actions with values for their parameters."""

MOST_TERMS: Final = 200_000
"""Ground terms: what guards, updates and properties come to, written out."""


def refuse_more(number: int, most: int, what: str, place: str | None = None) -> None:
    """Refuse more than ``most`` of something."""
    if number > most:
        raise ModelError(
            f"{_about(number)} {what}, at most {most:,} can be handled",
            place=place,
            mend="make sorts and ranges smaller",
        )


def _about(number: int) -> str:
    """A number as a person reads it, however large."""
    return f"{number:,}" if number < 10**12 else f"more than 10^{len(str(number)) - 1}"
