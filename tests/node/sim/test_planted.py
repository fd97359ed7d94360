"""Planted mistakes: each is found, by a property that is meant to find it."""

import pytest
from msgspec.structs import replace

from knell.node.core import events as ev
from knell.node.core import leases, leaving, lists, promotion, shutdown
from knell.node.core import messages as ms
from knell.node.core.relay import publish
from knell.node.core.state import State
from knell.node.core.values import Epoch
from knell.node.sim.chaos import ALL, SILENCE, Chaos
from knell.node.sim.monitor import ViolationError
from knell.node.sim.world import World, cluster
from knell.spec.vocabulary import MemberState, NodePhase
from tests.node.sim.scenes import Scene

NOTE = leaving.note
RELEASED = State.is_released
CAN_PROMOTE = promotion.can_promote
CONCERNED = leaving.concerned
LEAVE = leaving._leave
ON_STOP = shutdown.on_stop


def left_means_released(patch):
    """H4: what was left counts as released."""

    def released(state, group, entry):
        return RELEASED(state, group, entry) or state.is_over(Epoch(entry.node, entry.epoch))

    patch.setattr(State, "is_released", released)


def quiesce_early(patch):
    patch.setattr(shutdown, "can_quiesce", lambda state: not shutdown.notifiable(state))


def lapse_at_once(patch):
    patch.setattr(leases, "_is_long_ago", lambda state, grant, now: True)


def lease_ignored(patch):
    """H2: the primary acts on after its lease."""
    patch.setattr(State, "has_lease", lambda state, name, now: True)


def bounce_unseen(patch):
    """H9: a new epoch replaces the old one without a leave."""

    def note(d, node, epoch):
        peer = d.state.peers[node]
        if 0 < peer.admitted <= epoch and not peer.partitioned:
            d.state.peers[node] = replace(peer, admitted=0)
        NOTE(d, node, epoch)

    patch.setattr(leaving, "note", note)


def ghost_admitted(patch):
    """H10: an epoch is admitted that is over."""

    def admit(d, epoch, incarnation):
        peer = d.state.peers.get(epoch.node)
        if peer is not None and peer.admitted < epoch.number:
            d.set_peer(epoch.node, admitted=epoch.number, incarnation=incarnation)

    patch.setattr(leaving, "admit", admit)
    patch.setattr(lists, "admit", admit)


def leave_misses_a_group(patch):
    """H17: the members of one group are not told."""

    def concerned(state, group, epoch):
        return group != "base" and CONCERNED(state, group, epoch)

    patch.setattr(leaving, "concerned", concerned)


def order_ignored(patch):
    def can_promote(state, name):
        groups = tuple(replace(each, depends_on=()) for each in state.settings.groups)
        free = state.copy()
        free.settings = replace(state.settings, groups=groups)
        return CAN_PROMOTE(free, name)

    patch.setattr(promotion, "can_promote", can_promote)


def member_unwarned(patch):
    patch.setattr(shutdown, "notifiable", lambda state: [])
    patch.setattr(
        shutdown,
        "forcible",
        lambda state: [
            name
            for name, each in state.members.items()
            if each.state is MemberState.ACTIVE and not each.killed
        ],
    )


def gate_stays_open(patch):
    """H5: acts of members that were cut off take effect."""
    patch.setattr(State, "runs", lambda state, group: group in state.members)


def leave_outranks_epoch(patch):
    """H6: a leave bars later epochs too."""
    patch.setattr(leaving, "note", lambda d, node, epoch: NOTE(d, node, epoch + 1))


def primary_admits_alone(patch):
    patch.setattr(lists, "_missing", lambda state, name, proposal: [])


def first_only(patch):
    """H3: a backup waits for the first entry only."""

    def out(state, name, entry):
        domain = state.groups[name].domain
        return entry != domain[0] or RELEASED(state, name, entry)

    patch.setattr(promotion, "_out_of_the_way", out)


def stop_releases_first(patch):
    """H1: a planned stop says QUIESCED at once."""

    def on_stop(d):
        ON_STOP(d)
        if d.state.phase is NodePhase.FAILING:
            state = d.state
            publish(d, ms.Quiesced(state.me, state.epoch, state.incarnation))

    patch.setattr(shutdown, "on_stop", on_stop)


