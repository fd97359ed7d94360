"""Which auxiliary invariants a proof needs: each is taken away, and what then fails is named.

A proof tells by its *cores* which premises it used. So only the obligations that used what is gone
are asked again. What fails without the invariant is gone too, and so on: the invariant is needed
if in the end some property is not proved any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from knell.language.model import Model
from knell.prover.inductive import How
from knell.prover.pool import Task, solve_all
from knell.prover.problem import VALUES, Problem, Query
from knell.prover.solve import Answer, Effort, Solved
from knell.spec.errors import KnellError

Cores = dict[int, frozenset[str]]
"""For each obligation that is proved, by its position, which premises its proof used."""


@dataclass(frozen=True)
class Need:
    """What an invariant is for: an obligation that fails without it, and properties then lost.

    An invariant that loses no property is not needed; ``fallen`` are those that fall with it.
    """

    invariant: str
    action: str | None
    conjunct: str | None
    lost: tuple[str, ...]
    fallen: tuple[str, ...]


class Needs:
    """The proof of a model, with the premises of each of its parts."""

    def __init__(self, model: Model, how: How | None = None) -> None:
        self.model = model
        self.how = how or How()
        self.problem = Problem(model, keys=False)
        self.effort = Effort(self.how.seconds, self.how.seed, cores=True, shown=False)
        self.tasks: list[Task] = []
        self.cores: Cores = {}
        self._prove()

    def __iter__(self) -> Iterator[Need]:
        """What each auxiliary invariant is for, in the order of their declaration."""
        for clause in self.model.invariants:
            yield self.without(clause.name)

    def without(self, invariant: str, others: Iterable[str] = ()) -> Need:
        """What happens to the proof if the invariant is not there, nor others that do no harm."""
        gone, cores = {invariant, *others}, dict(self.cores)
        first: Query | None = None
        lost: set[str] = set()
        while not lost and (failed := self.failing(gone, cores)):
            first = first or failed[0][0]
            gone |= {query.conjunct for query, _ in failed}
            lost = self._lost(gone)
        return Need(
            invariant,
            first.action if first else None,
            first.conjunct if first else None,
            tuple(p.id for p in self.model.properties if p.id in lost),
            tuple(sorted(gone - {invariant, *others})),
        )

    def failing(self, gone: set[str], cores: Cores) -> list[tuple[Query, Answer]]:
        """The obligations that fail without what is gone: of properties, or else of invariants.

        The premises of those that do not fail are noted among the cores.
        """
        used = [k for k, core in cores.items() if core & gone]
        used = [k for k in used if self.tasks[k].query.conjunct not in gone]
        for claimed in (True, False):  # a property that is lost settles the matter
            failed: dict[int, Answer] = {}
            asked = [k for k in used if self.is_claimed(self.tasks[k].query.conjunct) == claimed]
            for k, solved in self._ask(asked, gone):
                if solved.core is not None:
                    cores[k] = solved.core
                else:
                    failed[k] = solved.answer
            if failed:
                break
        return [(self.tasks[k].query, answer) for k, answer in sorted(failed.items())]

    def is_claimed(self, conjunct: str) -> bool:
        """Whether the conjunct is one of a property."""
        return bool(self._lost({conjunct}))

    def _prove(self) -> None:
        """Prove everything, and keep the cores."""
        problem = self.problem
        lasting = list(problem.persistences())
        for position, solved in self._answers([Task(query) for query, _ in lasting]):
            if solved.core is not None:
                problem.persistent.add(lasting[position][1])
                self.cores[len(self.tasks)] = solved.core
                self.tasks.append(Task(lasting[position][0]))
        for action in self.model.actions:
            step = problem.step(action)
            queries = (q for q in problem.inductions(action) if not q.is_trivial)
            self.tasks += [Task(query, action, step) for query in queries]
        left = [k for k in range(len(self.tasks)) if k not in self.cores]
        for k, solved in self._ask(left, set()):
            if solved.core is None:
                query = self.tasks[k].query
                raise KnellError(
                    f"{query.action} / {query.conjunct} is not proved: what is needed for a proof "
                    "can be said only where there is one",
                    place=self.model.place,
                    mend=f"see: knell prove {self.model.name}",
                )
            self.cores[k] = solved.core

    def _ask(self, positions: Iterable[int], gone: set[str]) -> Iterator[tuple[int, Solved]]:
        """The answers to these obligations without what is gone."""
        asked = list(positions)
        tasks = [replace(self.tasks[k], query=_reduced(self.tasks[k].query, gone)) for k in asked]
        for place, solved in self._answers(tasks):
            yield asked[place], solved

    def _answers(self, tasks: list[Task]) -> Iterator[tuple[int, Solved]]:
        return solve_all(self.model, tasks, self.effort, self.how.workers) if tasks else iter(())

    def _lost(self, gone: set[str]) -> set[str]:
        """The ids of the properties that are not proved any more."""
        return {id for label, id in self._owners.items() if label in gone or VALUES in gone}

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The property that each claimed conjunct is part of."""
        parts = (*self.problem.conjuncts, *self.problem.claims)
        return {each.id: each.declared.id for each in parts if each.declared is not None}


def _reduced(query: Query, gone: set[str]) -> Query:
    kept = [
        (formula, source)
        for formula, source in zip(query.assumed, query.sources, strict=True)
        if source not in gone
    ]
    return replace(
        query,
        assumed=tuple(formula for formula, _ in kept),
        sources=tuple(source for _, source in kept),
    )
