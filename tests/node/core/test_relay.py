"""Statements on their way: sent again until acknowledged, and relayed by digest (§5.1)."""

from itertools import permutations

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.core.values import MILLISECOND, SECOND, Entry, Epoch, Membership
from knell.spec.vocabulary import Cause
from tests.node.core.samples import INCARNATIONS, frames, settings

SAID: tuple[ms.Statement, ...] = (
    ms.Distress("n1", 1, 11, Cause.OBJECT),
    ms.Quiesced("n1", 1, 11, ("g2",)),
    ms.MemberGone("g2", Membership("n1", 1, 1), 11),
    ms.Fence("n3", 1),
    ms.Announce("n1", 2, 99),
)


ENTRIES = tuple(
    Entry(k, node, 1, 1, INCARNATIONS[node]) for k, node in enumerate(INCARNATIONS, start=1)
)


def core(node="n2"):
    return founded(settings(node), INCARNATIONS)


def sends(effects):
    return [effect for effect in effects if isinstance(effect, fx.Send)]


def test_a_statement_goes_out_until_it_is_acknowledged():
    node = core("n1")
    (first,) = sends(node.receive(ev.StopRequested(), 0))
    assert first.urgent
    assert first.to == ("n2", "n3")
    distress = ms.Signed(ms.Distress("n1", 1, 11, Cause.PLANNED_STOP))
    assert first.frames == (distress,)
    number = ms.number_of(ms.key_of(distress.statement))
    node.receive(ev.Arrived(ms.Received((number,)), Epoch("n2", 1), 12), MILLISECOND)
    effects = node.receive(ev.TimerFired(ev.Timer.RESEND), 10 * MILLISECOND)
    assert sends(effects) == [fx.Send(("n3",), (distress,), urgent=True)]
    assert fx.Arm(ev.Timer.RESEND, 20 * MILLISECOND) in effects, "ever more seldom"
    assert sends(node.receive(ev.TimerFired(ev.Timer.RESEND), 3 * SECOND)) == [], "not for ever"


def test_a_statement_is_acknowledged_to_the_last_hop_each_time():
    node = core()
    for _ in range(2):
        effects = node.receive(ev.Heard(ms.Signed(SAID[0]), "n3"), 1)
        number = ms.number_of(ms.key_of(SAID[0]))
        assert sends(effects)[0] == fx.Send(("n3",), (ms.Received((number,)),))


def test_the_order_of_arrival_is_immaterial():
    """S9, for every order of statements that leave and release."""
    ends = set()
    for order in permutations(SAID):
        node = core()
        for statement in order:
            node.receive(ev.Heard(ms.Signed(statement), "n3"), 1)
        state = node.state
        released = tuple(
            (name, entry)
            for name, group in state.groups.items()
            for entry in group.domain
            if state.is_released(name, entry)
        )
        ends.add((tuple(state.peers.items()), released, state.digest, frozenset(state.store)))
    assert len(ends) == 1


def test_a_peer_gets_what_it_lacks():
    one, other = core("n2"), core("n3")
    for statement in SAID[:3]:
        one.receive(ev.Heard(ms.Signed(statement, b"proof"), "n1"), 1)
    beat = ms.Heartbeat(5, one.state.digest)
    (known,) = frames(other.receive(ev.Arrived(beat, Epoch("n2", 1), 12), 6), ms.Known)
    answer = one.receive(ev.Arrived(known, Epoch("n3", 1), 13), 7)
    lacking = frames(answer, ms.Statement)
    assert set(lacking) == set(SAID[:3])
    for statement in lacking:
        other.receive(ev.Heard(ms.Signed(statement, b"proof"), "n2"), 8)
    assert other.state.digest == one.state.digest
    assert other.state.peers["n1"].left == 1


def test_only_the_latest_commit_and_promotion_of_a_group_are_kept():
    node = core("n3")
    early, late = Entry(1, "n1", 1, 1, 11), Entry(2, "n2", 1, 1, 12)
    for entry in (late, early):
        node.receive(ev.Heard(ms.Signed(ms.Promoted("g1", entry)), "n2"), 1)
    promotions = [each.statement for key, each in node.state.store.items() if key[0] == "PROMOTED"]
    assert promotions == [ms.Promoted("g1", late)]


def numbers(*statements):
    return ms.Received(tuple(ms.number_of(ms.key_of(each)) for each in statements))


