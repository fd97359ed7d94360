"""Heartbeats, contact and pauses (§10.1, §10.2, §10.10), and the gate that acts pass (§4.5)."""

from typing import Any

import pytest
from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded, sentinel
from knell.node.core import messages as ms
from knell.node.core.acts import may_act_as_primary, token
from knell.node.core.values import SECOND, Entry, Epoch, Membership
from knell.spec.vocabulary import Cause, MemberState
from tests.node.core.samples import INCARNATIONS, frames, named, settings, traced

LOST = settings().lost
A, B, C = (Entry(k, node, 1, 1, INCARNATIONS[node]) for k, node in enumerate(INCARNATIONS, start=1))
N2, N3 = Epoch("n2", 1), Epoch("n3", 1)


@pytest.fixture
def node():
    return founded(settings("n1"), INCARNATIONS)


def echo(core, sent_at, now, sender=N2, incarnation=12):
    return core.receive(ev.Arrived(ms.Echo(sent_at), sender, incarnation), now)


def peers(core, **changes):
    core.state = core.state.copy()
    for name, each in changes.items():
        core.state.peers[name] = replace(core.state.peers[name], **each)


def beat(core, now):
    return core.receive(ev.TimerFired(ev.Timer.BEAT), now)


def test_each_admitted_peer_gets_a_heartbeat(node):
    """§5.12, §10.1: with a digest, contacts, and what this node wants."""
    node.receive(ev.MemberReaped("g2", 1), 1)
    node.receive(ev.MemberJoins("g2"), 1)
    node.receive(ev.MemberReaped("g1", 1), 1)
    peers(node, n3={"partitioned": True})
    effects = beat(node, 50)
    wants = (ms.Want("g2", 2),)
    message = ms.Heartbeat(50, node.state.digest, ("n2",))
    assert node.state.digest
    assert effects[0] == fx.Arm(ev.Timer.BEAT, settings().beat)
    assert effects[1:3] == [fx.Send((host,), (message, *wants)) for host in ("n2", "n3")]
    standings = (
        ms.Standing("g1", (A, B, C), 1, A, live=False),
        ms.Standing("g2", (A, B), 1, A, live=False),
    )
    assert effects[3:] == [fx.Send((host,), standings) for host in ("n2", "n3")]


def test_a_peer_that_is_not_admitted_gets_the_announcement(node):
    """§5.8: until it has proved that it is there."""
    own, other = ms.Signed(ms.Announce("n1", 1, 11)), ms.Signed(ms.Announce("n2", 1, 12))
    for each in (own, other):
        node.state.store[ms.key_of(each.statement)] = each
    node.receive(ev.Heard(ms.Signed(ms.Distress("n3", 1, 13, Cause.OBJECT)), "n2"), 5)
    effects = beat(node, 50)
    assert fx.Send(("n3",), (own,)) in effects
    assert len(frames(effects, ms.Heartbeat)) == 1


def test_a_sentinel_sends_no_heartbeats():
    assert beat(sentinel(settings(), epoch=1, incarnation=11), 50) == []


def test_cold_groups_are_told_to_admitted_peers(node):
    """§11.2."""
    for name in ("g2", "g3"):
        group = node.state.groups[name]
        node.state.groups[name] = replace(group, entry=None, primaries=frozenset())
    peers(node, n3={"admitted": 0})
    (sent,) = [each for each in beat(node, 50) if frames([each], ms.Standing)]
    assert sent.to == ("n2",)
    assert sent.frames == (
        ms.Standing("g2", (A, B), 1, A, live=False),
        ms.Standing("g3", (A, B, C), 1, A, live=False),
    )


def test_a_heartbeat_is_echoed(node):
    """§10.1, §10.4; a digest that differs is answered (§5.1)."""
    message = ms.Heartbeat(77, node.state.digest)
    assert node.receive(ev.Arrived(message, N2, 12), 80) == [fx.Send(("n2",), (ms.Echo(77),))]
    effects = node.receive(ev.Arrived(ms.Heartbeat(77, 1), N2, 12), 80)
    assert effects == [fx.Send(("n2",), (ms.Echo(77),)), fx.Send(("n2",), (ms.Known(()),))]


