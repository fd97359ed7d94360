"""What the model says of a step, in the form in which the implementation is compared with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter

from knell.checker.kernel import Kernel
from knell.checker.source import Packed
from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.projection import Cell, View
from knell.conformance.mapping.variables import VARIABLES, Source
from knell.conformance.sim.perform import Seen
from knell.language.grounding import Instance
from knell.language.layout import Cell as Place

_OF_NODES = {Source.CORE, Source.WORLD}

_TAKES_EFFECT = {
    "act": ("act", "g"),
    "begin_act": ("act", "g"),
    "finish_act": ("act", "g"),
    "route_work": ("route", "i"),
}
"""Actions whose effect no variable shows: the engine says yes."""


class Expectation:
    """The model of a cluster: its states and steps, and the parts of a state by node."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.program = cluster.program
        self.instances: list[Instance] = self.program.instances
        self.successors = Kernel(self.program).successors
        places = self.program.layout.cells
        self.of_node = {
            node: [p for p in places if _source(p) in _OF_NODES and name_of(p)[1] == node]
            for node in cluster.nodes
        }
        self.of_network = [p for p in places if _source(p) is Source.NETWORK]
        self.nodes_part = [_reader(self.of_node[node]) for node in cluster.nodes]
        self.network_part = _reader(self.of_network)
        self._effects = self._effect_cells()

    @cached_property
    def initial(self) -> Packed:
        """The one initial state."""
        (state,) = self.program.initial()
        return bytes(state) if self.program.layout.bytewise else tuple(state)

    def encode(self, places: Sequence[Place], view: View) -> tuple[int, ...]:
        """A projection as the contents of these cells; what is not observed fits nothing."""
        found = []
        for place in places:
            value = place.to.parse(view[name_of(place)])
            found.append(-1 if value is None else value - place.to.lo)
        return tuple(found)

    def effects(self, instance: int, before: Packed, after: Packed) -> tuple[Seen, ...]:
        """What has to be seen of a step."""
        seen = [self._own_effect[instance]] if instance in self._own_effect else []
        if before != after:
            seen += (effect for cell, effect in self._effects if before[cell] < after[cell])
        return tuple(sorted(seen))

    @cached_property
    def _own_effect(self) -> dict[int, Seen]:
        found: dict[int, Seen] = {}
        for number, instance in enumerate(self.instances):
            if instance.action.name in _TAKES_EFFECT:
                word, parameter = _TAKES_EFFECT[instance.action.name]
                found[number] = (word, instance.parameters[parameter])
        return found

    def _effect_cells(self) -> list[tuple[int, Seen]]:
        return [
            (place.index, effect)
            for place in self.program.layout.cells
            for effect in _effect_of(name_of(place))
        ]

    def show(self, state: Packed) -> dict[str, str]:
        """A state as a person reads it."""
        return self.program.layout.show(state)


def _effect_of(cell: Cell) -> Iterator[Seen]:
    """What is seen when a cell goes up."""
    match cell:
        case ("leaves", _, group, other):
            yield ("leave", group, other)
        case ("warned", _, group):
            yield ("ending", group)
        case ("rounds", _):
            yield ("distress",)


def name_of(place: Place) -> Cell:
    """A place in the model's state as variable and arguments."""
    variable = place.variable
    args = zip(variable.domain, place.args, strict=True)
    return (variable.name, *(of.show(value) for of, value in args))


def _source(place: Place) -> Source:
    return VARIABLES[place.variable.name].source


def _reader(places: Sequence[Place]) -> Callable[[Packed], tuple[int, ...]]:
    """What reads these cells, of which there are several, out of a state."""
    return itemgetter(*(place.index for place in places))
