"""Runs of the model, made from what a search has found."""

from __future__ import annotations

from knell.checker.errors import InternalError
from knell.checker.lasso import Lasso
from knell.checker.replay import broken_clauses, is_enabled
from knell.checker.results import Run
from knell.checker.search import Search
from knell.checker.source import Packed
from knell.language.properties import Property


class Runs:
    """Makes the runs of one search."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.program = search.program

    def to_state(self, number: int) -> Run:
        """The run that found a state."""
        return self._run(*self.search.way_to(number))

    def to_misstep(self, number: int, instance: int, declared: Property) -> Run:
        """The run that found a state, and the first step from there that breaks the property."""
        run = self.to_state(number)
        last = run.states[-1]
        candidates = (
            [instance] if self.search.canonical is None else range(len(self.program.instances))
        )
        evaluator = self.program.evaluator
        for k in candidates:
            step = self.program.instances[k]
            if is_enabled(evaluator, step.action, last, step.env):
                after = evaluator.execute(step.action, last, step.env)
                longer = Run((*run.states, after), (*run.steps, step))
                if broken_clauses(evaluator, declared, longer):
                    return longer
        raise InternalError(f"no step breaks {declared.id} where one was said to")

    def endless(self, lasso: Lasso) -> Run:
        """The endless run through some states of a search without symmetry."""
        states = [self.search.explored.states[k] for k in lasso.states]
        run = self._run(states, lasso.instances)
        return Run(run.states, run.steps, lasso.loop)

    def _run(self, states: list[Packed], path: list[int]) -> Run:
        return Run(
            tuple(tuple(state) for state in states),
            tuple(self.program.instances[k] for k in path),
        )
