"""Recovery domains, rule by rule (§9.3-§9.9), and promotion by them (§7.22-§7.25)."""

import pytest
from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.core.lists import compact
from knell.node.core.state import Grant, Proposal
from knell.node.core.values import Durable, Entry, Epoch, Membership
from knell.spec.vocabulary import Cause, MemberState
from tests.node.core.samples import INCARNATIONS, frames, named, settings, traced

A, B, C = (Entry(k, node, 1, 1, INCARNATIONS[node]) for k, node in enumerate(INCARNATIONS, start=1))
N1, N2, N3 = (Epoch(node, 1) for node in INCARNATIONS)
NEW = Entry(4, "n3", 2, 1, 33)
"""What the third node asks for when it has come back."""


@pytest.fixture
def primary():
    return founded(settings("n1"), INCARNATIONS)


@pytest.fixture
def backup():
    return founded(settings("n2"), INCARNATIONS)


def change(core, name="g1", **changes):
    core.state = core.state.copy()
    core.state.groups[name] = replace(core.state.groups[name], **changes)
    return core


def heard(core, said, via="n3", now=5):
    return core.receive(ev.Heard(ms.Signed(said), via), now)


def news(effects, kind):
    return [
        (each.group, each.news)
        for each in effects
        if isinstance(each, fx.Tell) and isinstance(each.news, kind)
    ]


def returned(core, now=6):
    """Let the third node start again, be there, and want an entry in g1."""
    core.receive(ev.PeerProved(ms.Announce("n3", 2, 33)), now)
    core.receive(ev.Arrived(ms.Want("g1", 1), Epoch("n3", 2), 33), now)
    return core


# What is wanted and proposed


def test_a_want_counts_for_the_admitted_incarnation(primary):
    """§9.3."""
    primary.receive(ev.Arrived(ms.Want("g1", 2), N3, 13), 5)
    assert primary.state.wants == {("g1", "n3"): (Membership("n3", 1, 2), 13)}
    primary.receive(ev.Arrived(ms.Want("g9", 2), N3, 13), 5)
    assert len(primary.state.wants) == 1


def test_the_primary_proposes_its_list_and_one_entry_more(primary):
    """§9.4: behind the newest, without what a later entry of its node replaces (§4.7)."""
    returned(primary)
    assert primary.due(6) == [ev.ProposeList("g1")]
    effects = primary.receive(ev.ProposeList("g1"), 7)
    assert effects == [
        traced("propose", q="n1.1", g="g1", j="n3.2"),
        fx.Persist("g1", Durable((A, B, C, NEW), 1, 3, A)),
        fx.Send(("n2",), (ms.Propose("g1", A, (A, B, C, NEW)),)),
    ]
    group = primary.state.groups["g1"]
    assert group.proposal == Proposal((A, B, C, NEW), addition=True)
    assert (group.proposer, group.committed) == (1, 3)
    assert primary.due(7) == [], "one proposal at a time"
    assert compact(primary.state, "g1") == (A, B, NEW)


def test_what_was_replaced_goes_with_the_next_addition(primary):
    """§4.7: a released entry with a later one of its node."""
    older = Entry(3, "n3", 1, 1, 13)
    change(primary, domain=(A, B, older, NEW), committed=4)
    primary.receive(ev.PeerProved(ms.Announce("n3", 3, 34)), 6)
    primary.receive(ev.Arrived(ms.Want("g1", 1), Epoch("n3", 3), 34), 6)
    primary.receive(ev.ProposeList("g1"), 7)
    group = primary.state.groups["g1"]
    assert group.domain == (A, B, NEW, Entry(5, "n3", 3, 1, 34))
    assert group.committed == 3


@pytest.mark.parametrize("why", ["gone", "listed", "old epoch", "clone", "away"])
def test_who_is_not_proposed(primary, why):
    returned(primary)
    state = primary.state
    if why == "gone":
        heard(primary, ms.MemberGone("g1", Membership("n3", 2, 1), 33))
    elif why == "listed":
        change(primary, domain=(A, B, NEW))
    elif why == "old epoch":
        state.wants["g1", "n3"] = (Membership("n3", 1, 1), 33)
    elif why == "clone":
        state.wants["g1", "n3"] = (Membership("n3", 2, 1), 34)
    else:
        heard(primary, ms.Distress("n3", 2, 33, Cause.OBJECT))
    assert primary.due(6) == []


