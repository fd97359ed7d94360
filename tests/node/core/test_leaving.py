"""The observer: what a statement makes a node do, keep and tell (§5, §7.18-§7.21)."""

import pytest
from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded, sentinel
from knell.node.core import messages as ms
from knell.node.core.values import Entry, Epoch, Membership
from knell.spec.vocabulary import Cause, MemberState, NodePhase
from tests.node.core.samples import INCARNATIONS, settings, traced

N1, N2, N3 = (Epoch(node, 1) for node in INCARNATIONS)
GROUPS = ("g1", "g2", "g3")
SENT = (fx.Send, fx.Arm)


@pytest.fixture
def node():
    """An observer that hosts all groups; n1 is primary in each."""
    return founded(settings("n2"), INCARNATIONS)


def hear(core, said, via="n3", now=5, proof=b""):
    """Hear a statement; return what is asked for besides its acknowledgement."""
    number = ms.number_of(ms.key_of(said))
    effects = core.receive(ev.Heard(ms.Signed(said, proof), via), now)
    effects.remove(fx.Send((via,), (ms.Received((number,)),)))
    return effects


def news(effects, kind):
    return [
        (each.group, each.news)
        for each in effects
        if isinstance(each, fx.Tell) and isinstance(each.news, kind)
    ]


def change(core, **peers):
    core.state = core.state.copy()
    for name, changes in peers.items():
        core.state.peers[name] = replace(core.state.peers[name], **changes)


DISTRESS = ms.Distress("n1", 1, 11, Cause.OBJECT)


def test_distress_leaves_and_releases_nothing(node):
    """§5.2, §7.18, §7.19, §7.25."""
    state = node.state
    state.wants[("g1", "n1")] = state.wants[("g1", "n3")] = (Membership("n1", 1, 1), 11)
    for host in ("n1", "n3"):
        state.standing[("g1", host)] = ms.Standing("g1", (), 0, None, False)
    state.held = frozenset({"n1", "n3"})
    change(node, n1={"partitioned": True})
    effects = hear(node, DISTRESS)
    assert effects[0] == traced("hear_distress", o="n2.1", i="n1.1")
    assert news(effects, fx.NodeLeft) == [(group, fx.NodeLeft(N1)) for group in GROUPS]
    assert news(effects, fx.InDoubt) == [(group, fx.InDoubt()) for group in GROUPS]
    assert len(effects) == 7
    state = node.state
    peer = state.peers["n1"]
    assert (peer.admitted, peer.incarnation, peer.left, peer.barred) == (0, 0, 1, 1)
    assert peer.partitioned is False
    assert set(state.wants) == set(state.standing) == {("g1", "n3")}
    assert state.held == {"n3"}
    assert ms.key_of(DISTRESS) in state.store
    assert not any(state.is_released(g, state.groups[g].domain[0]) for g in GROUPS)
    assert [state.live_primary(group) for group in GROUPS] == [None] * 3
    assert state.peers["n3"].admitted == 1


def test_a_repeated_leave_is_delivered_once(node):
    """§7.20, S7."""
    hear(node, DISTRESS)
    before = node.state
    assert hear(node, DISTRESS, "n1") == [traced("hear_distress", o="n2.1", i="n1.1")]
    assert hear(node, ms.Distress("n1", 1, 0, Cause.ENGINE)) == [
        traced("hear_distress", o="n2.1", i="n1.1")
    ]
    assert node.state.peers == before.peers


def test_doubt_is_told_once(node):
    """§7.25: a primary that was left, then its successor that was."""
    hear(node, DISTRESS)
    effects = hear(node, ms.Distress("n3", 1, 13, Cause.OBJECT))
    assert news(effects, fx.NodeLeft) == [("g1", fx.NodeLeft(N3)), ("g3", fx.NodeLeft(N3))]
    assert news(effects, fx.InDoubt) == []


def test_the_leave_of_a_backup_leaves_no_doubt(node):
    effects = hear(node, ms.Distress("n3", 1, 13, Cause.OBJECT))
    assert news(effects, fx.InDoubt) == []


@pytest.mark.parametrize("way", ["no entry", "not in the list", "gone", "gated", "released"])
def test_who_is_concerned_by_a_leave(node, way):
    """§7.19: members that share a group with one on that epoch."""
    state = node.state
    group = state.groups["g1"]
    if way == "no entry":
        state.groups["g1"] = replace(group, entry=None)
    elif way == "not in the list":
        state.groups["g1"] = replace(group, domain=(group.domain[0], group.domain[2]))
    elif way == "gated":
        state.members["g1"] = replace(state.members["g1"], state=MemberState.GATED)
    elif way == "gone":
        state.members["g1"] = replace(state.members["g1"], state=MemberState.GONE)
    else:
        hear(node, ms.MemberGone("g1", Membership("n1", 1, 1), 11))
    assert [group for group, _ in news(hear(node, DISTRESS), fx.NodeLeft)] == ["g2", "g3"]
    assert [group for group, each in node.state.groups.items() if each.doubted] == ["g2", "g3"]


