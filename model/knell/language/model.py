"""A model: declarations of state, actions and properties, in the order they are made.

This is the one definition that every judge reads. See ``spec/LANGUAGE.md``.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from knell.language.errors import ModelError, caller
from knell.language.expressions import Bound, Expr, coerce, truth
from knell.language.properties import Property, PropertyKind, declare_conjuncts
from knell.language.queues import Queue
from knell.language.recording import Clause, Update, recording
from knell.language.settings import (
    Mutant,
    Parameter,
    ParameterValue,
    check_mutant,
    choose_config,
    resolve,
    settings_in_force,
)
from knell.language.symbols import ANY, Anything, Initial, Rigid, Scalar, Variable, bind
from knell.language.types import BOOL, EnumType, IntType, NamedType, SortType, Type
from knell.spec.errors import KnellError

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


class Model:
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
        self.name = name
        self.about = about
        self.place = caller()
        self.configs = dict(configs or {})
        self.suite = tuple(suite)
        self.mutants = tuple(mutants)
        self.settings = settings_in_force()
        check_mutant(name, self.settings, self.mutants)
        self.config = choose_config(name, self.settings, self.configs, self.mutants)
        self.parameters: dict[str, Parameter] = {}
        self.values: dict[str, ParameterValue] = {}
        self.sorts: list[SortType] = []
        self.enums: list[EnumType] = []
        self.variables: list[Variable] = []
        self.queues: list[Queue] = []
        self.rigids: list[Rigid] = []
        self.axioms: list[Clause] = []
        self.initial: list[Clause] = []
        self.actions: list[Action] = []
        self.properties: list[Property] = []
        self.end: Expr | None = None
        self._names: dict[str, str] = {}

    # Parameters and mutants

    def param(
        self,
        name: str,
        default: ParameterValue,
        about: str = "",
        *,
        least: int | None = None,
        most: int | None = None,
        choices: Sequence[str] = (),
    ) -> ParameterValue:
        """Declare a parameter and return its value in force."""
        parameter = Parameter(name, default, about, least, most, tuple(choices))
        self._declare("parameter", name)
        self.parameters[name] = parameter
        value = resolve(parameter, self.settings, self.configs.get(self.config or "", {}))
        self.values[name] = value
        return value

    def number(self, name: str, default: int, about: str = "", *, least: int = 0) -> int:
        """An integer parameter, at least ``least``."""
        return int(self.param(name, default, about, least=least))

    def flag(self, name: str, default: bool, about: str = "") -> bool:
        """A switch."""
        return bool(self.param(name, default, about))

    def mutant(self, id: str) -> bool:
        """Whether the planted fault ``id`` is switched on."""
        if all(mutant.id != id for mutant in self.mutants):
            raise ModelError(f"mutant {id!r} is not declared", mend="add it to Model(mutants=...)")
        return self.settings.mutant == id

    # Types

    def sort(
        self,
        name: str,
        *,
        size: int | None = None,
        names: Sequence[str] | None = None,
        prefix: str | None = None,
        symmetric: bool = True,
        ordered: bool = False,
    ) -> SortType:
        """Declare a sort of ``size`` elements (a parameter called ``name``) or of ``names``."""
        if (size is None) == (names is None):
            raise ModelError(f"sort {name} needs either size or names")
        if size is not None:
            size = int(self.param(name, size, f"size of sort {name}", least=1))
            names = [f"{prefix or name.lower()}{k}" for k in range(1, size + 1)]
        else:
            self._declare("sort", name)
        elements = self._distinct_names(name, names or ())
        of = SortType(name, elements, symmetric=symmetric and not ordered, ordered=ordered)
        self.sorts.append(of)
        return of

    def enum(self, name: str, *values: str) -> EnumType:
        """Declare an enumeration."""
        self._declare("enum", name)
        of = EnumType(name, self._distinct_names(name, values))
        self.enums.append(of)
        return of

    def int(self, least: int, most: int) -> IntType:
        """The type of the integers from ``least`` to ``most``, both included."""
        if most < least:
            raise ModelError(f"no integer lies between {least} and {most}")
        return IntType(f"{least}..{most}", least, most)

    # State

    def var(self, name: str, *domain: Type, to: Type, init: object) -> Variable:
        """Declare a state function over ``domain``.

        ``init`` is a literal, ``ANY``, or a function of the arguments.
        """
        if not domain:
            raise ModelError(
                f"{name} has no domain", mend=f'use m.scalar("{name}", to=..., init=...)'
            )
        return self._variable(name, domain, to, init)

    def scalar(self, name: str, *, to: Type, init: object) -> Scalar:
        """Declare a state variable without arguments."""
        return Scalar(self._variable(name, (), to, init))

    def rel(self, name: str, *domain: Type, init: object = False) -> Variable:
        """Declare a state relation over ``domain``; empty at first unless ``init`` says else."""
        return self.var(name, *domain, to=BOOL, init=init)

    def queue(self, name: str, *of: Type, capacity: int) -> Queue:
        """Declare a queue, empty at first, of at most ``capacity`` tuples of the types ``of``."""
        self._declare("queue", name)
        if capacity < 1 or not of:
            raise ModelError(f"queue {name} needs a type and a capacity of at least 1")
        queue = Queue(name, of, capacity, self._hidden(name))
        self.queues.append(queue)
        return queue

    def rigid(self, name: str, *domain: Type, to: Type = BOOL, value: object) -> Rigid:
        """Declare a rigid function with its finite table.

        ``value`` is a function of element names (integers for integer types), a set of tuples of
        names (for a relation) or a mapping from tuples of names to values.
        """
        self._declare("rigid function", name)
        table = _table(name, domain, to, value)
        rigid = Rigid(name, domain, to, table, caller())
        self.rigids.append(rigid)
        return rigid

    def axiom(self, name: str, formula: object) -> None:
        """State what holds of the rigid functions; checked on the finite tables."""
        self.axioms.append(Clause(name, truth(formula, f"axiom {name}"), caller()))

    def init(self, **constraints: object) -> None:
        """Constrain the initial states, beside what the variables' ``init`` say."""
        for name, formula in constraints.items():
            self.initial.append(Clause(name, truth(formula, f"init {name}"), caller()))

    def ends(self, formula: object) -> None:
        """State where it is right that no action is enabled; elsewhere that is a deadlock."""
        self.end = truth(formula, "ends")

    def _variable(self, name: str, domain: tuple[Type, ...], to: Type, init: object) -> Variable:
        self._declare("variable", name)
        if not all(isinstance(of, Type) for of in (*domain, to)):
            raise ModelError(f"{name}: domain and 'to' must be types of the model")
        variable = Variable(name, domain, to, self._initial(name, domain, to, init), caller())
        self.variables.append(variable)
        return variable

    # Actions

    def action(
        self,
        function: Callable[..., None] | None = None,
        *,
        fair: Fairness = None,
        section: str = "",
        claims: Iterable[str] = (),
        environment: bool = False,
    ) -> Callable[[Callable[..., None]], Action]:
        """Declare an action: the function's parameters are the action's, its body runs once."""

        def declare(body: Callable[..., None]) -> Action:
            return self._action(body, fair, section, tuple(claims), environment)

        return declare if function is None else declare(function)  # type: ignore[return-value]  # bare decorator

    def fault(
        self,
        function: Callable[..., None] | None = None,
        *,
        section: str = "",
        claims: Iterable[str] = (),
    ) -> Callable[[Callable[..., None]], Action]:
        """Declare an action of the environment: a fault, a loss, an operator. Never fair."""
        return self.action(function, section=section, claims=claims, environment=True)

    def _action(
        self,
        body: Callable[..., None],
        fair: Fairness,
        section: str,
        claims: tuple[str, ...],
        environment: bool,
    ) -> Action:
        name = body.__name__
        place = f"{body.__code__.co_filename}:{body.__code__.co_firstlineno}"
        if fair not in (None, "weak", "strong"):
            raise ModelError(f"fairness {fair!r} of {name}", mend='use "weak" or "strong"')
        self._declare("action", name)
        parameters = _parameters(body, name, place)
        with recording(name) as recorder:
            body(*parameters)
        action = Action(
            name,
            tuple(parameters),
            tuple(recorder.clauses),
            tuple(recorder.updates),
            fair,
            environment,
            inspect.getdoc(body) or "",
            section,
            claims,
            place,
        )
        self.actions.append(action)
        return action

    # Properties

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
        return self._property("always", id, formula, about, claims, witness)

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
        return self._property("action", id, formula, about, claims, witness)

    def reachable(
        self, id: str, formula: object, *, about: str = "", claims: Iterable[str] = ()
    ) -> Property:
        """Declare a witness: some reachable state satisfies the formula."""
        return self._property("reachable", id, formula, about, claims, None)

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
        clauses = (
            Clause("premise", truth(pair[0], id), caller()),
            Clause("goal", truth(pair[1], id), caller()),
        )
        return self._add(
            Property(
                id, "leads_to", clauses, (), about, tuple(claims), witness, caller(), tuple(bound)
            )
        )

    def _property(
        self,
        kind: PropertyKind,
        id: str,
        formula: object,
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
        unknown = [name for name in self.settings.values if name not in self.parameters]
        for config, values in self.configs.items():
            unknown += [f"{n} (in config {config})" for n in values if n not in self.parameters]
        if unknown:
            raise KnellError(
                f"model {self.name} has no parameter {unknown[0]}",
                place="--set",
                mend=f"its parameters: {', '.join(self.parameters) or 'none'}",
            )
        for name in self.suite:
            if name not in self.configs:
                raise ModelError(f"suite names unknown configuration {name!r}", place=self.place)
        known = {declared.id for declared in self.properties}
        for declared in self.properties:
            if declared.witness is not None and declared.witness not in known:
                raise ModelError(
                    f"{declared.id}: its witness {declared.witness!r} is not declared",
                    place=declared.place,
                )
        if not self.actions:
            raise ModelError(f"model {self.name} has no action", place=self.place)
        return self

    def _declare(self, what: str, name: str) -> None:
        if name in self._names:
            raise ModelError(f"{what} {name!r} is declared twice", mend=f"see {self._names[name]}")
        self._names[name] = caller()

    def _hidden(self, queue: str) -> Callable[..., Variable]:
        def make(name: str, *domain: Type, to: Type, init: object) -> Variable:
            variable = self._variable(f"{queue}.{name}", domain, to, init)
            variable.hidden_in = queue
            return variable

        return make

    def _initial(self, name: str, domain: tuple[Type, ...], to: Type, init: object) -> Initial:
        if isinstance(init, Anything):
            return Initial((), None)
        if callable(init):
            bound = tuple(bind(init, domain, f"init of {name}"))
            return Initial(bound, coerce(init(*bound), to, f"init of {name}"))
        return Initial((), coerce(init, to, f"init of {name}"))

    def _distinct_names(self, of: str, names: Sequence[str]) -> tuple[str, ...]:
        if not names or len(set(names)) != len(names):
            raise ModelError(f"{of} needs at least one value, all different")
        return tuple(names)


def _parameters(body: Callable[..., None], name: str, place: str) -> list[Bound]:
    """The action's parameters; each is annotated with the type it ranges over."""
    bound = []
    scope = {**body.__globals__, **inspect.getclosurevars(body).nonlocals}
    for parameter in inspect.signature(body).parameters.values():
        of = parameter.annotation
        if isinstance(of, str):
            of = scope.get(of)
        if not isinstance(of, Type):
            raise ModelError(
                f"parameter {parameter.name} of {name} needs a type of the model",
                place=place,
                mend=f"write {parameter.name}: Sort",
            )
        bound.append(Bound(of, parameter.name))
    return bound


def _table(
    name: str, domain: tuple[Type, ...], to: Type, value: object
) -> dict[tuple[int, ...], int]:
    """The finite table of a rigid function."""

    def look_up(names: tuple[object, ...]) -> object:
        if callable(value):
            return value(*names)
        if isinstance(value, Mapping):
            return value.get(names, value.get(names[0] if len(names) == 1 else names))
        if isinstance(value, set | frozenset | list | tuple):
            return names in value or (len(names) == 1 and names[0] in value)
        raise ModelError(f"{name}: value must be a function, a set or a mapping")

    table = {}
    for point in itertools.product(*(of.values() for of in domain)):
        names = tuple(
            of.names[v] if isinstance(of, NamedType) else v
            for of, v in zip(domain, point, strict=True)
        )
        parsed = to.parse(look_up(names))
        if parsed is None or not to.lo <= parsed <= to.hi:
            raise ModelError(f"{name}{names}: {look_up(names)!r} is no value of {to.name}")
        table[point] = parsed
    return table


__all__ = ["ANY", "Action", "Model", "Mutant"]
