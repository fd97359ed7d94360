"""A model: declarations of state, actions and properties, in the order they are made.

This is the one definition that every judge reads. See ``spec/LANGUAGE.md``.
"""

# the id of a property, and of a mutant, is called so

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, overload

from knell.language.checks import meaningful
from knell.language.errors import ModelError, caller
from knell.language.expressions import Bound, Expr, truth
from knell.language.properties import Property, PropertyKind, declare_conjuncts
from knell.language.queues import Queue
from knell.language.recording import Clause, Update, recording
from knell.language.settings import Mutant, ParameterValue
from knell.language.signatures import (
    action_parameters,
    bind,
    definition_place,
    refuse_local_assignment,
    refuse_what_does_not_run,
)
from knell.language.symbols import ANY, Scalar, Variable
from knell.language.types import Type
from knell.language.vocabulary import Vocabulary
from knell.spec.errors import KnellError, did_you_mean

Fairness: TypeAlias = Literal["weak", "strong"] | None


@dataclass(frozen=True, eq=False)
class Action:
    """Parameters, named guard clauses, simultaneous updates, and fairness per instance."""

    name: str
    parameters: tuple[Bound, ...]
    guard: tuple[Clause, ...]
    updates: tuple[Update, ...]
    fairness: Fairness
    environment: bool
    about: str
    section: str
    claims: tuple[str, ...]
    place: str


