"""A core's state is a value: kept by keeping a reference, compared by what it holds."""

from dataclasses import fields

import pytest

from knell.node.core import Core, apply, founded
from knell.node.core import events as ev
from knell.node.core.phases import NOT_FOR_ENGINE, TABLE, Verdict
from knell.node.sim.chaos import Chaos
from knell.node.sim.world import World, cluster
from tests.node.core.samples import EVENTS, INCARNATIONS, settings


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_equal_cores_do_equal_things(event):
    one, other = (founded(settings(), INCARNATIONS) for _ in range(2))
    if TABLE[type(event)][one.state.phase] is Verdict.RAISE or isinstance(event, ev.Step):
        return
    if type(event) not in NOT_FOR_ENGINE:
        assert other.receive(event, 5) == one.receive(event, 5)
    assert one.state == other.state


def test_a_copy_is_equal_and_shares_no_container():
    state = founded(settings(), INCARNATIONS).state
    copy = state.copy()
    assert copy == state
    shared = [
        each.name
        for each in fields(state)
        if isinstance(getattr(state, each.name), dict | list | set)
        and getattr(state, each.name) is getattr(copy, each.name)
    ]
    assert shared == []
    copy.members.clear()
    assert copy != state
    assert state.members


def test_a_state_can_be_gone_back_to():
    core = founded(settings(), INCARNATIONS)
    before = core.state
    effects = core.drain(ev.StopRequested(), 1)
    core.state = before
    assert core.drain(ev.StopRequested(), 1) == effects


def test_no_step_of_a_run_changes_a_state_that_was_handed_out(monkeypatch):
    receive = Core.receive

    def watched(core, event, now):
        before, kept = core.state, core.state.copy()
        effects = receive(core, event, now)
        assert before == kept
        assert apply(before, event, now) == (core.state, effects)
        return effects

    monkeypatch.setattr(Core, "receive", watched)
    Chaos(World(cluster(3), 11)).run(1_500)
