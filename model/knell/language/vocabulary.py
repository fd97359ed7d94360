"""What a model speaks about: parameters, types, state and what holds of them at first."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from knell.language.checks import meaningful
from knell.language.errors import ModelError, caller
from knell.language.expressions import coerce, in_range, truth
from knell.language.limits import MOST_CELLS, MOST_ELEMENTS, MOST_OF_A_NUMBER, refuse_more
from knell.language.queues import Queue
from knell.language.recording import Clause
from knell.language.settings import (
    Mutant,
    Parameter,
    ParameterValue,
    check_mutant,
    choose_config,
    resolve,
    settings_in_force,
)
from knell.language.signatures import bind
from knell.language.symbols import Anything, Initial, Rigid, Scalar, Variable
from knell.language.tables import finite_table
from knell.language.types import BOOL, EnumType, IntType, SortType, Type

Integer: TypeAlias = int
"""Inside the class, ``int`` is the method that makes a type."""


class Vocabulary:
    """The declarations of a model, except its actions and properties."""

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
        self._names: dict[str, str] = {}

    # Parameters and mutants

    def param(
        self,
        name: str,
        default: ParameterValue,
        about: str = "",
        *,
        least: Integer | None = None,
        most: Integer | None = None,
        choices: Sequence[str] = (),
    ) -> ParameterValue:
        """Declare a parameter and return its value in force."""
        parameter = Parameter(name, default, about, least, most, tuple(choices))
        self._declare("parameter", name)
        parameter.check_default()
        self.parameters[name] = parameter
        value = resolve(parameter, self.settings, self.configs.get(self.config or "", {}))
        self.values[name] = value
        return value

    def number(
        self,
        name: str,
        default: Integer,
        about: str = "",
        *,
        least: Integer = 0,
        most: Integer = MOST_OF_A_NUMBER,
    ) -> Integer:
        """An integer parameter, at least ``least`` and at most ``most``."""
        if type(default) is not Integer:
            raise ModelError(f"{name}: {default!r} is no integer")
        return Integer(self.param(name, default, about, least=least, most=most))

    def flag(self, name: str, default: bool, about: str = "") -> bool:
        """A switch."""
        return bool(self.param(name, default, about))

    def mutant(self, id: str) -> bool:  # as in the table of mutants
        """Whether the planted fault ``id`` is switched on."""
        if all(mutant.id != id for mutant in self.mutants):
            raise ModelError(f"mutant {id!r} is not declared", mend="add it to Model(mutants=...)")
        return self.settings.mutant == id

    # Types

    def sort(
        self,
        name: str,
        *,
        size: Integer | None = None,
        most: Integer = MOST_ELEMENTS,
        names: Sequence[str] | None = None,
        prefix: str | None = None,
        symmetric: bool = True,
        ordered: bool = False,
    ) -> SortType:
        """Declare a sort of ``size`` elements (a parameter called ``name``) or of ``names``.

        The parameter is refused beyond ``most``.
        """
        if (size is None) == (names is None):
            raise ModelError(f"sort {name} needs either size or names")
        if size is not None:
            size = self.number(name, size, f"size of sort {name}", least=1, most=most)
            names = [f"{prefix or name.lower()}{k}" for k in range(1, size + 1)]
        else:
            self._declare("sort", name)
        refuse_more(len(names or ()), MOST_ELEMENTS, f"elements of sort {name}")
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

    def int(self, least: Integer, most: Integer) -> IntType:
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

    def queue(self, name: str, *of: Type, capacity: Integer) -> Queue:
        """Declare a queue, empty at first, of at most ``capacity`` tuples of the types ``of``."""
        self._declare("queue", name)
        if capacity < 1 or not of or not all(isinstance(part, Type) for part in of):
            raise ModelError(f"queue {name} needs types and a capacity of at least 1")
        queue = Queue(name, of, capacity, self._hidden(name))
        self.queues.append(queue)
        return queue

    def rigid(self, name: str, *domain: Type, to: Type = BOOL, value: object) -> Rigid:
        """Declare a rigid function with its finite table.

        ``value`` is a function of element names (integers for integer types), a set of tuples of
        names (for a relation) or a mapping from tuples of names to values.
        """
        self._declare("rigid function", name)
        if not all(isinstance(of, Type) for of in (*domain, to)):
            raise ModelError(f"{name}: domain and 'to' must be types of the model")
        points = math.prod(of.size for of in domain)
        refuse_more(points, MOST_CELLS, f"points of rigid function {name}")
        table = finite_table(name, domain, to, value)
        rigid = Rigid(name, domain, to, table, caller())
        self.rigids.append(rigid)
        return rigid

    def axiom(self, name: str, formula: object) -> None:
        """State what holds of the rigid functions; checked on the finite tables."""
        where = f"axiom {name}"
        stated = meaningful(truth(formula, where), where, state=False)
        self.axioms.append(Clause(name, stated, caller()))

    def init(self, **constraints: object) -> None:
        """Constrain the initial states, beside what the variables' ``init`` say."""
        for name, formula in constraints.items():
            where = f"init {name}"
            self.initial.append(Clause(name, meaningful(truth(formula, where), where), caller()))

    def _variable(self, name: str, domain: tuple[Type, ...], to: Type, init: object) -> Variable:
        self._declare("variable", name)
        if not all(isinstance(of, Type) for of in (*domain, to)):
            raise ModelError(f"{name}: domain and 'to' must be types of the model")
        variable = Variable(name, domain, to, self._initial(name, domain, to, init), caller())
        self.variables.append(variable)
        return variable

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
        where = f"init of {name}"
        bound = tuple(bind(init, domain, where)) if callable(init) else ()
        value = coerce(init(*bound) if callable(init) else init, to, where)
        return Initial(
            bound, in_range(meaningful(value, where, bound=bound, state=False), to, where)
        )

    def _distinct_names(self, of: str, names: Sequence[str]) -> tuple[str, ...]:
        if not names or len(set(names)) != len(names):
            raise ModelError(f"{of} needs at least one value, all different")
        if not all(isinstance(name, str) for name in names):
            raise ModelError(f"the values of {of} are names", mend='write them as "texts"')
        return tuple(names)
