"""What is known about a trace beyond its states: section 8 of `spec/TRACE.md`.

The model answers: which steps each step builds on, which conjuncts hold where and why they
flip, what else could have happened and which clause forbade the rest, and what the model
without its planted fault does instead. The viewer shows it and needs no model.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from knell.cli.reads import Reads, try_reads
from knell.cli.reasons import Cause, allowing, waits
from knell.cli.remedy import remedy_of
from knell.cli.replaying import MismatchError, Replayed, State, Taken, replay
from knell.language.errors import ModelError
from knell.language.evaluate import Environment, extend
from knell.language.model import Action, Model
from knell.language.properties import Property
from knell.language.recording import Clause
from knell.spec.trace import Trace

Extras: TypeAlias = dict[str, Any]

SECONDS: Final = 20.0
"""How long the answers may take; what comes later is left out, and the extras say so."""

REASONS: Final = 5.0
"""How long the reasons alone may take."""

MOST_STATES: Final = 300
"""Of a longer trace only the steps' causes are told."""


def extras_of(
    model: Model,
    trace: Trace,
    target: str | None = None,
    seconds: float = SECONDS,
    *,
    brief: bool = False,
    watched: str | None = None,
) -> Extras:
    """What the model knows about its trace; a note says why, if that is nothing.

    Args:
        model: The model, under the settings of the trace.
        trace: One of its traces.
        target: What the model was loaded by, so that it can be loaded without its fault.
        seconds: When to stop asking.
        brief: Tell the steps' causes only, no properties and no choices.
        watched: Of which property it is told which choices break it; that of the trace, or all
            where it has none.
    """
    try:
        run = replay(model, trace)
    except (MismatchError, ModelError) as error:
        return {"version": 1, "limits": [f"the model does not take this run: {error}"]}
    return _Answers(run, trace, time.monotonic() + seconds, watched).all(target, brief=brief)


def reasons_of(model: Model, trace: Trace, target: str, seconds: float = REASONS) -> Extras:
    """The part of the extras that says why the trace violates its property; soon answered."""
    try:
        run = replay(model, trace)
    except (MismatchError, ModelError) as error:
        return {"version": 1, "limits": [f"the model does not take this run: {error}"]}
    return _Answers(run, trace, time.monotonic() + seconds).reasons(target)