def test_what_is_acknowledged_is_not_sent_again():
    """§5.1: by whom, and which; when all is, nothing more is sent."""
    node = core("n1")
    node.receive(ev.MemberReaped("g1", 1), 0)
    node.receive(ev.MemberReaped("g2", 1), 0)
    first, second = (ms.MemberGone(g, Membership("n1", 1, 1), 11) for g in ("g1", "g2"))
    arrived = ev.Arrived(numbers(first, SAID[0]), Epoch("n2", 1), 12)
    assert node.receive(arrived, 1) == []
    effects = node.receive(ev.TimerFired(ev.Timer.RESEND), 2)
    assert sends(effects) == [
        fx.Send(("n3",), (ms.Signed(first), ms.Signed(second))),
        fx.Send(("n2",), (ms.Signed(second),)),
    ]
    assert node.receive(ev.Arrived(numbers(first, second), Epoch("n3", 1), 13), 3) == []
    effects = node.receive(ev.Arrived(numbers(second), Epoch("n2", 1), 12), 3)
    assert effects == [fx.Cancel(ev.Timer.RESEND)]
    assert node.receive(ev.TimerFired(ev.Timer.RESEND), 4) == []


def test_statements_are_given_up_after_their_time():
    """§5.1: T_signal after they were made, each by itself."""
    node = core("n1")
    limit = settings().signal
    node.receive(ev.MemberReaped("g1", 1), 0)
    node.receive(ev.MemberReaped("g2", 1), 1)
    (both, _) = sends(node.receive(ev.TimerFired(ev.Timer.RESEND), limit - 1))
    assert len(both.frames) == 2
    (one, _) = sends(node.receive(ev.TimerFired(ev.Timer.RESEND), limit))
    assert len(one.frames) == 1
    assert node.receive(ev.TimerFired(ev.Timer.RESEND), limit + 1) == []