def test_candidates_come_in_the_configured_order(primary):
    """§9.4; what stands in the way of one keeps nobody else."""
    state = primary.state
    for node in ("n3", "n2"):
        state.wants["g1", node] = (Membership(node, 1, 2), INCARNATIONS[node])
    primary.receive(ev.ProposeList("g1"), 7)
    assert primary.state.groups["g1"].domain[-1] == Entry(4, "n2", 1, 2, 12)


@pytest.mark.parametrize(
    "changes",
    [
        {"promoted": False},
        {"synced": False},
        {"proposal": Proposal((A, B, C))},
        {"primaries": frozenset({A, B})},
        {"entry": None},
    ],
    ids=named,
)
def test_who_does_not_propose(primary, changes):
    change(returned(primary), **changes)
    assert ev.ProposeList("g1") not in primary.due(6)


def test_a_primary_without_a_lease_proposes_nothing(primary):
    """§10.3."""
    primary.receive(ev.PeerProved(ms.Announce("n3", 2, 33)), 6)
    primary.receive(ev.Arrived(ms.Want("g3", 1), Epoch("n3", 2), 33), 6)
    assert primary.due(6) == []
    change(primary, "g3", lease_until=7)
    assert primary.due(6) == [ev.ProposeList("g3")]


def test_a_new_primary_first_proposes_what_it_has(primary):
    """§9.9, even if somebody wants in."""
    change(returned(primary), confirmed=False)
    effects = primary.receive(ev.ProposeList("g1"), 7)
    assert primary.state.groups["g1"].proposal == Proposal((A, B, C))
    assert effects[0] == traced("propose", q="n1.1", g="g1", j="n3.1")
    assert primary.state.groups["g1"].committed == 3


def test_a_new_primary_is_the_proposer_of_what_it_has(backup):
    """§9.4, §9.9: that orders its list behind all of its predecessors."""
    out(backup, A).receive(ev.Promote("g1"), 6)
    backup.receive(ev.Persisted("g1", Durable(last_primary=B)), 6)
    effects = backup.receive(ev.ProposeList("g1"), 7)
    assert fx.Persist("g1", Durable((A, B, C), 2, 3, B)) in effects
    assert backup.state.groups["g1"].proposer == 2


def test_what_a_list_is_without(primary):
    """§4.7: released entries of which a later one of their node is there."""
    again = Entry(4, "n2", 1, 2, 12)
    change(primary, domain=(A, B, C, again))
    assert compact(primary.state, "g1") == (A, B, C, again)
    out(primary, B, C)
    assert compact(primary.state, "g1") == (A, C, again)


def proposed(primary):
    returned(primary).receive(ev.ProposeList("g1"), 7)
    return primary


def test_an_open_proposal_is_sent_again_to_those_that_have_not_accepted(primary):
    """§9.4: with each heartbeat."""
    change(primary, confirmed=False).receive(ev.ProposeList("g1"), 7)
    message = ms.Propose("g1", A, (A, B, C))
    again = primary.receive(ev.TimerFired(ev.Timer.BEAT), 8)
    assert fx.Send(("n2",), (message,)) in again, "the newest need not accept"
    change(primary, proposal=Proposal((A, B, C), accepted=frozenset({B})))
    assert frames(primary.receive(ev.TimerFired(ev.Timer.BEAT), 8), ms.Propose) == []


def test_a_proposal_goes_to_all_that_are_missing(primary):
    returned(primary)
    domain = (A, B, C._replace(epoch=3, incarnation=33), Entry(4, "n2", 1, 2, 12))
    change(primary, proposal=Proposal(domain))
    again = primary.receive(ev.TimerFired(ev.Timer.BEAT), 8)
    assert fx.Send(("n2", "n3"), (ms.Propose("g1", A, domain),)) in again


