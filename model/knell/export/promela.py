"""Promela, the language of SPIN: a text with the same states as the model.

Every cell of a state is a variable of the smallest type, every action instance one ``d_step`` of
the only process, so SPIN stores exactly the states that the model reaches. A model with several
initial states starts by choosing one of them; SPIN counts the state before that choice too, as
the head of the text says. Invariants are written as macros.

A property that is asked for becomes an assertion that fails where the property is broken, or a
witness found; its number tells which. Where the model may stop, an idle step keeps SPIN from
calling the state an invalid end. None of these steps changes a state. What leads to what is not
exported: the fairness of SPIN is that of processes, and this text has one.

An assignment takes effect at once in Promela, and only after all are computed in the model: a
value that an earlier assignment of the step would change is put aside first. What it is put in is
0 again at the end of the step, so it makes no states. (SPIN's hidden variables would do as well,
but not in a breadth-first search.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knell.language.ground import Ground
from knell.language.ground_properties import DEADLOCK, Question, questions, right_end
from knell.language.grounding import Instance, Program
from knell.language.model import Model
from knell.spec.errors import KnellError

_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
_RESERVED = """
active assert atomic bit bool break byte chan cond d_step do else empty enabled end eval false fi
for full goto hidden if in init inline int len local mtype nempty never nfull np_ od of pc_value
pid printf priority proctype progress provided run select short show skip timeout trace true
typedef unless unsigned xr xs
"""
_OPERATORS = {"and": " && ", "or": " || ", "==": " == ", "<": " < "}
_MOST_INITIAL = 500  # SPIN and a C compiler take the text with more, but take very long
_BITS = 31  # of an int, without its sign


def to_promela(model: Model, properties: Sequence[str] = ()) -> str:
    """The model as Promela, with assertions for these properties; ``deadlock`` is one."""
    return "\n".join(_Text(model, properties).lines()) + "\n"


class _Text:
    def __init__(self, model: Model, properties: Sequence[str]) -> None:
        self.model = model
        self.program = Program(model)
        found = {q.id: q for q in questions(self.program, properties)}
        for id in properties:
            if id not in found:
                raise KnellError(
                    f"no state or step of {model.name} breaks a property {id!r}",
                    place="--property",
                    mend="choose an invariant, an action property, a witness or deadlock",
                )
        self.asked = [found[id] for id in properties]
        self.names = list(_names(str(cell) for cell in self.program.layout.cells))
        self.initial = list(self.program.initial())
        if not self.initial:
            raise KnellError("no state satisfies the initial conditions", place=model.place)
        if len(self.initial) > _MOST_INITIAL:
            raise KnellError(
                f"{len(self.initial)} initial states are too many for Promela",
                place=model.place,
                mend="choose a smaller configuration",
            )
        self.aside = 0

    def lines(self) -> Iterator[str]:
        """The text, line by line."""
        rules = [line for instance in self.program.instances for line in self._rule(instance)]
        yield f"/* {self.model.name}: {self.model.about}"
        yield " *"
        if len(self.initial) > 1:
            yield " * SPIN stores one state more than the model has: the one before an initial"
            yield f" * state is chosen, of {len(self.initial)}."
        else:
            yield " * SPIN stores as many states as the model has."
        yield from self._how()
        yield " */"
        yield ""
        yield from self._declarations()
        yield from (f"int before{k};" for k in range(self.aside))
        yield ""
        yield from self._invariants()
        yield "active proctype model()"
        yield "{"
        yield from self._choice()
        yield "    do"
        yield from rules
        yield from self._reads()
        yield from self._checks()
        yield "    od"
        yield "}"

    def _how(self) -> Iterator[str]:
        stops = any(q.id == DEADLOCK for q in self.asked)
        ends = "./pan -n" if stops else "./pan -E -n"
        yield f" * Check all of them: spin -a; cc -O3 -DSAFETY -DNOREDUCE; {ends}."
        if self.asked:
            yield " * With -DBFS the first violation found is a shortest one."
        for number, q in enumerate(self.asked, 1):
            if q.kind != DEADLOCK:
                shown = "reached" if q.kind == "reachable" else "violated"
                yield f" * If assert(!{number}) fails, {q.id} is {shown}."

    def _declarations(self) -> Iterator[str]:
        only = self.initial[0] if len(self.initial) == 1 else None
        for cell, name in zip(self.program.layout.cells, self.names, strict=True):
            if cell.to.size == 1:
                continue
            bits = (cell.to.size - 1).bit_length()
            start = only[cell.index] if only is not None else 0
            shown = cell.to.show(start + cell.to.lo)
            declaration = f"bit {name}" if bits == 1 else f"unsigned {name} : {bits}"
            yield f"{declaration} = {start}; /* {cell}, at first {shown} */"

    def _invariants(self) -> Iterator[str]:
        for declared in self.model.properties:
            if declared.kind != "always":
                continue
            terms = (self.program.ground(c.formula, place=c.place) for c in declared.clauses)
            text = self._expression(self.program.terms.and_(*terms))
            yield f"#define always_{_NO_NAME.sub('_', declared.id)} ({text})"
            yield ""

    def _choice(self) -> Iterator[str]:
        if len(self.initial) == 1:
            return
        yield "    if /* an initial state */"
        for state in self.initial:
            values = (
                f"{name} = {content}"
                for name, content, cell in zip(
                    self.names, state, self.program.layout.cells, strict=True
                )
                if cell.to.size > 1
            )
            yield f"    :: d_step {{ true -> {'; '.join(values) or 'skip'} }}"
        yield "    fi;"

    def _reads(self) -> Iterator[str]:
        """An option that is never taken, and reads the variables that no other reads.

        SPIN would leave them out of its states.
        """
        read: set[int] = set()
        for instance in self.program.instances:
            for term in (*(t for _, t in instance.guard), *(t for _, t in instance.updates)):
                read |= _cells(term)
        cells = self.program.layout.cells
        unread = [self.names[c.index] for c in cells if c.to.size > 1 and c.index not in read]
        if unread:
            yield "    :: d_step { /* never: it keeps what nothing else reads in SPIN's states */"
            yield f"           (false && ({' + '.join(unread)} > 0)) -> skip"
            yield "       }"

    def _checks(self) -> Iterator[str]:
        """Options that SPIN takes, and reports, where a property that was asked for is broken."""
        for number, q in enumerate(self.asked, 1):
            if q.kind == DEADLOCK:
                yield from self._end()
                continue
            for place, condition in self._broken(q):
                yield f"    :: d_step {{ /* {q.id}{place} */"
                yield f"           ({condition}) -> assert(!{number})"
                yield "       }"

    def _end(self) -> Iterator[str]:
        end = right_end(self.program)
        if end is not self.program.terms.false:
            yield "    :: d_step { /* the model may stop here */"
            yield f"           ({self._expression(end)}) -> skip"
            yield "       }"

    def _broken(self, q: Question) -> Iterator[tuple[str, str]]:
        """Where the property is broken, by its state or by a step; a witness: where it is."""
        if q.state is not None:
            text = self._expression(q.state)
            yield "", text if q.kind == "reachable" else f"!({text})"
        for k, term in q.steps:
            instance = self.program.instances[k]
            yield f", by {instance}", f"{self._guard(instance)} && !({self._expression(term)})"

    def _guard(self, instance: Instance) -> str:
        guard = [self._expression(term) for _, term in instance.guard if term.kind != "const"]
        return " && ".join(guard) or "true"

    def _rule(self, instance: Instance) -> Iterator[str]:
        yield f"    :: d_step {{ /* {instance} */"
        yield f"           {self._guard(instance)} ->"
        for wrong, _ in instance.checks:
            yield f"           assert(!{self._expression(wrong)});"
        steps = list(self._assignments(instance)) or ["skip"]
        yield f"           {'; '.join(steps)}"
        yield "       }"

    def _assignments(self, instance: Instance) -> Iterator[str]:
        """Assignments in an order, with values put aside, that make them simultaneous."""
        written: set[int] = set()
        early: list[str] = []
        late: list[str] = []
        for cell, content in instance.updates:
            text = self._expression(content)
            if _cells(content) & written:
                early.append(f"before{len(early)} = {text}")
                text = f"before{len(early) - 1}"
            written.add(cell)
            late.append(f"{self.names[cell]} = {text}")
        self.aside = max(self.aside, len(early))
        yield from early
        yield from late
        yield from (f"before{k} = 0" for k in range(len(early)))

    def _expression(self, term: Ground) -> str:
        if max(abs(term.lo), abs(term.hi)) >> _BITS:
            raise KnellError(
                f"a number may need more bits than Promela has: {term.lo}..{term.hi}",
                place=self.model.place,
                mend="choose smaller types",
            )
        match term.kind:
            case "const":
                return str(term.value)
            case "cell":
                return self.names[term.value]
            case "fail":
                failure = self.program.failures[term.value]
                raise KnellError(
                    f"Promela has no lazy errors: {failure.message}",
                    place=failure.place,
                    mend="guard the read, or widen the domain",
                )
        parts = [self._expression(part) for part in term.parts]
        match term.kind:
            case "not":
                return f"!({parts[0]})"
            case "ite":
                return f"({parts[0]} -> {parts[1]} : {parts[2]})"
            case "//" | "%" if term.parts[0].lo < 0:
                return self._floored(term, *parts)
            case "//":
                return f"({parts[0]} / {parts[1]})"
        return f"({_OPERATORS.get(term.kind, f' {term.kind} ').join(parts)})"

    def _floored(self, term: Ground, a: str, b: str) -> str:
        """Division that rounds down; Promela's rounds towards zero."""
        up = term.parts[1].value * (-term.parts[0].lo // term.parts[1].value + 1)
        if term.kind == "%":
            return f"(({a} + {up}) % {b})"
        return f"(({a} + {up}) / {b} - {up // term.parts[1].value})"


def _cells(term: Ground) -> set[int]:
    """The cells that a term reads."""
    found: set[int] = set()
    stack = [term]
    done: set[Ground] = set()
    while stack:
        part = stack.pop()
        if part in done:
            continue
        done.add(part)
        if part.kind == "cell":
            found.add(part.value)
        stack.extend(part.parts)
    return found


def _names(titles: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """Names that Promela allows, each once."""
    used: set[str] = set()
    for title in titles:
        name = _NO_NAME.sub("_", title).strip("_") or "cell"
        if name in _RESERVED.split() or not name[0].isalpha() or name.startswith("before"):
            name = f"v_{name}"
        while name in used:
            name += "_"
        used.add(name)
        yield name
