"""How an epoch begins (§9.1), how a cold group does (§11), and what a person may say (§10.8)."""

import pytest
from msgspec.structs import replace

from knell.node.core import Core, founded, sentinel, start
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.operator import bootstrap_order
from knell.node.core.records import records
from knell.node.core.state import Group, Member, Peer, Proposal
from knell.node.core.values import (
    BOOTSTRAP_STEP,
    Durable,
    Entry,
    Epoch,
    GroupSettings,
    Membership,
    Role,
    Settings,
)
from knell.spec.vocabulary import Cause, MemberState, NodePhase
from tests.node.core.samples import INCARNATIONS, frames, refusal, settings, traced

A, B, C = (Entry(k, node, 1, 1, INCARNATIONS[node]) for k, node in enumerate(INCARNATIONS, start=1))
N1, N2, N3 = (Epoch(node, 1) for node in INCARNATIONS)
STORED = {"g1": Durable((A, B, C), 2, 3, B), "g9": Durable((A,), 1, 1, A)}


def heard(core, said, via="n3", now=5):
    return core.receive(ev.Heard(ms.Signed(said), via), now)


def change(core, name="g1", **changes):
    core.state = core.state.copy()
    core.state.groups[name] = replace(core.state.groups[name], **changes)
    return core


def restarted(**given):
    return start(settings("n2"), epoch=4, incarnation=44, now=9, **given)


# §9.1


def test_an_epoch_starts_with_its_announcement():
    core, effects = restarted(durable=STORED)
    announce = ms.Signed(ms.Announce("n2", 4, 44))
    assert effects == [
        traced("restart", j="n2.4"),
        fx.Arm(ev.Timer.BEAT, settings().beat),
        fx.Send(("n1", "n3"), (announce,)),
        fx.Arm(ev.Timer.RESEND, settings().resend),
    ]
    state = core.state
    assert (state.role, state.epoch, state.incarnation) == (Role.ENGINE, 4, 44)
    assert state.settings == settings("n2")
    assert state.peers == {"n1": Peer(), "n3": Peer()}
    assert state.members == {}
    assert state.groups == {
        "g1": Group(domain=(A, B, C), proposer=2, committed=3, last_primary=B),
        "g2": Group(),
        "g3": Group(),
    }
    assert set(state.unacked.values()) == {9 + settings().signal}
    assert start(settings("n2"), epoch=4, incarnation=44, now=9)[0].state.groups["g1"] == Group()


def test_what_was_kept_is_known_again():
    """§4.8: FENCE, LAPSED, BOOTSTRAP; and nothing is said of it."""
    fence, lapsed = ms.Fence("n1", 3), ms.Lapsed("n3", 2, N2, (ms.Lapse("g3", C, B),))
    stranger = ms.Fence("n9", 3)
    kept = tuple(ms.Signed(each, b"p") for each in (fence, lapsed, stranger))
    core, effects = restarted(kept=kept)
    assert [each.action for each in effects if isinstance(each, fx.Trace)] == ["restart"]
    assert not any(isinstance(each, fx.Keep) for each in effects)
    state = core.state
    assert state.fenced == {Epoch("n1", 3)}
    assert (state.peers["n1"].barred, state.peers["n3"].barred) == (3, 2)
    assert state.lapsed == {("g3", C)}
    assert {ms.key_of(each.statement) for each in kept} <= set(state.store)
    (sent,) = [each for each in effects if isinstance(each, fx.Send)]
    assert sent.frames == (kept[1], ms.Signed(ms.Announce("n2", 4, 44)))


def test_a_bootstrap_that_was_kept_stands_again():
    said = ms.Bootstrap("g1", (A, B), C._replace(position=9))
    core, _ = restarted(kept=[ms.Signed(said)])
    assert core.state.groups["g1"].domain == (A, B, C._replace(position=9))
    assert core.state.gone == {("g1", A.member)}, "of its own older epochs all is known"


def test_a_bootstrap_of_a_group_that_is_no_more_is_kept_and_does_nothing():
    said = ms.Bootstrap("g9", (A, B), C._replace(position=9))
    core, _ = restarted(kept=[ms.Signed(said)])
    assert core.state.gone == frozenset()
    assert ms.key_of(said) in core.state.store