def test_a_member_of_which_only_another_entry_shares_the_node(node):
    """§7.19: the epoch counts, not the node."""
    state = node.state
    first, *others = state.groups["g1"].domain
    state.groups["g1"] = replace(state.groups["g1"], domain=(first._replace(epoch=2), *others))
    assert [group for group, _ in news(hear(node, DISTRESS), fx.NodeLeft)] == ["g2", "g3"]


def test_quiesced_releases_what_is_not_gated(node):
    """§5.3; of two accounts what both call gated stays gated."""
    effects = hear(node, ms.Quiesced("n1", 1, 11, ("g1", "g2")))
    assert effects[0] == traced("hear_quiesced", o="n2.1", i="n1.1")
    assert len(news(effects, fx.NodeLeft)) == 3
    state = node.state
    out = [state.is_released(group, state.groups[group].domain[0]) for group in GROUPS]
    assert out == [False, False, True]
    assert all(state.is_quiet(state.groups[group].domain[0]) for group in GROUPS)
    hear(node, ms.Quiesced("n1", 1, 11, ("g2", "g3")))
    assert node.state.quiesced == {N1: frozenset({"g2"})}


def test_fence_is_stored_before_it_counts(node):
    """§4.8, §5.6."""
    said = ms.Fence("n1", 1)
    effects = hear(node, said, proof=b"word")
    assert effects[:2] == [
        fx.Keep(ms.Signed(said, b"word")),
        traced("hear_fence", o="n2.1", i="n1.1"),
    ]
    assert len(news(effects, fx.NodeLeft)) == 3
    assert node.state.fenced == {N1}
    assert all(node.state.is_released(g, node.state.groups[g].domain[0]) for g in GROUPS)
    assert fx.Keep not in [type(each) for each in hear(node, said, proof=b"word")]
    hear(node, ms.Fence("n3", 1))
    assert node.state.fenced == {N1, N3}


def test_member_gone_releases_one_entry(node):
    """§5.4: and leaves nobody."""
    said = ms.MemberGone("g1", Membership("n1", 1, 1), 11)
    assert hear(node, said) == [
        traced("hear_member_gone", o="n2.1", g="g1", i="n1.1"),
        fx.Tell("g1", fx.MemberLeft(N1, 1)),
    ]
    state = node.state
    out = [state.is_released(group, state.groups[group].domain[0]) for group in GROUPS]
    assert out == [True, False, False]
    assert state.peers["n1"].admitted == 1
    assert hear(node, said) == [traced("hear_member_gone", o="n2.1", g="g1", i="n1.1")]
    other = ms.MemberGone("g1", Membership("n1", 1, 9), 11)
    assert news(hear(node, other), fx.MemberLeft) == [], "an entry nobody saw"
    assert ("g1", other.member) in node.state.gone


def test_a_member_of_an_epoch_that_is_over_is_no_news(node):
    hear(node, ms.Announce("n1", 3, 33))
    before = node.state.gone
    assert news(hear(node, ms.MemberGone("g1", Membership("n1", 2, 1), 22)), fx.MemberLeft) == []
    assert node.state.gone == before
    hear(node, ms.MemberGone("g1", Membership("n1", 3, 1), 33))
    assert node.state.gone == {("g1", Membership("n1", 3, 1))}


def test_a_member_may_be_gone_before_its_epoch_is_known(node):
    """S9: in either order it is released."""
    hear(node, ms.MemberGone("g1", Membership("n1", 3, 1), 33))
    hear(node, ms.Announce("n1", 3, 33))
    assert node.state.gone == {("g1", Membership("n1", 3, 1))}


CLONES = (
    ms.Distress("n1", 1, 9, Cause.OBJECT),
    ms.Quiesced("n1", 1, 9),
    ms.MemberGone("g1", Membership("n1", 1, 1), 9),
    ms.Announce("n1", 1, 9),
)


@pytest.mark.parametrize("said", CLONES, ids=lambda said: type(said).__name__)
def test_what_a_clone_says_is_dropped(node, said):
    """§5.1."""
    before = node.state
    assert hear(node, said) == [fx.Log("clone", "n1.1")]
    assert node.state == before


