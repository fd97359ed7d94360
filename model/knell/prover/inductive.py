"""Proof by induction for any size: the matrix of obligations, asked in parallel.

Where a conjunct fails, what was proved with its help is proved no more. So the conjuncts that
fail are taken away and the rest is asked again, until nothing fails: what remains is the largest
part that is inductive, and of the properties exactly those are proved whose conjuncts remain.

A property that is not proved is *refuted* only by a run: the checker looks for one in the model
at the size that its parameters give.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knell.checker import Options, check
from knell.language.model import Model
from knell.language.properties import Property
from knell.prover.backend import version
from knell.prover.cache import Cache
from knell.prover.pool import Task, solve_all
from knell.prover.problem import VALUES, Conjunct, Problem
from knell.prover.results import (
    CONSISTENCY,
    Counterexample,
    Obligation,
    ProofResult,
    Proved,
    Verdict,
)
from knell.prover.solve import OUT_OF_TIME, SEEDS, Effort, Solved
from knell.spec.errors import KnellError

_VERDICTS: dict[str, Verdict] = {"unsat": "proved", "sat": "not-inductive", "unknown": "unknown"}


@dataclass(frozen=True)
class How:
    """How a proof is looked for; ``seconds`` is the time for one query, ``most`` for all."""

    seconds: float = 20.0
    most: float | None = None
    workers: int = 2
    seed: int = 0
    cache: Path | None = None
    search_seconds: float = 20.0
    settle: bool = True
    progress: Callable[[int, int], None] | None = None


class Induction:
    """One attempt at a proof."""

    def __init__(
        self, model: Model, how: How | None = None, selected: Sequence[str] | None = None
    ) -> None:
        self.model = model
        self.selected = selected
        self.how = how or How()
        self.problem = Problem(model)
        self.cache = Cache(self.how.cache)
        self.start = time.perf_counter()
        self.end = None if self.how.most is None else time.monotonic() + self.how.most
        self.obligations: list[Obligation] = []
        self.counterexamples: list[Counterexample] = []
        self.done = 0
        self.known: set[str] = set()

    def prove(self) -> ProofResult:
        """Ask all obligations, settle what is proved, and look for runs of what is not."""
        problem = self.problem
        if not (problem.conjuncts or problem.claims):
            raise KnellError(
                f"model {self.model.name} claims nothing that induction could prove",
                place=self.model.place,
                mend="state it with m.always or m.step",
            )
        try:
            self._persistence()
            failed = self._round(first=True)
            while failed and self.how.settle and not self._is_over():
                problem.dropped |= failed
                self._persistence()
                failed = self._round(first=False)
        finally:
            self.cache.save()
        problem.dropped |= failed
        return self._result(settled=not failed)

    def ask(self, action: str, conjunct: str) -> Solved:
        """The answer to one obligation alone: that the action keeps the conjunct."""
        self._persistence()
        (acting,) = (each for each in self.model.actions if each.name == action)
        (query,) = self.problem.inductions(acting, {conjunct})
        ((_, solved),) = self._answers([Task(query, acting, self.problem.step(acting))])
        return solved

    def counterexamples_to(self, only: Container[str] | None) -> list[Counterexample]:
        """Counterexamples to the obligations with these labels, or to any, as they are found.

        An obligation that stays unknown has none.
        """
        self._persistence()
        asked = (q for q in self.problem.initiations() if only is None or q.conjunct in only)
        tasks = [Task(query) for query in asked]
        tasks += [
            Task(query, action, self.problem.step(action))
            for action in self.model.actions
            for query in self.problem.inductions(action, only)
        ]
        answers = (solved.counterexample for _, solved in self._answers(tasks))
        return [shown for shown in answers if shown is not None]

    def _is_over(self) -> bool:
        """Whether the time for all queries has passed."""
        return self.end is not None and time.monotonic() > self.end

    # Asking

    def _persistence(self) -> None:
        """Which names persist through which actions."""
        self.problem.persistent.clear()
        asked = list(self.problem.persistences())
        tasks = [Task(query) for query, _ in asked]
        for position, solved in self._answers(tasks):
            if solved.answer == "unsat":
                self.problem.persistent.add(asked[position][1])

    def _round(self, *, first: bool) -> set[str]:
        """Ask every obligation that is left; returns the conjuncts that fail."""
        problem = self.problem
        tasks = [Task(query) for query in problem.initiations() if first]
        for action in self.model.actions:
            step = problem.step(action)
            tasks += [Task(query, action, step) for query in problem.inductions(action)]
        if first:
            tasks.insert(0, Task(problem.consistency()))
        failed = set()
        found: dict[int, Obligation] = {}
        for position, solved in self._answers(tasks):
            query = tasks[position].query
            consistent = query.action == CONSISTENCY
            verdict = _consistent(solved) if consistent else _VERDICTS[solved.answer]
            reason = solved.reason
            if verdict == "unknown" and (arrow := problem.outside(query)) is not None:
                reason = f"{reason}; outside the decidable fragment: {arrow.what}".strip("; ")
            found[position] = Obligation(
                query.action,
                query.conjunct,
                verdict,
                solved.seconds,
                reason,
                cached=query.key in self.known,
            )
            if verdict != "proved" and not consistent:
                failed.add(query.conjunct)
                if first and solved.counterexample is not None:
                    self.counterexamples.append(solved.counterexample)
        if first:
            self.obligations = [found[k] for k in sorted(found)]
        return failed

    def _answers(self, tasks: Sequence[Task]) -> Iterable[tuple[int, Solved]]:
        """The answers: some go without saying, some are known, the rest is asked."""
        asked = []
        for position, task in enumerate(tasks):
            key = task.query.key
            if task.query.is_trivial:
                yield position, Solved(key, "unsat", 0.0)
            elif key in self.cache:
                self.known.add(key)
                yield position, Solved(key, "unsat", self.cache.seconds(key))
            else:
                asked.append(position)
            self._tell(len(tasks))
        if not asked:
            return
        effort = Effort(self.how.seconds, self.how.seed, self.end)
        answers = solve_all(
            self.model, [tasks[position] for position in asked], effort, self.how.workers
        )
        left = dict.fromkeys(asked)
        for place, solved in answers:
            if solved.answer == "unsat":
                self.cache.add(solved.key, solved.seconds)
            self._tell(len(tasks))
            del left[asked[place]]
            yield asked[place], solved
        for position in left:
            yield position, Solved(tasks[position].query.key, "unknown", 0.0, OUT_OF_TIME)

    def _tell(self, total: int) -> None:
        self.done += 1
        if self.how.progress is not None:
            self.how.progress(self.done, total)

    # Judging

    def _result(self, *, settled: bool) -> ProofResult:
        """The verdicts; what was assumed of a conjunct that fails is shown to hold of nothing."""
        axioms = next(o for o in self.obligations if o.action == CONSISTENCY)
        unknown = {o.conjunct for o in self.obligations if o.verdict == "unknown"}
        properties = []
        for declared in self.model.properties:
            if self.selected is not None and declared.id not in self.selected:
                continue
            if declared.kind in ("always", "action"):
                labels = {c.id for c in self._parts(declared)} | {VALUES}
                verdict: Verdict = "proved"
                if labels & self.problem.dropped:
                    verdict = "unknown" if labels & unknown else "not-inductive"
                elif axioms.verdict != "proved" or not settled:
                    verdict = "unknown"
                properties.append(Proved(declared.id, declared.kind, verdict))
        properties, explored = self._search(properties)
        return ProofResult(
            model=self.model.name,
            method="inductive",
            scope="unbounded" if self.model.sorts else dict(self.model.values),
            properties=tuple(properties),
            obligations=tuple(self.obligations),
            seeds=tuple(seed + self.how.seed for seed in SEEDS),
            z3=version(),
            seconds=time.perf_counter() - self.start,
            mutant=self.model.settings.mutant,
            counterexamples=tuple(sorted(self.counterexamples, key=_weight)),
            uncovered=tuple(
                p.id for p in self.model.properties if p.kind in ("leads_to", "reachable")
            ),
            explored=explored,
        )

    def _parts(self, declared: Property) -> list[Conjunct]:
        problem = self.problem
        return [c for c in (*problem.conjuncts, *problem.claims) if c.declared is declared]

    def _search(self, properties: list[Proved]) -> tuple[list[Proved], int | None]:
        """Look for a run that refutes what is not proved; and how many states were all there are.

        What holds in all states of the given size is said to, though it is not proved for any.
        """
        doubtful = tuple(p.id for p in properties if p.verdict != "proved")
        if not doubtful or self.how.search_seconds <= 0:
            return properties, None
        options = Options(properties=doubtful, fail_fast=True, max_seconds=self.how.search_seconds)
        result = check(self.model, options)
        found = {p.id: p for p in result.properties}
        judged = [
            replace(p, verdict="refuted", run=found[p.id].run, broken=found[p.id].broken)
            if p.id in found and found[p.id].verdict == "violated"
            else replace(p, holds_here=p.id in found and found[p.id].verdict == "holds")
            for p in properties
        ]
        return judged, result.distinct if result.complete else None


def _consistent(solved: Solved) -> Verdict:
    """The axioms are consistent if not everything follows from them."""
    return "proved" if solved.answer == "sat" else "unknown"


def _weight(shown: Counterexample) -> int:
    return sum(shown.sizes.values())
