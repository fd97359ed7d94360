"""Actions as Python functions of a state and of parameters: quantifiers stay loops.

The other engines write every instance out, which pays where all instances of all states are
asked for. Who follows one run through a large model asks for few instances of many; for that,
one function an action is enough. It means what `knell.language.evaluate` says, on models whose
functions take elements of sorts and enumerations, not integers.

>>> from knell.examples.two_phase_commit import m
>>> lifted = Lifted(m.finish())
>>> step = lifted.steps["prepare"]
>>> start = lifted.initial()
>>> step.refusal(start, 0) is None, step.after(start, 0) == start
(True, False)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from knell.language.errors import ModelError
from knell.language.evaluate import Evaluator
from knell.language.expressions import (
    And,
    Arithmetic,
    Bound,
    Const,
    Count,
    Equal,
    Expr,
    Implies,
    Ite,
    Less,
    Not,
    Or,
    Quantified,
    Read,
    RigidRead,
)
from knell.language.grounding import Program
from knell.language.layout import Layout
from knell.language.model import Action, Model
from knell.language.recording import Clause, Update
from knell.language.types import IntType, Type

Names: TypeAlias = Mapping[Bound, str]
_JOINS: Final = {And: (" and ", "True"), Or: (" or ", "False")}


@dataclass(frozen=True)
class Step:
    """One action: whether an instance of it is enabled, and what it leads to."""

    action: Action
    evaluator: Evaluator
    _first: Callable[..., int]
    _apply: Callable[..., bytes]

    def refusal(self, state: bytes, *parameters: int) -> Clause | None:
        """Return the first clause of the guard that does not hold, or None if all do."""
        index = self._first(state, *parameters)
        return None if index < 0 else self.action.guard[index]

    def after(self, state: bytes, *parameters: int) -> bytes:
        """Return the state after the instance, whose guard must hold."""
        return self._apply(state, *parameters)

    def refusals(self, state: bytes, *parameters: int) -> list[Clause]:
        """Return every clause of the guard that does not hold."""
        env = dict(zip(self.action.parameters, parameters, strict=True))
        return self.evaluator.failing_clauses(self.action, state, env)


class Lifted:
    """The steps of a model by the names of their actions.

    Raises:
        ModelError: A function of the model takes integers.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.layout = Layout(model)
        self._bases = {cell.variable: cell.index for cell in reversed(self.layout.cells)}
        self._tables: dict[str, tuple[int, ...]] = {}
        evaluator = Evaluator(self.layout)
        scope: dict[str, Any] = {"fit": _fit}
        texts = [text for action in model.actions for text in self._texts(action)]
        scope |= self._tables
        exec(compile("\n".join(texts), "<lifted>", "exec"), scope)  # noqa: S102 # our own text
        self.steps = {
            action.name: Step(
                action, evaluator, scope[f"first_{action.name}"], scope[f"apply_{action.name}"]
            )
            for action in model.actions
        }

    def initial(self) -> bytes:
        """Return the first initial state."""
        return bytes(next(Program(self.model).initial()))

    # Actions

    def _texts(self, action: Action) -> Iterator[str]:
        names = {bound: f"p{k}" for k, bound in enumerate(action.parameters)}
        head = ", ".join(["s", *names.values()])
        yield f"def first_{action.name}({head}):"
        for k, clause in enumerate(action.guard):
            yield f" if not {self._text(clause.formula, names)}: return {k}"
        yield " return -1"
        yield f"def apply_{action.name}({head}):"
        yield " t = bytearray(s)"
        for _, alike in itertools.groupby(
            action.updates, lambda update: tuple(map(id, update.over))
        ):
            updates = list(alike)
            yield from self._loop(updates[0].over, updates, names)
        yield " return bytes(t)"

    def _loop(
        self, over: tuple[Bound, ...], updates: Sequence[Update], names: Names
    ) -> Iterator[str]:
        known, depth = dict(names), 1
        for bound in over:
            known[bound] = f"e{len(known)}"
            yield f"{' ' * depth}for {known[bound]} in {_range(bound.of)}:"
            depth += 1
        for text, alike in itertools.groupby(updates, lambda u: self._text(u.condition, known)):
            inside = depth
            if text != "True":
                yield f"{' ' * depth}if {text}:"
                inside += 1
            for update in alike:
                to, value = update.variable.to, self._text(update.value, known)
                if isinstance(to, IntType):
                    value = f"fit({value}, {to.lo}, {to.hi})"
                cell = self._index(update.variable, update.args, known)
                yield f"{' ' * inside}t[{cell}] = {_less(value, to.lo)}"

    # Expressions

    def _text(self, expr: Expr, names: Names) -> str:  # noqa: C901, PLR0911, PLR0912 # one case a kind
        def go(part: Expr) -> str:
            return self._text(part, names)

        match expr:
            case Const(of=of, value=value):
                return str(bool(value)) if of.name == "Bool" else str(value)
            case Bound():
                return names[expr]
            case Read(variable=variable, args=args):
                lo = variable.to.lo
                return _less(f"s[{self._index(variable, args, names)}]", -lo)
            case RigidRead(rigid=rigid, args=args):
                self._tables.setdefault(f"rigid_{rigid.name}", tuple(rigid.table.values()))
                return f"rigid_{rigid.name}[{self._offset(rigid.domain, args, names, 0)}]"
            case Not(a=a):
                return f"(not {go(a)})"
            case And(parts=parts) | Or(parts=parts):
                sign, unit = _JOINS[type(expr)]
                texts = [text for text in map(go, parts) if text != unit]
                return f"({sign.join(texts)})" if texts else unit
            case Implies(premise=a, conclusion=b):
                return f"(not {go(a)} or {go(b)})"
            case Equal(a=a, b=b):
                return f"({go(a)} == {go(b)})"
            case Less(a=a, b=b, strict=strict):
                return f"({go(a)} {'<' if strict else '<='} {go(b)})"
            case Ite(condition=c, a=a, b=b):
                return f"({go(a)} if {go(c)} else {go(b)})"
            case Arithmetic(operator=operator, a=a, b=b):
                return f"({go(a)} {operator} {go(b)})"
            case Quantified(kind=kind, bound=bound, body=body):
                return f"{'all' if kind == 'forall' else 'any'}({self._each(body, bound, names)})"
            case Count(bound=bound, body=body):
                return f"sum(bool(x) for x in ({self._each(body, bound, names)}))"
        raise TypeError(f"unknown expression {type(expr).__name__}")

    def _each(self, body: Expr, bound: tuple[Bound, ...], names: Names) -> str:
        known = {**names}
        loops = []
        for variable in bound:
            known[variable] = f"q{len(known)}"
            loops.append(f"for {known[variable]} in {_range(variable.of)}")
        return f"{self._text(body, known)} {' '.join(loops)}"

    def _index(self, variable: Any, args: tuple[Expr, ...], names: Names) -> str:
        return self._offset(variable.domain, args, names, self._bases[variable])

    def _offset(
        self, domain: tuple[Type, ...], args: tuple[Expr, ...], names: Names, base: int
    ) -> str:
        stride, parts = 1, []
        for of, arg in reversed(list(zip(domain, args, strict=True))):
            if isinstance(of, IntType):
                raise ModelError(
                    "a function of integers can't be followed step by step",
                    mend="index it with a sort or an enumeration",
                )
            if isinstance(arg, Const):
                base += int(arg.value) * stride
            else:
                text = self._text(arg, names)
                parts.append(text if stride == 1 else f"{text} * {stride}")
            stride *= of.size
        return " + ".join([*([str(base)] if base or not parts else []), *reversed(parts)])


def _range(of: Type) -> str:
    return f"range({of.lo}, {of.hi + 1})"


def _less(text: str, lo: int) -> str:
    return text if lo == 0 else f"{text} - {lo}"


def _fit(value: int, lo: int, hi: int) -> int:
    if not lo <= value <= hi:
        raise ModelError(f"an action gives a variable the value {value}, outside {lo}..{hi}")
    return value


def _scope_of(update: Update) -> tuple[int, ...]:
    return tuple(map(id, update.over))