@pytest.mark.parametrize("said", CLONES, ids=lambda said: type(said).__name__)
def test_of_an_epoch_that_is_not_admitted_nobody_can_tell_clones(node, said):
    hear(node, ms.Fence("n1", 1))
    hear(node, said)
    assert ms.key_of(said) in node.state.store


@pytest.mark.parametrize("live", [False, True])
def test_an_announcement_ends_what_is_older(node, live):
    """§5.8, §9.1: everything older is left and released; who is there is admitted."""
    for said in (
        ms.Quiesced("n1", 1, 11, ("g1",)),
        ms.Quiesced("n3", 1, 13),
        ms.Fence("n3", 1),
        ms.MemberGone("g1", Membership("n1", 1, 1), 11),
        ms.MemberGone("g1", Membership("n3", 1, 1), 13),
    ):
        hear(node, said)
    announce = ms.Announce("n1", 4, 44)
    if live:
        effects = node.receive(ev.PeerProved(announce, b"p"), 7)
        assert effects[0] == traced("hear_announce", o="n2.1", j="n1.4")
    else:
        assert hear(node, announce) == [traced("hear_of_announce", o="n2.1", j="n1.4")]
    state = node.state
    peer = state.peers["n1"]
    assert (peer.barred, peer.started, peer.left) == (3, 4, 1)
    assert (peer.admitted, peer.incarnation) == ((4, 44) if live else (0, 0))
    assert not live or peer.contact_at == 7
    assert state.quiesced == {N3: frozenset()}
    assert state.fenced == {N3}
    assert state.gone == {("g1", Membership("n3", 1, 1))}
    assert all(state.is_released(g, state.groups[g].domain[0]) for g in GROUPS)


def test_an_announcement_heard_of_again_is_no_action(node):
    """LOGS §2."""
    said = ms.Announce("n1", 3, 33)
    assert hear(node, said)[0].action == "hear_of_announce"
    assert hear(node, said) == []
    assert hear(node, ms.Announce("n1", 2, 22)) == []
    change(node, n1={"started": 9})
    assert hear(node, ms.Announce("n1", 4, 44))[0].action == "hear_of_announce"


def test_an_announcement_of_who_is_there_already_is_kept(node):
    """§5.1: for others."""
    said = ms.Announce("n1", 1, 11)
    assert hear(node, said) == []
    assert ms.key_of(said) in node.state.store


def test_what_is_said_of_later_epochs_stands(node):
    """S4: a late statement about an old epoch leaves a new one alone."""
    node.receive(ev.PeerProved(ms.Announce("n1", 3, 33)), 5)
    assert hear(node, ms.Distress("n1", 2, 22, Cause.OBJECT)) == [
        traced("hear_distress", o="n2.1", i="n1.2")
    ]
    peer = node.state.peers["n1"]
    assert (peer.admitted, peer.barred, peer.started) == (3, 2, 3)


def test_who_is_admitted(node):
    """§7.18: no epoch that is over, and one at a time."""
    hear(node, ms.Distress("n1", 4, 44, Cause.OBJECT))
    for epoch in (3, 4):
        node.receive(ev.PeerProved(ms.Announce("n1", epoch, 99)), 6)
        assert node.state.peers["n1"].admitted == 0
    node.receive(ev.PeerProved(ms.Announce("n1", 5, 55)), 6)
    assert node.state.peers["n1"].admitted == 5


def test_an_old_or_barred_epoch_that_calls_learns_of_it(node):
    """§5.15."""
    said = ms.Fence("n1", 2)
    hear(node, said)
    hear(node, ms.Distress("n3", 1, 13, Cause.OBJECT))
    for epoch in (1, 2):
        effects = node.receive(ev.PeerProved(ms.Announce("n1", epoch, 11)), 6)
        assert effects == [fx.Send(("n1",), (ms.Signed(said),))]
        effects = node.receive(ev.Arrived(ms.Heartbeat(1), Epoch("n1", epoch), 11), 6)
        assert effects == [fx.Send(("n1",), (ms.Signed(said),))]
    node.receive(ev.PeerProved(ms.Announce("n1", 4, 44)), 6)
    change(node, n1={"admitted": 6, "barred": 2})  # as a list admits it
    before = node.state
    assert node.receive(ev.PeerProved(ms.Announce("n1", 5, 55)), 6) == []
    assert node.receive(ev.PeerProved(ms.Announce("n9", 3, 33)), 6) == []
    assert node.receive(ev.PeerProved(ms.Announce("n1", 6, 45)), 6) == [fx.Log("clone", "n1.6")]
    assert node.state == before


