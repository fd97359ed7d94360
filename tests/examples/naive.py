"""Exploration straight from the meaning of the language, without any engine's cleverness."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from knell.language import Model
from knell.language.evaluate import extend
from knell.language.grounding import Program
from knell.language.layout import Layout
from knell.language.types import SortType

State = tuple[int, ...]


@dataclass
class Reached:
    """The reachable states by distance, the steps between them, and their number."""

    levels: list[set[State]]
    generated: int
    stuck: list[State] = field(default_factory=list)

    @property
    def states(self) -> Iterator[State]:
        return itertools.chain.from_iterable(self.levels)

    @property
    def distinct(self) -> int:
        return sum(map(len, self.levels))


def explore(model: Model) -> Reached:
    """Breadth-first search by the evaluator."""
    program = Program(model)
    evaluator = program.evaluator
    instances = [(a, env) for a in model.actions for env in extend({}, a.parameters)]
    start = set(program.initial())
    reached = Reached([start], len(start))
    seen = set(start)
    while True:
        found: set[State] = set()
        for state in reached.levels[-1]:
            after = [
                evaluator.execute(action, state, env)
                for action, env in instances
                if not evaluator.failing_clauses(action, state, env)
            ]
            reached.generated += len(after)
            found.update(after)
            if not after:
                reached.stuck.append(state)
        found -= seen
        if not found:
            return reached
        seen |= found
        reached.levels.append(found)


def orbits(model: Model, states: Iterable[State], sort: SortType) -> int:
    """How many states there are up to a permutation of the sort's elements."""
    layout = Layout(model)
    movers = [_mover(layout, sort, p) for p in itertools.permutations(sort.values())]
    return len({min(move(state) for move in movers) for state in states})


def _mover(layout: Layout, sort: SortType, image: tuple[int, ...]) -> Callable[[State], State]:
    """The state in which each element has become its image."""
    sources = [0] * len(layout.cells)
    for cell in layout.cells:
        moved = tuple(
            image[value] if of is sort else value
            for of, value in zip(cell.variable.domain, cell.args, strict=True)
        )
        sources[layout.at(cell.variable, moved)] = cell.index
    holds_elements = [cell.to is sort for cell in layout.cells]

    def move(state: State) -> State:
        return tuple(
            image[state[source]] if holds else state[source]
            for source, holds in zip(sources, holds_elements, strict=True)
        )

    return move