def test_a_sentinel_knows_what_its_engine_is():
    core = sentinel(settings("n2"), epoch=4, incarnation=44)
    assert (core.state.role, core.state.epoch, core.state.incarnation) == (Role.SENTINEL, 4, 44)
    assert core.state.settings == settings("n2")
    assert core.due(10**12) == []


def test_the_state_in_which_a_replay_begins():
    core = founded(settings("n3"), INCARNATIONS, now=7)
    state = core.state
    assert state.peers == {
        node: Peer(admitted=1, incarnation=INCARNATIONS[node], started=1, contact_at=7)
        for node in ("n1", "n2")
    }
    plain = Group((A, B, C), 1, 3, C, A, frozenset({A}))
    assert state.groups["g1"] == plain
    assert state.groups["g2"] == replace(plain, domain=(A, B), committed=2, entry=None)
    assert state.members == {name: Member(MemberState.ACTIVE, 1, 1) for name in ("g1", "g3")}
    (grant,) = state.groups["g3"].grants
    assert (grant.to, grant.since) == (B, 7)
    first = founded(settings("n1"), INCARNATIONS).state.groups["g1"]
    assert (first.promoted, first.synced, first.confirmed) == (True, True, True)
    second = founded(settings("n2"), INCARNATIONS).state
    assert not second.groups["g1"].promoted
    assert second.peers["n1"].contact_at == 0
    assert (second.epoch, second.incarnation) == (1, 12)


# §11


def met(core, node, epoch=1, *, group="g1", said=None, incarnation=None):
    """Let a peer be there and tell what it holds of a group."""
    incarnation = incarnation or 100 + epoch
    core.receive(ev.PeerProved(ms.Announce(node, epoch, incarnation)), 10)
    said = said or ms.Standing(group, (), 0, None, live=False)
    return core.receive(ev.Arrived(said, Epoch(node, epoch), incarnation), 11)


def cold(me="n1", **given):
    core, _ = start(settings(me), epoch=4, incarnation=44, now=9, **given)
    core.receive(ev.MemberJoins("g1"), 9)
    return core


def test_the_first_configured_node_founds_when_it_has_met_all():
    """§11.3, §11.4: where nobody knows a list."""
    core = cold()
    assert met(core, "n2")[0] == traced("meet", j="n1.4", g="g1", i="n2.1")
    assert core.due(12) == []
    met(core, "n3")
    assert core.due(12) == [ev.FoundGroup("g1")]
    change(core, synced=True, lease_until=99, proposal=Proposal(()))  # of an earlier entry
    own = Entry(1, "n1", 4, 1, 44)
    effects = core.receive(ev.FoundGroup("g1"), 12)
    assert effects == [
        traced("cold_start", j="n1.4", g="g1"),
        fx.Persist("g1", Durable((own,), 1, 1, own)),
        fx.Tell("g1", fx.PrimaryIs(own, own=True)),
        fx.Send(
            ("n2", "n3"),
            (
                ms.Signed(ms.Announce("n1", 4, 44)),
                ms.Signed(ms.Commit("g1", own, (own,))),
            ),
        ),
        fx.Arm(ev.Timer.RESEND, settings().resend),
        fx.Tell("g1", fx.View((own,), (), own)),
    ]
    assert core.state.groups["g1"] == Group(
        domain=(own,),
        proposer=1,
        committed=1,
        entry=own,
        last_primary=own,
        primaries=frozenset({own}),
        promoted=True,
        confirmed=True,
    )
    assert core.due(12) == []


def test_others_do_not_found():
    core = cold("n2")
    for node in ("n1", "n3"):
        met(core, node)
    assert core.due(12) == []


@pytest.mark.parametrize("state", [None, MemberState.GATED, MemberState.GONE])
def test_who_has_no_active_member_does_not_found(state):
    core = cold()
    for node in ("n2", "n3"):
        met(core, node)
    if state is None:
        del core.state.members["g1"]
    else:
        core.state.members["g1"] = replace(core.state.members["g1"], state=state)
    assert core.due(12) == []


