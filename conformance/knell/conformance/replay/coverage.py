"""What was replayed, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from knell.conformance.replay.divergence import Divergence
from knell.conformance.replay.expected import Graph


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
        stutters: Heartbeats, acknowledgements and the like tried, which must change nothing.
        by_action: How many transitions of the model each action has.
        covered_by_action: How many of these were replayed.
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
    stutters: int = 0
    by_action: Counter[str] = field(default_factory=Counter)
    covered_by_action: Counter[str] = field(default_factory=Counter)
    divergences: list[Divergence] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0

    def keep_only(self, actions: Container[str]) -> None:
        """Count the transitions of these actions alone; what differs before any stays told."""
        others = {name for name in self.by_action if name not in actions}
        for counts in (self.by_action, self.covered_by_action):
            for name in [name for name in counts if name not in actions]:
                del counts[name]
        lost = self.model - self.by_action.total()
        self.model, self.covered = self.by_action.total(), self.covered_by_action.total()
        self.supported = max(0, self.supported - lost)
        self.divergences = [
            each for each in self.divergences if each.id.partition("/")[0] not in others
        ]
        if not self.model:
            self.replays = 0


def begin(graph: Graph, names: Sequence[str]) -> Coverage:
    """Nothing replayed yet, of all the transitions of a model; ``names`` are the instances'."""
    by_action = Counter(names[instance] for steps in graph.steps for instance in steps)
    number = graph.transitions
    return Coverage(model=number, supported=number, by_action=by_action)
