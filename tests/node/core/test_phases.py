"""The table of phases: what it says is what happens, for every event in every phase."""

from typing import get_args

import pytest

from knell.node.core import IllegalEventError
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


def test_no_phase_leads_back():
    order = {phase: index for index, phase in enumerate(COLUMNS)}
    for phase, following in NEXT.items():
        assert all(order[each] > order[phase] for each in following)
    assert [phase for phase in COLUMNS if NEXT[phase]][1:] == list(LIVING[:3])