class Model(Vocabulary):
    """A first-order transition system.

    ``configs`` are named parameter sets, ``suite`` the names that ``knell check --suite`` runs;
    ``mutants`` are planted faults that the model's text asks about with :meth:`mutant`.
    """

    def __init__(
        self,
        name: str,
        about: str = "",
        *,
        configs: Mapping[str, Mapping[str, ParameterValue]] | None = None,
        suite: Sequence[str] = (),
        mutants: Sequence[Mutant] = (),
    ) -> None:
        super().__init__(name, about, configs=configs, suite=suite, mutants=mutants)
        self.actions: list[Action] = []
        self.properties: list[Property] = []
        self.invariants: list[Clause] = []
        self.end: Expr | None = None

    # Actions

    @overload
    def action(self, function: Callable[..., None]) -> Action: ...
    @overload
    def action(
        self,
        function: None = None,
        *,
        fair: Fairness = None,
        section: str = "",
        claims: Iterable[str] = (),
        environment: bool = False,
    ) -> Callable[[Callable[..., None]], Action]: ...
    def action(
        self,
        function: Callable[..., None] | None = None,
        *,
        fair: Fairness = None,
        section: str = "",
        claims: Iterable[str] = (),
        environment: bool = False,
    ) -> Action | Callable[[Callable[..., None]], Action]:
        """Declare an action: the function's parameters are the action's, its body runs once."""

        def declare(body: Callable[..., None]) -> Action:
            return self._action(body, fair, section, tuple(claims), environment)

        return declare if function is None else declare(function)

    @overload
    def fault(self, function: Callable[..., None]) -> Action: ...
    @overload
    def fault(
        self, function: None = None, *, section: str = "", claims: Iterable[str] = ()
    ) -> Callable[[Callable[..., None]], Action]: ...
    def fault(
        self,
        function: Callable[..., None] | None = None,
        *,
        section: str = "",
        claims: Iterable[str] = (),
    ) -> Action | Callable[[Callable[..., None]], Action]:
        """Declare an action of the environment: a fault, a loss, an operator. Never fair."""
        declare = self.action(section=section, claims=claims, environment=True)
        return declare if function is None else declare(function)

    def _action(
        self,
        body: Callable[..., None],
        fair: Fairness,
        section: str,
        claims: tuple[str, ...],
        environment: bool,
    ) -> Action:
        if not inspect.isfunction(body):
            raise ModelError(f"{body!r} is no function that could be an action")
        name = body.__name__
        if fair not in (None, "weak", "strong"):
            raise ModelError(f"fairness {fair!r} of {name}", mend='use "weak" or "strong"')
        self._declare("action", name)
        refuse_local_assignment(body, (Scalar, Variable, Queue))
        parameters = tuple(action_parameters(body))
        refuse_what_does_not_run(body)
        with recording(name, parameters) as recorder:
            answer = body(*parameters)
        if answer is not None:
            raise ModelError(
                f"action {name} returns a value, which means nothing",
                place=definition_place(body),
                mend="assign it: f[x] = v, or x.set(v)",
            )
        action = Action(
            name,
            parameters,
            tuple(recorder.clauses),
            tuple(recorder.updates),
            fair,
            environment,
            inspect.getdoc(body) or "",
            section,
            claims,
            definition_place(body),
        )
        self.actions.append(action)
        return action

    # Properties

    def ends(self, formula: object) -> None:
        """State where it is right that no action is enabled; elsewhere that is a deadlock."""
        if self.end is not None:
            raise ModelError("ends is given twice", mend="join both formulas with |")
        self.end = meaningful(truth(formula, "ends"), "ends")

    def always(
        self,
        id: str,
        formula: object,
        *,
        about: str = "",
        claims: Iterable[str] = (),
        witness: str | None = None,
    ) -> Property:
        """Declare an invariant: a formula, or a mapping from names to formulas (conjuncts)."""
        return self._property("always", id, formula, about=about, claims=claims, witness=witness)

    def step(
        self,
        id: str,
        formula: object,
        *,
        about: str = "",
        claims: Iterable[str] = (),
        witness: str | None = None,
    ) -> Property:
        """Declare an action property, over the state and (``.next``) its successor.

        Conjuncts may be ``on(action, lambda parameters: ...)``; others hold for every step.
        """
        return self._property("action", id, formula, about=about, claims=claims, witness=witness)

    def reachable(
        self, id: str, formula: object, *, about: str = "", claims: Iterable[str] = ()
    ) -> Property:
        """Declare a witness: some reachable state satisfies the formula."""
        return self._property("reachable", id, formula, about=about, claims=claims, witness=None)

    def leads_to(
        self,
        id: str,
        *types_and_body: object,
        about: str = "",
        claims: Iterable[str] = (),
        witness: str | None = None,
    ) -> Property:
        """Declare ``P leads to Q``: ``m.leads_to("L", Sort, lambda x: (P(x), Q(x)))``.

        Each instance holds by itself: wherever P holds, Q holds then or later.
        """
        *types, body = types_and_body
        if not callable(body) or not all(isinstance(of, Type) for of in types):
            raise ModelError(f"{id}: leads_to takes types, then a function returning (P, Q)")
        bound = bind(body, tuple(of for of in types if isinstance(of, Type)), id)
        pair = body(*bound)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ModelError(f"{id}: leads_to needs a pair (P, Q)")
        clauses = tuple(
            Clause(part, meaningful(truth(formula, id), id, bound=bound), caller())
            for part, formula in zip(("premise", "goal"), pair, strict=True)
        )
        return self._add(
            Property(
                id, "leads_to", clauses, (), about, tuple(claims), witness, caller(), tuple(bound)
            )
        )

    def invariant(self, name: str, formula: object) -> None:
        """State an auxiliary invariant: it carries a proof, and is no claim about the model."""
        self._declare("invariant", name)
        where = f"invariant {name}"
        self.invariants.append(Clause(name, meaningful(truth(formula, where), where), caller()))

    def claim_invariants(self, id: str = "invariants") -> Property:
        """Declare the auxiliary invariants as a property, so that every engine checks them."""
        if not self.invariants:
            raise ModelError(f"model {self.name} has no auxiliary invariants", place=self.place)
        clauses = tuple(self.invariants)
        return self._add(Property(id, "always", clauses, (), "", (), None, self.place))

    def _property(
        self,
        kind: PropertyKind,
        id: str,
        formula: object,
        *,
        about: str,
        claims: Iterable[str],
        witness: str | None,
    ) -> Property:
        clauses, steps = declare_conjuncts(id, kind, formula)
        return self._add(
            Property(id, kind, clauses, steps, about, tuple(claims), witness, caller())
        )

    def _add(self, declared: Property) -> Property:
        self._declare("property", declared.id)
        self.properties.append(declared)
        return declared

    # The whole

    def finish(self) -> Model:
        """Check the declarations as a whole; called once the model's file has run."""
        self._check_parameters()
        self._check_names()
        if not self.actions:
            raise ModelError(f"model {self.name} has no action", place=self.place)
        return self

    def _check_parameters(self) -> None:
        mend = f"its parameters: {', '.join(self.parameters) or 'none'}"
        for name in self.settings.values:
            if name not in self.parameters:
                raise KnellError(
                    f"model {self.name} has no parameter {name}",
                    place="--set",
                    mend=did_you_mean(name, self.parameters) + mend,
                )
        for config, values in self.configs.items():
            for name in values:
                if name not in self.parameters:
                    raise ModelError(
                        f"configuration {config!r} sets unknown parameter {name!r}",
                        place=self.place,
                        mend=mend,
                    )

    def _check_names(self) -> None:
        of_mutants = {f"mutant {m.id}": m.config for m in self.mutants if m.config is not None}
        for where, config in [*(("suite", name) for name in self.suite), *of_mutants.items()]:
            if config not in self.configs:
                raise ModelError(
                    f"{where} names unknown configuration {config!r}",
                    place=self.place,
                    mend=f"its configurations: {', '.join(self.configs) or 'none'}",
                )
        known = {declared.id for declared in self.properties}
        for declared in self.properties:
            if declared.witness is not None and declared.witness not in known:
                raise ModelError(
                    f"{declared.id}: its witness {declared.witness!r} is not declared",
                    place=declared.place,
                )


__all__ = ["ANY", "Action", "Model", "Mutant"]