def test_the_last_primary_founds_with_the_latest_list():
    """§11.4: of one proposer the longer list."""
    shorter = ms.Standing("g1", (A, C), 2, A, live=False)
    longer = Durable((A, B, C), 2, 3, B)
    core = cold("n2", durable={"g1": longer})
    met(core, "n1", 2, said=shorter)
    assert core.due(12) == []
    met(core, "n3", 2, said=replace(shorter, domain=(C,), proposer=1))
    assert core.due(12) == [ev.FoundGroup("g1")]
    core.receive(ev.FoundGroup("g1"), 12)
    own = Entry(4, "n2", 4, 1, 44)
    assert core.state.groups["g1"].domain == (A, B, C, own)
    assert core.state.groups["g1"].proposer == 4


def test_the_longer_list_may_be_that_of_another():
    core = cold("n2", durable={"g1": Durable((A, B), 2, 2, B)})
    met(core, "n1", 2, said=ms.Standing("g1", (A, B, C), 2, A, live=False))
    assert core.due(12) == [], "n3 stands in it"
    met(core, "n3", 2)
    core.receive(ev.FoundGroup("g1"), 12)
    assert core.state.groups["g1"].domain == (A, B, C, Entry(4, "n2", 4, 1, 44))


def test_a_later_proposer_outranks_a_longer_list():
    core = cold("n2", durable={"g1": Durable((A, B, C), 1, 3, B)})
    met(core, "n1", 2, said=ms.Standing("g1", (A, B), 2, B, live=False))
    assert core.due(12) == [ev.FoundGroup("g1")], "n3 stands in no list that counts"
    core.receive(ev.FoundGroup("g1"), 12)
    assert core.state.groups["g1"].domain == (A, B, Entry(3, "n2", 4, 1, 44))


def test_who_knows_a_later_last_primary_waits_for_it():
    core = cold("n2", durable={"g1": Durable((A, B), 2, 2, B)})
    later = Entry(7, "n3", 1, 1, 13)
    met(core, "n1", 2, said=ms.Standing("g1", (), 0, later, live=False))
    assert core.due(12) == []


def test_a_live_member_or_an_unreleased_entry_keeps_a_group_from_starting():
    """§11.1, §11.3."""
    stored = {"g1": Durable((A, B), 2, 2, B)}
    core = cold("n2", durable=stored)
    met(core, "n1", 2, said=ms.Standing("g1", (A, B), 2, B, live=True))
    assert core.due(12) == []
    core = cold("n2", durable=stored)
    met(core, "n1", 1, said=ms.Standing("g1", (A, B), 2, B, live=False), incarnation=11)
    assert core.due(12) == [], "the entry of that very epoch is not released"
    after = core.state
    heard(core, ms.MemberGone("g1", A.member, 11))
    assert core.due(12) == [ev.FoundGroup("g1")]
    core.state = after
    met(core, "n1", 2, said=ms.Standing("g1", (A, B), 2, B, live=False))
    assert core.due(12) == [ev.FoundGroup("g1")]


def test_a_group_with_a_live_primary_is_not_cold():
    core = cold()
    for node in ("n2", "n3"):
        met(core, node)
    change(core, primaries=frozenset({Entry(1, "n2", 1, 1, 101)}))
    assert core.due(12) == []
    change(core, primaries=frozenset(), entry=Entry(1, "n1", 4, 1, 44))
    assert core.due(12) == []


def test_whom_a_node_meets():
    """§11.2: peers that host the group, in their present incarnation, while all is cold."""
    core = cold()
    core.receive(ev.PeerProved(ms.Announce("n2", 1, 101)), 10)
    said = ms.Standing("g1", (), 0, None, live=True)
    arrived = ev.Arrived(said, N2, 101)
    assert core.receive(arrived, 11) == []
    assert core.state.standing == {("g1", "n2"): said}
    assert core.receive(ev.Arrived(replace(said, group="g9"), N2, 101), 11) == []
    pair = replace(said, group="g2", live=False)
    (meet,) = core.receive(ev.Arrived(pair, N2, 101), 11)
    assert meet == traced("meet", j="n1.4", g="g2", i="n2.1"), "the two that host it"
    del core.state.standing["g2", "n2"]
    third = pair
    assert met(core, "n3", group="g2", said=third) == [], "n3 does not host g2"
    assert set(core.state.standing) == {("g1", "n2"), ("g2", "n3")}
    change(core, primaries=frozenset({Entry(1, "n2", 1, 1, 101)}))
    assert core.receive(ev.Arrived(replace(said, live=False), N2, 101), 11) == []