@pytest.mark.parametrize("way", ["accepted", "released", "quiet"])
def test_what_is_waited_for_before_a_commit(primary, way):
    """§9.7: each earlier entry has accepted, or is released, or its epoch is quiet."""
    proposed(primary)
    assert primary.due(8) == []
    if way == "accepted":
        said = ms.Accept("g1", A, NEW, 4)
        primary.receive(ev.Arrived(said, N2, 12), 8)
        assert primary.state.groups["g1"].proposal.accepted == {B}
    elif way == "released":
        heard(primary, ms.MemberGone("g1", B.member, 12))
    else:
        heard(primary, ms.Quiesced("n2", 1, 12, ("g1",)))
    assert ev.CommitList("g1") in primary.due(8)


@pytest.mark.parametrize(
    ("said", "incarnation"),
    [
        (ms.Accept("g9", A, NEW, 4), 12),
        (ms.Accept("g2", A, NEW, 4), 12),
        (ms.Accept("g1", B, NEW, 4), 12),
        (ms.Accept("g1", A, C, 4), 12),
        (ms.Accept("g1", A, NEW, 3), 12),
    ],
    ids=named,
)
def test_an_acceptance_of_something_else(primary, said, incarnation):
    """§5.10."""
    before = proposed(primary).state
    assert primary.receive(ev.Arrived(said, N2, incarnation), 8) == []
    assert primary.state == before


def test_an_acceptance_counts_for_the_entries_of_its_sender(primary):
    domain = (A, B, C, B._replace(position=4, join=2), NEW._replace(position=5))
    odd = B._replace(position=6, incarnation=77)
    change(primary, proposal=Proposal((*domain, odd), accepted=frozenset({C})))
    primary.receive(ev.Arrived(ms.Accept("g1", A, odd, 6), N2, 12), 8)
    accepted = primary.state.groups["g1"].proposal.accepted
    assert accepted == {C, B, B._replace(position=4, join=2)}


def test_a_commit_is_stored_said_and_shown(primary):
    """§5.11, §9.3, §9.7: ahead goes what is known of the entries."""
    proposed(primary).receive(ev.Arrived(ms.Accept("g1", A, NEW, 4), N2, 12), 8)
    effects = primary.receive(ev.CommitList("g1"), 9)
    domain = (A, B, C, NEW)
    announce, commit = ms.Announce("n3", 2, 33), ms.Commit("g1", A, domain)
    assert effects == [
        traced("commit", q="n1.1", g="g1", j="n3.2"),
        fx.Persist("g1", Durable(domain, 1, 4, A)),
        fx.Send(("n2", "n3"), (ms.Signed(announce), ms.Signed(commit))),
        fx.Arm(ev.Timer.RESEND, settings().resend),
        fx.Tell("g1", fx.View(domain, (C,), A)),
    ]
    group = primary.state.groups["g1"]
    assert (group.proposal, group.confirmed, group.committed) == (None, True, 4)
    assert group.lease_until == 0, "it had successors"
    assert primary.due(9) == []


@pytest.mark.parametrize(
    "changes",
    [{"proposal": None}, {"promoted": False}, {"primaries": frozenset({A, B})}],
    ids=named,
)
def test_who_does_not_commit(primary, changes):
    proposed(primary).receive(ev.Arrived(ms.Accept("g1", A, NEW, 4), N2, 12), 8)
    change(primary, **changes)
    assert ev.CommitList("g1") not in primary.due(8)


def test_the_first_successor_starts_with_a_lease(primary):
    """§10.3: nobody could have become a successor before."""
    for host, said in (("n2", 12), ("n3", 13)):
        heard(primary, ms.MemberGone("g3", Membership(host, 1, 1), said))
    primary.receive(ev.PeerProved(ms.Announce("n3", 2, 33)), 6)
    primary.receive(ev.Arrived(ms.Want("g3", 1), Epoch("n3", 2), 33), 6)
    primary.receive(ev.ProposeList("g3"), 7)
    primary.receive(ev.CommitList("g3"), 9)
    assert primary.state.groups["g3"].lease_until == 9 + settings().lease


