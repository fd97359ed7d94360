"""The table of phases: what it says is what happens, for every event in every phase."""

from typing import get_args

import pytest

from knell.node.core import IllegalEventError, due
from knell.node.core import core as core_module
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core.core import verdict_of
from knell.node.core.phases import COLUMNS, FOR_SENTINEL, NEXT, NOT_FOR_ENGINE, TABLE, Verdict
from knell.node.core.values import SECOND
from knell.spec.vocabulary import NodePhase
from tests.node.core.samples import EVENTS, LIVING, in_phase

PAIRS = [
    pytest.param(role, event, phase, id=f"{role}-{type(event).__name__}-{phase}")
    for role in ("engine", "sentinel")
    for event in EVENTS
    for phase in COLUMNS
]
KINDS = {kind for union in get_args(ev.Event) for kind in get_args(union) or (union,)}


def test_the_table_and_the_samples_cover_every_event():
    assert set(TABLE) == KINDS == {type(event) for event in EVENTS}
    assert set(TABLE) >= FOR_SENTINEL | NOT_FOR_ENGINE


@pytest.mark.parametrize(("role", "event", "phase"), PAIRS)
def test_each_event_in_each_phase(role, event, phase):
    core = in_phase(phase, role=role)
    before, kept = core.state, core.state.copy()
    verdict = verdict_of(before, event)
    due = event in core.due(4 * SECOND)
    if verdict is Verdict.RAISE or (isinstance(event, ev.Step) and not due):
        with pytest.raises(IllegalEventError):
            core.receive(event, 4 * SECOND)
        assert core.state is before
    else:
        effects = core.receive(event, 4 * SECOND)
        assert core.state.phase in {phase, *NEXT[phase]}
        if verdict is Verdict.DROP:
            assert (core.state, effects) == (before, [])
        if verdict is Verdict.LOG:
            assert core.state == before
            assert {type(effect) for effect in effects} <= {fx.Log, fx.Trace}
        if verdict is Verdict.REFUSE:
            assert core.state == before
            (answer,) = effects
            assert getattr(answer, "refused", None) == "clustering is ending"
    assert before == kept, "a state that was handed out has changed"


@pytest.mark.parametrize("phase", [NodePhase.ABSENT, NodePhase.CRASHED])
def test_there_is_no_core_before_the_start_and_after_a_crash(phase):
    assert {row[phase] for row in TABLE.values()} == {Verdict.RAISE}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_after_the_end_nothing_happens(event):
    core = in_phase(NodePhase.ENDED)
    before = core.state
    try:
        effects = core.receive(event, 9 * SECOND)
    except IllegalEventError:
        effects = []
    assert core.state == before
    assert all(isinstance(each, fx.Answer | fx.ActResult | fx.Routed) for each in effects)


def test_a_refusal_names_what_it_refuses():
    """§7.11."""
    core = in_phase(NodePhase.QUIESCED)
    why = "clustering is ending"
    for event, answer in (
        (ev.ActBegins("g1", 4, primary=True), fx.ActResult("g1", 4, why)),
        (ev.ActEnds("g1", 4), fx.ActResult("g1", 4, why)),
        (ev.WorkComes("g1", "n2"), fx.Routed("g1", "n2", why)),
        (ev.MemberJoins("g1"), fx.Answer(why)),
    ):
        assert core.receive(event, 4 * SECOND) == [answer]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_what_the_other_process_of_a_node_is_told(event):
    """§3.5: an engine is not told of its own end, a sentinel of nothing that it cannot see."""
    strange = [
        *([in_phase(NodePhase.ACTIVE)] if type(event) in NOT_FOR_ENGINE else []),
        *([in_phase(NodePhase.ACTIVE, role="sentinel")] if type(event) not in FOR_SENTINEL else []),
    ]
    for core in strange:
        with pytest.raises(IllegalEventError, match=f"{type(event).__name__} in phase active"):
            core.receive(event, 5)


def test_a_step_that_is_not_due_is_named():
    with pytest.raises(IllegalEventError, match="is not due"):
        in_phase(NodePhase.ACTIVE).receive(ev.Promote("g1"), 5)


def test_steps_that_do_not_end_are_a_mistake_that_is_found(monkeypatch):
    monkeypatch.setattr(due, "steps", lambda state, now: iter([ev.LoseHeartbeats("n2")]))
    monkeypatch.setattr(core_module, "MOST_STEPS", 5)
    with pytest.raises(IllegalEventError, match="do not end"):
        in_phase(NodePhase.ACTIVE).drain(ev.Paused(), 5)


def test_no_phase_leads_back():
    order = {phase: index for index, phase in enumerate(COLUMNS)}
    for phase, following in NEXT.items():
        assert all(order[each] > order[phase] for each in following)
    assert [phase for phase in COLUMNS if NEXT[phase]][1:] == list(LIVING[:3])
