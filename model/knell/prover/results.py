"""What a proof attempt answers.

======================  ======================================================================
verdict                 means
======================  ======================================================================
``proved``              it holds in every reachable state, of every size if the scope says so
``refuted``             it does not hold, and a run from an initial state shows it
``not-inductive``       some state, reachable or not, satisfies the invariants and has a step
                        that breaks them: this refutes the proof, and nothing else
``unknown``             the solver gave up, or a bound was reached: this says nothing
======================  ======================================================================

A ``reachable`` property is ``proved`` by a run that reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from knell.checker.results import Run
from knell.language.recording import Clause

Verdict: TypeAlias = Literal["proved", "refuted", "not-inductive", "unknown"]
Scope: TypeAlias = Literal["unbounded"] | dict[str, int | bool | str]

Table: TypeAlias = Mapping[tuple[str, ...], str | bool | int]
"""The values of a function by the names of its arguments."""

INITIATION: Final = "initiation"
CONSISTENCY: Final = "consistency"


@dataclass(frozen=True)
class Obligation:
    """One query: the conjunct holds at first, or the action keeps it. Time in seconds."""

    action: str
    conjunct: str
    verdict: Verdict
    seconds: float
    reason: str = ""
    cached: bool = False


@dataclass(frozen=True)
class Proved:
    """The verdict on one property; ``run`` shows a refutation or a reached witness.

    ``holds_here``: it is not proved for any size, but holds in every state of the given one.
    """

    id: str
    kind: str
    verdict: Verdict
    run: Run | None = None
    broken: tuple[Clause, ...] = ()
    holds_here: bool = False


@dataclass(frozen=True)
class Counterexample:
    """A step that breaks a conjunct, from a state that satisfies all: ``refuted`` it is not.

    The two states are values by variable and by the names of its arguments; so are the rigid
    functions, which a proof for any size takes as they may be.
    """

    action: str
    conjunct: str
    parameters: Mapping[str, str]
    sizes: Mapping[str, int]
    before: Mapping[str, Table]
    after: Mapping[str, Table]
    rigid: Mapping[str, Table]


@dataclass(frozen=True)
class ProofResult:
    """The answer to one attempt.

    ``explored`` counts the states of the given size, where the search for runs saw all of them.
    """

    model: str
    method: str
    scope: Scope
    properties: tuple[Proved, ...]
    obligations: tuple[Obligation, ...]
    seeds: tuple[int, ...]
    z3: str
    seconds: float
    mutant: str | None = None
    depth: int | None = None
    counterexamples: tuple[Counterexample, ...] = ()
    reasons: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = field(default=())
    explored: int | None = None

    @property
    def verdict(self) -> Verdict:
        """``proved`` if every safety property is; a refutation weighs more than a doubt."""
        found = {each.verdict for each in self.properties if each.kind in ("always", "action")}
        found |= {each.verdict for each in self.obligations if each.verdict != "proved"}
        found |= {"refuted" for each in self.properties if each.verdict == "refuted"}
        for verdict in ("refuted", "not-inductive", "unknown"):
            if verdict in found:
                return verdict
        return "proved" if found else "unknown"