def test_contact_ends_when_no_round_trip_was_quick_enough(node):
    """§10.1, to the nanosecond."""
    assert node.due(LOST) == []
    assert node.due(LOST + 1) == [ev.LoseHeartbeats("n2"), ev.LoseHeartbeats("n3")]
    node.state.held = frozenset({"n2", "n3"})
    effects = node.receive(ev.LoseHeartbeats("n3"), LOST + 1)
    assert effects == [
        traced("lose_heartbeats", o="n1.1", i="n3.1"),
        fx.Tell("g1", fx.PeerPartitioned(N3)),
        fx.Tell("g3", fx.PeerPartitioned(N3)),
    ]
    assert node.state.peers["n3"].partitioned
    assert node.state.held == {"n2"}
    assert node.due(LOST + 1) == [ev.LoseHeartbeats("n2")], "once"
    node.receive(ev.Heard(ms.Signed(ms.Distress("n2", 1, 12, Cause.OBJECT)), "n2"), 5)
    assert node.due(LOST + 1) == [], "who was left is not missed"


def test_an_echo_that_was_quick_enough_is_contact(node):
    """§10.1."""
    assert echo(node, 100, 100 + LOST) == []
    assert node.state.peers["n2"].contact_at == 100 + LOST
    assert echo(node, 200, 201 + LOST) == []
    assert node.state.peers["n2"].contact_at == 100 + LOST
    echo(node, 300, 50 + LOST)
    assert node.state.peers["n2"].contact_at == 100 + LOST, "never less"


def test_an_echo_of_the_future_is_none(node):
    before = node.state
    assert echo(node, 51, 50) == [fx.Log("an echo of the future", "n2.1")]
    assert node.state == before
    assert echo(node, 50, 50) == []
    assert node.state.peers["n2"].contact_at == 50


def test_contact_returns(node):
    """§10.2."""
    node.receive(ev.LoseHeartbeats("n2"), LOST + 1)
    assert echo(node, 7, 8 + LOST) == [], "too slow"
    assert echo(node, 2 * LOST, 2 * LOST + 5) == [
        traced("regain_heartbeats", o="n1.1", i="n2.1"),
        *(fx.Tell(group, fx.PeerBack(N2)) for group in ("g1", "g2", "g3")),
    ]
    assert not node.state.peers["n2"].partitioned


def test_after_a_pause_contact_is_proved_anew(node):
    """§10.10: by an echo of a heartbeat that was sent after it; or it is lost."""
    peers(node, n3={"partitioned": True})
    effects = node.receive(ev.Paused(), 5 * SECOND)
    assert len(frames(effects, ms.Heartbeat)) == 2
    assert node.state.held == {"n2"}
    assert node.state.held_since == 5 * SECOND
    assert node.state.peers["n2"].contact_at == 5 * SECOND
    assert node.state.peers["n3"].contact_at == 0
    assert node.due(5 * SECOND) == [], "the time of the pause does not count"
    (answer,) = node.receive(ev.ActBegins("g1", 1), 5 * SECOND)
    assert "paused" in answer.refused
    echo(node, 5 * SECOND - 1, 5 * SECOND + 1)
    assert node.state.held == {"n2"}
    echo(node, 5 * SECOND, 5 * SECOND + 1)
    assert node.state.held == frozenset()


# Acts


def begin(core, act=1, group="g1", *, primary=False, now=5) -> list[Any]:
    return list(core.receive(ev.ActBegins(group, act, primary=primary), now))


def end(core, act=1, group="g1", now=6) -> list[Any]:
    return list(core.receive(ev.ActEnds(group, act), now))


