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
