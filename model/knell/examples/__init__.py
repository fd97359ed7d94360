"""Classic small models: they show the language at work, and their counts hold engines to account.

Each is a plain model file, as a user would write one; run ``knell check peterson``, or copy the
file and run ``knell check my_copy.py``. In reading order: messages and agreement first, then
puzzles with numbers, mutual exclusion, queues, fairness, and an algorithm on a ring.
"""

from pathlib import Path
from typing import Final

_NAMES: Final = (
    "two-phase-commit",
    "transaction-commit",
    "quorum-vote",
    "die-hard",
    "peterson",
    "coffee-can",
    "readers-writers",
    "simple-allocator",
    "ewd840",
)

EXAMPLES: Final[dict[str, Path]] = {
    name: Path(__file__).with_name(f"{name.replace('-', '_')}.py") for name in _NAMES
}
"""The name of each example and its file."""
