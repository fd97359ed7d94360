"""What a search knows: the states in their order, how each was found, and what was seen of them.

A state's number is its place in the order of discovery. With the state from which it was found,
and the instance that led there, every state has its way back to an initial one. Where liveness is
asked, all changing steps are kept too.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from knell.checker.source import Packed

ROOT = -1  # the parent of an initial state


@dataclass
class Edges:
    """The steps that change the state: those of state ``u`` are at ``first[u]:first[u + 1]``."""

    first: array[int] = field(default_factory=lambda: array("q", [0]))
    targets: array[int] = field(default_factory=lambda: array("i"))
    instances: array[int] = field(default_factory=lambda: array("i"))


@dataclass
class Explored:
    """What a search knows so far; it can go on from here at any time.

    States below ``expanded`` have been expanded. ``level_ends[d]`` is the number after the last
    state that is first reached by ``d`` steps, for every level that is known in full. ``taken``
    counts executions of instances. ``hits`` maps watches to the first state that satisfies them,
    ``missteps`` maps properties (by position) to the first step that breaks them, as state and
    instance. ``awaited`` holds the step premises that were seen to hold.
    """

    states: list[Packed] = field(default_factory=list)
    parents: array[int] = field(default_factory=lambda: array("i"))
    via: array[int] = field(default_factory=lambda: array("i"))
    level_ends: list[int] = field(default_factory=list)
    expanded: int = 0
    taken: list[int] = field(default_factory=list)
    hits: dict[int, int] = field(default_factory=dict)
    missteps: dict[int, tuple[int, int]] = field(default_factory=dict)
    deadlock: int | None = None
    awaited: set[int] = field(default_factory=set)
    edges: Edges | None = None

    @property
    def generated(self) -> int:
        """Initial states and enabled instances of all expanded states."""
        return self.level_ends[0] + sum(self.taken)

    @property
    def complete(self) -> bool:
        """Whether every state that was found has been expanded."""
        return self.expanded == len(self.states)

    @property
    def level_start(self) -> int:
        """The number of the first state of the level that is being expanded."""
        return self.level_ends[-2] if len(self.level_ends) > 1 else 0

    @property
    def levels(self) -> list[int]:
        """How many states each level has, as far as they have been found."""
        starts = [0, *self.level_ends]
        ends = [*self.level_ends, len(self.states)]
        return [end - start for start, end in zip(starts, ends, strict=True) if end > start]

    def path(self, state: int) -> tuple[list[int], list[int]]:
        """The states and the instances on the way to a state."""
        states, instances = [state], []
        while self.parents[state] != ROOT:
            instances.append(self.via[state])
            state = self.parents[state]
            states.append(state)
        return states[::-1], instances[::-1]


@dataclass
class Walks:
    """How many were taken and what they have seen: enabled instances met, states of the longest."""

    taken: int = 0
    generated: int = 0
    longest: int = 0