# What is accepted


def propose(core, primary=A, domain=(A, B, C, NEW), sender=N1, incarnation=11, group="g1"):
    said = ms.Propose(group, primary, domain)
    return core.receive(ev.Arrived(said, sender, incarnation), 8)


def test_a_proposal_is_held_durably_before_it_is_accepted(backup):
    """§9.5."""
    change(backup, proposal=Proposal((A, B)))
    effects = propose(backup)
    assert effects == [
        traced("accept", o="n2.1", q="n1.1", g="g1", j="n3.2"),
        fx.Persist("g1", Durable((A, B, C, NEW), 1, 3, A)),
        fx.Send(("n1",), (ms.Accept("g1", A, NEW, 4),)),
    ]
    group = backup.state.groups["g1"]
    assert (group.domain, group.proposer, group.proposal) == ((A, B, C, NEW), 1, None)
    before = backup.state
    assert propose(backup) == [fx.Send(("n1",), (ms.Accept("g1", A, NEW, 4),))], "as often as asked"
    assert backup.state == before


def test_of_one_primary_the_shorter_list_is_the_older(backup):
    propose(backup)
    before = backup.state
    assert propose(backup, domain=(A, B, C)) == []
    assert backup.state == before
    effects = propose(backup, domain=(A, B, NEW))
    assert effects[0].action == "accept", "the same length of positions, compacted"
    assert backup.state.groups["g1"].domain == (A, B, NEW)


LATE = Entry(9, "n3", 1, 1, 13)


@pytest.mark.parametrize(
    ("primary", "domain", "why"),
    [
        (A, (), "list"),
        (A, (A, C, B, NEW), "list"),
        (A, (A, A, B, NEW), "list"),
        (A, (B, C, NEW), "list"),
        (A, (A, C, NEW), "entry"),
        (A, (A, B), "entry"),
        (A, (A, B, C._replace(incarnation=99), NEW), "incarnation"),
    ],
    ids=named,
)
def test_what_is_not_accepted(backup, primary, domain, why):
    """§9.5."""
    before = backup.state
    (log,) = propose(backup, primary, domain)
    assert why in log.about
    assert backup.state == before


def test_a_proposal_for_who_has_no_entry(backup):
    change(backup, entry=None)
    assert "entry" in propose(backup)[0].about


@pytest.mark.parametrize(
    "changes", [{"proposer": 2}, {"primaries": frozenset({A, B})}, {"primaries": frozenset({B})}]
)
def test_a_proposal_of_an_earlier_primary(backup, changes):
    change(backup, **changes)
    assert "earlier" in propose(backup)[0].about


def test_a_proposal_by_a_later_primary_is_accepted_and_recorded():
    """§5.5."""
    core = founded(settings("n2"), INCARNATIONS)
    domain = (A, B, C, LATE, Entry(10, "n1", 1, 2, 11))
    effects = propose(core, LATE, domain, N3, 13)
    assert core.state.groups["g1"].proposer == 9
    assert LATE in core.state.groups["g1"].primaries
    assert fx.Send(("n3",), (ms.Accept("g1", LATE, domain[-1], 5),)) in effects
    assert effects[0] == traced("accept", o="n2.1", q="n3.1", g="g1", j="n1.1")


def test_a_proposal_of_a_primary_that_is_released(backup):
    heard(backup, ms.MemberGone("g1", A.member, 11))
    assert "over" in propose(backup)[0].about


def test_a_proposal_is_made_by_its_primary(backup):
    before = backup.state
    assert propose(backup, sender=N3, incarnation=13) == []
    assert propose(backup, group="g9") == []
    assert backup.state == before


# What is committed


def commit(core, primary=A, domain=(A, B, C, NEW), group="g1"):
    said = ms.Commit(group, primary, domain)
    number = ms.number_of(ms.key_of(said))
    effects = heard(core, said)
    effects.remove(fx.Send(("n3",), (ms.Received((number,)),)))
    return effects


