"""Leases to the nanosecond (§10.3-§10.7), between two cores and a clock of the test's own."""

import pytest
from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.core.state import Grant
from knell.node.core.values import SECOND, Entry, Epoch, Takeover
from tests.node.core.samples import INCARNATIONS, frames, settings, traced

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


# The grants, one condition after the other (§10.4-§10.9)

A, B, C = (Entry(k, node, 1, 1, INCARNATIONS[node]) for k, node in enumerate(INCARNATIONS, start=1))
OVER = LEASE + DRIFT + 1
"""When a lease that was granted at 0 is surely over."""


def change(core, **changes):
    core.state = core.state.copy()
    core.state.groups["g3"] = replace(core.state.groups["g3"], **changes)
    return core


def heard(core, said, now=5):
    return core.receive(ev.Heard(ms.Signed(said), "n3"), now)


def echoed(core, now=100, sender=N1, incarnation=11):
    effects = core.receive(ev.Arrived(ms.Heartbeat(100), sender, incarnation), now)
    return [each.grants for each in frames(effects, ms.Echo)]


def test_a_grant_names_whom_and_by_whom(successor):
    """§10.4."""
    effects = successor.receive(ev.Arrived(ms.Heartbeat(100), N1, 11), 130)
    assert effects[:2] == [
        traced("grant_lease", o="n2.1", g="g3", i="n1.1"),
        fx.Send(("n1",), (ms.Echo(100, (("g3", A, B),)),)),
    ]
    (grant,) = successor.state.groups["g3"].grants
    assert grant == Grant(A, since=0, last=130)


@pytest.mark.parametrize("why", ["stopped", "over", "lapsed", "later primary", "other entry"])
def test_to_whom_no_lease_is_granted(successor, why):
    """§10.4."""
    if why == "stopped":
        change(successor, grants=(Grant(A, 0, stopped=True),))
    elif why == "over":
        successor.state.peers["n1"] = replace(successor.state.peers["n1"], barred=1, admitted=1)
        assert echoed(successor) == []
        return
    elif why == "lapsed":
        successor.state.lapsed = frozenset({("g3", A)})
    elif why == "later primary":
        change(successor, primaries=frozenset({A, C}))
    else:
        successor.state.peers["n1"] = replace(
            successor.state.peers["n1"], admitted=2, incarnation=22
        )
        assert echoed(successor, sender=Epoch("n1", 2), incarnation=22) == [()]
        return
    assert echoed(successor) == [()]


def test_a_new_successor_grants_from_then_on():
    """§10.4: it waits from when it became one (§10.6)."""
    third = founded(settings("n3"), INCARNATIONS)
    heard(third, ms.MemberGone("g3", B.member, 12), 40)
    assert third.state.groups["g3"].grants == (Grant(B, 0), Grant(A, 40))
    assert echoed(third) == [(("g3", A, C),)]
    assert third.state.groups["g3"].grants == (Grant(B, 0), Grant(A, 40, last=100))


def test_who_watches_nobody(primary, successor):
    assert primary.state.groups["g3"].grants == ()
    for changes in ({"entry": None}, {"domain": (A, C)}):
        assert echoed(change(founded(settings("n2"), INCARNATIONS), **changes)) == [()]
    successor.receive(ev.MemberLeaves("g3", 1), 5)
    assert echoed(successor) == [()]


def take(core, to=A, by=B, group="g3", sent_at=100, now=200):
    echo = ms.Echo(sent_at, ((group, to, by),))
    return core.receive(ev.Arrived(echo, N2, 12), now)


def test_a_lease_is_taken_for_the_own_entry_by_one_of_the_list(primary):
    """§10.3."""
    assert take(primary) == [traced("receive_grant", i="n1.1", g="g3", o="n2.1")]
    assert primary.state.groups["g3"].lease_until == 100 + LEASE
    before = primary.state.groups
    assert take(primary, to=B) == []
    assert take(primary, by=B._replace(join=2)) == []
    assert take(primary, group="g9") == []
    assert take(primary, sent_at=99)[0].action == "receive_grant"
    assert primary.state.groups == before, "never less"
    two = ms.Echo(300, (("g9", A, B), ("g3", A, B)))
    primary.receive(ev.Arrived(two, N2, 12), 400)
    assert primary.state.groups["g3"].lease_until == 300 + LEASE


def test_a_slow_echo_grants_all_the_same(primary):
    """§10.3: the lease counts from the sending, so late is merely short."""
    take(primary, now=100 + LEASE - 1)
    assert primary.state.groups["g3"].lease_until == 100 + LEASE


def silent(core, at):
    """Let contact with n1 be lost, and nothing else."""
    core.state = core.state.copy()
    for node in core.state.peers:
        core.state.peers[node] = replace(core.state.peers[node], contact_at=at)
    core.state.peers["n1"] = replace(core.state.peers["n1"], partitioned=True)
    return core


