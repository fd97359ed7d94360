"""Canonical order of interchangeable elements, by colour refinement.

Elements are coloured by their sort, then by how they occur in the state: in which cells, at which
place, beside elements of which colours, until the colours tell no more of them apart. Elements of
one colour may be *twins*: exchanging two of them leaves the state as it is, so their order does
not matter. Where elements of one colour are no twins, each in turn is given a colour of its own,
and refinement goes on. Each way ends in an order of all elements, and of the states that these
orders yield the least is the representative.

Every choice is made by colours, and colours are made from the state's structure alone, so all
states of an orbit lead to the same set of states, and to the same least one. An element that is
the twin of one already tried is left out: exchanging both maps its part of the search to the
other's, so it yields the same states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knell.checker.source import Packed
from knell.language.layout import Cell, Layout
from knell.language.types import SortType, Type


@dataclass(frozen=True)
class Place:
    """A cell that mentions elements; elements of all sorts are numbered together.

    ``elements`` are those among its arguments. The cell's index is ``base`` plus each element's
    position in its sort times the ``strides``; a permutation changes the positions. ``kind``
    tells the variable and the other arguments; ``holds`` is the number of the first element of
    the sort that its content is of, if it is.
    """

    index: int
    kind: int
    elements: tuple[int, ...]
    strides: tuple[int, ...]
    base: int
    holds: int | None

    def target(self, position: list[int]) -> int:
        """The index of the cell that the content moves to, where elements have new positions."""
        index = self.base
        for element, stride in zip(self.elements, self.strides, strict=True):
            index += stride * position[element]
        return index


class Refinement:
    """The map from states to representatives under all permutations of some sorts."""

    def __init__(self, layout: Layout, sorts: Sequence[SortType]) -> None:
        self.pack = bytes if layout.bytewise else tuple
        self.first: dict[Type, int] = {}
        self.sort_of: list[int] = []
        self.position: list[int] = []
        for k, sort in enumerate(sorts):
            self.first[sort] = len(self.sort_of)
            self.sort_of += [k] * sort.size
            self.position += range(sort.size)
        kinds: dict[object, int] = {}
        self.places = [
            self._place(cell, kinds)
            for cell in layout.cells
            if cell.to in self.first or any(of in self.first for of in cell.variable.domain)
        ]
        self.mentioning = [
            [place for place in self.places if element in place.elements]
            for element in range(len(self.position))
        ]
        self.holding = [place for place in self.places if place.holds is not None]

    def _place(self, cell: Cell, kinds: dict[object, int]) -> Place:
        domain = cell.variable.domain
        elements: list[int] = []
        strides: list[int] = []
        others: list[int | None] = []
        stride = 1
        for of, value in reversed(list(zip(domain, cell.args, strict=True))):
            if of in self.first:
                elements.append(self.first[of] + value)
                strides.append(stride)
                others.append(None)
            else:
                others.append(value)
            stride *= of.size
        base = cell.index - sum(
            stride * self.position[e] for e, stride in zip(elements, strides, strict=True)
        )
        kind = kinds.setdefault((cell.variable.name, *others), len(kinds))
        holds = self.first.get(cell.to)
        return Place(cell.index, kind, tuple(elements), tuple(strides), base, holds)

    def __call__(self, state: Packed) -> Packed:
        """The representative of the state's orbit."""
        return min(self._outcomes(state, self._refined(state, self.sort_of)))

    def _outcomes(self, state: Packed, colours: list[int]) -> Iterator[Packed]:
        """The states that the orders of elements which fit the colours yield."""
        classes: dict[int, list[int]] = {}
        for element, colour in enumerate(colours):
            classes.setdefault(colour, []).append(element)
        for colour in sorted(classes):
            alike = classes[colour]
            if not all(self._are_twins(state, alike[0], other) for other in alike[1:]):
                break
        else:
            yield self._ordered(state, [e for colour in sorted(classes) for e in classes[colour]])
            return
        tried: list[int] = []
        for element in alike:
            if not any(self._are_twins(state, element, other) for other in tried):
                tried.append(element)
                own = list(colours)
                own[element] = -1
                yield from self._outcomes(state, self._refined(state, own))

    def _refined(self, state: Packed, colours: list[int]) -> list[int]:
        """Colour elements by where they occur, until no more of them are told apart."""
        count = len(set(colours))
        while True:
            marks = list(zip(colours, self._occurrences(state, colours), strict=True))
            ranks = {mark: k for k, mark in enumerate(sorted(set(marks)))}
            colours = [ranks[mark] for mark in marks]
            if len(ranks) in (count, len(colours)):
                return colours
            count = len(ranks)

    def _occurrences(self, state: Packed, colours: list[int]) -> Iterator[tuple[object, ...]]:
        """For each element, its occurrences, in an order that depends on colours alone.

        Arguments where a cell holds 0 are left out: they follow from those where it does not.
        """
        found: list[list[tuple[int, ...]]] = [[] for _ in colours]
        for place in self.places:
            content = state[place.index]
            elements = place.elements
            if place.holds is not None:
                elements = (*elements, place.holds + content)
                content = 0
            elif not content:
                continue
            beside = [colours[e] for e in elements]
            for k, element in enumerate(elements):
                found[element].append((place.kind, content, k, *beside))
        return (tuple(sorted(occurrences)) for occurrences in found)

    def _are_twins(self, state: Packed, a: int, b: int) -> bool:
        """Whether exchanging two elements of one sort leaves the state as it is."""
        position = list(self.position)
        position[a], position[b] = position[b], position[a]
        return all(
            state[place.target(position)] == self._renamed(place, state, position)
            for places in (self.mentioning[a], self.mentioning[b], self.holding)
            for place in places
        )

    def _ordered(self, state: Packed, order: list[int]) -> Packed:
        """The state with the elements of each sort put in the given order."""
        position = list(self.position)
        for sort in self.first.values():
            kind = self.sort_of[sort]
            for k, element in enumerate(e for e in order if self.sort_of[e] == kind):
                position[element] = k
        result = list(state)
        for place in self.places:
            result[place.target(position)] = self._renamed(place, state, position)
        return self.pack(result)

    def _renamed(self, place: Place, state: Packed, position: list[int]) -> int:
        """What the cell holds once elements have new positions."""
        content = state[place.index]
        return content if place.holds is None else position[place.holds + content]
