"""A canonical representative of each orbit of states.

Permuting elements permutes the cells of a state, and renames the elements that cells hold. The
representative of an orbit is the same for all its states: a true canonical form.

* A *simple* sort is one that each variable takes in at most one argument, beside no other free
  sort, and never as a value. The cells of one of its elements are a column; sorting the columns
  is canonical.
* The elements of the other free sorts are put in order by :mod:`knell.checker.refinement`.
* The explicit permutations of sorts bound by rigid functions are tried one by one. A small group
  of permutations of free sorts is added to them, which is quicker than refinement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import TypeAlias

from knell.checker.refinement import Refinement
from knell.checker.source import Packed
from knell.checker.symmetry import Group, Permutation, all_moved, permutations
from knell.language.grounding import Program
from knell.language.layout import Cell, Layout
from knell.language.types import SortType

Map: TypeAlias = Callable[[Packed], Packed]

_FEW = 24  # permutations that are quicker tried than refined


def canonical_form(program: Program, group: Group) -> Map:
    """The map from states to the representatives of their orbits."""
    layout = program.layout
    simple = [sort for sort in group.free if is_simple(layout, sort, group.free)]
    rest = [sort for sort in group.free if sort not in simple]
    explicit = list(group.bound)
    if math.prod(math.factorial(sort.size) for sort in rest) * len(explicit) <= _FEW:
        explicit = [{**a, **b} for a in explicit for b in permutations(rest)]
        rest = []
    maps: list[Map] = [_sorted_columns(layout, sort) for sort in simple]
    if rest:
        maps.append(Refinement(layout, rest))
    images = [_image(layout, p) for p in explicit if any(_moves(p))]

    def settle(state: Packed) -> Packed:
        for each in maps:
            state = each(state)
        return state

    if not images:
        return maps[0] if len(maps) == 1 else settle
    return lambda state: min(settle(state), *(settle(image(state)) for image in images))


def is_simple(layout: Layout, sort: SortType, free: Sequence[SortType]) -> bool:
    """Whether sorting its columns is canonical."""
    for cell in layout.cells:
        types = [*cell.variable.domain, cell.to]
        if sort in types and (cell.to is sort or sum(of in free for of in types) > 1):
            return False
    return True


def columns_of(layout: Layout, sort: SortType) -> list[list[int]]:
    """For each element of a simple sort, the cells that it has a place in."""
    columns: list[list[int]] = [[] for _ in range(sort.size)]
    for cell in layout.cells:
        if sort in cell.variable.domain:
            columns[cell.args[cell.variable.domain.index(sort)]].append(cell.index)
    return columns


def _sorted_columns(layout: Layout, sort: SortType) -> Map:
    """Sorts the columns of a simple sort."""
    columns = columns_of(layout, sort)
    places = [place for column in columns for place in column]
    if not places:
        return lambda state: state
    read = [_getter(column) for column in columns]
    pack = bytes if layout.bytewise else tuple

    def settle(state: Packed) -> Packed:
        found = [get(state) for get in read]
        ordered = sorted(found)
        if found == ordered:
            return state
        result = list(state)
        contents = (content for column in ordered for content in column)
        for place, content in zip(places, contents, strict=True):
            result[place] = content
        return pack(result)

    return settle


def _moves(permutation: Permutation) -> Iterator[bool]:
    """For each element, whether it is moved."""
    for images in permutation.values():
        yield from (image != value for value, image in enumerate(images))


def _image(layout: Layout, permutation: Permutation) -> Map:
    """The map of states that goes with a permutation of elements."""
    source = [0] * len(layout.cells)
    for cell in layout.cells:
        source[target_of(layout, cell, permutation)] = cell.index
    get = _getter(source)
    renamed = [
        (cell.index, permutation[cell.to]) for cell in layout.cells if cell.to in permutation
    ]
    pack = bytes if layout.bytewise else tuple

    def image(state: Packed) -> Packed:
        result = list(get(state))
        for place, images in renamed:
            result[place] = images[result[place]]
        return pack(result)

    return image


def target_of(layout: Layout, cell: Cell, permutation: Permutation) -> int:
    """The index of the cell where the permutation puts the content of a cell."""
    args = all_moved(permutation, cell.variable.domain, cell.args)
    index = layout.find(cell.variable, args)
    assert index is not None
    return index


def _getter(places: list[int]) -> Callable[[Packed], tuple[int, ...]]:
    """Reads some cells of a state as a tuple."""
    if len(places) == 1:
        return lambda state: (state[places[0]],)
    return itemgetter(*places)
