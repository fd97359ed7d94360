"""One query put to z3, and what its answer means.

*unsat*: what is assumed implies the goal. *sat*: here is a state that satisfies all that is
assumed, and not the goal; the sorts are made as small as the solver can make them, one after the
other. *unknown* is never taken for either: the query is asked again, with other seeds and
tactics and with more time, and if nothing helps it stays unknown.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from knell.language.expressions import Bound, Expr, Read, RigidRead
from knell.language.model import Action, Model
from knell.language.symbols import Rigid, Variable
from knell.language.types import BOOL, SortType, Type
from knell.prover.backend import z3
from knell.prover.naming import NamedStep
from knell.prover.problem import Query
from knell.prover.results import Counterexample
from knell.prover.symbols import Symbols

Answer: TypeAlias = Literal["unsat", "sat", "unknown"]
Fact: TypeAlias = tuple[Any, str | None]
Table: TypeAlias = dict[tuple[str, ...], str | bool | int]

SEEDS = (0, 1, 7)
OUT_OF_TIME = "the time for the proof was over"
_SMALL = 6  # elements of a sort, up to which a smaller counterexample is looked for


@dataclass(frozen=True)
class Attempt:
    """How a query is asked: a seed, a share of the time, and how quantifiers are instantiated."""

    seed: int
    share: float
    options: Mapping[str, Any]


def portfolio(seed: int) -> Iterator[Attempt]:
    """The ways in which a query is asked, one after the other."""
    yield Attempt(SEEDS[0] + seed, 0.25, {})
    yield Attempt(SEEDS[1] + seed, 0.25, {"smt.ematching": False})
    yield Attempt(SEEDS[2] + seed, 0.5, {"smt.macro_finder": True})


@dataclass(frozen=True)
class Effort:
    """What is spent on queries: ``seconds`` on one, none after ``end`` (of ``time.monotonic``).

    With ``cores``, an answer *unsat* says which sources were used; without ``shown``, an answer
    *sat* comes without its states.
    """

    seconds: float
    seed: int = 0
    end: float | None = None
    cores: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Solved:
    """The answer to one query. Time in seconds."""

    key: str
    answer: Answer
    seconds: float
    reason: str = ""
    counterexample: Counterexample | None = None
    core: frozenset[str] | None = None


class Asker:
    """Puts the queries of one model to z3; what they share is translated once."""

    def __init__(self, model: Model, effort: Effort) -> None:
        self.model = model
        self.symbols = Symbols(model)
        self.effort = effort
        self._translated: dict[Expr, Any] = {}

    def ask(self, query: Query, step: NamedStep | None, action: Action | None) -> Solved:
        """The answer to one query; *unknown* at once if the time for all of them is over."""
        begun = time.perf_counter()
        if self._left() <= 0:
            return Solved(query.key, "unknown", 0.0, OUT_OF_TIME)
        scope = {p: self.symbols.parameter(p) for p in query.parameters}
        facts = self._facts(query, scope)
        answer, solver, reason = self._decide(facts)
        seconds = time.perf_counter() - begun
        if answer == "unsat":
            core = frozenset(map(str, solver.unsat_core())) if self.effort.cores else None
            return Solved(query.key, answer, seconds, core=core)
        shown = None
        if answer == "sat" and self.effort.shown:
            solution = self._smallest([fact for fact, _ in facts], solver)
            shown = _Reader(self.symbols, self.model, solution, scope).read(query, step, action)
        return Solved(query.key, answer, time.perf_counter() - begun, reason, shown)

    def _facts(self, query: Query, scope: Mapping[Bound, Any]) -> list[Fact]:
        assumed = (self._truth(formula, scope) for formula in query.assumed)
        facts: list[Fact] = list(zip(assumed, query.sources, strict=True))
        other = [z3.Not(self.symbols.truth(query.goal, scope))]
        values = [cases for cases in scope.values() if isinstance(cases, Mapping)]
        other += [self.symbols.exactly_one(cases) for cases in values]
        return [*((fact, None) for fact in (*self.symbols.background(), *other)), *facts]

    def _truth(self, formula: Expr, scope: Mapping[Bound, Any]) -> Any:
        """The formula; a parameter keeps its name, so what is translated serves again."""
        if formula not in self._translated:
            self._translated[formula] = self.symbols.truth(formula, scope)
        return self._translated[formula]

    def _decide(self, facts: Sequence[Fact]) -> tuple[Answer, Any, str]:
        reason = ""
        for attempt in portfolio(self.effort.seed):
            solver = self._solver(attempt)
            for fact, source in facts:
                if source is not None and self.effort.cores:
                    solver.assert_and_track(fact, source)
                else:
                    solver.add(fact)
            answer = str(solver.check())
            if answer in ("unsat", "sat"):
                return ("unsat" if answer == "unsat" else "sat"), solver, ""
            reason = solver.reason_unknown()
        return "unknown", None, reason

    def _left(self) -> float:
        """Seconds until the time for all queries is over."""
        end = self.effort.end
        return math.inf if end is None else end - time.monotonic()

    def _solver(self, attempt: Attempt) -> Any:
        solver = z3.SimpleSolver()
        seconds = min(self.effort.seconds * attempt.share, self._left())
        solver.set("timeout", max(1, int(seconds * 1000)))
        solver.set("random_seed", attempt.seed)
        for name, value in attempt.options.items():
            solver.set(name, value)
        return solver

    def _smallest(self, facts: list[Any], solver: Any) -> Any:
        """A solution with small sorts."""
        solution = solver.model()
        bounds: list[Any] = []
        for of, sort in self.symbols.sorts.items():
            found = len(solution.get_universe(sort) or [None])
            for size in range(1, min(found, _SMALL)):
                elements = [z3.Const(f"{of.name}#{k}", sort) for k in range(size)]
                x = z3.Const("x", sort)
                bound = z3.ForAll([x], z3.Or(*(x == e for e in elements)))
                smaller = self._solver(Attempt(self.effort.seed, 0.05, {}))
                smaller.add(*facts, *bounds, bound)
                if smaller.check() == z3.sat:
                    solution = smaller.model()
                    bounds.append(bound)
                    break
        return solution


class _Reader:
    """Reads a solution as two states of the model."""

    def __init__(
        self, symbols: Symbols, model: Model, solution: Any, scope: Mapping[Bound, Any]
    ) -> None:
        self.symbols = symbols
        self.model = model
        self.solution = solution
        self.scope = scope
        self.elements: dict[SortType, dict[str, Any]] = {}
        for of, sort in symbols.sorts.items():
            universe = solution.get_universe(sort) or [z3.Const(f"{of.name}!any", sort)]
            self.elements[of] = {f"{of.name.lower()}{k}": e for k, e in enumerate(universe, 1)}

    def read(self, query: Query, step: NamedStep | None, action: Action | None) -> Counterexample:
        before, after, rigid = {}, {}, {}
        for variable in self.model.variables:
            bound = _arguments(variable)
            before[variable.name] = self._table(bound, Read(variable, bound))
            new = Read(variable, bound) if step is None else step.value(variable, bound)
            after[variable.name] = self._table(bound, new)
        for function in self.model.rigids:
            bound = _arguments(function)
            rigid[function.name] = self._table(bound, RigidRead(function, bound))
        parameters = action.parameters if action is not None else ()
        return Counterexample(
            action=query.action,
            conjunct=query.conjunct,
            parameters={p.name: str(self._shown(p, self.scope)) for p in parameters},
            sizes={of.name: len(names) for of, names in self.elements.items()},
            before=before,
            after=after,
            rigid=rigid,
        )

    def _table(self, bound: tuple[Bound, ...], value: Expr) -> Table:
        table: Table = {}
        for point in itertools.product(*(self._values(b.of) for b in bound)):
            here = {b: term for b, (_, term) in zip(bound, point, strict=True)}
            table[tuple(name for name, _ in point)] = self._shown(value, {**self.scope, **here})
        return table

    def _values(self, of: Type) -> list[tuple[str, Any]]:
        if isinstance(of, SortType):
            return list(self.elements[of].items())
        return [(of.show(v), v) for v in of.values()]

    def _shown(self, value: Expr, scope: Mapping[Bound, Any]) -> str | bool | int:
        if value.type is BOOL:
            return self._holds(self.symbols.truth(value, scope))
        if isinstance(value.type, SortType):
            found = self.solution.eval(self.symbols.element(value, scope), model_completion=True)
            names = self.elements[value.type]
            return next((n for n, e in names.items() if e.eq(found)), next(iter(names)))
        cases = self.symbols.cases(value, scope)
        chosen = next((v for v, holds in cases.items() if self._holds(holds)), value.type.lo)
        shown = value.type.show(chosen)
        return int(shown) if shown.lstrip("-").isdigit() else shown

    def _holds(self, formula: Any) -> bool:
        return bool(z3.is_true(self.solution.eval(formula, model_completion=True)))


def _arguments(function: Variable | Rigid) -> tuple[Bound, ...]:
    return tuple(Bound(of, f"at{k}") for k, of in enumerate(function.domain))
