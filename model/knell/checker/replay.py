"""Replaying runs by the meaning of the language, before anyone sees them.

The search runs generated code. Whatever run it reports is executed again, state by state, by
:class:`~knell.language.evaluate.Evaluator`, and must show there what it is said to show. If it
does not, the checker is wrong, and that is what is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knell.checker.errors import InternalError
from knell.checker.results import PropertyResult, Run
from knell.language.evaluate import Environment, Evaluator, extend
from knell.language.ground_properties import DEADLOCK
from knell.language.grounding import Program
from knell.language.layout import State
from knell.language.model import Action
from knell.language.properties import Property
from knell.language.recording import Clause


class Replay:
    """Judges runs of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.evaluator = program.evaluator

    def confirm(self, result: PropertyResult, declared: Property | None) -> None:
        """Raise unless the result's run is one of the model and shows the result's verdict."""
        run = result.run
        if run is None:
            return
        self.confirm_run(run)
        if result.kind == DEADLOCK:
            shown = is_deadlock(self.evaluator, self.program, run.states[-1])
        elif declared is None:
            shown = False
        elif declared.kind == "leads_to":
            shown = self._starves(run, declared, result.bindings)
        elif declared.kind == "reachable":
            shown = not broken_clauses(self.evaluator, declared, run)
        else:
            shown = bool(broken_clauses(self.evaluator, declared, run))
        if not shown:
            raise InternalError(f"the run reported for {result.id} does not show it")

    def confirm_run(self, run: Run) -> None:
        """Raise unless the run starts in an initial state and every step is one of the model."""
        if not is_initial(self.program, run.states[0]):
            raise InternalError("a reported run does not start in an initial state")
        targets = list(run.states[1:])
        if run.loop is not None and len(run.steps) == len(run.states):
            targets.append(run.states[run.loop])
        if len(targets) != len(run.steps):
            raise InternalError("a reported run has the wrong number of steps")
        for state, step, target in zip(run.states, run.steps, targets, strict=False):
            if not is_enabled(self.evaluator, step.action, state, step.env):
                raise InternalError(f"a reported run takes {step} where it is not enabled")
            if self.evaluator.execute(step.action, state, step.env) != target:
                raise InternalError(f"a reported run takes {step} to a wrong state")

    def _starves(self, run: Run, declared: Property, bindings: dict[str, str]) -> bool:
        """Whether the run is fair, and somewhere its premise holds and its goal never again."""
        if run.loop is None or not self._is_fair(run):
            return False
        env = {b: _value(b.of.values(), b.of.show, bindings[b.name]) for b in declared.bound}
        premise, goal = (
            [self.evaluator.value(clause.formula, state, env) for state in run.states]
            for clause in declared.clauses
        )
        met = [k for k, holds in enumerate(goal) if holds]
        since = met[-1] + 1 if met else 0
        return since <= run.loop and any(premise[since:])

    def _is_fair(self, run: Run) -> bool:
        """Whether each fair instance is taken in the loop, or disabled as its fairness allows."""
        assert run.loop is not None
        around = run.states[run.loop :]
        taken = {(step.action, tuple(step.env.values())) for step in run.steps[run.loop :]}
        for action, env in self._fair_instances():
            if (action, tuple(env.values())) in taken:
                continue
            enabled = (self._changes(action, state, env) for state in around)
            if all(enabled) if action.fairness == "weak" else any(enabled):
                return False
        return True

    def _fair_instances(self) -> Iterator[tuple[Action, Environment]]:
        for action in self.program.model.actions:
            if action.fairness is not None:
                for env in extend({}, action.parameters):
                    yield action, env

    def _changes(self, action: Action, state: State, env: Environment) -> bool:
        """Whether the action is enabled in the sense of fairness: it can change the state."""
        return is_enabled(self.evaluator, action, state, env) and self.evaluator.execute(
            action, state, env
        ) != tuple(state)


def is_enabled(evaluator: Evaluator, action: Action, state: State, env: Environment) -> bool:
    """Whether the guard holds; its clauses are evaluated in order, up to the first that fails."""
    return all(evaluator.value(clause.formula, state, env) for clause in action.guard)


def is_initial(program: Program, state: State) -> bool:
    """Whether the state is an initial one."""
    evaluator = program.evaluator
    for cell in program.layout.cells:
        start = cell.variable.initial
        if start.value is not None:
            env = dict(zip(start.bound, cell.args, strict=True)) if start.bound else {}
            if evaluator.value(start.value, (), env) - cell.to.lo != state[cell.index]:
                return False
    return all(evaluator.value(c.formula, state, {}) for c in program.model.initial)


def is_deadlock(evaluator: Evaluator, program: Program, state: State) -> bool:
    """Whether no action is enabled, outside the states in which the model may stop."""
    end = program.model.end
    if end is not None and evaluator.value(end, state, {}):
        return False
    return not any(
        is_enabled(evaluator, action, state, env)
        for action in program.model.actions
        for env in extend({}, action.parameters)
    )


def broken_clauses(evaluator: Evaluator, declared: Property, run: Run) -> list[Clause]:
    """The conjuncts that do not hold at the run's end: in its last state, or of its last step."""
    if declared.kind != "action":
        last = run.states[-1]
        return [c for c in declared.clauses if not evaluator.value(c.formula, last, {})]
    before, after = run.states[-2:]
    step = run.steps[-1]
    clauses = [c for c in declared.clauses if not evaluator.value(c.formula, before, {}, after)]
    own = (c for c in declared.steps if c.action is step.action)
    clauses += [
        Clause(c.name, c.formula, c.place)
        for c in own
        if not evaluator.value(c.formula, before, step.env, after)
    ]
    return clauses


def _value(values: range, show: Callable[[int], str], name: str) -> int:
    return next(value for value in values if show(value) == name)
