"""What was replayed, and what was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from knell.conformance.replay.divergence import Divergence


@dataclass
class Coverage:
    """What was replayed.

    Attributes:
        model: How many transitions the model has, before symmetry.
        supported: How many of them can be reached without what is skipped.
        covered: How many of them were replayed, each counted once.
        replays: Replays of transitions; where cores are explored, once for each pair of states.
        steps: Steps of the implementation, actions that must change nothing included.
        tried: Actions tried though the model disables them.
        by_action: Replays of each action.
        divergences: What was found to differ, the shortest run to each kind first.
        skipped: What was not replayed, and why.
        failures: How the adapter failed; then nothing can be said of what it failed at.
        ignored: Values that the adapter calls not observable, by variable.
        doubtful: Outcomes that were not definite.
    """

    model: int = 0
    supported: int = 0
    covered: int = 0
    replays: int = 0
    steps: int = 0
    tried: int = 0
    by_action: Counter[str] = field(default_factory=Counter)
    divergences: list[Divergence] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0

    @property
    def verdict(self) -> str:
        """What follows: a difference outweighs a gap, and a gap outweighs agreement."""
        if self.divergences:
            return "diverged"
        gaps = self.failures or self.doubtful or self.covered < self.supported
        return "inconclusive" if gaps or not self.replays else "conforms"
