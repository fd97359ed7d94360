"""Leases to the nanosecond (§10.3-§10.7), between two cores and a clock of the test's own."""

import pytest
from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.core.values import SECOND, Epoch, Takeover
from tests.node.core.samples import INCARNATIONS, frames, settings

LEASE, DRIFT = settings().lease, settings().drift
N1, N2 = Epoch("n1", 1), Epoch("n2", 1)


@pytest.fixture
def primary():
    return founded(settings("n1"), INCARNATIONS)


@pytest.fixture
def successor():
    return founded(settings("n2"), INCARNATIONS)


def grant(primary, successor, sent_at, *, received_at):
    """Let a heartbeat go to the successor and its echo come back."""
    effects = successor.drain(ev.Arrived(ms.Heartbeat(sent_at), N1, 11), sent_at)
    (echo,) = frames(effects, ms.Echo)
    primary.drain(ev.Arrived(echo, N2, 12), received_at)
    return echo


def act(primary, at, end=None):
    """Try a primary act; return why it did not take effect."""
    (begun,) = primary.receive(ev.ActBegins("g3", at, primary=True), at)[-1:]
    if begun.refused:
        return begun.refused
    return primary.receive(ev.ActEnds("g3", at), end or at)[-1].refused


def test_no_act_before_a_grant(primary):
    assert "lease" in act(primary, 5)


def test_a_lease_runs_from_the_sending_of_the_heartbeat(primary, successor):
    grant(primary, successor, 100, received_at=SECOND // 2)
    assert act(primary, 100 + LEASE - 1) is None
    assert "lease" in act(primary, 100 + LEASE)


def test_a_lease_is_checked_when_the_act_takes_effect(primary, successor):
    grant(primary, successor, 100, received_at=200)
    assert "lease" in act(primary, 100 + LEASE - 1, end=100 + LEASE)


def test_only_the_direct_successor_grants():
    third = founded(settings("n3"), INCARNATIONS)
    effects = third.drain(ev.Arrived(ms.Heartbeat(100), N1, 11), 100)
    assert fx.Send(("n1",), (ms.Echo(100),)) in effects


def test_a_later_echo_of_an_earlier_heartbeat_shortens_nothing(primary, successor):
    early = grant(primary, successor, 100, received_at=200)
    grant(primary, successor, 900, received_at=1_000)
    primary.drain(ev.Arrived(early, N2, 12), 2_000)
    assert act(primary, 900 + LEASE - 1) is None


def test_the_successor_waits_for_lease_and_drift(successor):
    successor.drain(ev.Arrived(ms.Heartbeat(100), N1, 11), 100)
    over = 100 + LEASE + DRIFT
    successor.drain(ev.TimerFired(ev.Timer.BEAT), over)
    assert not successor.state.groups["g3"].promoted
    effects = successor.drain(ev.TimerFired(ev.Timer.BEAT), over + 1)
    (lapse,) = frames(effects, ms.Lapsed)
    assert [each.group for each in lapse.lapses] == ["g3"]
    assert successor.state.groups["g3"].promoted
    assert not successor.state.groups["g1"].promoted, "a group without leases waits"


def test_a_lapse_in_one_group_opens_the_way_in_the_next():
    """The first LAPSED makes its epoch left, and no longer partitioned (§10.5)."""
    leased = tuple(replace(each, takeover=Takeover.LEASE) for each in settings().groups)
    core = founded(replace(settings("n2"), groups=leased), INCARNATIONS)
    later = core.state.groups["g3"]
    assert [each.to.node for each in later.grants] == ["n1"]
    core.state.groups["g3"] = replace(later, grants=(replace(later.grants[0], since=500),))
    over = 1 + LEASE + DRIFT
    (first,) = frames(core.drain(ev.TimerFired(ev.Timer.BEAT), over), ms.Lapsed)
    assert [each.group for each in first.lapses] == ["g1", "g2"]
    (second,) = frames(core.drain(ev.TimerFired(ev.Timer.BEAT), over + 500), ms.Lapsed)
    assert [each.group for each in second.lapses] == ["g3"]
    assert all(each.promoted for each in core.state.groups.values())


def test_lapsed_is_stored_before_it_is_said(successor):
    effects = successor.drain(ev.TimerFired(ev.Timer.BEAT), LEASE + DRIFT + 1)
    kept = [isinstance(each, fx.Keep) for each in effects].index(True)
    assert frames(effects[:kept], ms.Lapsed) == []
    assert frames(effects[kept:], ms.Lapsed) != []


def test_what_a_lapser_says_of_itself_comes_after_its_lapse(successor):
    successor.drain(ev.TimerFired(ev.Timer.BEAT), LEASE + DRIFT + 1)
    effects = successor.drain(ev.StopRequested(), LEASE + DRIFT + 2)
    assert [type(each) for each in frames(effects, ms.Lapsed | ms.Distress)] == [
        ms.Lapsed,
        ms.Distress,
    ]
