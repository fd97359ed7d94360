"""Runs of a finite model as formulas: the ground form of the model, unrolled state by state.

Every cell of every state of the run is a variable of z3, a Boolean where it has two values and a
bit vector else. A step is a number, that of the instance which it takes; the number decides each
cell of the next state. So a solution is a run, and nothing is left to guess when it is read.

Bit vectors are as wide as the widest value that any term can have, by the intervals that ground
terms carry: nothing overflows. A term that may have no value (a read outside a domain) comes
with the condition under which it has one; a state that breaks it is an error of the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from knell.language.errors import ModelError
from knell.language.ground import Ground
from knell.language.grounding import Instance, Program
from knell.prover.backend import z3


def parts_of(roots: Iterable[Ground]) -> Iterator[Ground]:
    """Each term that occurs in ``roots``, once."""
    seen: set[Ground] = set()
    stack = list(roots)
    while stack:
        term = stack.pop()
        if term not in seen:
            seen.add(term)
            stack.extend(term.parts)
            yield term


def width_for(program: Program, roots: Iterable[Ground]) -> int:
    """Bits that hold every value of every term, with a sign."""
    least, most = 0, max((cell.to.size for cell in program.layout.cells), default=1)
    for term in parts_of(roots):
        least, most = min(least, term.lo), max(most, term.hi)
    return max(most, -least).bit_length() + 1


def roots_of(instances: Iterable[Instance]) -> Iterator[Ground]:
    """The terms of the instances."""
    for instance in instances:
        yield from (term for _, term in instance.guard)
        yield from (term for _, term in instance.updates)
        yield from (term for term, _ in instance.checks)


class Frame:
    """The variables of one state, and ground terms as formulas over them."""

    def __init__(self, program: Program, width: int, name: str) -> None:
        self.width = width
        self.cells: list[Any] = []
        self.ranges: list[Any] = []
        self._truths: dict[Ground, Any] = {}
        self._numbers: dict[Ground, Any] = {}
        for cell in program.layout.cells:
            label = f"{name}:{cell}"
            if cell.to.size == 2:
                self.cells.append(z3.Bool(label))
                continue
            variable = z3.BitVec(label, width)
            self.cells.append(variable)
            self.ranges.append(z3.And(variable >= 0, variable < cell.to.size))

    def truth(self, term: Ground) -> Any:
        """The term as a formula."""
        if term not in self._truths:
            self._truths[term] = self._truth(term)
        return self._truths[term]

    def number(self, term: Ground) -> Any:
        """The term as a bit vector."""
        if term not in self._numbers:
            self._numbers[term] = self._number(term)
        return self._numbers[term]

    def content(self, index: int, term: Ground) -> Any:
        """The term as the content of a cell."""
        return self.truth(term) if z3.is_bool(self.cells[index]) else self.number(term)

    def _truth(self, term: Ground) -> Any:
        parts = term.parts
        match term.kind:
            case "const":
                return z3.BoolVal(bool(term.value))
            case "fail":
                return z3.BoolVal(False)
            case "cell":
                cell = self.cells[term.value]
                return cell if z3.is_bool(cell) else cell != 0
            case "not":
                return z3.Not(self.truth(parts[0]))
            case "and":
                return z3.And(*map(self.truth, parts))
            case "or":
                return z3.Or(*map(self.truth, parts))
            case "==":
                return self.number(parts[0]) == self.number(parts[1])
            case "<":
                return self.number(parts[0]) < self.number(parts[1])
            case "ite":
                return z3.If(*map(self.truth, parts))
        return self.number(term) != 0

    def _number(self, term: Ground) -> Any:
        parts = term.parts
        match term.kind:
            case "const":
                return z3.BitVecVal(term.value, self.width)
            case "fail":
                return z3.BitVecVal(0, self.width)
            case "cell" if not z3.is_bool(self.cells[term.value]):
                return self.cells[term.value]
            case "ite":
                return z3.If(self.truth(parts[0]), self.number(parts[1]), self.number(parts[2]))
            case "+" | "-" | "*" | "//" | "%":
                return _arithmetic(term.kind, *map(self.number, parts))
        one, zero = z3.BitVecVal(1, self.width), z3.BitVecVal(0, self.width)
        return z3.If(self.truth(term), one, zero)

    def defined(self, term: Ground) -> Any:
        """Where the term has a value; junctions and choices are lazy."""
        if not term.fallible:
            return z3.BoolVal(True)
        parts = term.parts
        match term.kind:
            case "fail":
                return z3.BoolVal(False)
            case "and" | "or":
                known = z3.BoolVal(True)
                for part in reversed(parts):
                    goes_on = self.truth(part) if term.kind == "and" else z3.Not(self.truth(part))
                    known = z3.And(self.defined(part), z3.Implies(goes_on, known))
                return known
            case "ite":
                chosen = z3.If(self.truth(parts[0]), self.defined(parts[1]), self.defined(parts[2]))
                return z3.And(self.defined(parts[0]), chosen)
        return z3.And(*map(self.defined, parts))


def _arithmetic(operator: str, a: Any, b: Any) -> Any:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "%":
            return a % b  # takes the sign of b, as Python's does
    return (a - a % b) / b


class Unrolling:
    """A run of as many states as are asked for."""

    def __init__(self, program: Program, roots: Sequence[Ground]) -> None:
        self.program = program
        self.instances = program.instances
        self.width = width_for(program, [*roots, *roots_of(self.instances)])
        self._selector_bits = max(1, len(self.instances).bit_length())
        self.frames = [self._frame(0)]
        self.choices: list[Any] = []

    def _frame(self, k: int) -> Frame:
        return Frame(self.program, self.width, f"s{k}")

    def initial(self) -> Any:
        """The first state is an initial one."""
        return z3.And(*self.frames[0].ranges, *self._initial())

    def _initial(self) -> Iterator[Any]:
        program, first = self.program, self.frames[0]
        for cell in program.layout.cells:
            start = cell.variable.initial
            if start.value is not None:
                env = dict(zip(start.bound, cell.args, strict=True)) if start.bound else {}
                content = program.evaluator.value(start.value, (), env) - cell.to.lo
                yield first.cells[cell.index] == _content(first, cell.index, content)
        for clause in program.model.initial:
            yield first.truth(program.ground(clause.formula, place=clause.place))

    def ranges(self) -> Any:
        """The cells of the last state hold values of their types."""
        return z3.And(*self.frames[-1].ranges)

    def extend(self) -> Any:
        """One more state; returns what relates it to the one before."""
        before = self.frames[-1]
        after = self._frame(len(self.frames))
        choice = z3.BitVec(f"step{len(self.choices)}", self._selector_bits)
        self.frames.append(after)
        self.choices.append(choice)
        facts = [z3.ULT(choice, len(self.instances))]
        writes: dict[int, list[tuple[Any, Any]]] = {}
        for k, instance in enumerate(self.instances):
            chosen = z3.Bool(f"{choice}:{k}")
            facts.append(chosen == (choice == k))
            facts += [z3.Implies(chosen, before.truth(term)) for _, term in instance.guard]
            for cell, term in instance.updates:
                writes.setdefault(cell, []).append((chosen, before.content(cell, term)))
        for index, new in enumerate(after.cells):
            content = before.cells[index]
            for chosen, value in writes.get(index, ()):
                content = z3.If(chosen, value, content)
            facts.append(new == content)
        return z3.And(*facts)

    def guard(self, k: int, instance: Instance) -> Any:
        """Whether the instance is enabled in state ``k``."""
        frame = self.frames[k]
        return z3.And(*(frame.truth(term) for _, term in instance.guard))

    def mistakes(self, k: int) -> Iterator[tuple[Any, ModelError]]:
        """What would be an error of the model in state ``k``."""
        frame = self.frames[k]
        for instance in self.instances:
            so_far = z3.BoolVal(True)
            for _, term in instance.guard:
                if term.fallible:
                    yield z3.And(so_far, z3.Not(frame.defined(term))), self._failure(term)
                so_far = z3.And(so_far, frame.truth(term))
            for wrong, error in instance.checks:
                yield z3.And(so_far, frame.truth(wrong)), error
            for _, term in instance.updates:
                if term.fallible:
                    yield z3.And(so_far, z3.Not(frame.defined(term))), self._failure(term)

    def _failure(self, term: Ground) -> ModelError:
        return next(self.program.failures[t.value] for t in parts_of([term]) if t.kind == "fail")

    def read(self, answer: Any) -> tuple[list[tuple[int, ...]], list[Instance]]:
        """The states and steps of the run that an answer of z3 describes."""
        states = [tuple(_value(answer, cell) for cell in frame.cells) for frame in self.frames]
        steps = [
            self.instances[answer.eval(choice, model_completion=True).as_long()]
            for choice in self.choices
        ]
        return states, steps

    def differ(self, i: int, j: int) -> Any:
        """States ``i`` and ``j`` are not the same."""
        pairs = zip(self.frames[i].cells, self.frames[j].cells, strict=True)
        return z3.Or(*(a != b for a, b in pairs))


def _content(frame: Frame, index: int, content: int) -> Any:
    if z3.is_bool(frame.cells[index]):
        return z3.BoolVal(bool(content))
    return z3.BitVecVal(content, frame.width)


def _value(answer: Any, cell: Any) -> int:
    found = answer.eval(cell, model_completion=True)
    return int(z3.is_true(found)) if z3.is_bool(cell) else int(found.as_signed_long())
