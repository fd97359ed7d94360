"""A small reader of TLA+: explores the states of a module, from the tree of another's parser.

The parser is `tla`, from PyPI, which knows nothing of us; what each construct means is written
down here from the language's book, for the constructs that our texts use. So a text that means
something else than the model does is found, though TLC itself is not asked.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

# It carries no types of its own.
parse: Any = import_module("tla").parse

Env = Mapping[str, Any]
State = dict[str, Any]

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "#": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    "=<": operator.le,
    "\\leq": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": operator.mod,
    "\\div": operator.floordiv,
    "..": lambda a, b: frozenset(range(a, b + 1)),
    "\\in": lambda a, b: a in b,
    "\\notin": lambda a, b: a not in b,
    "<=>": lambda a, b: a == b,
    "\\X": lambda a, b: frozenset(itertools.product(a, b)),
}


class Function(dict[Any, Any]):
    """A TLA+ function: known by its points."""

    def __hash__(self) -> int:  # type: ignore[override]  # never changed once made
        return hash(frozenset(self.items()))


class Reader:
    """One module, with its constants as strings of their names."""

    def __init__(self, text: str) -> None:
        self.module = parse(text)
        self.definitions: dict[str, Any] = {}
        self.variables: list[str] = []
        self.constants: dict[str, str] = {}
        for unit in self.module.units:
            match type(unit).__name__:
                case "Constants":
                    self.constants |= {n.operator: n.operator for n in unit.names}
                case "Variables":
                    self.variables += [n.operator for n in unit.names]
                case "OperatorDefinition":
                    self.definitions[unit.name] = unit
        self._known: dict[str, Any] = {}

    def explore(self) -> tuple[int, int, int]:
        """Distinct states, generated ones, and the depth, as TLC counts them; checks TypeOK."""
        first = [dict(s) for s in self._steps(self._body("Init"), {}, None, {})]
        seen = {self._key(s) for s in first}
        generated, depth, level = len(first), 0, first
        while level:
            depth += 1
            reached: list[State] = []
            for state in level:
                assert self.value(self._body("TypeOK"), {}, state)
                for after in self._steps(self._body("Next"), {}, state, {}):
                    generated += 1
                    assert len(after) == len(self.variables), "Next leaves a variable open"
                    if (key := self._key(after)) not in seen:
                        seen.add(key)
                        reached.append(after)
            level = reached
        return len(seen), generated, depth

    def _key(self, state: State) -> tuple[Any, ...]:
        return tuple(state[v] for v in self.variables)

    def _body(self, name: str) -> Any:
        return self.definitions[name].definiens

    # Steps

    def _steps(  # noqa: C901, PLR0912  # one case for each construct
        self, e: Any, env: Env, state: State | None, after: State
    ) -> Iterator[State]:
        """The assignments that make the formula true, as TLC finds them: from left to right.

        Without a state, the formula is an initial condition, and assigns the state itself.
        """
        kind = type(e).__name__
        if kind == "Parentheses":
            yield from self._steps(e.expression, env, state, after)
        elif kind == "VerticalList" or (
            kind == "OperatorApplication" and e.operator in ("/\\", "\\/")
        ):
            parts = [getattr(p, "expression", p) for p in e.arguments]
            if e.operator == "\\/":
                for part in parts:
                    yield from self._steps(part, env, state, after)
            else:
                yield from self._all(parts, env, state, after)
        elif kind == "Quantification" and e.quantifier == "\\E":
            for inner in self._bindings(e.declarations, env, state):
                yield from self._steps(e.predicate, inner, state, after)
        elif kind == "OperatorApplication" and (target := self._target(e, state)) is not None:
            values = self._candidates(e, env, state)
            for value in values:
                if target not in after:
                    yield {**after, target: value}
                elif after[target] == value:
                    yield after
        elif kind == "OperatorApplication" and e.operator == "UNCHANGED":
            assert state is not None
            names = [item.operator for item in e.arguments[0].items]
            yield {**after, **{name: state[name] for name in names}}
        elif kind == "OperatorApplication" and e.operator in self.definitions:
            yield from self._steps(*self._call(e, env, state), state, after)
        elif self.value(e, env, state if state is not None else after):
            yield after

    def _all(
        self, parts: list[Any], env: Env, state: State | None, after: State
    ) -> Iterator[State]:
        if not parts:
            yield after
            return
        for next_one in self._steps(parts[0], env, state, after):
            yield from self._all(parts[1:], env, state, next_one)

    def _target(self, e: Any, state: State | None) -> str | None:
        """The variable that ``v' = e`` assigns; at first, that of ``v = e`` or of membership."""
        if e.operator not in ("=", "\\in") or not e.arguments:
            return None
        left = e.arguments[0]
        if type(left).__name__ != "OperatorApplication":
            return None
        if state is None:
            return left.operator if left.operator in self.variables else None
        return left.arguments[0].operator if left.operator == "'" else None

    def _candidates(self, e: Any, env: Env, state: State | None) -> Any:
        value = self.value(e.arguments[1], env, state or {})
        return [value] if e.operator == "=" else value

    def _call(self, e: Any, env: Env, state: State | None) -> tuple[Any, Env]:
        unit = self.definitions[e.operator]
        names = [_name(p) for p in unit.arity or ()]
        values = [self.value(a, env, state or {}) for a in e.arguments or ()]
        return unit.definiens, dict(zip(names, values, strict=True))

    def _bindings(self, declarations: Any, env: Env, state: State | None) -> Iterator[Env]:
        names, sets = [], []
        for declaration in declarations:
            names.append(_name(declaration.arguments[0]))
            sets.append(self.value(declaration.arguments[1], env, state or {}))
        for values in itertools.product(*sets):
            yield {**env, **dict(zip(names, values, strict=True))}

    # Values

    def value(self, e: Any, env: Env, state: State) -> Any:  # noqa: C901, PLR0911, PLR0912  # one case a construct
        """The value of an expression in a state."""

        def go(part: Any) -> Any:
            return self.value(part, env, state)

        match type(e).__name__:
            case "Parentheses":
                return go(e.expression)
            case "VerticalList":
                results = (go(item.expression) for item in e.arguments)
                return all(results) if e.operator == "/\\" else any(results)
            case "IntegralNumeral":
                return int(e.value)
            case "StringLiteral":
                return e.value.strip('"')
            case "BooleanLiteral":
                return e.value == "TRUE"
            case "SetOfBooleans":
                return frozenset([True, False])
            case "SetEnumeration":
                return frozenset(go(item) for item in e.items)
            case "Tuple":
                return tuple(go(item) for item in e.items)
            case "If":
                return go(e.then) if go(e.predicate) else go(e.else_)
            case "Cases":
                return next(go(c.expression) for c in e.cases if go(c.predicate))
            case "SetOfFunctions":
                return _Functions(go(e.domain), go(e.codomain))
            case "Function":
                return self._function(e, env, state)
            case "FunctionApplication":
                return go(e.function)[_point([go(a) for a in e.arguments])]
            case "Except":
                changed = Function(go(e.function))
                for change in e.changes:
                    changed[_point([go(a) for a in change.item[0]])] = go(change.expression)
                return changed
            case "Quantification":
                results = (
                    self.value(e.predicate, inner, state)
                    for inner in self._bindings(e.declarations, env, state)
                )
                return any(results) if e.quantifier == "\\E" else all(results)
            case "OperatorApplication":
                return self._applied(e, env, state)
        raise TypeError(f"no meaning for {type(e).__name__}")

    def _function(self, e: Any, env: Env, state: State) -> Function:
        names = [_name(d.arguments[0]) for d in e.declaration]
        return Function(
            (_point([inner[n] for n in names]), self.value(e.value, inner, state))
            for inner in self._bindings(e.declaration, env, state)
        )

    def _applied(self, e: Any, env: Env, state: State) -> Any:  # noqa: C901, PLR0911  # as `value`
        arguments = e.arguments or []
        match e.operator:
            case "~":
                return not self.value(arguments[0], env, state)
            case "/\\":
                return all(self.value(a, env, state) for a in arguments)
            case "\\/":
                return any(self.value(a, env, state) for a in arguments)
            case "=>":
                premise, conclusion = arguments
                return not self.value(premise, env, state) or self.value(conclusion, env, state)
            case "-" if len(arguments) == 1:
                return -self.value(arguments[0], env, state)
            case "Cardinality":
                return len(self.value(arguments[0], env, state))
            case name if name in env:
                return env[name]
            case name if name in state:
                return state[name]
            case name if name in self.constants:
                return self.constants[name]
            case name if name in self.definitions:
                return self._defined(e, env, state)
        return _BINARY[e.operator](*(self.value(a, env, state) for a in arguments))

    def _defined(self, e: Any, env: Env, state: State) -> Any:
        if e.arguments:
            body, inner = self._call(e, env, state)
            return self.value(body, inner, state)
        if e.operator not in self._known:
            try:
                self._known[e.operator] = self.value(self._body(e.operator), {}, {})
            except KeyError:  # it reads a variable, so it has another value in another state
                return self.value(self._body(e.operator), {}, state)
        return self._known[e.operator]


class _Functions:
    """A set of functions, which is asked for members or listed."""

    def __init__(self, domain: Any, codomain: Any) -> None:
        self.domain = list(domain)
        self.codomain = codomain

    def __contains__(self, function: Any) -> bool:
        return set(function) == set(self.domain) and all(
            value in self.codomain for value in function.values()
        )

    def __iter__(self) -> Iterator[Function]:
        for values in itertools.product(list(self.codomain), repeat=len(self.domain)):
            yield Function(zip(self.domain, values, strict=True))


def _name(node: Any) -> str:
    name: str = getattr(node, "operator", None) or getattr(node, "name", None) or str(node)
    return name


def _point(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)