def test_a_commit_is_adopted(backup):
    """§9.8: its epochs are admitted, where nothing speaks against it."""
    effects = commit(backup)
    domain = (A, B, C, NEW)
    assert effects == [
        traced("hear_commit", o="n2.1", q="n1.1", g="g1", j="n3.2"),
        fx.Persist("g1", Durable(domain, 1, 4, A)),
        fx.Tell("g1", fx.View(domain, (), A)),
    ]
    group = backup.state.groups["g1"]
    assert (group.domain, group.proposer, group.committed) == (domain, 1, 4)
    assert backup.state.peers["n3"].admitted == 1, "one epoch of a node at a time"
    assert ms.key_of(ms.Commit("g1", A, domain)) in backup.state.store


def test_a_commit_admits_the_latest_epoch_of_each_node(backup):
    heard(backup, ms.Distress("n3", 1, 13, Cause.OBJECT))
    commit(backup)
    peer = backup.state.peers["n3"]
    assert (peer.admitted, peer.incarnation, peer.contact_at) == (2, 33, 5)
    assert backup.state.is_released("g1", C)


def test_a_commit_of_what_is_held_counts_as_far_as_it_goes(backup):
    change(backup, domain=(A, B, C, NEW), committed=2, proposal=Proposal((A, B)))
    commit(backup, domain=(A, B, C))
    group = backup.state.groups["g1"]
    assert (group.domain, group.committed) == ((A, B, C, NEW), 3)
    assert group.proposal is not None
    change(backup, committed=4)
    commit(backup, domain=(A, B))
    assert backup.state.groups["g1"].committed == 4, "never less"


def test_a_commit_of_what_nobody_holds_changes_no_list(backup):
    change(backup, proposer=5, committed=1)
    commit(backup)
    group = backup.state.groups["g1"]
    assert (group.domain, group.proposer, group.committed) == ((A, B, C), 5, 1)


def test_a_later_primary_commits_a_shorter_list(backup):
    change(backup, proposal=Proposal((A, B)))
    commit(backup, C, (A, C))
    group = backup.state.groups["g1"]
    assert (group.domain, group.proposer, group.committed) == ((A, C), 3, 2)
    assert group.proposal is None
    assert C in group.primaries


@pytest.mark.parametrize(
    ("primary", "domain", "group"),
    [
        (A, (), "g1"),
        (A, (A, C, B, NEW), "g1"),
        (NEW._replace(position=9), (A, B, C, NEW), "g1"),
    ],
    ids=named,
)
def test_what_is_no_commit(backup, primary, domain, group):
    before = backup.state
    assert commit(backup, primary, domain, group) == []
    assert backup.state == before


def test_a_member_learns_its_entry(backup):
    """§9.3, §9.8: of this join and this incarnation, once."""
    own = Entry(4, "n2", 1, 2, 12)
    backup.receive(ev.MemberReaped("g1", 1), 4)
    backup.receive(ev.MemberJoins("g1"), 4)
    effects = commit(backup, domain=(A, B, C, own))
    assert effects[0] == traced("learn_commit", j="n2.1", q="n1.1", g="g1")
    assert backup.state.groups["g1"].entry == own
    view = fx.View((A, B, C, own), (B,), A)
    assert news(effects, fx.View) == [("g1", view)]
    again = commit(backup, domain=(A, B, C, own, NEW._replace(position=5)))
    assert [each.action for each in again if isinstance(each, fx.Trace)] == ["hear_commit"]


@pytest.mark.parametrize(
    "entry",
    [Entry(4, "n2", 1, 1, 12), Entry(4, "n2", 1, 2, 99), Entry(4, "n1", 1, 2, 11)],
    ids=named,
)
def test_an_entry_of_something_else_is_not_its_own(backup, entry):
    backup.receive(ev.MemberReaped("g1", 1), 4)
    backup.receive(ev.MemberJoins("g1"), 4)
    effects = commit(backup, domain=(A, B, C, entry))
    assert backup.state.groups["g1"].entry is None
    assert news(effects, fx.View) == [], "it is in no list"


