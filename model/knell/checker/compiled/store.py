"""How a search keeps states: whole ones or fingerprints, in memory or on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True)
class Store:
    """``fingerprints`` keeps 63 bits of each state in the table; ``disk`` keeps the states there.

    Without fingerprints a state is compared with states that were found before, anywhere among
    them. So a disk helps where a state is one word, or is known by its fingerprint: then states
    are written and read in order, once each.
    """

    fingerprints: bool = False
    disk: Path | None = None


IN_MEMORY: Final = Store()