def test_who_is_there_is_told_what_it_lacks(node):
    """§5.8, §9.3, §11.2: a heartbeat, what this node wants, what it holds of cold groups."""
    state = node.state
    state.groups["g2"] = replace(state.groups["g2"], entry=None)
    state.groups["g3"] = replace(state.groups["g3"], entry=None, primaries=frozenset())
    state.members["g3"] = replace(state.members["g3"], state=MemberState.GATED, join=4)
    state.members["g2"] = replace(state.members["g2"], join=3)
    said = ms.Announce("n1", 2, 22)
    effects = node.receive(ev.PeerProved(said, b"proof"), 7)
    sent = effects[-1]
    assert sent.to == ("n1",)
    beat, want, *standings = sent.frames
    assert beat == ms.Heartbeat(7, node.state.digest)
    assert want == ms.Want("g2", 3)
    assert [each.group for each in standings] == ["g2", "g3"]
    assert node.state.store[ms.key_of(said)] == ms.Signed(said, b"proof")


def test_statements_about_strangers_are_not_kept(node):
    for said, about in (
        (ms.Distress("n9", 1, 1, Cause.OBJECT), "n9.1"),
        (ms.MemberGone("g9", Membership("n1", 1, 1), 11), "g9"),
        (ms.Promoted("g9", Entry(5, "n3", 1, 1, 13)), "g9"),
        (ms.Commit("g9", Entry(5, "n3", 1, 1, 13), ()), "g9"),
    ):
        before = node.state
        (log,) = hear(node, said)
        assert (type(log), log.about) == (fx.Log, about)
        assert node.state == before


def test_who_has_failed_only_acknowledges():
    """§7.5, §7.18: an observer that is ending decides nothing about others."""
    core = founded(settings("n2"), INCARNATIONS)
    core.receive(ev.StopRequested(), 1)
    before = core.state
    assert hear(core, DISTRESS) == []
    for message in (ms.Heartbeat(1), ms.Want("g1", 2)):
        assert core.receive(ev.Arrived(message, N3, 13), 5) == []
    assert core.receive(ev.PeerProved(ms.Announce("n1", 2, 22)), 5) == []
    assert core.state == before


def test_a_statement_that_came_from_itself_is_acknowledged_to_nobody(node):
    assert not any(
        isinstance(each, fx.Send) for each in node.receive(ev.Heard(ms.Signed(DISTRESS), "n2"), 5)
    )


def test_a_sentinel_hears_acknowledgements_only():
    core = sentinel(settings(), epoch=1, incarnation=11)
    assert core.receive(ev.Arrived(ms.Heartbeat(1), N2, 12), 5) == []
    core.receive(ev.EngineLost(), 5)
    assert core.state.phase is NodePhase.FAILING
    keys = list(core.state.store)
    core.receive(ev.Arrived(ms.Received(tuple(map(ms.number_of, keys))), N2, 12), 5)
    assert {peer for peer, _ in core.state.unacked} == {"n3"}


@pytest.mark.parametrize(("sender", "incarnation"), [(Epoch("n1", 2), 11), (N1, 12)])
def test_traffic_of_an_epoch_that_is_not_admitted(node, sender, incarnation):
    """§5.1."""
    before = node.state
    (log,) = node.receive(ev.Arrived(ms.Want("g1", 2), sender, incarnation), 5)
    assert log.about == sender.name
    assert node.receive(ev.Arrived(ms.Want("g1", 2), Epoch("n9", 1), 1), 5) == []
    assert node.state == before


# Work (§7.21)


def routed(core, group="g1", to="n1"):
    return core.receive(ev.WorkComes(group, to), 5)


def test_work_goes_to_members_that_are_there(node):
    assert routed(node) == [traced("route_work", o="n2.1", i="n1.1"), fx.Routed("g1", "n1")]
    assert routed(node, to="n9") == [fx.Routed("g1", "n9", "the node is not in the cluster")]
    refused = fx.Routed("g2", "n3", "the node has no member in the group")
    assert routed(node, "g2", "n3") == [refused]
    hear(node, ms.MemberGone("g1", Membership("n1", 1, 1), 11))
    assert routed(node)[0].refused == "the node has no member in the group"
    assert routed(node, "g2")[-1].refused is None
    hear(node, DISTRESS)
    assert routed(node, "g2") == [fx.Routed("g2", "n1", "the node is not in the cluster")]


def test_work_goes_to_a_partitioned_peer(node):
    """§10.1: silence alone reroutes nothing."""
    change(node, n1={"partitioned": True})
    assert routed(node)[-1].refused is None
