"""What the sentinel's core may say, and when (§7.6)."""

import pytest

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core import sentinel
from knell.spec.vocabulary import Cause
from tests.node.core.samples import settings


def said(effects):
    frames = (frame for each in effects if isinstance(each, fx.Send) for frame in each.frames)
    return [frame.statement for frame in frames if isinstance(frame, ms.Signed)]


def gone(statement):
    """The group and the node of a member that is said to be gone."""
    assert isinstance(statement, ms.MemberGone)
    return statement.group, statement.member.node


@pytest.fixture
def core():
    core = sentinel(settings(), epoch=1, incarnation=11)
    core.receive(ev.MemberJoins("g1"), 0)
    core.receive(ev.MemberJoins("g2"), 0)
    return core


def test_what_members_do_while_the_engine_lives_is_not_said(core):
    assert said(core.receive(ev.MemberReaped("g1", 1), 1)) == []


def test_member_gone_waits_until_the_engine_is_surely_dead(core):
    core.receive(ev.EngineLost(), 1)
    assert said(core.receive(ev.MemberReaped("g1", 1), 2)) == []
    late = said(core.receive(ev.EngineReaped(), 3))
    assert [gone(each) for each in late] == [("g1", "n1")]
    after = said(core.receive(ev.MemberReaped("g2", 1), 4))
    assert [gone(each) for each in after] == [("g2", "n1")]


def test_the_member_whose_report_closed_the_latch_is_not_warned_by_the_sentinel_either(core):
    """It knows (§7.8): the latch tells the sentinel who it is; others are warned again."""
    core.receive(ev.EngineLost(Cause.OBJECT, "g1"), 1)
    assert ev.NotifyMember("g1") not in core.due(2)
    assert ev.NotifyMember("g2") in core.due(2)
    core.receive(ev.TimerFired(ev.Timer.MEMBER), 3)
    assert ev.ForceOut("g1") in core.due(3)