def test_an_entry_that_nobody_may_commit_is_given_up():
    """§11.3."""
    core = cold("n1")
    own = Entry(5, "n1", 4, 1, 44)
    said = ms.Standing("g1", (A, own), 5, None, live=False)
    effects = met(core, "n2", 2, said=said)
    gone = ms.MemberGone("g1", Membership("n1", 4, 1), 44)
    assert effects == [
        traced("meet", j="n1.4", g="g1", i="n2.2"),
        traced("give_up_entry", i="n1.4", g="g1"),
        fx.Send(("n2", "n3"), (ms.Signed(gone),)),
        fx.Arm(ev.Timer.RESEND, settings().resend),
    ]
    assert core.state.members["g1"].join == 2
    assert ("g1", gone.member) in core.state.gone
    assert met(core, "n2", 2, said=said)[1:] == [], "once"


@pytest.mark.parametrize("why", ["other join", "no member", "gated", "entry", "primary"])
def test_what_is_not_given_up(why):
    core = cold("n1")
    own = Entry(5, "n1", 4, 2 if why == "other join" else 1, 44)
    if why == "no member":
        del core.state.members["g1"]
    elif why == "gated":
        core.state.members["g1"] = replace(core.state.members["g1"], state=MemberState.GATED)
    elif why == "entry":
        change(core, entry=own)
    elif why == "primary":
        change(core, primaries=frozenset({Entry(4, "n3", 1, 1, 101)}))
        core.state.peers["n3"] = Peer(admitted=1, incarnation=101, started=1)
    said = ms.Standing("g1", (A, own), 5, None, live=False)
    effects = met(core, "n2", 2, said=said)
    assert "give_up_entry" not in [e.action for e in effects if isinstance(e, fx.Trace)]


# What only a person may say (§10.8, §11.5)


def test_an_operator_fences_the_newest_epoch_known():
    """§10.8: stored, noted, told to all, answered."""
    core = founded(settings("n2"), INCARNATIONS)
    effects = core.receive(ev.FenceOrdered(ms.Fence("n1", 1), b"word"), 5)
    signed = ms.Signed(ms.Fence("n1", 1), b"word")
    assert effects[:2] == [traced("fence", i="n1.1"), fx.Keep(signed)]
    assert effects[-3:] == [
        fx.Send(("n1", "n3"), (signed,)),
        fx.Arm(ev.Timer.RESEND, settings().resend),
        fx.Answer(),
    ]
    assert fx.Tell("g1", fx.NodeLeft(N1)) in effects
    assert core.state.fenced == {N1}
    assert core.state.peers["n1"].barred == 1
    core.receive(ev.FenceOrdered(ms.Fence("n3", 1)), 5)
    assert core.state.fenced == {N1, N3}


@pytest.mark.parametrize(
    ("fence", "why"),
    [
        (ms.Fence("n1", 2), "newest epoch known here is 1"),
        (ms.Fence("n1", 0), "newest epoch known here is 1"),
        (ms.Fence("n2", 1), "no other node"),
        (ms.Fence("n9", 1), "no other node"),
    ],
    ids=str,
)
def test_what_an_operator_may_not_fence(fence, why):
    core = founded(settings("n2"), INCARNATIONS)
    before = core.state
    assert why in refusal(core.receive(ev.FenceOrdered(fence), 5))
    assert core.state == before


def test_what_an_operator_has_to_sign():
    """§11.5: above all that is known."""
    core = cold("n2", durable={"g1": Durable((A, B, C), 2, 3, B)})
    own = Entry(3 + BOOTSTRAP_STEP, "n2", 4, 1, 44)
    assert bootstrap_order(core.state, "g1") == ms.Bootstrap("g1", (A, B, C), own)
    change(core, proposer=8)
    order = bootstrap_order(core.state, "g1")
    assert order is not None
    assert order.entry.position == 8 + BOOTSTRAP_STEP
    assert bootstrap_order(core.state, "g2") is None, "no member"
    assert bootstrap_order(core.state, "g9") is None
    core.state.members["g1"] = replace(core.state.members["g1"], state=MemberState.GATED)
    assert bootstrap_order(core.state, "g1") is None


