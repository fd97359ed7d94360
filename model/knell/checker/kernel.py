"""The generated kernel: one Python function from a state to its enabled instances and successors.

The instances' guards become a tree of ``if`` statements. Neighbouring instances that share a
clause are tested together, so that a state pays for a clause once and skips all instances that it
rules out. The order of the instances is kept, so successors come by order of actions, then of
parameters. Clauses change places only while none of them can fail.

What is asked of single steps (the conjuncts of action properties) is tested where the step is
made. It is grounded with the step's own updates, so that most of it folds away.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from knell.checker.demands import Demands, known_contents
from knell.checker.errors import fail, wrong
from knell.checker.source import (
    Names,
    Packed,
    Source,
    compile_functions,
    conjuncts,
    function,
    name_cells,
)
from knell.language.ground import Ground
from knell.language.grounding import Program

Successors: TypeAlias = Callable[[Packed], list[tuple[int, Packed]]]

_LONG = 4  # this many neighbouring constant cells are written as one slice
_NESTED = 12  # levels of ``if``


@dataclass
class Row:
    """An instance on its way through the tree: the clauses still to be tested."""

    instance: int
    clauses: list[Ground]

    def without(self, clause: Ground) -> Row:
        """The row once the clause is known to hold."""
        return Row(self.instance, [c for c in self.clauses if c is not clause])

    @property
    def movable(self) -> Iterator[Ground]:
        """The clauses that may be tested next: those before the first that can fail."""
        for clause in self.clauses:
            if clause.fallible:
                return
            yield clause

    def may_test(self, clause: Ground) -> bool:
        """Whether the clause is one of those that may be tested next."""
        return any(own is clause for own in self.movable)


@dataclass
class Kernel:
    """The kernel of a program.

    ``demands`` maps an instance to what must hold of its steps: pairs of a number and a term over
    the state before. The numbers and instances of demands that a call found broken are left in
    ``broken``; the caller clears it.
    """

    program: Program
    demands: Mapping[int, Sequence[tuple[int, Ground]]] = field(default_factory=dict)
    broken: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._source = Source()
        self._demands = Demands(self.program, self.demands)
        rows = [
            Row(k, conjuncts(term for _, term in instance.guard))
            for k, instance in enumerate(self.program.instances)
        ]
        lines = list(self._tree(rows, {}, _NESTED))
        lines += self._common()
        everything = [term for k in range(len(rows)) for term in self._terms(k)]
        everything += [clause for row in rows for clause in row.clauses]
        everything += itertools.chain.from_iterable(self._demands.shared.values())
        everything += [self._cell(c) for i in self.program.instances for c, _ in i.updates]
        head = name_cells(everything, len(self.program.layout.cells))
        main = function("successors", [*head, "moves = []", *lines, "return moves"])
        self.text = "\n".join([*self._source.functions, main])
        scope = compile_functions([self.text], self._scope())
        self.successors = cast("Successors", scope["successors"])

    def _scope(self) -> dict[str, object]:
        bytewise = self.program.layout.bytewise
        return {
            "fail": fail,
            "wrong": wrong,
            "broken": self.broken.append,
            "suspect": self._suspect,
            "thaw": bytearray if bytewise else list,
            "freeze": bytes if bytewise else tuple,
        }

    def _cell(self, index: int) -> Ground:
        cell = self.program.layout.cells[index]
        return self.program.terms.cell(index, cell.to.size)

    def _terms(self, k: int) -> list[Ground]:
        """All terms that executing the instance evaluates."""
        instance = self.program.instances[k]
        return [
            *(term for term, _ in instance.checks),
            *(term for _, term in self._demands.own.get(k, ())),
            *(term for _, term in instance.updates),
        ]

    def _tree(self, rows: list[Row], names: Names, levels: int) -> Iterator[str]:
        groups = list(_groups(rows)) if levels else [(None, [row]) for row in rows]
        tests = (dict.fromkeys(c for row in group for c in row.movable) for _, group in groups)
        lines, names = self._source.share(itertools.chain.from_iterable(tests), names, 3)
        yield from lines
        for clause, group in groups:
            if clause is None:
                yield from self._leaf(group[0], names)
            else:
                yield f"if {self._source.text(clause, names)}:"
                inner = [row.without(clause) for row in group]
                yield from _indented(self._tree(inner, names, levels - 1))

    def _leaf(self, row: Row, names: Names) -> Iterator[str]:
        body = self._execute(row.instance, names)
        if not row.clauses:
            yield from body
            return
        yield f"if {' and '.join(self._source.text(c, names) for c in row.clauses)}:"
        yield from _indented(body)

    def _execute(self, k: int, names: Names) -> Iterator[str]:
        """Statements that execute the instance, whose guard holds."""
        instance = self.program.instances[k]
        lines, names = self._source.share(self._terms(k), names, 2)
        yield from lines
        for number, (term, _) in enumerate(instance.checks):
            yield f"if {self._source.text(term, names)}: wrong({k}, {number})"
        for demand, term in self._demands.own.get(k, ()):
            yield f"if not {self._source.text(term, names)}: broken(({demand}, {k}))"
        yield from self._move(k, names)

    def _move(self, k: int, names: Names) -> Iterator[str]:
        """Statements that add the instance and its successor; the state itself, if it is that."""
        updates = self.program.instances[k].updates
        if not updates:
            yield f"moves.append(({k}, s))"
            return
        texts = {cell: self._source.text(term, names) for cell, term in updates}
        for cell, term in updates:
            if term.parts and term not in names:
                yield f"n{cell} = {texts[cell]}"
                texts[cell] = f"n{cell}"
        build = ["t = thaw(s)", *self._writes(updates, texts)]
        build.append(f"moves.append(({k}, freeze(t)))")
        known = known_contents(self.program.instances[k])
        if any(t.kind == "const" and known.get(c, t.value) != t.value for c, t in updates):
            yield from build
            return
        same = " and ".join(
            f"{text} == {self._source.text(self._cell(cell), names)}"
            for cell, text in texts.items()
        )
        yield f"if {same}: moves.append(({k}, s))"
        yield "else:"
        yield from _indented(build)

    def _common(self) -> Iterator[str]:
        """Statements that ask what is demanded of most instances alike."""
        for number, leaves in self._demands.shared.items():
            lines, names = self._source.share(leaves, {}, 2)
            texts = " and ".join(self._source.text(leaf, names) for leaf in leaves)
            yield "if moves:"
            yield from _indented([*lines, f"if not ({texts}): suspect({number}, s, moves)"])

    def _suspect(self, number: int, state: Packed, moves: list[tuple[int, Packed]]) -> None:
        """What most instances have in common does not hold: ask each enabled one for its share."""
        self.broken += self._demands.broken(number, state, (k for k, _ in moves))

    def _writes(
        self, updates: Sequence[tuple[int, Ground]], texts: Mapping[int, str]
    ) -> Iterator[str]:
        plus = "" if self.program.layout.bytewise else "+"  # in a tuple, True is not to stand for 1
        for run in _runs(updates):
            first = run[0][0]
            if len(run) >= _LONG and self.program.layout.bytewise:
                yield f"t[{first}:{first + len(run)}] = {bytes(v.value for _, v in run)!r}"
            else:
                yield from (f"t[{cell}] = {plus}{texts[cell]}" for cell, _ in run)


def _groups(rows: list[Row]) -> Iterator[tuple[Ground | None, list[Row]]]:
    """Neighbours that share a clause, with the clause; or one row, without."""
    while rows:
        clause, n = None, 1
        for candidate in rows[0].movable:
            length = _neighbours(rows, candidate)
            if length > n:
                clause, n = candidate, length
        yield clause, rows[:n]
        rows = rows[n:]


def _neighbours(rows: list[Row], clause: Ground) -> int:
    """How many rows from the first on may test the clause, without a gap."""
    return sum(1 for _ in itertools.takewhile(lambda row: row.may_test(clause), rows))


def _runs(updates: Sequence[tuple[int, Ground]]) -> Iterator[list[tuple[int, Ground]]]:
    """Split updates into runs of neighbouring constant cells, and single others."""
    run: list[tuple[int, Ground]] = []
    for cell, term in updates:
        joins = run and cell == run[-1][0] + 1 and term.kind == run[-1][1].kind == "const"
        if run and not joins:
            yield run
            run = []
        run.append((cell, term))
    if run:
        yield run


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f" {line}" for line in lines)