def test_a_member_that_is_not_active_learns_no_entry(backup):
    backup.receive(ev.MemberReaped("g1", 1), 4)
    backup.receive(ev.MemberJoins("g1"), 4)
    backup.receive(ev.MemberLeaves("g1", 2), 4)
    commit(backup, domain=(A, B, C, Entry(4, "n2", 1, 2, 12)))
    assert backup.state.groups["g1"].entry is None


def test_a_view_is_what_is_committed(backup):
    """§9.3: members see no proposal."""
    change(backup, domain=(A, B, C, NEW), committed=2)
    heard(backup, ms.MemberGone("g1", A.member, 11))
    effects = commit(backup, domain=(A, B, C))
    assert news(effects, fx.View) == [("g1", fx.View((A, B, C), (A,), A))]


def test_who_is_not_in_the_list_has_no_view(backup):
    change(backup, domain=(A, C))
    assert news(commit(backup, C, (A, C)), fx.View) == []


# Promotion


def out(core, *entries, group="g1"):
    for each in entries:
        heard(core, ms.MemberGone(group, each.member, each.incarnation))
    return core


def test_a_backup_is_promoted_when_all_before_it_are_released(backup):
    """§7.22: durably, then said; acts wait for both."""
    assert backup.due(6) == []
    out(backup, A)
    assert backup.due(6) == [ev.Promote("g1")]
    change(backup, lease_until=9, confirmed=True, synced=True)
    effects = backup.receive(ev.Promote("g1"), 6)
    assert effects == [
        traced("promote", o="n2.1", g="g1"),
        fx.Persist("g1", Durable((A, B, C), 1, 3, B)),
        fx.Tell("g1", fx.PrimaryIs(B, own=True)),
        fx.Send(("n1", "n3"), (ms.Signed(ms.Promoted("g1", B)),)),
        fx.Arm(ev.Timer.RESEND, settings().resend),
    ]
    group = backup.state.groups["g1"]
    assert (group.promoted, group.synced, group.confirmed) == (True, False, False)
    assert (group.lease_until, group.last_primary) == (0, B)
    assert ev.Promote("g1") not in backup.due(6)


def test_a_promotion_is_durable_before_acts(backup):
    """§7.22: by the record that names it, or a later one."""
    out(backup, A).receive(ev.Promote("g1"), 6)

    def stored(last, group="g1"):
        backup.receive(ev.Persisted(group, Durable(last_primary=last)), 7)
        return backup.state.groups["g1"].synced

    assert not stored(None)
    assert not stored(A)
    assert not stored(B, "g9")
    assert not stored(B, "g2")
    assert stored(B)
    assert not change(backup, synced=False).state.groups["g1"].synced
    assert stored(C)


@pytest.mark.parametrize(
    "changes",
    [
        {"promoted": True},
        {"entry": None},
        {"domain": (A, C)},
        {"primaries": frozenset({A, C})},
        {"primaries": frozenset({A, B})},
    ],
    ids=named,
)
def test_who_is_not_promoted(backup, changes):
    change(out(backup, A), **changes)
    assert ev.Promote("g1") not in backup.due(6)


@pytest.mark.parametrize("state", [MemberState.GATED, MemberState.GONE])
def test_a_member_that_has_left_is_not_promoted(backup, state):
    out(backup, A)
    backup.state.members["g1"] = replace(backup.state.members["g1"], state=state)
    assert ev.Promote("g1") not in backup.due(6)


def test_an_entry_that_was_lapsed_or_released_is_not_promoted(backup):
    out(backup, A)
    lapsed = backup.state.copy()
    lapsed.lapsed = frozenset({("g1", B)})
    released = backup.state.copy()
    released.gone |= {("g1", B.member)}
    for state in (lapsed, released):
        backup.state = state
        assert ev.Promote("g1") not in backup.due(6)