def test_a_bootstrap_starts_the_group_here():
    """§11.5."""
    core = cold("n2", durable={"g1": Durable((A, B, C), 2, 3, B)})
    order = bootstrap_order(core.state, "g1")
    assert order is not None
    effects = core.receive(ev.BootstrapOrdered(order, b"word"), 12)
    signed = ms.Signed(order, b"word")
    assert effects[:2] == [traced("bootstrap", j="n2.4", g="g1"), fx.Keep(signed)]
    assert fx.Send(("n1", "n3"), (signed,)) in effects
    assert effects[-1] == fx.Answer()
    group = core.state.groups["g1"]
    assert group.domain == (A, B, C, order.entry)
    assert (group.entry, group.bootstrap) == (order.entry, order)
    assert (group.proposer, group.committed) == (order.entry.position, 4)
    assert (group.promoted, group.synced, group.confirmed) == (True, False, True)
    assert core.state.is_released("g1", A)
    assert core.state.gone >= {("g1", A.member), ("g1", C.member)}


def test_a_bootstrap_of_another_state_is_refused():
    core = cold("n2", durable={"g1": Durable((A, B), 2, 2, B)})
    order = bootstrap_order(core.state, "g1")
    assert order is not None
    change(core, domain=(A, B, C))
    assert "another state" in refusal(core.receive(ev.BootstrapOrdered(order), 12))
    core = founded(settings("n2"), INCARNATIONS)
    order = bootstrap_order(core.state, "g1")
    assert order is not None
    before = core.state
    assert "has a primary" in refusal(core.receive(ev.BootstrapOrdered(order), 12))
    assert core.state == before


BOOTSTRAP = ms.Bootstrap("g1", (A, B, C), Entry(9, "n3", 1, 2, 13))


def test_a_bootstrap_of_another_node_replaces_the_list_and_gates_its_members():
    """§5.13: what stands in the released list may act no more."""
    core = founded(settings("n1"), INCARNATIONS)
    core.receive(ev.ActBegins("g1", 4, primary=True), 4)
    change(core, proposal=object())
    effects = heard(core, BOOTSTRAP)
    assert [each for each in effects if not isinstance(each, fx.Send)] == [
        traced("hear_bootstrap", o="n1.1", j="n3.1", g="g1"),
        fx.Keep(ms.Signed(BOOTSTRAP)),
        *(fx.Tell("g1", fx.MemberLeft(Epoch(e.node, e.epoch), 1)) for e in (A, B, C)),
        fx.ActResult("g1", 4, "the member is cut off"),
        fx.Kill("g1", 1),
        fx.Persist("g1", Durable((A, B, C, BOOTSTRAP.entry), 9, 4, A)),
    ]
    group, member = core.state.groups["g1"], core.state.members["g1"]
    assert (group.domain, group.proposer, group.committed) == (
        (A, B, C, BOOTSTRAP.entry),
        9,
        4,
    )
    assert (group.proposal, group.bootstrap) == (None, BOOTSTRAP)
    assert (member.state, member.killed) == (MemberState.GATED, True)
    assert all(core.state.is_released("g1", each) for each in (A, B, C))


def test_a_process_that_cannot_be_killed_is_gated_only():
    core = founded(settings("n1"), INCARNATIONS)
    core.state.members["g1"] = replace(core.state.members["g1"], killable=False)
    effects = heard(core, BOOTSTRAP)
    assert not any(isinstance(each, fx.Kill) for each in effects)
    member = core.state.members["g1"]
    assert (member.state, member.killed) == (MemberState.GATED, False)


def test_who_is_not_in_the_list_goes_on():
    core = founded(settings("n1"), INCARNATIONS)
    effects = heard(core, replace(BOOTSTRAP, domain=(B, C)))
    assert not any(isinstance(each, fx.Kill) for each in effects)
    assert core.state.runs("g1")


