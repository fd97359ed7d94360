"""The matrix of a proof by induction: which formulas each query assumes, and what it asks.

Every conjunct of every invariant, claimed or auxiliary, must hold at first (*initiation*), and
every action must keep it, where it is assumed that all conjuncts hold before. A conjunct of an
action property must hold of the steps that it speaks of. Every *value* given must be one of its
type. What no action of a column touches needs
no query. The axioms must be *consistent*, or everything would follow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from knell.language.effects import initial
from knell.language.expressions import (
    FALSE,
    TRUE,
    Bound,
    Const,
    Expr,
    Less,
    Quantified,
    Read,
)
from knell.language.model import Action, Model
from knell.language.properties import Property
from knell.language.simplify import canonical, conj, free, implied, is_true, neg
from knell.language.substitution import walk
from knell.language.symbols import Rigid, Variable
from knell.language.types import IntType
from knell.prover.fragment import Arrow, Assumed, arrows, cyclic, declared
from knell.prover.naming import NamedStep, Names
from knell.spec.errors import KnellError

VALUES = "values"
"""The label of the obligation that every value given is one of its type."""

Source: TypeAlias = tuple[Expr, str | None]
"""A formula that is assumed, and the conjunct that it is, if it is one."""

_VERSION = "2"  # of the translation: what is cached is forgotten when it changes


@dataclass(frozen=True, eq=False)
class Conjunct:
    """A conjunct with the property that it is part of; an auxiliary invariant has none."""

    id: str
    formula: Expr
    place: str
    declared: Property | None = None
    action: Action | None = None  # of whose steps alone it speaks


@dataclass(frozen=True, eq=False)
class Query:
    """Do these formulas imply the goal? ``parameters`` are fixed elements.

    ``sources`` says of each formula assumed which conjunct it is, or the persistence of which
    name; what the model itself states has no source.
    """

    action: str
    conjunct: str
    assumed: tuple[Expr, ...]
    sources: tuple[str | None, ...]
    parameters: tuple[Bound, ...]
    goal: Expr
    key: str

    @property
    def is_trivial(self) -> bool:
        """Whether the goal holds whatever is assumed."""
        return is_true(self.goal)


@dataclass
class Problem:
    """What is to be proved of a model; without ``keys``, queries are not known by content."""

    model: Model
    keys: bool = True
    names: Names = field(default_factory=Names)
    persistent: set[tuple[str, str]] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._steps: dict[str, NamedStep] = {}
        self.conjuncts = list(_invariants(self.model))
        self.claims = list(_step_claims(self.model))
        self._refuse_functions()
        self._name()

    # Inside the fragment

    def _refuse_functions(self) -> None:
        for arrow in cyclic(declared(self.model)):
            raise KnellError(
                f"{arrow.what} leads from {arrow.source.name} to {arrow.target.name}, which closes "
                "a circle: a proof might need elements without end",
                place=arrow.place,
                mend="declare a relation instead, with an axiom or invariant that it holds of at "
                "most one; or prove a given size with --k-induction K",
            )

    def _name(self) -> None:
        """Name what would lead out of the fragment, until nothing does."""
        for _ in range(4):
            bad = [arrow for arrow in cyclic(self._arrows()) if arrow.formula is not None]
            if not bad:
                return
            before = len(self.names.all)
            self.names.give((a.formula, a.what, a.place) for a in bad if a.formula is not None)
            if len(self.names.all) == before:
                arrow = bad[0]
                raise KnellError(
                    f"{arrow.what}: for every {arrow.source.name} some {arrow.target.name}, which "
                    "closes a circle: a proof might need elements without end",
                    place=arrow.place,
                    mend="let the step that makes it so set a relation, and speak of the relation",
                )

    def _arrows(self) -> list[Arrow]:
        found = list(declared(self.model))
        for assumed in self._sources():
            found += arrows(Assumed(self.names.use(assumed.formula), assumed.what, assumed.place))
        for name in self.names.all:
            meant = name.implied_by(self.names.meaning(name), after=False)
            found += arrows(Assumed(meant, name.what, name.place))
        return found

    def _sources(self) -> Iterator[Assumed]:
        for clause in self.model.axioms:
            yield Assumed(clause.formula, f"axiom {clause.name}", clause.place)
        for conjunct in self.conjuncts:
            yield Assumed(conjunct.formula, conjunct.id, conjunct.place)
        for action in self.model.actions:
            for clause in action.guard:
                what = f"clause {clause.name} of {action.name}"
                yield Assumed(clause.formula, what, clause.place)

    def outside(self, query: Query) -> Arrow | None:
        """What leads out of the fragment in one query, if anything does."""
        found = list(declared(self.model))
        for formula in query.assumed:
            found += arrows(Assumed(formula, "what is assumed", ""))
        found += arrows(Assumed(neg(query.goal), f"{query.conjunct} after {query.action}", ""))
        return next((a for a in cyclic(found) if a.formula is not None), None)

    # Queries

    def consistency(self) -> Query:
        """Nothing follows from the axioms that is false."""
        assumed = _given(self._axioms(), self._begin())
        return self._query("consistency", "axioms", assumed, (), FALSE)

    def initiations(self) -> Iterator[Query]:
        """Every conjunct holds at first."""
        begin = _given(self._axioms(), self._begin(), self._meanings(None))
        for conjunct in self.conjuncts:
            goal = self._start(self.names.use(conjunct.formula))
            yield self._query("initiation", conjunct.id, begin, (), goal)

    def persistences(self) -> Iterator[tuple[Query, tuple[str, str]]]:
        """What a name stands for persists, for those actions that touch it."""
        for name in self.names.all:
            body = self.names.meaning(name)
            for action in self.model.actions:
                if not self._touches(action, body):
                    continue
                key = action.name, name.relation.name
                goal = self.step(action).after(body)
                fixed = (*action.parameters, *name.over, *name.bound)
                assumed = (*self._before(action), *_given([body]))
                label = persistence(action.name, name.relation.name)
                yield self._query(action.name, label, assumed, fixed, goal), key

    def inductions(self, action: Action, only: Container[str] | None = None) -> Iterator[Query]:
        """The action keeps every conjunct, and its steps are as the action properties say.

        With ``only``, of the conjuncts of these labels.
        """
        assumed = (*self._before(action), *self._across(action))
        step = self.step(action)

        def query(label: str, goal: Expr) -> Query:
            return self._query(action.name, label, assumed, action.parameters, goal)

        def is_asked(label: str) -> bool:
            return label not in self.dropped and (only is None or label in only)

        for before, label in self._kept:
            if is_asked(label):
                yield query(label, step.after(before) if self._touches(action, before) else TRUE)
        if is_asked(VALUES):
            yield query(VALUES, conj(_in_range(action)))
        for claim in self.claims:
            if claim.action in (None, action) and is_asked(claim.id):
                yield query(claim.id, step.across(self.names.use(claim.formula)))

    def _touches(self, action: Action, formula: Expr) -> bool:
        """Whether the formula reads what the action changes, by a name or by itself."""
        step = self.step(action)
        reads = {part.variable for part in walk(formula) if isinstance(part, Read)}
        return any(step.changes(variable) for variable in reads)

    def step(self, action: Action) -> NamedStep:
        if action.name not in self._steps:
            self._steps[action.name] = NamedStep(action.updates, self.names)
        return self._steps[action.name]

    @cached_property
    def _kept(self) -> list[tuple[Expr, str]]:
        """Every conjunct in terms of names, once the names are given."""
        return [(self.names.use(c.formula), c.id) for c in self.conjuncts]

    def _axioms(self) -> tuple[Expr, ...]:
        return tuple(self.names.use(c.formula) for c in self.model.axioms)

    def _begin(self) -> tuple[Expr, ...]:
        return tuple(self._start(self.names.use(c.formula)) for c in self.model.initial)

    def _start(self, formula: Expr) -> Expr:
        """A formula of the initial state; names stay, for their meaning is assumed at first."""
        return self.names.use(initial(formula))

    @cached_property
    def _definitions(self) -> tuple[Expr, ...]:
        return tuple(
            name.implied_by(self.names.meaning(name), after=False) for name in self.names.all
        )

    def _meanings(self, action: Action | None) -> tuple[Expr, ...]:
        """What the names mean: at first, or after the action."""
        found = []
        for name in self.names.all:
            body = self.names.meaning(name)
            if action is None:
                found.append(name.implied_by(self._start(body), after=False))
            elif self._touches(action, body):
                found.append(name.implied_by(self.step(action).after(body), after=True))
        return tuple(found)

    def _before(self, action: Action) -> tuple[Source, ...]:
        """What holds before a step of the action."""
        kept = (source for source in self._kept if source[1] not in self.dropped)
        guard: list[Expr] = []
        for clause in action.guard:
            named = self.names.use(clause.formula)
            guard.append(named)
            if canonical(named) != canonical(clause.formula):
                guard.append(clause.formula)
        return (*_given(self._axioms(), self._definitions), *kept, *_given(guard))

    def _across(self, action: Action) -> tuple[Source, ...]:
        """What is known of names across the step."""
        persists = (
            (name.persists(), persistence(action.name, name.relation.name))
            for name in self.names.all
            if (action.name, name.relation.name) in self.persistent
        )
        return (*_given(self._meanings(action)), *persists)

    def _query(
        self,
        action: str,
        conjunct: str,
        assumed: Sequence[Source],
        parameters: Iterable[Bound],
        goal: Expr,
    ) -> Query:
        fixed = [*parameters]
        while isinstance(goal, Quantified) and goal.kind == "forall":
            fixed += goal.bound  # what is to hold of all is asked of one that is not known
            goal = goal.body
        facts = [*assumed, *_given(self.names.witnesses(fixed))]
        kept = [source for source in facts if not is_true(source[0])]
        formulas = tuple(formula for formula, _ in kept)
        sources = tuple(source for _, source in kept)
        key = self._key(formulas, fixed, goal)
        return Query(action, conjunct, formulas, sources, tuple(fixed), goal, key)

    def _key(self, assumed: tuple[Expr, ...], fixed: Sequence[Bound], goal: Expr) -> str:
        if not self.keys:
            return ""
        digest = hashlib.sha256(f"{_VERSION} {self._signature}".encode())
        for formula in assumed:
            digest.update(self._text(formula, fixed).encode())
        digest.update(f"|{canonical(goal, fixed)}".encode())
        return digest.hexdigest()

    def _text(self, formula: Expr, fixed: Sequence[Bound]) -> str:
        """The text of a formula; of a closed one, which many queries share, made once."""
        known = self._texts
        if formula not in known:
            if next(free(formula), None) is not None:
                return canonical(formula, fixed)
            known[formula] = canonical(formula)
        return known[formula]

    @cached_property
    def _texts(self) -> dict[Expr, str]:
        return {}

    @cached_property
    def _signature(self) -> str:
        model = self.model
        types = [f"{s.name}{'<' * s.ordered}" for s in model.sorts]
        types += [f"{e.name}:{','.join(e.names)}" for e in model.enums]
        functions: list[Variable | Rigid] = [*model.variables, *model.rigids]
        symbols = [f"{s.name}({','.join(d.name for d in s.domain)}){s.to.name}" for s in functions]
        return ";".join([*types, *symbols])


def content(model: Model) -> list[str]:
    """A text for each action: equal for two actions that do the same."""
    texts = []
    for action in model.actions:
        own = action.parameters
        lines = [f"{action.name} {[p.of.name for p in own]}"]
        lines += [canonical(clause.formula, own) for clause in action.guard]
        for update in action.updates:
            fixed = (*own, *update.over)
            parts = (update.condition, *update.args, update.value)
            lines.append(" ".join([update.variable.name, *(canonical(p, fixed) for p in parts)]))
        texts.append("\n".join(lines))
    return texts


def persistence(action: str, name: str) -> str:
    """The label of the obligation that what a name stands for outlives the action."""
    return f"{name} persists through {action}"


def _given(*formulas: Iterable[Expr]) -> tuple[Source, ...]:
    """Formulas that no conjunct is the source of."""
    return tuple((formula, None) for some in formulas for formula in some)


def _in_range(action: Action) -> Iterator[Expr]:
    """Every update gives a value of its type, at arguments of theirs: else the model errs."""
    for update in action.updates:
        pairs = [(update.value, update.variable.to)]
        pairs += zip(update.args, update.variable.domain, strict=True)
        bounds: list[Expr] = []
        for value, of in pairs:
            if isinstance(value.type, IntType):
                if value.type.lo < of.lo:
                    bounds.append(Less(Const(of, of.lo), value, strict=False))
                if value.type.hi > of.hi:
                    bounds.append(Less(value, Const(of, of.hi), strict=False))
        if bounds:
            right = implied(update.condition, conj(bounds))
            yield Quantified("forall", update.over, right) if update.over else right


def _invariants(model: Model) -> Iterator[Conjunct]:
    for declared_property in model.properties:
        if declared_property.kind == "always":
            for clause in declared_property.clauses:
                label = _label(declared_property.id, clause.name)
                yield Conjunct(label, clause.formula, clause.place, declared_property)
    for clause in model.invariants:
        yield Conjunct(clause.name, clause.formula, clause.place)


def _step_claims(model: Model) -> Iterator[Conjunct]:
    for declared_property in model.properties:
        if declared_property.kind == "action":
            for clause in declared_property.clauses:
                label = _label(declared_property.id, clause.name)
                yield Conjunct(label, clause.formula, clause.place, declared_property)
            for step in declared_property.steps:
                label = _label(declared_property.id, step.name)
                yield Conjunct(label, step.formula, step.place, declared_property, step.action)


def _label(id: str, name: str) -> str:
    return id if id == name else f"{id}.{name}"
