"""What a check asks of a model, as ground terms: properties, and what would make them vacuous.

Everything becomes one of three things:

* a *watch*, a condition whose first state matters: a broken invariant, a witness, the premise of
  an implication;
* a *demand*, a condition on the steps of one instance, over the state before: the conjuncts of
  action properties;
* a *response*, one instance of a leads-to: two conditions, premise and goal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.watches import Watch, watch_against, watch_for
from knell.language.evaluate import Environment, extend
from knell.language.expressions import Expr, Implies, Quantified
from knell.language.ground import Ground
from knell.language.ground_properties import DEADLOCK, Steps, right_end
from knell.language.grounding import Program
from knell.language.properties import Property, StepClause
from knell.language.recording import Clause
from knell.spec.errors import KnellError


@dataclass(frozen=True, eq=False)
class Response:
    """One instance of a leads-to property."""

    declared: Property
    env: Environment
    premise: Ground
    goal: Ground

    @property
    def bindings(self) -> dict[str, str]:
        """The instance: names of its variables to names of their values."""
        return {b.name: b.of.show(self.env[b]) for b in self.declared.bound}


@dataclass(frozen=True, eq=False)
class Premise:
    """The premise of a conjunct, to be seen to hold at least once."""

    declared: Property
    conjunct: str


class Questions:
    """The selected properties of a model, ready for a search.

    ``watched[k]`` is what watch ``k`` is about; ``demands`` maps instances to pairs of a position
    in ``properties`` and a term; ``step_premises`` maps instances to pairs of a position in
    ``awaited`` and a term.
    """

    def __init__(self, program: Program, selected: tuple[str, ...] | None) -> None:
        self.program = program
        self.properties = select(program, selected)
        self.deadlock = selected is None or DEADLOCK in selected
        self.end = right_end(program)
        self.watches: list[Watch] = []
        self.watched: list[Property | Premise] = []
        self.demands: dict[int, list[tuple[int, Ground]]] = {}
        self.awaited: list[Premise] = []
        self.step_premises: dict[int, list[tuple[int, Ground]]] = {}
        self.responses: list[Response] = []
        self.trivial: list[str] = []
        for number, declared in enumerate(self.properties):
            self._ask(number, declared)

    def _ask(self, number: int, declared: Property) -> None:
        match declared.kind:
            case "always":
                self._ask_always(declared)
            case "reachable":
                self._watch(declared, watch_for(self._conjunction(declared)))
            case "action":
                self._ask_steps(number, declared)
            case "leads_to":
                self._ask_response(declared)

    def is_invariant(self, watch: int) -> bool:
        """Whether the watch waits for a violation."""
        about = self.watched[watch]
        return isinstance(about, Property) and about.kind == "always"

    def _ask_always(self, declared: Property) -> None:
        term = self._conjunction(declared)
        if term is self.program.terms.true:
            self.trivial.append(declared.id)
        self._watch(declared, watch_against(self.program.terms, term))
        for clause in declared.clauses:
            premise = premise_of(clause.formula)
            if premise is not None:
                term = self.program.ground(premise, place=clause.place)
                self._watch(Premise(declared, clause.name), watch_for(term))

    def _conjunction(self, declared: Property) -> Ground:
        ground = self.program.ground
        return self.program.terms.and_(
            *(ground(clause.formula, place=clause.place) for clause in declared.clauses)
        )

    def _watch(self, about: Property | Premise, watch: Watch) -> None:
        self.watched.append(about)
        self.watches.append(watch)

    def _ask_response(self, declared: Property) -> None:
        premise, goal = declared.clauses
        ground = self.program.ground
        for env in extend({}, declared.bound):
            before = ground(premise.formula, env, place=premise.place)
            after = ground(goal.formula, env, place=goal.place)
            self.responses.append(Response(declared, env, before, after))
        own = [r.premise for r in self.responses if r.declared is declared]
        self._watch(Premise(declared, declared.id), watch_for(self.program.terms.or_(*own)))

    def _ask_steps(self, number: int, declared: Property) -> None:
        """Demand the conjuncts of every step, and those about one action of its steps."""
        terms: dict[int, list[Ground]] = {}
        for clause in declared.clauses:
            self._add_steps(terms, Steps(self.program, clause, clause.formula))
            self._await(declared, clause)
        for step in declared.steps:
            self._add_steps(terms, Steps(self.program, step, step.formula))
            self._await(declared, step)
        conjuncts: list[Clause | StepClause] = [*declared.clauses, *declared.steps]
        if not any(self._free(conjunct) for conjunct in conjuncts):
            self.trivial.append(declared.id)
        for k, some in terms.items():
            demand = self.program.terms.and_(*some)
            if demand is not self.program.terms.true:
                self.demands.setdefault(k, []).append((number, demand))

    def _add_steps(self, terms: dict[int, list[Ground]], steps: Steps) -> None:
        for k, instance in enumerate(self.program.instances):
            if steps.concern(instance):
                terms.setdefault(k, []).append(steps.ground(instance))

    def _free(self, clause: Clause | StepClause) -> bool:
        """Whether the conjunct says anything of a step to an arbitrary state."""
        cells = self.program.layout.cells
        terms = self.program.terms
        after = {c.index: terms.cell(len(cells) + c.index, c.to.size) for c in cells}
        envs: Iterator[Environment] = iter(({},))
        if isinstance(clause, StepClause):
            envs = extend({}, clause.action.parameters)
        return any(
            self.program.ground(clause.formula, env, place=clause.place, after=after)
            is not terms.true
            for env in envs
        )

    def _await(self, declared: Property, clause: Clause | StepClause) -> None:
        """Watch for a step in which the conjunct's premise holds."""
        premise = premise_of(clause.formula)
        if premise is None and isinstance(clause, Clause):
            return
        number = len(self.awaited)
        self.awaited.append(Premise(declared, clause.name))
        steps = Steps(self.program, clause, premise)
        for k, instance in enumerate(self.program.instances):
            if steps.concern(instance):
                term = steps.ground(instance)
                if term is not self.program.terms.false:
                    self.step_premises.setdefault(k, []).append((number, term))


def premise_of(formula: Expr) -> Expr | None:
    """Of ``forall ... premise => conclusion``: that the premise holds for some values."""
    match formula:
        case Implies(premise=premise):
            return premise
        case Quantified(kind="forall", bound=bound, body=body):
            inner = premise_of(body)
            return None if inner is None else Quantified("exists", bound, inner)
    return None


def select(program: Program, selected: tuple[str, ...] | None) -> list[Property]:
    """The properties to check, in the order of their declaration."""
    declared = program.model.properties
    known = [p.id for p in declared]
    if DEADLOCK in known:
        raise KnellError(
            f"the id {DEADLOCK!r} is reserved",
            place=declared[known.index(DEADLOCK)].place,
            mend="the checker reports deadlocks under it; choose another id",
        )
    for id in selected or ():
        if id not in (*known, DEADLOCK):
            raise KnellError(
                f"model {program.model.name} has no property {id!r}",
                place="--property",
                mend=f"its properties: {', '.join([*known, DEADLOCK])}",
            )
    return [p for p in declared if selected is None or p.id in selected]
