"""Proposals for a proof that does not go through: what is missing among the invariants.

A counterexample to induction starts from a state that satisfies all that is assumed. If no
reachable state of a small instance looks like it, a part of it that none shows is denied by a
clause: a candidate, which holds in every state that was looked at. Candidates may have
counterexamples of their own, and so on. In the end the candidates that are not kept by every
action, given the others, are dropped (Houdini), and those that the proof does not need.

The small instance is the model itself, with the sizes that its parameters give. What holds there
may fail in a larger one; but what is proposed has been proved for every size.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from knell.checker.reachable import Reached, reachable
from knell.language.grounding import Program
from knell.language.model import Model
from knell.language.recording import Clause
from knell.language.simplify import canonical
from knell.prover.cubes import Cube, Impossible
from knell.prover.inductive import How, Induction
from knell.prover.needs import Needs
from knell.prover.results import INITIATION, Counterexample

MOST_STATES = 20_000
"""States of the small instance that are looked at."""

_ROUNDS = 40
_SHOWN = 6  # counterexamples that are taken up in a round, the smallest first
_SEEDS = 8  # ways in which one counterexample is generalised


@dataclass(frozen=True)
class Proposal:
    """An invariant that was found, and how a model writes it."""

    clause: Clause
    text: str


@dataclass(frozen=True)
class Proposals:
    """Invariants that were found, and whether the model is proved with them.

    ``looked_at`` counts the states of the small instance, all there are if ``complete``;
    ``tried`` counts the candidates. ``reachable_looking`` names the obligations whose
    counterexample starts from what some reachable state looks like: no invariant can help there.
    """

    invariants: tuple[Proposal, ...]
    proved: bool
    looked_at: int
    complete: bool
    tried: int
    reachable_looking: tuple[str, ...]
    seconds: float


def infer(model: Model, how: How, most_states: int = MOST_STATES) -> Proposals:
    """Look for invariants with which the model is proved; the model itself stays as it is."""
    own = list(model.invariants)
    try:
        return _Inference(model, how, most_states).proposals()
    finally:
        model.invariants[:] = own


class _Inference:
    def __init__(self, model: Model, how: How, most_states: int) -> None:
        self.model = model
        self.how = replace(how, search_seconds=0, settle=False)
        self.start = time.perf_counter()
        self.reached: Reached = reachable(Program(model), most_states, how.seconds)
        self.own = list(model.invariants)
        self.candidates: dict[str, Proposal] = {}
        self.looks_reachable: dict[str, None] = {}
        self.tried = 0

    def proposals(self) -> Proposals:
        """Collect candidates until nothing of the model's own fails, or nothing new is found.

        If the model is not proved with those of them that every action keeps, more are looked for.
        """
        asked = None
        kept: list[Proposal] = []
        proved = False
        for turn in range(_ROUNDS):
            failing = self._failing(asked)
            if all(shown.conjunct in self._names() for shown in failing):
                kept, proved = self._weakened()
                if proved or not failing:
                    break
            denied = [self._denied(shown, turn) for shown in failing[:_SHOWN]]
            if not any(denied):
                break
            asked = {shown.conjunct for shown in failing} | self._names()
        if not proved:
            kept, proved = self._weakened()
        return Proposals(
            tuple(self._needed(kept) if proved else kept),
            proved,
            len(self.reached.states),
            self.reached.complete,
            self.tried,
            tuple(self.looks_reachable),
            time.perf_counter() - self.start,
        )

    def _failing(self, only: set[str] | None) -> list[Counterexample]:
        """Counterexamples to the obligations with these labels, or to any.

        Those to what the model has come first, then the smallest. What was proved stays so while
        candidates are added: they are assumed besides. Of these, those are dropped that need not
        hold at first.
        """
        self._assume()
        found = Induction(self.model, self.how).counterexamples_to(only)
        self._drop({shown.conjunct for shown in found if shown.action == INITIATION})
        names = self._names()
        found = [shown for shown in found if shown.action != INITIATION]
        return sorted(found, key=lambda s: (s.conjunct in names, sum(s.sizes.values())))

    def _denied(self, shown: Counterexample, turn: int) -> bool:
        """Take up clauses that deny the start of the counterexample; tells whether there were any.

        Those are taken that every action keeps, or else the shortest, which may be kept once
        others are found.
        """
        cube = Cube(self.model, shown)
        impossible = Impossible(cube, self.reached)
        parts = [impossible.part(turn * _SEEDS + seed) for seed in range(_SEEDS)]
        found = {tuple(sorted(part)) for part in parts if part is not None}
        if not found:
            self.looks_reachable[f"{shown.action} / {shown.conjunct}"] = None
        new = []
        for part in sorted(found, key=len):
            formula, text = cube.clause(part)
            if canonical(formula) not in self.candidates:
                self.tried += 1
                name = f"inferred_{self.tried}"
                new.append(Proposal(Clause(name, formula, self.model.place), text))
        if not new:
            return False
        taken = {each.clause.name: self._failing_at(each) for each in new}
        kept = [each for each in new if not taken[each.clause.name]]
        begun = [each for each in new if INITIATION not in taken[each.clause.name]]
        for each in kept or begun[:1]:
            self.candidates[canonical(each.clause.formula)] = each
        return bool(kept or begun)

    def _failing_at(self, proposal: Proposal) -> set[str]:
        """The actions that do not keep it, given all that there is."""
        self._assume()
        self.model.invariants.append(proposal.clause)
        shown = Induction(self.model, self.how).counterexamples_to({proposal.clause.name})
        return {each.action for each in shown}

    def _drop(self, names: set[str]) -> None:
        left = {k: c for k, c in self.candidates.items() if c.clause.name not in names}
        self.candidates = left

    def _names(self) -> set[str]:
        return {each.clause.name for each in self.candidates.values()}

    def _assume(self) -> None:
        """Let the model have the candidates among its invariants."""
        self.model.invariants[:] = [*self.own, *(c.clause for c in self.candidates.values())]

    def _weakened(self) -> tuple[list[Proposal], bool]:
        """The candidates that are inductive together, and whether all is proved with them."""
        own = dict(self.candidates)
        while fallen := {shown.conjunct for shown in self._failing(self._names())}:
            self._drop(fallen)
        self._assume()
        proved = Induction(self.model, self.how).prove().verdict == "proved"
        kept = list(self.candidates.values())
        self.candidates = self.candidates if proved else own
        return kept, proved

    def _needed(self, kept: list[Proposal]) -> list[Proposal]:
        """Those without which the proof fails."""
        needs = Needs(self.model, self.how)
        gone: set[str] = set()
        for each in reversed(kept):
            need = needs.without(each.clause.name, gone)
            if not need.lost:
                gone |= {each.clause.name, *need.fallen}
        return [each for each in kept if each.clause.name not in gone]