def test_a_member_that_was_cut_off_is_not_killed_again():
    core = founded(settings("n1"), INCARNATIONS)
    core.receive(ev.MemberLeaves("g1", 1), 4)
    assert not any(isinstance(each, fx.Kill) for each in heard(core, BOOTSTRAP))


def test_a_second_bootstrap_from_one_list_is_dropped():
    """§5.13."""
    core = founded(settings("n2"), INCARNATIONS)
    heard(core, BOOTSTRAP)
    before = core.state
    other = replace(BOOTSTRAP, entry=Entry(11, "n1", 1, 2, 11))
    effects = heard(core, other)
    assert [type(each) for each in effects if not isinstance(each, fx.Send)] == [fx.Log]
    assert core.state == before
    heard(core, BOOTSTRAP)
    assert core.state.groups == before.groups
    later = replace(other, domain=(*BOOTSTRAP.domain, BOOTSTRAP.entry))
    heard(core, later)
    assert core.state.groups["g1"].bootstrap == later


def test_an_old_bootstrap_releases_and_replaces_nothing():
    core = change(founded(settings("n2"), INCARNATIONS), proposer=9)
    domain = core.state.groups["g1"].domain
    effects = heard(core, BOOTSTRAP)
    assert core.state.groups["g1"].domain == domain
    assert core.state.is_released("g1", C)
    assert not any(isinstance(each, fx.Persist) for each in effects)


# What a node tells of itself (§4.6, LOGS §3)


def test_the_records_of_an_engine():
    core = founded(settings("n2"), INCARNATIONS)
    heard(core, ms.MemberGone("g1", A.member, 11))
    heard(core, ms.Distress("n3", 1, 13, Cause.OBJECT))
    core.receive(ev.LoseHeartbeats("n1"), 10**12)
    core.receive(ev.Promote("g1"), 10**12)
    core.receive(ev.Persisted("g1", Durable(last_primary=B)), 10**12)
    core.receive(ev.ActBegins("g1", 1, primary=True), 10**12)
    core.receive(ev.MemberLeaves("g2", 1), 10**12)
    everyone = ["n1.1", "n2.1", "n3.1"]
    assert records(core.state) == {
        "phase": "active",
        "member": {"g1": "active", "g2": "gated", "g3": "active"},
        "primary": ["g1"],
        "acting": ["g1"],
        "list": {"g1": everyone, "g2": ["n1.1", "n2.1"], "g3": everyone},
        "released": {"g1": ["n1.1"], "g2": [], "g3": []},
        "view": ["n1.1"],
        "heard": {"n3": 1},
        "left": {"n3": 1},
        "partitioned": ["n1.1"],
    }


def test_an_entry_of_this_epoch_is_not_said_to_be_released():
    core = founded(settings("n1"), INCARNATIONS)
    core.receive(ev.MemberReaped("g1", 1), 5)
    assert records(core.state)["released"] == {"g1": [], "g2": [], "g3": []}
    core.receive(ev.MemberJoins("g1"), 5)
    assert records(core.state)["released"] == {"g2": [], "g3": []}


def test_the_records_of_a_sentinel():
    core = sentinel(settings("n1"), epoch=1, incarnation=11)
    core.receive(ev.MemberJoins("g1"), 1)
    core.receive(ev.MemberJoins("g2"), 1)
    core.receive(ev.MemberReaped("g2", 1), 1)
    assert records(core.state) == {"phase": "active", "member": {"g2": "gone"}}


# A cluster of one


def test_a_node_alone_tells_nobody():
    alone = Settings("n1", ("n1",), (GroupSettings("g1", ("n1",)),))
    core, effects = start(alone, epoch=1, incarnation=7, now=0)
    assert isinstance(core, Core)
    assert [type(each) for each in effects] == [fx.Trace, fx.Arm]
    core.drain(ev.MemberJoins("g1"), 1)
    assert core.state.groups["g1"].promoted
    assert frames(core.drain(ev.StopRequested(), 2), ms.Statement) == []
    core.drain(ev.MemberAcknowledges("g1", 1), 3)
    core.drain(ev.MemberReaped("g1", 1), 3)
    assert core.state.phase is NodePhase.ENDED