class _Answers:
    def __init__(
        self, run: Replayed, trace: Trace, deadline: float, watched: str | None = None
    ) -> None:
        self.run = run
        self.trace = trace
        self.model = run.model
        self.evaluator = run.evaluator
        self.deadline = deadline
        self.reads = Reads(run.model)
        self.names = [str(cell) for cell in self.evaluator.layout.cells]
        self.writers: list[dict[int, int]] = []
        self.limits: list[str] = []
        own = watched or trace.property_id
        self.watched = [
            (declared, list(_conjuncts(declared)))
            for declared in run.model.properties
            if declared.kind in {"always", "action"} and own in {None, declared.id}
        ]

    def all(self, target: str | None, *, brief: bool) -> Extras:
        """Every answer, as far as time allows."""
        needs, order = self.causes()
        long = len(self.run.states) > MOST_STATES
        if long:
            self.limits.append(f"properties and choices are told up to {MOST_STATES} states only")
        brief = brief or long
        conjuncts, flips = ([], []) if brief else self.truths(self.model.properties)
        remedy = remedy_of(self.model, self.trace, target) if target else None
        return {
            "version": 1,
            "config": self.model.config or "default",
            "mutant": next(
                (m.about for m in self.model.mutants if m.id == self.model.settings.mutant), None
            ),
            "actions": {each.name: _action(each) for each in self.model.actions},
            "properties": {
                each.id: {"about": each.about, "claims": list(each.claims)}
                for each in self.model.properties
            },
            "needs": needs,
            "order": order,
            "conjuncts": conjuncts,
            "flips": flips,
            "choices": None if brief else self.choices(),
            "fairness": [] if brief else list(self.fairness()),
            "premise": self.premise(),
            "allowed": self.allowed(),
            "waits": self.waits(remedy),
            "remedy": remedy,
            "limits": self.limits,
        }

    def reasons(self, target: str) -> Extras:
        """Why the property of the trace is violated, and what would have prevented it."""
        self.causes()
        own = self.trace.property_id
        _, flips = self.truths([each for each in self.model.properties if each.id == own])
        remedy = remedy_of(self.model, self.trace, target)
        return {
            "version": 1,
            "flips": flips,
            "fairness": list(self.fairness()),
            "premise": self.premise(),
            "allowed": self.allowed(),
            "waits": self.waits(remedy),
            "remedy": remedy,
            "limits": self.limits,
        }

    # What each step builds on

    def causes(self) -> tuple[list[list[list[Any]]], list[list[int]]]:
        """For each step the earlier ones whose outcome it reads, and those it may not pass."""
        writer: dict[int, int] = {}
        readers: dict[int, set[int]] = {}
        needs: list[list[list[Any]]] = []
        order: list[list[int]] = []
        for number, step in enumerate(self.run.steps, start=1):
            if time.monotonic() > self.deadline:
                self.limits.append(f"causes are told up to step {number - 1} only")
                break
            before = self.run.states[number - 1]
            self.writers.append(dict(writer))
            read = try_reads(self.reads, step.action, before, step.env)
            needs.append([[writer[c], self.names[c]] for c in sorted(read) if c in writer])
            if number == len(self.run.states):  # it leads back into the loop
                order.append([])
                break
            written = {c for c, new in enumerate(self.run.states[number]) if new != before[c]}
            later = {writer[c] for c in written if c in writer}
            later.update(*(readers.get(c, set()) for c in written))
            order.append(sorted(later - {number}))
            for cell in read:
                readers.setdefault(cell, set()).add(number)
            for cell in written:
                writer[cell] = number
                readers[cell] = set()
        self.writers.append(writer)
        return needs, order

    # Properties

    def truths(
        self, properties: Sequence[Property]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """For each conjunct where it does not hold, and why it came to that."""
        own = self.trace.property_id
        conjuncts, flips = [], []
        for declared in sorted(properties, key=lambda each: each.id != own):
            if declared.kind == "leads_to" and declared.id != own:
                continue  # of no use without one of its instances
            if time.monotonic() > self.deadline:
                self.limits.append(f"{declared.id} and what follows was left out for lack of time")
                break
            for name, formula, action in _conjuncts(declared):
                broken = [k for k, holds in self._along(declared, formula, action) if not holds]
                conjuncts.append(
                    {
                        "property": declared.id,
                        "conjunct": name,
                        "kind": declared.kind,
                        "broken": broken,
                    }
                )
                if declared.kind in {"always", "action"}:
                    flips += [
                        self._flip(declared, name, formula, k)
                        for k in broken
                        if k - 1 not in broken or declared.kind == "action"
                    ][:20]
        return conjuncts, flips

    def _along(
        self, declared: Property, formula: Clause, action: Action | None
    ) -> Iterator[tuple[int, bool]]:
        """The states, or steps, and whether the conjunct holds there."""
        env = self._instance(declared)
        if declared.kind != "action":
            for k, state in enumerate(self.run.states):
                yield k, bool(self.evaluator.value(formula.formula, state, env))
            return
        for k, (before, after) in enumerate(self._pairs(), start=1):
            step = self.run.steps[k - 1]
            if action is None or action is step.action:
                env = {} if action is None else step.env
                yield k, bool(self.evaluator.value(formula.formula, before, env, after))

    def _pairs(self) -> Iterator[tuple[State, State]]:
        return zip(self.run.states[:-1], self.run.states[1:], strict=True)

    def _instance(self, declared: Property) -> Environment:
        """The values that the trace names for the variables of a leads-to."""
        bindings = self.trace.meta.get("bindings")
        texts = bindings if isinstance(bindings, dict) else {}
        env = {}
        for variable in declared.bound:
            values = {variable.of.show(v): v for v in variable.of.values()}
            env[variable] = values.get(str(texts.get(variable.name)), variable.of.lo)
        return env

    def _flip(self, declared: Property, name: str, formula: Clause, k: int) -> dict[str, Any]:
        """Why a conjunct does not hold at a state or step, and which steps made it so."""
        env: Environment = {}
        before, after = self.run.states[k], None
        if declared.kind == "action":
            before, after = self.run.states[k - 1], self.run.states[k]
            own = any(each.name == name for each in declared.steps)
            env = self.run.steps[k - 1].env if own else {}
        chosen, cells = self.reads.why(formula.formula, before, env, after, holds=False)
        writers = self.writers[min(k, len(self.writers) - 1)]
        shown = self.evaluator.layout.cells
        state = after or before
        because = [
            [self.names[c], shown[c].to.show(state[c] + shown[c].to.lo), writers.get(c, 0)]
            for c in sorted(cells, key=lambda cell: (-writers.get(cell, 0), cell))
        ]
        return {
            "property": declared.id,
            "conjunct": name,
            "step": k,
            "holds": False,
            "bindings": {b.name: b.of.show(v) for b, v in chosen.items() if b not in env},
            "because": because[:24],
        }

    def premise(self) -> int | None:
        """Where the wait of a violated leads-to begins: the premise holds, the goal never comes."""
        own = self._wait()
        if own is None:
            return None
        env = self._instance(own)
        start = None
        for k, state in reversed(list(enumerate(self.run.states))):
            if self.evaluator.value(own.clauses[1].formula, state, env):
                break
            if self.evaluator.value(own.clauses[0].formula, state, env):
                start = k
        return start

    def _wait(self) -> Property | None:
        """The leads-to that an endless trace violates."""
        own = next((p for p in self.model.properties if p.id == self.trace.property_id), None)
        waits = own is not None and own.kind == "leads_to" and self.run.loop is not None
        return own if waits else None

    def waits(self, remedy: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """What never comes, and what stands in its way."""
        own = self._wait()
        if own is None or len(self.writers) < len(self.run.states):
            return []
        would = dict((remedy or {}).get("would", ()))
        goal, env = own.clauses[1].formula, self._instance(own)
        last = self.writers[-1]
        return waits(self.run, self.reads, last, goal=goal, env=env, would=would)

    def allowed(self) -> list[Cause]:
        """Why the last step could be taken, if it is the one that breaks the property."""
        if self.trace.meta.get("kind") not in {"always", "action"} or not self.run.steps:
            return []
        last = len(self.run.steps) - 1
        known = last < len(self.writers) and self.trace.states[-1].violated is not None
        return allowing(self.run, self.reads, self.writers[last]) if known else []

    # What could have happened

    def choices(self) -> dict[str, Any]:
        """For each state the enabled instances, and the changes in why the others are not."""
        instances = [
            Taken(action, env)
            for action in self.model.actions
            for env in extend({}, action.parameters)
        ]
        before: dict[int, list[str]] = {}
        states = []
        for state in self.run.states:
            if time.monotonic() > self.deadline:
                self.limits.append("choices were left out for lack of time")
                break
            enabled, disabled = [], {}
            for number, each in enumerate(instances):
                failing = self.evaluator.failing_clauses(each.action, state, each.env)
                if failing:
                    disabled[number] = [clause.name for clause in failing]
                else:
                    enabled.append([number, *self._outcome(state, each)])
            changed: dict[int, list[str] | None] = {
                number: names for number, names in disabled.items() if before.get(number) != names
            }
            changed.update({number: None for number in before if number not in disabled})
            states.append({"enabled": enabled, "disabled": changed})
            before = disabled
        shown = [
            [each.action.name, {b.name: b.of.show(v) for b, v in each.env.items()}]
            for each in instances
        ]
        return {"instances": shown, "states": states}

    def _outcome(self, state: State, step: Taken) -> tuple[dict[str, str], list[str]]:
        """What a step would change, and whether it would break the property of the trace."""
        try:
            after = self.evaluator.execute(step.action, state, step.env)
        except ModelError as error:
            return {}, [str(error)]
        cells = self.evaluator.layout.cells
        changes = {
            self.names[c]: cells[c].to.show(after[c] + cells[c].to.lo)
            for c in range(len(state))
            if after[c] != state[c]
        }
        return changes, list(self._broken_by(step, state, after))

    def _broken_by(self, step: Taken, state: State, after: State) -> Iterator[str]:
        """The conjuncts of the watched properties that a step would break."""
        for declared, conjuncts in self.watched:
            for name, formula, action in conjuncts:
                if declared.kind == "always":
                    holds = self.evaluator.value(formula.formula, after, {})
                elif action is None or action is step.action:
                    env = {} if action is None else step.env
                    holds = self.evaluator.value(formula.formula, state, env, after)
                else:
                    continue
                if not holds:
                    yield f"{declared.id} {name}" if name != declared.id else name

    # Loops

    def fairness(self) -> Iterator[list[str]]:
        """How each fair action fares in the loop."""
        if self.run.loop is None:
            return
        around = self.run.states[self.run.loop :]
        taken = {step.action for step in self.run.steps[self.run.loop :]}
        for action in self.model.actions:
            if action.fairness is None:
                continue
            how = "taken" if action in taken else self._disabled_in(action, around)
            yield [action.name, action.fairness, how]

    def _disabled_in(self, action: Action, around: tuple[State, ...]) -> str:
        enabled = [
            any(self._can_change(action, state, env) for env in extend({}, action.parameters))
            for state in around
        ]
        if not any(enabled):
            return "never enabled to change anything"
        return "not taken; no instance of it is enabled all the time"

    def _can_change(self, action: Action, state: State, env: Environment) -> bool:
        if self.evaluator.failing_clauses(action, state, env):
            return False
        return self.evaluator.execute(action, state, env) != tuple(state)


def _action(action: Action) -> dict[str, Any]:
    return {
        "about": action.about.strip().partition("\n")[0],
        "section": action.section,
        "claims": list(action.claims),
        "environment": action.environment,
        "fairness": action.fairness,
    }


def _conjuncts(declared: Property) -> Iterator[tuple[str, Clause, Action | None]]:
    """The conjuncts of a property; with the action, where one speaks of its steps only."""
    for clause in declared.clauses:
        yield clause.name, clause, None
    for step in declared.steps:
        yield step.name, Clause(step.name, step.formula, step.place), step.action
