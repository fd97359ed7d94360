"""What the model says: its states, its steps, and what has to be seen of each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from knell.checker.kernel import Kernel
from knell.checker.source import Packed
from knell.conformance.mapping.cluster import cluster_of
from knell.conformance.mapping.projection import Cell, View
from knell.conformance.mapping.variables import Source, source_of
from knell.conformance.sim.perform import Seen
from knell.language.grounding import Instance, Program
from knell.language.layout import Cell as Place
from knell.language.model import Model
from knell.language.types import BoolType

_OF_NODES = {Source.CORE, Source.WORLD}

_TAKES_EFFECT = {
    "act": ("act", "g"),
    "begin_act": ("act", "g"),
    "finish_act": ("act", "g"),
    "route_work": ("route", "i"),
}
"""Actions whose effect no variable shows: the engine says yes."""


class Step(NamedTuple):
    """A step of the model: the number of the state that it leads to, and what is seen of it."""

    target: int
    effects: tuple[Seen, ...]


Parts = tuple[int, ...]
"""What a state says of each node, and of the network, each by number."""


@dataclass
class Graph:
    """All states of a model, without symmetry, by number; the initial state is 0.

    Attributes:
        states: The states.
        steps: For each state the steps out of it, by the number of the instance.
        parts: For each state its parts.
    """

    states: list[Packed] = field(default_factory=list)
    steps: list[dict[int, Step]] = field(default_factory=list)
    parts: list[Parts] = field(default_factory=list)

    @property
    def transitions(self) -> int:
        """How many steps there are."""
        return sum(map(len, self.steps))


class Expectation:
    """The model of a cluster, and how its states fall into parts that are compared."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.cluster = cluster_of(model)
        self.program = Program(model)
        self.instances: list[Instance] = self.program.instances
        places = self.program.layout.cells
        of_nodes = [p for p in places if self._source(p) in _OF_NODES]
        self.places: list[list[Place]] = [
            *([p for p in of_nodes if name_of(p)[1] == node] for node in self.cluster.nodes),
            [p for p in places if self._source(p) is Source.NETWORK],
        ]
        self._readers = [_reader(each) for each in self.places]
        self.contents: list[dict[tuple[int, ...], int]] = [{} for _ in self.places]
        self._codes = [[(name_of(p), _contents_of(p)) for p in part] for part in self.places]
        self._own_effect: dict[int, Seen] = {
            number: (word, instance.parameters[parameter])
            for number, instance in enumerate(self.instances)
            for word, parameter in [_TAKES_EFFECT.get(instance.action.name, ("", ""))]
            if word
        }
        self._effects: list[tuple[int, Seen]] = [
            (place.index, effect) for place in places for effect in _effect_of(name_of(place))
        ]

    def graph(self) -> Graph:
        """Explore the model."""
        successors = Kernel(self.program).successors
        (start,) = self.program.initial()
        first: Packed = bytes(start) if self.program.layout.bytewise else tuple(start)
        graph = Graph([first])
        numbers = {first: 0}
        for state in graph.states:  # grows meanwhile
            steps = {}
            for instance, after in successors(state):
                target = numbers.setdefault(after, len(graph.states))
                if target == len(graph.states):
                    graph.states.append(after)
                steps[instance] = Step(target, self._seen(instance, state, after))
            graph.steps.append(steps)
            graph.parts.append(
                tuple(self._number(part, reader(state)) for part, reader in self._parts())
            )
        return graph

    def encode(self, part: int, view: View) -> int:
        """The number of a projection of a part; what is neither yes nor no fits no state."""
        contents = tuple(known.get(view[cell], -1) for cell, known in self._codes[part])
        return self._number(part, contents)

    def decode(self, part: int, number: int) -> dict[str, str]:
        """A part as a person reads it."""
        contents = next(c for c, n in self.contents[part].items() if n == number)
        return {
            str(place): place.to.show(content + place.to.lo) if content >= 0 else "neither"
            for place, content in zip(self.places[part], contents, strict=True)
        }

    def phases(self, state: Packed) -> list[str]:
        """Where each node stands in a state, for messages."""
        shown = self.program.layout.show(state)
        return [f"{node}={shown[f'phase[{node}]']}" for node in self.cluster.nodes]

    def _parts(self) -> Iterator[tuple[int, Callable[[Packed], tuple[int, ...]]]]:
        return enumerate(self._readers)

    def _number(self, part: int, contents: tuple[int, ...]) -> int:
        known = self.contents[part]
        return known.setdefault(contents, len(known))

    def _seen(self, instance: int, before: Packed, after: Packed) -> tuple[Seen, ...]:
        """What has to be seen of a step."""
        seen = [self._own_effect[instance]] if instance in self._own_effect else []
        if before != after:
            seen += (effect for cell, effect in self._effects if before[cell] < after[cell])
        return tuple(sorted(seen))

    def _source(self, place: Place) -> Source:
        return source_of(self.model, place.variable.name)


def _effect_of(cell: Cell) -> Iterator[Seen]:
    """What is seen when a cell goes up."""
    match cell:
        case ("leaves", _, group, other):
            yield ("leave", group, other)
        case ("warned", _, group):
            yield ("ending", group)
        case ("rounds", _):
            yield ("distress",)
        case ("reported", _, group, cause):
            yield ("report", group, cause)


def name_of(place: Place) -> Cell:
    """A place in the model's state as variable and arguments."""
    variable = place.variable
    args = zip(variable.domain, place.args, strict=True)
    return (variable.name, *(of.show(value) for of, value in args))


def _contents_of(place: Place) -> dict[str | bool, int]:
    """The content that stands for each value of a place."""
    shown = {value - place.to.lo: place.to.show(value) for value in place.to.values()}
    as_truth: dict[str, str | bool] = {"false": False, "true": True}
    is_truth = isinstance(place.to, BoolType)
    return {as_truth[name] if is_truth else name: content for content, name in shown.items()}


def _reader(places: Sequence[Place]) -> Callable[[Packed], tuple[int, ...]]:
    """What reads these cells, of which there are several, out of a state."""
    return itemgetter(*(place.index for place in places))