def test_it_is_sent_ever_more_seldom():
    """§5.1: twice the time, up to a limit; a new statement begins anew."""
    node = core("n1")

    def armed(effects):
        return [each.after for each in effects if isinstance(each, fx.Arm)]

    assert armed(node.receive(ev.MemberReaped("g1", 1), 0)) == [10 * MILLISECOND]
    waits = [armed(node.receive(ev.TimerFired(ev.Timer.RESEND), 1))[0] for _ in range(5)]
    assert [each // MILLISECOND for each in waits] == [20, 40, 80, 100, 100]
    assert armed(node.receive(ev.MemberReaped("g2", 1), 2)) == [10 * MILLISECOND]


def test_what_was_replaced_is_not_sent_again():
    """§5.1: a later promotion says it all."""
    node = core("n2")
    early, late = Entry(2, "n2", 1, 1, 12), Entry(5, "n3", 1, 1, 13)
    node.receive(ev.Heard(ms.Signed(ms.MemberGone("g1", Membership("n1", 1, 1), 11)), "n1"), 1)
    node.receive(ev.Promote("g1"), 1)
    assert sends(node.receive(ev.TimerFired(ev.Timer.RESEND), 2))[0].frames == (
        ms.Signed(ms.Promoted("g1", early)),
    )
    node.receive(ev.Heard(ms.Signed(ms.Promoted("g1", late)), "n3"), 3)
    assert sends(node.receive(ev.TimerFired(ev.Timer.RESEND), 4)) == []


LAPSED = ms.Lapsed("n1", 1, Epoch("n2", 1), (ms.Lapse("g3", *ENTRIES[:2]),))


def test_a_lapse_goes_ahead_of_what_its_maker_says_of_itself():
    """§10.7: each time, once, and urgently if that is."""
    node = core("n2")
    node.receive(ev.Heard(ms.Signed(LAPSED), "n3"), 1)
    gone = ms.MemberGone("g1", Membership("n2", 1, 1), 12)
    (sent,) = sends(node.receive(ev.MemberReaped("g1", 1), 1))
    assert sent.frames == (ms.Signed(LAPSED), ms.Signed(gone))
    assert not sent.urgent
    again = sends(node.receive(ev.TimerFired(ev.Timer.RESEND), 2))
    assert {each.frames for each in again} == {sent.frames}
    assert {each.urgent for each in again} == {False}
    node.receive(ev.StopRequested(), 3)
    again = sends(node.receive(ev.TimerFired(ev.Timer.RESEND), 4))
    assert {each.urgent for each in again} == {True}
    assert {each.frames.count(ms.Signed(LAPSED)) for each in again} == {1}
    assert {each.frames[0] for each in again} == {ms.Signed(LAPSED)}


def test_what_is_lacking_comes_in_order_and_in_bounds():
    """§5.1: LAPSED first, lists last, no more at once than a datagram may hold."""
    node = core("n2")
    for said in (
        ms.Commit("g1", ENTRIES[0], ENTRIES),
        ms.Promoted("g1", ENTRIES[0]),
        ms.Fence("n1", 1),
        LAPSED,
    ):
        node.receive(ev.Heard(ms.Signed(said), "n3"), 1)
    (sent,) = sends(node.receive(ev.Arrived(ms.Known(()), Epoch("n3", 1), 13), 2))
    assert [type(each) for each in frames([sent], ms.Statement)] == [
        ms.Lapsed,
        ms.Fence,
        ms.Commit,
        ms.Promoted,
    ]
    all_known = ms.Known(tuple(map(ms.number_of, node.state.store)))
    assert node.receive(ev.Arrived(all_known, Epoch("n3", 1), 13), 2) == []
    for join in range(40):
        gone = ms.MemberGone("g1", Membership("n1", 1, 100 + join), 11)
        node.receive(ev.Heard(ms.Signed(gone), "n3"), 3)
    (sent,) = sends(node.receive(ev.Arrived(ms.Known(()), Epoch("n3", 1), 13), 4))
    assert len(sent.frames) == 24


def test_what_is_held_is_told_up_to_a_bound(monkeypatch):
    """§5.1: the newest; a repeat does no harm."""
    node = core("n2")
    for said in SAID[:3]:
        node.receive(ev.Heard(ms.Signed(said), "n3"), 1)
    beat = ev.Arrived(ms.Heartbeat(5), Epoch("n3", 1), 13)
    held = numbers(*SAID[:3]).numbers
    assert frames(node.receive(beat, 6), ms.Known) == [ms.Known(held)]
    monkeypatch.setattr(ms, "MOST_KNOWN", 2)
    assert frames(node.receive(beat, 6), ms.Known) == [ms.Known(held[1:])]


def kept(*statements):
    """Hear statements in their order; return those that are kept, and hold the digest to them."""
    node = core("n2")
    for said in statements:
        node.receive(ev.Heard(ms.Signed(said), "n3"), 1)
    digest = 0
    for key in node.state.store:
        digest ^= ms.number_of(key)
    assert node.state.digest == digest
    return [each.statement for each in node.state.store.values()]


def both_ways(earlier, later):
    assert kept(earlier, later) == kept(later, earlier) == [later]


def test_what_says_more_replaces_what_says_less():
    """§5.1: an announcement all that is older of its node, of lists and promotions the latest."""
    announce = ms.Announce("n1", 3, 33)
    for said in (
        ms.Distress("n1", 2, 22, Cause.OBJECT),
        ms.Quiesced("n1", 2, 22),
        ms.Fence("n1", 2),
        ms.Announce("n1", 2, 22),
        ms.MemberGone("g1", Membership("n1", 2, 1), 22),
    ):
        both_ways(said, announce)
    a, b, c = ENTRIES
    both_ways(ms.Promoted("g1", a), ms.Promoted("g1", b))
    both_ways(ms.Commit("g1", a, (a, b)), ms.Commit("g1", a, ENTRIES))
    both_ways(ms.Commit("g1", a, ENTRIES), ms.Commit("g1", c, (a, c)))


def test_what_says_other_things_is_kept_beside():
    a, b, c = ENTRIES
    announce = ms.Announce("n1", 3, 33)
    for said in (
        ms.Distress("n1", 3, 33, Cause.OBJECT),
        ms.Fence("n1", 3),
        ms.Fence("n3", 1),
        ms.Promoted("g1", a),
        ms.Commit("g1", a, ENTRIES),
        ms.Bootstrap("g1", ENTRIES, c._replace(position=9)),
    ):
        assert len(kept(said, announce)) == 2
    assert len(kept(ms.Promoted("g1", a), ms.Promoted("g2", b))) == 2
    assert len(kept(ms.Commit("g1", a, ENTRIES), ms.Commit("g3", b, ENTRIES))) == 2
    assert len(kept(SAID[0], SAID[1])) == 2
    assert len(kept(SAID[0], SAID[0])) == 1
