"""Answers kept between runs, by the content of the query.

The key covers all that is assumed, the goal and the declarations, and the version of z3. Only
*unsat* is kept: a counterexample is wanted with its states, and *unknown* may be known next time.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from knell.prover.backend import version


def default_directory() -> Path:
    """Where answers are kept unless the user says otherwise."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "knell" / "prover"


class Cache:
    """The queries that are known to be proved; without a directory nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self.path = None if directory is None else directory / f"z3-{version()}.json"
        self._known: dict[str, float] = self._load()
        self._new = False

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def seconds(self, key: str) -> float:
        """How long it took to prove the query."""
        return self._known[key]

    def add(self, key: str, seconds: float) -> None:
        """Keep that the query is proved."""
        self._known[key] = round(seconds, 4)
        self._new = True

    def save(self) -> None:
        """Write what is new; a cache that can't be written is no error."""
        if self.path is None or not self._new:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft = self.path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps({**self._load(), **self._known}), encoding="utf-8")
            draft.replace(self.path)
        except OSError:
            return
        self._new = False

    def _load(self) -> dict[str, float]:
        if self.path is None:
            return {}
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