def test_all_before_it_count():
    third = founded(settings("n3"), INCARNATIONS)
    assert ev.Promote("g1") not in out(third, A).due(6)
    assert ev.Promote("g1") in out(third, B).due(6)


def test_a_lapsed_entry_is_out_of_the_way_of_who_has_waited(backup):
    """§10.7."""
    state = backup.state
    state.lapsed = frozenset({("g3", A)})
    assert ev.Promote("g3") not in backup.due(6)
    for to, waited, due in ((A, False, False), (C, True, False), (A, True, True)):
        change(backup, "g3", grants=(Grant(to, 0, stopped=True, waited=waited),))
        assert (ev.Promote("g3") in backup.due(6)) is due
    change(backup, "g3", grants=(Grant(C, 0), Grant(A, 0, stopped=True, waited=True)))
    backup.state.lapsed = frozenset()
    assert ev.Promote("g3") not in backup.due(6)


def test_a_dependent_group_waits_for_a_live_primary_of_what_it_needs(backup):
    """§7.23."""
    out(backup, A, group="g2")
    assert backup.due(6) == [ev.Promote("g2")]
    heard(backup, ms.Distress("n1", 1, 11, Cause.OBJECT))
    assert ev.Promote("g2") not in backup.due(6)


def test_promoted_is_recorded(backup):
    """§7.24: it is told, stored if it is the latest, and ends doubt."""
    heard(backup, ms.Distress("n1", 1, 11, Cause.OBJECT))
    assert backup.state.groups["g1"].doubted
    said = ms.Promoted("g1", C)
    effects = heard(backup, said)
    assert [each for each in effects if not isinstance(each, fx.Send)] == [
        traced("hear_promoted", o="n2.1", g="g1", i="n3.1"),
        fx.Tell("g1", fx.PrimaryIs(C, own=False)),
        fx.Persist("g1", Durable((A, B, C), 1, 3, C)),
    ]
    group = backup.state.groups["g1"]
    assert (group.primaries, group.last_primary, group.doubted) == ({A, C}, C, False)
    again = [each for each in heard(backup, said) if not isinstance(each, fx.Send)]
    assert again == [traced("hear_promoted", o="n2.1", g="g1", i="n3.1")]


def test_an_earlier_primary_is_no_news(backup):
    heard(backup, ms.Promoted("g1", C))
    effects = heard(backup, ms.Promoted("g1", B))
    assert news(effects, fx.PrimaryIs) == []
    assert backup.state.groups["g1"].primaries == {A, B, C}
    assert backup.state.groups["g1"].last_primary == C


def test_what_was_stored_of_a_later_primary_stays(backup):
    """§11.4."""
    change(backup, last_primary=LATE)
    effects = heard(backup, ms.Promoted("g1", C))
    assert backup.state.groups["g1"].last_primary == LATE
    assert not any(isinstance(each, fx.Persist) for each in effects)
    assert not any(isinstance(each, fx.Persist) for each in heard(backup, ms.Promoted("g1", LATE)))
    change(backup, last_primary=None, primaries=frozenset())
    assert any(isinstance(each, fx.Persist) for each in heard(backup, ms.Promoted("g1", LATE)))
    assert backup.state.groups["g1"].last_primary == LATE


def test_a_primary_that_learns_of_a_later_one_is_deposed(primary):
    """§7.24."""
    effects = heard(primary, ms.Promoted("g1", C))
    assert news(effects, fx.Deposed) == [("g1", fx.Deposed(C))]
    (begun,) = primary.receive(ev.ActBegins("g1", 1, primary=True), 6)[-1:]
    assert "later" in begun.refused


def test_who_is_no_primary_is_not_deposed(backup):
    assert news(heard(backup, ms.Promoted("g1", C)), fx.Deposed) == []


def test_what_others_say_of_the_own_promotion(backup):
    """§5.5: it is recorded, and ends nothing."""
    heard(backup, ms.Promoted("g1", B))
    assert B in backup.state.groups["g1"].primaries
    heard(backup, ms.Promoted("g9", B))
    assert "g9" not in backup.state.groups
    assert backup.state.is_active