def test_from_silence_to_a_lapse_step_by_step(successor):
    """§10.5, §10.6."""
    silent(successor, OVER)
    assert successor.due(OVER - 1) == []
    assert successor.due(OVER) == [ev.StopGranting("n1")]
    stop = [traced("stop_granting", o="n2.1", i="n1.1")]
    assert successor.receive(ev.StopGranting("n1"), OVER) == stop
    assert successor.due(OVER - 1) == []
    assert successor.due(OVER) == [ev.LeasePasses("n1")]
    passes = [traced("lease_passes", o="n2.1", i="n1.1")]
    assert successor.receive(ev.LeasePasses("n1"), OVER) == passes
    assert successor.due(OVER) == [ev.LapsePeer("n1")]
    effects = successor.receive(ev.LapsePeer("n1"), OVER)
    said = ms.Signed(ms.Lapsed("n1", 1, N2, (ms.Lapse("g3", A, B),)))
    assert effects[:4] == [
        traced("lapse", o="n2.1", i="n1.1"),
        fx.Keep(said),
        fx.Send(("n1", "n3"), (said,)),
        fx.Arm(ev.Timer.RESEND, settings().resend),
    ]
    assert fx.Tell("g3", fx.NodeLeft(N1)) in effects
    assert successor.state.lapsed == {("g3", A)}
    assert successor.state.peers["n1"].barred == 1
    assert successor.due(OVER) == [ev.Promote("g3")]


def test_a_lapse_is_about_one_epoch():
    """§10.6: entries of other epochs of the node need one of their own."""
    two = tuple(replace(each, takeover=Takeover.LEASE) for each in settings().groups)
    core = founded(replace(settings("n2"), groups=two), INCARNATIONS)
    younger = A._replace(epoch=2, incarnation=22)
    core.state.groups["g2"] = replace(
        core.state.groups["g2"],
        domain=(younger, B),
        grants=(Grant(younger, 0, stopped=True, waited=True),),
    )
    for name in ("g1", "g3"):
        waited = replace(core.state.groups[name].grants[0], stopped=True, waited=True)
        core.state.groups[name] = replace(core.state.groups[name], grants=(waited,))
    (said,) = frames(core.receive(ev.LapsePeer("n1"), OVER), ms.Lapsed)
    assert said.lapses == (ms.Lapse("g1", A, B), ms.Lapse("g3", A, B))


def test_the_wait_counts_from_the_last_grant(successor):
    """§10.6."""
    echoed(successor, now=70)
    silent(successor, OVER)
    assert successor.due(OVER + 69) == []
    assert successor.due(OVER + 70) == [ev.StopGranting("n1")]


def test_the_wait_counts_from_when_it_became_the_successor(successor):
    silent(change(successor, grants=(Grant(A, since=50),)), OVER)
    assert successor.due(OVER + 49) == []
    assert successor.due(OVER + 50) == [ev.StopGranting("n1")]


def test_who_is_in_contact_is_not_lapsed(successor):
    """§10.5."""
    silent(successor, OVER)
    successor.state.peers["n1"] = replace(successor.state.peers["n1"], partitioned=False)
    successor.state.peers["n1"] = replace(successor.state.peers["n1"], contact_at=OVER)
    assert successor.due(OVER) == []


def test_the_successor_of_a_lapser_waits_too():
    """§10.7: what was lapsed needs no silence, and is not lapsed twice."""
    third = silent(founded(settings("n3"), INCARNATIONS), OVER)
    heard(third, ms.Lapsed("n1", 1, N2, (ms.Lapse("g3", A, B),)))
    heard(third, ms.MemberGone("g3", B.member, 12), 5)
    at = OVER + 5
    assert third.due(at) == [ev.StopGranting("n1")]
    third.receive(ev.StopGranting("n1"), at)
    third.receive(ev.LeasePasses("n1"), at)
    assert third.due(at) == [ev.Promote("g3")]


def test_one_lapse_open_in_a_group():
    """§10.9."""
    third = founded(settings("n3"), INCARNATIONS)
    third.state.peers["n2"] = replace(third.state.peers["n2"], partitioned=True)
    third.state.peers["n1"] = replace(third.state.peers["n1"], contact_at=OVER)
    assert third.due(OVER) == [], "the first is not released"
    heard(third, ms.MemberGone("g3", A.member, 11))
    assert third.due(OVER) == [ev.StopGranting("n2")]
    grants = (Grant(B, 0, stopped=True, waited=True),)
    change(third, grants=grants)
    assert third.due(OVER) == [ev.LapsePeer("n2")]
    third.state.gone = frozenset()
    assert third.due(OVER) == []


def test_a_lapse_by_one_that_is_no_successor_is_dropped():
    """§5.7."""
    third = founded(settings("n3"), INCARNATIONS)
    before = third.state
    for lapsed, maker in ((B, A), (B, B), (B, C._replace(join=5))):
        said = ms.Lapsed("n2", 1, N1, (ms.Lapse("g3", lapsed, maker),))
        logged = [each.about for each in heard(third, said) if isinstance(each, fx.Log)]
        assert logged == ["n2.1"]
        assert third.state == before


def test_a_lapse_is_stored_and_recorded():
    """§4.8, §5.7: for the entries that it names."""
    third = founded(settings("n3"), INCARNATIONS)
    said = ms.Lapsed("n1", 1, N2, (ms.Lapse("g3", A, B), ms.Lapse("g9", A, B)))
    effects = heard(third, said)
    assert traced("hear_lapsed", o="n3.1", i="n1.1") in effects
    assert fx.Keep(ms.Signed(said)) in effects
    assert third.state.lapsed == {("g3", A), ("g9", A)}
    assert third.state.peers["n1"].barred == 1
    unknown = A._replace(position=9), B._replace(position=8)
    heard(third, ms.Lapsed("n1", 1, N2, (ms.Lapse("g3", *unknown),)))
    assert ("g3", unknown[0]) in third.state.lapsed, "of what is in no list here all is believed"
