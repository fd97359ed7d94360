"""Properties in ground form: what each asks of a state, or of the step of an instance.

Judges that explore, unroll or export a :class:`~knell.language.grounding.Program` ask these
questions of it. What leads to what is no question about a state or a step, and is not among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knell.language.expressions import Bound, Expr, Read
from knell.language.ground import Ground
from knell.language.grounding import Instance, Program
from knell.language.properties import Property, StepClause
from knell.language.recording import Clause
from knell.language.substitution import walk
from knell.language.symbols import Variable

DEADLOCK = "deadlock"
"""The id of the question whether the model stops where it may not."""


@dataclass(frozen=True)
class Question:
    """A property in ground form: over one state, or over the step of one instance.

    ``state`` is the formula of an *always* or *reachable*, and for the deadlock that the state is
    one. ``steps`` are pairs of an instance's position and what its step must satisfy, over the
    state before.
    """

    declared: Property | None
    id: str
    kind: str
    state: Ground | None = None
    steps: tuple[tuple[int, Ground], ...] = ()

    @property
    def terms(self) -> list[Ground]:
        """The terms that it is made of."""
        return [*([self.state] if self.state is not None else []), *(t for _, t in self.steps)]


def questions(program: Program, selected: Sequence[str] | None) -> list[Question]:
    """What is asked of the model, of the selected properties or of all."""
    found = []
    for declared in program.model.properties:
        if declared.kind == "leads_to" or (selected is not None and declared.id not in selected):
            continue
        if declared.kind == "action":
            steps = tuple(_demands(program, declared))
            found.append(Question(declared, declared.id, "action", steps=steps))
            continue
        term = program.terms.and_(
            *(program.ground(c.formula, place=c.place) for c in declared.clauses)
        )
        found.append(Question(declared, declared.id, declared.kind, term))
    if selected is None or DEADLOCK in selected:
        found.append(Question(None, DEADLOCK, DEADLOCK, _stuck(program)))
    return found


def _demands(program: Program, declared: Property) -> Iterator[tuple[int, Ground]]:
    """For each instance, what its step must satisfy, where that is anything."""
    clauses: list[Clause | StepClause] = [*declared.clauses, *declared.steps]
    conjuncts = [Steps(program, each, each.formula) for each in clauses]
    for k, instance in enumerate(program.instances):
        parts = (c.ground(instance) for c in conjuncts if c.concern(instance))
        term = program.terms.and_(*parts)
        if term is not program.terms.true:
            yield k, term


def right_end(program: Program) -> Ground:
    """Where the model may rightly stop."""
    end = program.model.end
    if end is None:
        return program.terms.false
    return program.ground(end, place=program.model.place)


def _stuck(program: Program) -> Ground:
    """Nothing is enabled, and this is no state in which that is right."""
    terms = program.terms
    enabled = [terms.and_(*(term for _, term in instance.guard)) for instance in program.instances]
    return terms.and_(terms.not_(right_end(program)), *(terms.not_(e) for e in enabled))


class Steps:
    """Grounds a formula about steps for one instance after another.

    Only the new contents of the variables that the formula reads after the step matter, so
    instances that agree on them share a term.
    """

    def __init__(self, program: Program, clause: Clause | StepClause, formula: Expr | None) -> None:
        self.program = program
        self.clause = clause
        self.formula = formula
        self._done: dict[tuple[object, ...], Ground] = {}
        self._primed: set[Variable] = set()
        if formula is not None:
            self._primed = {p.variable for p in walk(formula) if isinstance(p, Read) and p.primed}

    def concern(self, instance: Instance) -> bool:
        """Whether the conjunct speaks of the instance's steps."""
        return isinstance(self.clause, Clause) or self.clause.action is instance.action

    def ground(self, instance: Instance) -> Ground:
        """The formula of the instance's steps, over the state before; without one, true."""
        if self.formula is None:
            return self.program.terms.true
        cells = self.program.layout.cells
        after = {c: new for c, new in instance.updates if cells[c].variable in self._primed}
        env: Mapping[Bound, int] = {}
        key: tuple[object, ...] = tuple(after.items())
        if isinstance(self.clause, StepClause):
            env = instance.env
            key += tuple(env.values())
        if key not in self._done:
            self._done[key] = self.program.ground(
                self.formula, env, place=self.clause.place, after=after
            )
        return self._done[key]
