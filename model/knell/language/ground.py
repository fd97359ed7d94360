"""Ground terms: expressions over cells alone, without quantifiers, parameters or functions.

The smart constructors fold constants and decide what intervals decide, so that most guards of
most instances shrink to a few comparisons of cells. They never fold a ``fail`` away: a term fails
in exactly those states in which the expression has no value. Terms are interned: equal terms are
the same object. Generators of code (Python, LLVM, Promela, …) read these eleven kinds and nothing
else.

========  ==============================  =================================
kind      parts                           value
========  ==============================  =================================
const                                     the constant
cell                                      index of a cell of the state
not       one boolean
and, or   two or more booleans, lazy
==        two terms
<         two terms
arith.    two terms; kind is + - * // %
ite       condition, then, else, lazy
fail                                      index into the program's failures
========  ==============================  =================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """A ground term; its value lies in ``lo..hi``; ``fallible`` if some part is a ``fail``."""

    kind: str
    parts: tuple[Ground, ...]
    value: int
    lo: int
    hi: int
    fallible: bool

    def __repr__(self) -> str:
        if self.kind in ("const", "cell", "fail"):
            return f"{self.kind}:{self.value}"
        return f"({self.kind} {' '.join(map(repr, self.parts))})"


class Terms:
    """Makes and interns ground terms."""

    def __init__(self) -> None:
        self._interned: dict[tuple[object, ...], Ground] = {}
        self.true = self.const(1)
        self.false = self.const(0)

    def __len__(self) -> int:
        """How many different terms were made."""
        return len(self._interned)

    def _make(self, kind: str, parts: tuple[Ground, ...], value: int, lo: int, hi: int) -> Ground:
        key = (kind, value, *map(id, parts))
        term = self._interned.get(key)
        if term is None:
            fallible = kind == "fail" or any(part.fallible for part in parts)
            term = self._interned[key] = Ground(kind, parts, value, lo, hi, fallible)
        return term

    def const(self, value: int) -> Ground:
        """A constant."""
        return self._make("const", (), value, value, value)

    def cell(self, index: int, size: int) -> Ground:
        """The content of a cell, ``0..size-1``."""
        return self.const(0) if size == 1 else self._make("cell", (), index, 0, size - 1)

    def fail(self, index: int) -> Ground:
        """An error of the model if it is ever evaluated."""
        return self._make("fail", (), index, 0, 0)

    def not_(self, a: Ground) -> Ground:
        """Negation."""
        if a.kind == "const":
            return self.const(1 - a.value)
        if a.kind == "not":
            return a.parts[0]
        return self._make("not", (a,), 0, 0, 1)

    def and_(self, *parts: Ground) -> Ground:
        """Conjunction, evaluated from the left."""
        return self._junction("and", parts, unit=self.true, zero=self.false)

    def or_(self, *parts: Ground) -> Ground:
        """Disjunction, evaluated from the left."""
        return self._junction("or", parts, unit=self.false, zero=self.true)

    def _junction(self, kind: str, parts: tuple[Ground, ...], unit: Ground, zero: Ground) -> Ground:
        seen: dict[int, Ground] = {}
        for part in parts:
            for leaf in part.parts if part.kind == kind else (part,):
                if leaf is zero:
                    return self._up_to_failure(kind, list(seen.values()), zero)
                if leaf is not unit:
                    seen.setdefault(id(leaf), leaf)
        if any(id(self.not_(leaf)) in seen for leaf in seen.values()) and not any(
            leaf.fallible for leaf in seen.values()
        ):
            return zero
        leaves = tuple(seen.values())
        if not leaves:
            return unit
        return leaves[0] if len(leaves) == 1 else self._make(kind, leaves, 0, 0, 1)

    def _up_to_failure(self, kind: str, leaves: list[Ground], zero: Ground) -> Ground:
        """The junction's value is ``zero``, unless a part before it is an error."""
        if not any(leaf.fallible for leaf in leaves):
            return zero
        return self._make(kind, (*leaves, zero), 0, 0, 1)

    def equal(self, a: Ground, b: Ground) -> Ground:
        """Equality."""
        if a is b and not a.fallible:
            return self.true
        if a.kind == "const":
            a, b = b, a
        if (a.hi < b.lo or b.hi < a.lo) and not (a.fallible or b.fallible):
            return self.false
        if b.kind == "const":
            if a.kind == "const":
                return self.const(int(a.value == b.value))
            if a.lo == 0 and a.hi == 1 and b.value in (0, 1):
                return a if b.value else self.not_(a)
            if a.kind == "ite" and all(p.kind == "const" for p in a.parts[1:]):
                yes, no = (self.equal(p, b) for p in a.parts[1:])
                return self.ite(a.parts[0], yes, no)
        return self._make("==", (a, b), 0, 0, 1)

    def less(self, a: Ground, b: Ground, *, strict: bool) -> Ground:
        """``a < b``, or ``a <= b``."""
        if not strict:
            return self.not_(self.less(b, a, strict=True))
        if not (a.fallible or b.fallible):
            if a.hi < b.lo:
                return self.true
            if a.lo >= b.hi or a is b:
                return self.false
        return self._make("<", (a, b), 0, 0, 1)

    def arithmetic(self, operator: str, a: Ground, b: Ground) -> Ground:
        """Integer arithmetic; the right side of ``//`` and ``%`` is a positive constant."""
        if a.kind == b.kind == "const":
            return self.const(_compute(operator, a.value, b.value))
        if operator in "+-" and b.kind == "const" and b.value == 0:
            return a
        if operator == "+" and a.kind == "const" and a.value == 0:
            return b
        if operator == "%":
            lo, hi = 0, b.value - 1
        else:
            corners = [_compute(operator, x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
            lo, hi = min(corners), max(corners)
        return self._make(operator, (a, b), 0, lo, hi)

    def ite(self, condition: Ground, a: Ground, b: Ground) -> Ground:
        """Choice; only the chosen side is evaluated."""
        if condition.kind == "const":
            return a if condition.value else b
        if a is b and not condition.fallible:
            return a
        if a is self.true and b is self.false:
            return condition
        if a is self.false and b is self.true:
            return self.not_(condition)
        if condition.kind == "not":
            return self.ite(condition.parts[0], b, a)
        lo, hi = min(a.lo, b.lo), max(a.hi, b.hi)
        return self._make("ite", (condition, a, b), 0, lo, hi)


def _compute(operator: str, a: int, b: int) -> int:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "//":
            return a // b
        case "%":
            return a % b
    raise TypeError(f"unknown operator {operator}")


def evaluate_ground(term: Ground, state: Sequence[int]) -> int:  # noqa: C901  # one case a kind
    """The value of a term in a state; for tests and rare questions."""

    def go(part: Ground) -> int:
        return evaluate_ground(part, state)

    match term.kind:
        case "const":
            return term.value
        case "cell":
            return state[term.value]
        case "not":
            return int(not go(term.parts[0]))
        case "and":
            return int(all(go(part) for part in term.parts))
        case "or":
            return int(any(go(part) for part in term.parts))
        case "==":
            return int(go(term.parts[0]) == go(term.parts[1]))
        case "<":
            return int(go(term.parts[0]) < go(term.parts[1]))
        case "ite":
            return go(term.parts[1]) if go(term.parts[0]) else go(term.parts[2])
        case "fail":
            raise LookupError(term.value)
    return _compute(term.kind, go(term.parts[0]), go(term.parts[1]))
