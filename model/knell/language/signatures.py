"""What a Python function that is part of a model says by its signature and its names."""

from __future__ import annotations

import dis
import inspect
import linecache
from collections.abc import Callable
from types import FunctionType

from knell.language.errors import ModelError, caller_names
from knell.language.expressions import Bound
from knell.language.types import Type


def bind(function: Callable[..., object], types: tuple[Type, ...], where: str) -> list[Bound]:
    """One bound variable for each parameter of ``function``, named as the parameters are.

    A parameter with a default is the function's own business: ``lambda r, k=k: ...``.
    """
    names = [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]
    if len(names) != len(types):
        raise ModelError(
            f"{where}: the function takes {len(names)} argument(s) for {len(types)} type(s)"
        )
    return [Bound(of, name) for of, name in zip(types, names, strict=True)]


def definition_place(body: FunctionType) -> str:
    """``file:line`` of the function's ``def``, below its decorators."""
    code = body.__code__
    line = code.co_firstlineno
    while (text := linecache.getline(code.co_filename, line)) and "def" not in text.split():
        line += 1
    return f"{code.co_filename}:{line if text else code.co_firstlineno}"


def action_parameters(body: FunctionType) -> list[Bound]:
    """An action's parameters; each is annotated with the type that it ranges over.

    An annotation may be a text, as ``from __future__ import annotations`` makes it.
    """
    bound = []
    scope = _scope(body)
    for parameter in inspect.signature(body).parameters.values():
        of = parameter.annotation
        if isinstance(of, str):
            of = scope.get(of)
        if not isinstance(of, Type):
            raise ModelError(
                f"parameter {parameter.name} of {body.__name__} needs a type of the model",
                place=definition_place(body),
                mend=f"write {parameter.name}: Sort",
            )
        bound.append(Bound(of, parameter.name))
    return bound


def _scope(body: FunctionType) -> dict[str, object]:
    """The names that a function's text may use: of its file, and of functions around it."""
    return {**body.__globals__, **caller_names(), **inspect.getclosurevars(body).nonlocals}


def refuse_what_does_not_run(body: FunctionType) -> None:
    """Refuse an action's body that Python would not run, or part of which would say nothing."""
    place = definition_place(body)
    name = body.__name__
    if inspect.iscoroutinefunction(body) or inspect.isgeneratorfunction(body):
        raise ModelError(
            f"action {name} is no plain function, so its body would never run",
            place=place,
            mend="write def, without async and yield",
        )
    for parameter in inspect.signature(body).parameters.values():
        if parameter.default is not parameter.empty:
            raise ModelError(
                f"parameter {parameter.name} of action {name} has a default, which means nothing",
                place=place,
                mend="an action is taken for every value of its parameters",
            )
    before = ""
    for step in dis.get_instructions(body):
        if before == "COMPARE_OP" and step.opname == "POP_TOP":
            raise ModelError(
                "a comparison as a statement says nothing",
                place=f"{body.__code__.co_filename}:{step.positions and step.positions.lineno}",
                mend="to assign, write f[x] = v or x.set(v); to demand, require(name=...)",
            )
        before = step.opname


def refuse_local_assignment(body: FunctionType, state: tuple[type, ...]) -> None:
    """Refuse ``x = 1`` where ``x`` is a state variable: Python would make a local name of it."""
    own = inspect.signature(body).parameters
    scope = _scope(body)
    for step in dis.get_instructions(body):
        if not step.opname.startswith(("STORE_FAST", "STORE_DEREF", "STORE_GLOBAL")):
            continue
        for name in step.argval if isinstance(step.argval, tuple) else (step.argval,):
            if name not in own and isinstance(scope.get(name), state):
                line = step.positions.lineno if step.positions else None
                raise ModelError(
                    f"'{name} = ...' makes a Python name, the state variable stays as it is",
                    place=f"{body.__code__.co_filename}:{line or body.__code__.co_firstlineno}",
                    mend=f"write {name}.set(...), or {name}[...] = ... for a function",
                )