@pytest.mark.parametrize("primary", [False, True])
def test_an_act_begins_and_takes_effect(node, primary):
    """§4.5: of a primary's acts both are actions, of others the end."""
    begun = [traced("begin_act", i="n1.1", g="g1")] if primary else []
    assert begin(node, primary=primary) == [*begun, fx.ActResult("g1", 1)]
    member = node.state.members["g1"]
    assert (member.acts, member.primary_acts) == ((set(), {1}) if primary else ({1}, set()))
    done = traced("finish_act" if primary else "act", i="n1.1", g="g1")
    assert end(node) == [done, fx.ActResult("g1", 1)]
    member = node.state.members["g1"]
    assert member.acts | member.primary_acts == set()


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_an_act_is_under_way_once(node, first, second):
    begin(node, primary=first)
    before = node.state
    (answer,) = begin(node, primary=second)
    assert answer.act == 1
    assert "under way" in answer.refused
    assert node.state == before


def test_an_act_that_nobody_began(node):
    begin(node, 1, primary=True)
    begin(node, 2)
    for act, group in ((3, "g1"), (1, "g2"), (1, "g9")):
        (answer,) = end(node, act, group)
        assert (answer.group, answer.act) == (group, act)
        assert "no such act" in answer.refused
    end(node, 1)
    assert node.state.members["g1"].acts == {2}
    end(node, 2)
    assert node.state.members["g1"].acts == set()


def test_who_may_not_act(node):
    assert "not in the group" in begin(node, group="g9")[0].refused
    backup = founded(settings("n2"), INCARNATIONS)
    assert begin(backup)[-1].refused is None
    assert "not primary" in begin(backup, 2, primary=True)[0].refused


def test_a_failing_node_finishes_acts_until_its_member_is_cut_off(node):
    """§2.6, §4.5."""
    begin(node, primary=True)
    node.receive(ev.StopRequested(), 5)
    node.receive(ev.NotifyMember("g1"), 5)
    assert end(node)[-1].refused is None
    begin(node, 2, primary=True)
    assert node.receive(ev.MemberAcknowledges("g1", 1), 6)[-1] == fx.ActResult(
        "g1", 2, "the member is cut off"
    )
    assert begin(node, 3)[-1].refused == "the member is not in the group"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"promoted": False}, "not primary"),
        ({"synced": False}, "not yet durable"),
        ({"entry": None}, "was released"),
        ({"primaries": frozenset({A, B})}, "a later primary"),
    ],
    ids=named,
)
def test_an_act_is_judged_again_when_it_takes_effect(node, changes, why):
    """§4.5, S2."""
    begin(node, primary=True)
    node.state = node.state.copy()
    node.state.groups["g1"] = replace(node.state.groups["g1"], **changes)
    (answer,) = end(node)
    assert why in answer.refused
    assert node.state.members["g1"].primary_acts == set()


def test_a_released_entry_does_not_act(node):
    assert may_act_as_primary(node.state, "g1", 5) is None
    node.state.gone = frozenset({("g1", A.member)})
    assert may_act_as_primary(node.state, "g1", 5) == "the entry was released"
    node.state.members["g1"] = replace(node.state.members["g1"], state=MemberState.GATED)
    assert may_act_as_primary(node.state, "g1", 5) == "the member is not primary"


def test_who_needs_no_lease(node):
    """§10.3: groups without leases, and a primary without successors."""
    assert may_act_as_primary(node.state, "g3", 5) == "the lease has run out"
    for each in (B, C):
        said = ms.MemberGone("g3", each.member, each.incarnation)
        node.receive(ev.Heard(ms.Signed(said), "n3"), 5)
    assert may_act_as_primary(node.state, "g3", 5) is None


def test_the_token_is_the_position_of_the_primary(node):
    """§2.3."""
    assert token(node.state, "g1") == 1
    assert token(founded(settings("n2"), INCARNATIONS).state, "g1") is None
    node.state.groups["g1"] = replace(node.state.groups["g1"], entry=None)
    assert token(node.state, "g1") is None
    assert A.member == Membership("n1", 1, 1)
