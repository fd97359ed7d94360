"""What an action's body says while it runs once, on symbols: clauses and updates.

``require`` names the guard clauses; ``f[x] = v`` and ``x.set(v)`` are simultaneous updates;
``for x in each(Sort)`` repeats the updates below it for all elements; ``with when(c)`` makes
them conditional. All right-hand sides read the state before the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from knell.language.checks import meaningful
from knell.language.errors import ModelError, caller
from knell.language.expressions import TRUE, And, Bound, Const, Expr, coerce, in_range, truth
from knell.language.types import Type

if TYPE_CHECKING:
    from knell.language.symbols import Variable


@dataclass(frozen=True, eq=False)
class Clause:
    """A named condition: a clause of a guard or a conjunct of a property."""

    name: str
    formula: Expr
    place: str


@dataclass(frozen=True, eq=False)
class Update:
    """``variable[args] := value`` for all values of ``over`` for which ``condition`` holds."""

    variable: Variable
    args: tuple[Expr, ...]
    value: Expr
    over: tuple[Bound, ...]
    condition: Expr
    place: str


@dataclass
class Recorder:
    """Collects what one action's body says."""

    action: str
    parameters: tuple[Bound, ...] = ()
    clauses: list[Clause] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    scope: list[Bound] = field(default_factory=list)
    conditions: list[Expr] = field(default_factory=list)
    idle: dict[object, ModelError] = field(default_factory=dict)

    def meaningful(self, formula: Expr, where: str) -> Expr:
        """The formula, if it speaks of the state before the step and of variables in scope."""
        return meaningful(formula, where, bound=(*self.parameters, *self.scope))

    def refuse_what_is_idle(self) -> None:
        """Refuse a ``when`` or ``each`` under which nothing can stand."""
        for error in self.idle.values():
            raise error


_current: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording(action: str, parameters: tuple[Bound, ...] = ()) -> Iterator[Recorder]:
    """Collect clauses and updates of the action's body while the context lasts."""
    recorder = Recorder(action, parameters)
    token = _current.set(recorder)
    try:
        yield recorder
        recorder.refuse_what_is_idle()
    finally:
        _current.reset(token)


def _recorder(what: str) -> Recorder:
    recorder = _current.get()
    if recorder is None:
        raise ModelError(f"{what} outside an action", mend="move it into a function under @action")
    return recorder


def require(*unnamed: object, **clauses: object) -> None:
    """Add named clauses to the guard: the action is enabled where all of them hold."""
    recorder = _recorder("require")
    if unnamed:
        raise ModelError(
            "a clause of a guard has a name, by which it is shown where it fails",
            mend="write require(some_name=...)",
        )
    if recorder.scope or recorder.conditions:
        raise ModelError(
            "require inside each or when", mend="quantify inside the clause: forall(Sort, ...)"
        )
    taken = {clause.name for clause in recorder.clauses}
    for name, formula in clauses.items():
        if name in taken:
            raise ModelError(f"guard clause {name!r} of {recorder.action} is given twice")
        where = f"clause {name!r}"
        clause = recorder.meaningful(truth(formula, where), where)
        recorder.clauses.append(Clause(name, clause, caller()))


def record_update(variable: Variable, args: tuple[Expr, ...], value: object) -> None:
    """Record one update of the running action."""
    where = f"assignment to {variable.name}"
    recorder = _recorder(where)
    expression = in_range(coerce(value, variable.to, where), variable.to, where)
    for part in (*args, expression):
        recorder.meaningful(part, where)
    condition: Expr = And(tuple(recorder.conditions)) if recorder.conditions else TRUE
    for earlier in recorder.updates:
        if earlier.variable is variable and _surely_same(earlier, args, condition):
            did = f"assigns {variable.name}"
            if variable.hidden_in is not None:
                did = f"changes queue {variable.hidden_in}"
            raise ModelError(f"{recorder.action} {did} twice", mend=f"see {earlier.place}")
    recorder.updates.append(
        Update(variable, args, expression, tuple(recorder.scope), condition, caller())
    )


def _surely_same(earlier: Update, args: tuple[Expr, ...], condition: Expr) -> bool:
    if earlier.condition is not TRUE or condition is not TRUE:
        return False
    return all(
        a is b or (isinstance(a, Const) and isinstance(b, Const) and a.value == b.value)
        for a, b in zip(earlier.args, args, strict=True)
    )


def each(*types: Type) -> Iterator[Any]:
    """Repeat the updates in the loop's body for all elements: ``for x in each(Sort): ...``.

    With several types the loop variable is a tuple.
    """
    recorder = _recorder("each")
    if not types or not all(isinstance(of, Type) for of in types):
        raise ModelError("each takes types to range over", mend="write for x in each(Sort)")
    mine = object()
    recorder.idle[mine] = ModelError(
        "each repeats nothing by itself", mend="write for x in each(Sort): with updates below it"
    )

    def once() -> Iterator[Any]:
        recorder.idle.pop(mine, None)
        bound = [
            Bound(of, f"{of.name.lower()}{len(recorder.scope) + k}") for k, of in enumerate(types)
        ]
        recorder.scope.extend(bound)
        try:
            yield bound[0] if len(bound) == 1 else tuple(bound)
        finally:
            del recorder.scope[len(recorder.scope) - len(bound) :]

    return once()


def when(condition: object) -> AbstractContextManager[None]:
    """Make the updates inside conditional: ``with when(c): ...``."""
    recorder = _recorder("when")
    formula = recorder.meaningful(truth(condition, "when"), "when")
    mine = object()
    recorder.idle[mine] = ModelError(
        "when makes nothing conditional by itself", mend="write with when(...): with updates below"
    )

    @contextmanager
    def while_it_lasts() -> Iterator[None]:
        recorder.idle.pop(mine, None)
        recorder.conditions.append(formula)
        try:
            yield
        finally:
            recorder.conditions.pop()

    return while_it_lasts()
