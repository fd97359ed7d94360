"""Bounded model checking and k-induction, for a model of the size that its parameters give.

*Bounded*: is there a run of at most K states that breaks a property? Asked of one length after
the other, so the first answer is a shortest run, as breadth-first search would find it. No
answer up to K says nothing about longer runs.

*k-induction*: if no run of K states from the initial ones breaks the invariants, and no K + 1
different states in a row, K good ones and one that is not, exist anywhere, then they hold. That
the states differ loses nothing (a shortest run repeats none) and makes the method complete:
some K succeeds for every invariant that holds.

Every run that is reported has been replayed by the meaning of the language.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from knell.checker.replay import Replay, broken_clauses
from knell.checker.results import PropertyResult, Run
from knell.language.errors import ModelError
from knell.language.ground_properties import Question, questions
from knell.language.grounding import Program
from knell.language.model import Model
from knell.prover.backend import version, z3
from knell.prover.finite import Unrolling
from knell.prover.results import Obligation, ProofResult, Proved, Verdict

SAFETY = ("always", "action")

_STEP_VERDICTS: dict[str, Verdict] = {"unsat": "proved", "sat": "not-inductive"}


class Bounded:
    """A search through the runs of a model by their length."""

    def __init__(
        self,
        model: Model,
        selected: Sequence[str] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.model = model
        self.program = Program(model)
        self.asked = questions(self.program, selected)
        self.progress = progress
        self.start = time.perf_counter()
        self._answer: Any = None

    def check(self, most: int, seconds: float | None = None) -> ProofResult:
        """Look for runs of at most ``most`` states."""
        unrolling, solver = self._unroll(initial=True)
        found: dict[str, Run] = {}
        reasons = []
        depth = 1
        while True:
            if self.progress is not None:
                self.progress(depth)
            self._ask(unrolling, solver, found)
            if len(found) == len(self.asked):
                break
            if depth == most:
                reasons.append(f"the bound of {most} states was reached")
                break
            if seconds is not None and time.perf_counter() - self.start > seconds:
                reasons.append(f"the bound of {seconds:g} seconds was reached")
                break
            solver.add(unrolling.extend())
            if solver.check() == z3.unsat:
                reasons.append(f"no run is longer than {depth} states")
                break
            depth += 1
        ended = bool(reasons) and reasons[-1].startswith("no run")
        properties = [self._judge(q, found.get(q.id), ended=ended) for q in self.asked]
        return self._result("bmc", properties, depth, reasons)

    def k_induction(self, k: int) -> ProofResult:
        """Prove the safety properties together, from ``k`` good states in a row."""
        base = self.check(k)
        safety = [q for q in self.asked if q.kind in SAFETY]
        if any(p.verdict == "refuted" for p in base.properties) or not safety:
            return self._as_induction(base, base.properties, (), k)
        obligations = tuple(self._steps(safety, k))
        proved = all(each.verdict == "proved" for each in obligations)
        properties = tuple(
            Proved(p.id, p.kind, "proved")
            if proved and p.kind in SAFETY
            else Proved(p.id, p.kind, "not-inductive")
            if p.kind in SAFETY and p.verdict == "unknown"
            else p
            for p in base.properties
        )
        return self._as_induction(base, properties, obligations, k)

    def _as_induction(
        self,
        base: ProofResult,
        properties: tuple[Proved, ...],
        obligations: tuple[Obligation, ...],
        k: int,
    ) -> ProofResult:
        reasons = () if obligations else base.reasons
        return ProofResult(
            model=base.model,
            method="k-induction",
            scope=base.scope,
            properties=properties,
            obligations=obligations,
            seeds=base.seeds,
            z3=base.z3,
            seconds=time.perf_counter() - self.start,
            mutant=base.mutant,
            depth=k,
            reasons=reasons,
        )

    def _steps(self, safety: list[Question], k: int) -> list[Obligation]:
        """For each property: ``k`` good states in a row are followed by another."""
        unrolling, solver = self._unroll(initial=False)
        for length in range(k):
            solver.add(unrolling.ranges())
            for q in safety:
                if q.state is not None:
                    solver.add(unrolling.frames[length].truth(q.state))
            solver.add(unrolling.extend())
            for earlier in range(length + 1):
                solver.add(unrolling.differ(earlier, length + 1))
            if length + 1 < k:
                for q in safety:
                    solver.add(z3.Not(self._missteps(unrolling, q)))
        obligations = []
        for q in safety:
            begun = time.perf_counter()
            answer = self._holds(solver, self._bad(unrolling, q))
            verdict = _STEP_VERDICTS.get(str(answer), "unknown")
            obligations.append(Obligation(f"{k} steps", q.id, verdict, time.perf_counter() - begun))
        return obligations

    def _unroll(self, *, initial: bool) -> tuple[Unrolling, Any]:
        unrolling = Unrolling(self.program, [term for q in self.asked for term in q.terms])
        solver = z3.SolverFor("QF_FD")
        if initial:
            solver.add(unrolling.initial())
        return unrolling, solver

    def _ask(self, unrolling: Unrolling, solver: Any, found: dict[str, Run]) -> None:
        """Which questions the runs of this length are the first to answer."""
        for q in self.asked:
            if q.id in found:
                continue
            if self._holds(solver, self._bad(unrolling, q)) == z3.sat:
                states, steps = unrolling.read(self._answer)
                found[q.id] = Run(tuple(states), tuple(steps))
        for wrong, error in unrolling.mistakes(len(unrolling.frames) - 1):
            if self._holds(solver, wrong) == z3.sat:
                steps = unrolling.read(self._answer)[1]
                way = ", ".join(map(str, steps)) or "the initial state"
                raise ModelError(f"{error.message}, after {way}", place=error.place)

    def _holds(self, solver: Any, formula: Any) -> Any:
        """The solver's answer to the formula, and its model if there is one."""
        self._answer = None
        formula = z3.simplify(formula)
        if z3.is_false(formula):
            return z3.unsat
        solver.push()
        solver.add(formula)
        verdict = solver.check()
        if verdict == z3.sat:
            self._answer = solver.model()
        solver.pop()
        return verdict

    def _bad(self, unrolling: Unrolling, q: Question) -> Any:
        """The last state, or the last step, answers the question."""
        if q.state is None:
            return self._missteps(unrolling, q)
        truth = unrolling.frames[-1].truth(q.state)
        return z3.Not(truth) if q.kind == "always" else truth

    def _missteps(self, unrolling: Unrolling, q: Question) -> Any:
        """The last step breaks the property."""
        if not unrolling.choices:
            return z3.BoolVal(False)
        choice, before = unrolling.choices[-1], unrolling.frames[-2]
        return z3.Or(*(z3.And(choice == k, z3.Not(before.truth(term))) for k, term in q.steps))

    def _judge(self, q: Question, run: Run | None, *, ended: bool) -> Proved:
        if run is None:
            holds = ended and q.kind in SAFETY
            return Proved(q.id, q.kind, "proved" if holds else "unknown")
        Replay(self.program).confirm(_shown(q, run), q.declared)
        if q.kind == "reachable":
            return Proved(q.id, q.kind, "proved", run)
        evaluator = self.program.evaluator
        broken = broken_clauses(evaluator, q.declared, run) if q.declared is not None else []
        return Proved(q.id, q.kind, "refuted", run, tuple(broken))

    def _result(
        self,
        method: Literal["bmc"],
        properties: list[Proved],
        depth: int,
        reasons: list[str],
    ) -> ProofResult:
        return ProofResult(
            model=self.model.name,
            method=method,
            scope=dict(self.model.values),
            properties=tuple(properties),
            obligations=(),
            seeds=(0,),
            z3=version(),
            seconds=time.perf_counter() - self.start,
            mutant=self.model.settings.mutant,
            depth=depth,
            reasons=tuple(reasons),
        )


def _shown(q: Question, run: Run) -> PropertyResult:
    verdict: Literal["holds", "violated"] = "holds" if q.kind == "reachable" else "violated"
    return PropertyResult(q.id, q.kind, (), verdict, run)
