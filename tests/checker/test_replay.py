"""Replaying runs: what the checker reports must be so, else it is an internal error."""

from dataclasses import replace

import pytest

from knell.checker import InternalError, PropertyResult, Run
from knell.checker.replay import Replay
from knell.language import Model
from knell.language.grounding import Program
from tests.checker.machines import checked, counter, result_of
from tests.checker.test_liveness import two_choices
from tests.checker.test_search import stepper


def confirm(model: Model, result: PropertyResult) -> None:
    declared = next((p for p in model.properties if p.id == result.id), None)
    Replay(Program(model)).confirm(result, declared)


def shown(model: Model, id: str) -> tuple[PropertyResult, Run]:
    result = result_of(checked(model), id)
    assert result.run is not None
    return result, result.run


def refuse(model: Model, result: PropertyResult, run: Run, why: str) -> None:
    with pytest.raises(InternalError, match=why):
        confirm(model, replace(result, run=run))


@pytest.mark.parametrize("id", ["small", "full", "deadlock"])
def test_what_is_reported_is_so(id: str) -> None:
    model = counter()
    confirm(model, result_of(checked(model), id))


def test_a_wrong_start() -> None:
    model = counter()
    result, run = shown(model, "small")
    refuse(model, result, Run(run.states[1:], run.steps[1:]), "does not start in an initial state")


def test_a_step_that_is_not_enabled() -> None:
    model = counter()
    result, run = shown(model, "deadlock")
    again = Run((*run.states, run.states[-1]), (*run.steps, run.steps[0]))
    refuse(model, result, again, "where it is not enabled")


def test_a_step_to_a_wrong_state() -> None:
    model = counter()
    result, run = shown(model, "small")
    refuse(model, result, Run((*run.states[:-1], (5,)), run.steps), "to a wrong state")


def test_a_wrong_number_of_steps() -> None:
    model = counter()
    result, run = shown(model, "small")
    refuse(model, result, Run(run.states, run.steps[:-1]), "wrong number of steps")


@pytest.mark.parametrize("id", ["small", "full", "deadlock"])
def test_a_run_that_shows_nothing(id: str) -> None:
    model = counter()
    result, run = shown(model, id)
    shorter = Run(run.states[:-1], run.steps[:-1])
    refuse(model, result, shorter, f"the run reported for {id} does not show it")


def test_a_step_that_breaks_nothing() -> None:
    model = stepper()
    result, run = shown(model, "rises")
    refuse(model, result, Run(run.states[:-1], run.steps[:-1]), "does not show it")


def test_a_lasso() -> None:
    model = two_choices("weak")
    result, run = shown(model, "arrives")
    confirm(model, result)
    refuse(model, result, replace(run, loop=None), "wrong number of steps")
    still = Run(run.states[:1], (), 0)
    refuse(model, result, still, "does not show it")  # not fair: a way out stays enabled


def test_a_lasso_that_is_unfair_to_a_strong_instance() -> None:
    _, run = shown(two_choices("weak"), "arrives")
    model = two_choices("strong")
    steps = {str(i): i for i in Program(model).instances}
    same = Run(run.states, tuple(steps[str(step)] for step in run.steps), run.loop)
    result = PropertyResult("arrives", "leads_to", (), "violated", same)
    refuse(model, result, same, "does not show it")


def test_a_lasso_in_which_the_goal_holds() -> None:
    m = Model("goal")
    n = m.scalar("n", to=m.int(0, 1), init=0)

    @m.action
    def flip():
        n.set(1 - n)

    m.leads_to("L", lambda: (n == 0, n == 1))
    (flip_step,) = Program(m).instances
    looping = Run(((0,), (1,)), (flip_step, flip_step), 0)
    result = PropertyResult("L", "leads_to", (), "violated", looping)
    refuse(m, result, looping, "does not show it")
    confirm(m, replace(result, run=Run(((0,),), (), 0)))


def test_an_unknown_property_shows_nothing() -> None:
    model = counter()
    result, run = shown(model, "small")
    refuse(model, replace(result, id="other"), run, "does not show it")