def partitioned_counts_as_failed(patch):
    """H7: a partitioned peer's statements leave nobody."""

    def note(d, node, epoch):
        if d.state.peers[node].partitioned:
            d.set_peer(node, admitted=0, partitioned=False)
        NOTE(d, node, epoch)

    patch.setattr(leaving, "note", note)


def work_to_the_draining(patch):
    """H15: work is routed to a node that was left."""
    patch.setattr(State, "admitted", lambda state, epoch: True)
    patch.setattr(leaving, "_serves", lambda state, group, entry, epoch: True)


def second_signal(patch):
    """A repeated statement delivers the leave again."""

    def leave(d, epoch):
        LEAVE(d, epoch)
        LEAVE(d, epoch)

    patch.setattr(leaving, "_leave", leave)


PLANTED = [
    (stop_releases_first, ALL, "S6"),
    (partitioned_counts_as_failed, SILENCE, "S5"),
    (work_to_the_draining, ALL, "S13"),
    (second_signal, ALL, "S7"),
    (left_means_released, ALL, "S2"),
    (quiesce_early, ALL, "S6"),
    (lapse_at_once, SILENCE, "S2"),
    (lease_ignored, SILENCE, "S2"),
    (bounce_unseen, ALL, "S5"),
    (ghost_admitted, ALL, "S8"),
    (leave_misses_a_group, ALL, "S7"),
    (order_ignored, ALL, "S11"),
    (member_unwarned, ALL, "S12"),
    (gate_stays_open, ALL, "S1"),
    (leave_outranks_epoch, ALL, "S4"),
    (primary_admits_alone, ALL, "S2"),
    (first_only, ALL, "S2"),
]


def first_violation(weights, loss):
    """Run seed after seed until a property breaks."""
    for seed in range(20, 80):
        world = World(cluster(3), seed)
        world.network.loss = loss
        Chaos(world, weights).run(3_000)


@pytest.mark.parametrize(
    ("plant", "weights", "killer"), PLANTED, ids=[plant.__name__ for plant, _, _ in PLANTED]
)
def test_it_is_found(plant, weights, killer, monkeypatch):
    plant(monkeypatch)
    loss = 0.5 if plant is primary_admits_alone else 0.05  # a COMMIT that arrives hides it
    with pytest.raises(ViolationError) as found:
        first_violation(weights, loss)
    assert found.value.broken == killer


def never_forced(patch):
    """H14: the shutdown waits for a member that does not answer."""
    patch.setattr(shutdown, "forcible", lambda state: [])


def timeout_ends_nothing(patch):
    """H11: a peer that does not acknowledge keeps the node from its end."""
    patch.setattr(shutdown, "can_end", lambda state: not state.unacked and not state.signal_over)


def sentinel_idle(patch):
    """H16: nobody speaks for a node whose engine is dead."""
    patch.setattr(shutdown, "on_engine_lost", lambda *_: None)


@pytest.mark.parametrize("plant", [never_forced, timeout_ends_nothing, sentinel_idle])
def test_the_shutdown_does_not_end(plant, monkeypatch):
    scene = Scene()
    plant(monkeypatch)
    for process in scene.host("n1").processes.values():
        process.deaf = True
    scene.cut(("n1", "n2"))
    if plant is sentinel_idle:
        scene.host("n1").lose_engine()
    else:
        scene.tell("n1", ev.StopRequested())
    scene.wait(20)
    assert not scene.is_down("n1")


def test_without_the_mistake_it_ends():
    scene = Scene()
    for process in scene.host("n1").processes.values():
        process.deaf = True
    scene.cut(("n1", "n2"))
    scene.host("n1").lose_engine()
    scene.wait(20)
    assert scene.is_down("n1")


def test_a_process_that_is_cut_off_still_counts(monkeypatch):
    """A member that takes its leave is declared gone while its process lives."""
    scene = Scene()
    monkeypatch.setattr(shutdown, "on_leave", shutdown.on_reaped)
    scene.tell("n1", ev.MemberLeaves("base", scene.host("n1").processes["base"].number))
    with pytest.raises(ViolationError, match="S2: base: n2 and n1 can act"):
        scene.soon()
