"""The table of §8: cause and outcome, row by row, on simulated nodes.

Rows that are about processes, keys or bytes are tested where those are; `test_table.py` finds the
test of each row by its name. The monitor judges S1 to S15 after each step of every row.
"""

import pytest

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.operator import bootstrap_order
from knell.node.core.values import MILLISECOND, Epoch
from knell.node.sim.chaos import unsettled
from knell.spec.vocabulary import Cause, MemberState, NodePhase
from tests.node.sim.scenes import Scene

OTHERS = ("n2", "n3")


@pytest.fixture
def scene():
    return Scene()


def shutdown(scene, node="n1", peers=OTHERS):
    """Whether a node ended in order and its peers know."""
    return (
        scene.is_down(node) and scene.was_left(node, *peers) and scene.taken("end_clustering") == 1
    )


def promotions(scene):
    """The groups in which somebody is promoted from now on, in order."""
    order = []
    step = scene.world.monitor.step

    def watch(host, **what):
        if isinstance(what["event"], ev.Promote):
            order.append(what["event"].group)
        step(host, **what)

    scene.world.monitor.step = watch
    return order


def test_f1_a_member_crashes(scene):
    scene.host("n1").lose_member("base")
    scene.soon()
    assert scene.primaries("base", "n1", *OTHERS) == {"n2"}
    assert scene.primaries("store", "n1", *OTHERS) == {"n1"}
    assert scene.state("n1").phase is NodePhase.ACTIVE


def test_f2_a_member_leaves_and_its_process_lives_on(scene):
    process = scene.host("n1").processes["base"]
    scene.tell("n1", ev.MemberLeaves("base", process.number))
    scene.soon()
    assert scene.state("n1").members["base"].state is MemberState.GATED
    assert scene.primaries("base", *OTHERS) == {"n1"}, "left is not released"
    (answer,) = scene.tell("n1", ev.ActBegins("base", 1))
    assert answer.refused
    scene.host("n1").lose_member("base")
    scene.soon()
    assert scene.primaries("base", *OTHERS) == {"n2"}


def test_f3_a_member_of_a_critical_group_crashes(scene):
    scene.host("n1").lose_member("vital")
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.MEMBER


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        pytest.param(ev.FatalFound((Cause.COMMUNICATION,)), Cause.COMMUNICATION, id="f5"),
        pytest.param(ev.FatalFound((Cause.PROTOCOL,)), Cause.PROTOCOL, id="f6"),
        pytest.param(ev.ComponentDied(Cause.NAME_SERVER), Cause.NAME_SERVER, id="f7"),
        pytest.param(ev.ComponentDied(Cause.CLUSTER_CONTROL), Cause.CLUSTER_CONTROL, id="f8"),
        pytest.param(ev.ComponentDied(Cause.MONITOR), Cause.MONITOR, id="f10"),
        pytest.param(ev.Notice((Cause.OBJECT,)), Cause.OBJECT, id="f11"),
        pytest.param(ev.Notice((Cause.PROTOCOL, Cause.OBJECT)), Cause.PROTOCOL, id="f12"),
        pytest.param(ev.MemberReports("top", (Cause.OBJECT,)), Cause.OBJECT, id="f13"),
        pytest.param(ev.StopRequested(), Cause.PLANNED_STOP, id="f37"),
    ],
)
def test_each_fatal_cause_ends_the_node(scene, event, cause):
    scene.tell("n1", event)
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is cause
    assert scene.primaries("base", *OTHERS) == {"n2"}
    assert scene.primaries("top", *OTHERS) == {"n3"}


def test_f9_cc_dies_with_a_report_under_way(scene):
    scene.tell("n1", ev.MemberReports("base", (Cause.OBJECT,)))
    scene.tell("n1", ev.ComponentDied(Cause.CLUSTER_CONTROL))
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.CLUSTER_CONTROL


def test_f14_the_engine_is_killed(scene):
    scene.host("n1").lose_engine()
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.ENGINE
    assert scene.primaries("base", *OTHERS) == {"n2"}


def test_f16_the_engine_dies_after_the_latch(scene):
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.host("n1").lose_engine()
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.OBJECT


def test_f17_the_sentinel_dies(scene):
    scene.host("n1").lose_sentinel()
    scene.wait(3)
    assert shutdown(scene)


def test_f18_engine_and_sentinel_die_together(scene):
    scene.host("n1").lose_power()
    scene.wait(4)
    assert scene.is_partitioned("n1", *OTHERS)
    assert scene.primaries("base", *OTHERS) == {"n1"}, "nobody is promoted past a silent node"
    scene.chaos._boot(scene.host("n1"))
    scene.wait(8)
    assert unsettled(scene.world) == []
    assert scene.primaries("base", "n1", *OTHERS) == {"n2"}


def test_f19_a_member_ignores_the_message(scene):
    scene.host("n1").processes["base"].deaf = True
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.soon()
    assert scene.primary("n2", "base") is None, "QUIESCED waits for the member"
    scene.wait(3)
    assert shutdown(scene)
    assert scene.primary("n2", "base") == "n2"


@pytest.mark.parametrize(("group", "after"), [("base", None), ("store", "n2")])
def test_f20_a_member_that_cannot_be_killed(scene, group, after):
    scene.host("n1").lose_member(group)
    scene.soon()
    scene.host("n1").join(group, stubborn=True)
    scene.soon()
    for node in OTHERS:  # make the stubborn one the only live backup's predecessor
        scene.host(node).lose_member(group)
        scene.soon()
        scene.host(node).join(group)
        scene.soon()
    assert scene.primary("n1", group) == "n1"
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(4)
    assert shutdown(scene)
    assert scene.primary("n2", group) == after, "gated releases only where tokens are checked"


def test_f21_a_gated_backup_lives_on(scene):
    scene.host("n2").lose_member("base")
    scene.soon()
    scene.host("n2").join("base", stubborn=True)
    scene.soon()
    scene.tell("n2", ev.StopRequested())
    scene.wait(4)
    assert shutdown(scene, "n2", ("n1", "n3"))
    gated = max(e for e in scene.state("n1").groups["base"].domain if e.node == "n2")
    assert not scene.state("n1").is_released("base", gated), "its process may do what nobody sees"
    scene.host("n3").lose_power()
    scene.chaos._boot(scene.host("n3"))
    scene.wait(4)
    assert scene.state("n3").lives("base"), "others are admitted, as the last entry"
    scene.host("n1").lose_member("base")
    scene.wait(2)
    assert scene.primaries("base", "n1", "n3") == {None}, "but nobody is promoted past it"
    scene.chaos._relent(scene.host("n2"))
    scene.chaos._boot(scene.host("n2"))
    scene.wait(4)
    assert scene.primaries("base", "n1", "n2", "n3") == {"n3"}


def test_f22_a_killed_process_is_stuck_in_the_kernel(scene):
    process = scene.host("n1").processes["base"]
    process.deaf = process.stuck = True
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(10)
    assert scene.state("n1").phase is NodePhase.FAILING, "QUIESCED waits, without limit"
    assert scene.tell("n1", ev.ActBegins("base", 1))[-1].refused
    assert scene.primary("n2", "base") is None
    scene.host("n1").lose_member("base")
    scene.wait(1)
    assert shutdown(scene)
    assert scene.primary("n2", "base") == "n2"


def test_f23_a_member_fails_by_the_same_fault(scene):
    for process in scene.host("n1").processes.values():
        process.deaf = True
    scene.tell("n1", ev.MemberReports("base", (Cause.OBJECT,)))
    scene.soon()
    before = scene.state("n1")
    scene.tell("n1", ev.MemberReports("top", (Cause.COMMUNICATION,)))
    scene.tell("n1", ev.Notice((Cause.COMMUNICATION,), "top"))
    assert scene.state("n1") == before, "the late report reaches the log and nothing else"
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.OBJECT


def test_f24_a_peer_does_not_acknowledge(scene):
    scene.cut(("n1", "n3"))
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(1)
    assert not scene.is_down("n1"), "it waits for the acknowledgement of QUIESCED"
    scene.wait(2)
    assert shutdown(scene), "and n3 has learnt from n2"


def test_f25_power_is_lost_before_distress(scene):
    scene.tell("n1", ev.MemberReports("base", (Cause.OBJECT,)))  # under way to CC
    scene.host("n1").lose_power()
    scene.wait(4)
    assert scene.is_partitioned("n1", *OTHERS)
    assert scene.primaries("base", *OTHERS) == {"n1"}
    assert scene.taken("hear_distress") == 0
    scene.chaos._boot(scene.host("n1"))
    scene.wait(8)
    assert unsettled(scene.world) == []
    assert scene.state("n1").latch is None


def test_f26_power_is_lost_between_the_signals(scene):
    for process in scene.host("n1").processes.values():
        process.deaf = True
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.soon()
    scene.host("n1").lose_power()
    scene.wait(4)
    assert scene.was_left("n1", *OTHERS)
    assert scene.primary("n2", "base") is None, "left is not released: in doubt"
    scene.tell("n2", ev.FenceOrdered(ms.Fence("n1", 1)))
    scene.wait(1)
    assert scene.primaries("base", *OTHERS) == {"n2"}


def freeze(scene, node, seconds):
    scene.host(node).frozen = True
    scene.wait(seconds)
    scene.chaos._thaw(scene.host(node))


def test_f27_a_short_freeze(scene):
    freeze(scene, "n1", 3)
    (answer,) = scene.tell("n1", ev.ActBegins("base", 1, primary=True))
    assert "paused" in answer.refused
    scene.wait(1)
    assert not scene.tell("n1", ev.ActBegins("base", 2, primary=True))[-1].refused
    assert scene.taken("end_clustering") == 0
    assert not scene.is_partitioned("n1", *OTHERS)


def test_f28_a_freeze_beyond_the_lease(scene):
    freeze(scene, "n1", 12)
    assert scene.primary("n2", "leased") == "n2"
    (answer,) = scene.tell("n1", ev.ActBegins("leased", 1, primary=True))
    assert answer.refused
    scene.wait(4)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.LEFT_ELSEWHERE


def test_f29_a_partition_promotes_nobody_and_heals(scene):
    scene.isolate("n3")
    scene.wait(4)
    assert scene.is_partitioned("n3", "n1", "n2")
    assert scene.is_partitioned("n1", "n3")
    assert scene.taken("promote") == 0
    scene.heal()
    scene.wait(2)
    assert not scene.is_partitioned("n3", "n1", "n2")
    assert scene.taken("hear_distress") == 0


def test_f30_a_partition_in_a_leased_group(scene):
    scene.isolate("n1")
    scene.wait(5)
    (answer,) = scene.tell("n1", ev.ActBegins("leased", 1, primary=True))
    assert "lease" in answer.refused
    assert scene.primary("n2", "leased") == "n1", "the successor still waits"
    scene.wait(5)
    assert scene.primaries("leased", *OTHERS) == {"n2"}
    scene.heal()
    scene.wait(4)
    assert shutdown(scene), "the lapsed node has learnt of it"


def test_f31_the_direct_successor_falls_silent(scene):
    scene.isolate("n2")
    scene.wait(4.3)
    assert scene.tell("n1", ev.ActBegins("leased", 1, primary=True))[-1].refused
    scene.heal()
    scene.wait(2)
    assert not scene.tell("n1", ev.ActBegins("leased", 2, primary=True))[-1].refused


def lapse(scene):
    """n1 falls silent and n2 takes `leased` over."""
    scene.isolate("n1")
    scene.wait(10)
    assert scene.primaries("leased", *OTHERS) == {"n2"}


def test_f32_the_successor_of_a_lapsed_primary_shuts_down(scene):
    lapse(scene)
    scene.tell("n2", ev.StopRequested())
    scene.wait(3)
    assert scene.is_down("n2")
    assert scene.primary("n3", "leased") is None, "it waits out the lease itself"
    scene.wait(6)
    assert scene.primary("n3", "leased") == "n3"
    scene.heal()
    scene.wait(4)
    assert scene.is_down("n1"), "it has learnt of the lapse"


def test_f33_the_new_primary_falls_silent_too(scene):
    lapse(scene)
    scene.isolate("n2")
    scene.wait(20)
    assert scene.state("n3").groups["leased"].promoted is False, "one lapse open in a group"
    assert scene.is_partitioned("n2", "n3")


def test_f34_one_way_loss(scene):
    scene.cut(("n1", "n3"))
    scene.wait(4)
    assert scene.is_partitioned("n1", "n3")
    assert scene.is_partitioned("n3", "n1"), "contact is a round trip"
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(4)
    assert scene.was_left("n1", "n3"), "by relay"


def records(scene):
    """What survivors record of a node that has left, and of its groups."""
    return [
        (state.peers["n1"].left, state.peers["n1"].barred, state.quiesced, primaries)
        for node in OTHERS
        for state in [scene.state(node)]
        for primaries in [[state.live_primary(group) for group in state.groups]]
    ]


def test_f35_weather_changes_no_record():
    outcomes = []
    for seed in range(6):
        scene = Scene()
        network = scene.world.network
        network.random.seed(seed)
        if seed:
            network.loss, network.twice, network.slow = 0.3, 0.5, 0.2
        scene.tell("n1", ev.MemberReports("base", (Cause.OBJECT,)))
        scene.wait(4)
        network.quiet()
        scene.wait(12)
        entries = [
            (left, barred, set(quiesced), [entry and entry.node for entry in primaries])
            for left, barred, quiesced, primaries in records(scene)
        ]
        outcomes.append(entries)
        assert scene.is_down("n1")
    assert all(each == outcomes[0] for each in outcomes)


def test_f36_distress_overtakes_the_announcement(scene):
    scene.host("n1").lose_power()
    scene.wait(1)
    said = ms.Signed(ms.Distress("n1", 2, 99, Cause.OBJECT))
    scene.world.monitor.ghosts.started["n1"] = 2
    scene.world.monitor.ghosts.latched[Epoch("n1", 2)] = Cause.OBJECT
    scene.tell("n2", ev.Heard(said, "n3"))
    scene.tell("n2", ev.PeerProved(ms.Announce("n1", 2, 99)))
    assert scene.was_left("n1", "n2")
    assert scene.state("n2").peers["n1"].barred == 2


def test_f38_a_second_stop_skips_deadlines_and_no_step(scene):
    for process in scene.host("n1").processes.values():
        process.deaf = True
    scene.cut(("n1", "n2"), ("n1", "n3"))
    scene.tell("n1", ev.StopRequested())
    scene.tell("n1", ev.StopRequested())
    scene.soon()
    assert scene.is_down("n1")
    assert scene.taken("notify_member") == 5
    assert scene.taken("quiesce") == scene.taken("end_clustering") == 1


def test_f39_a_stop_and_a_fatal_cause_together(scene):
    scene.tell("n1", ev.StopRequested())
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    assert shutdown(scene)
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.PLANNED_STOP


def test_f40_primary_and_first_backup_at_once(scene):
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.tell("n2", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    assert scene.is_down("n1")
    assert scene.is_down("n2")
    assert {scene.primary("n3", group) for group in ("base", "store", "leased")} == {"n3"}


def test_f41_two_nodes_fail_at_once(scene):
    order = promotions(scene)
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.host("n3").lose_engine()
    scene.wait(4)
    assert scene.is_down("n1")
    assert scene.is_down("n3")
    assert scene.was_left("n1", "n2")
    assert scene.was_left("n3", "n2")
    assert sorted(order) == sorted(scene.state("n2").groups), "each group once"
    assert order.index("base") < order.index("top")
    assert {scene.primary("n2", group) for group in order} == {"n2"}


def test_f42_all_backups_are_dead(scene):
    for node in ("n2", "n3"):
        scene.host(node).lose_member("base")
    scene.soon()
    held = scene.state("n3").groups["base"].domain
    scene.host("n1").lose_member("base")
    scene.soon()
    assert scene.primaries("base", "n1", "n2", "n3") == {None}
    assert scene.state("n3").groups["base"].domain == held


def test_f43_dependent_failover_in_order(scene):
    scene.tell("n3", ev.Notice((Cause.OBJECT,)))  # now n2 is primary of top
    scene.wait(3)
    assert scene.primary("n2", "top") == "n2"
    order = promotions(scene)
    scene.chaos._boot(scene.host("n3"))
    scene.wait(8)
    scene.host("n1").lose_member("base")  # and of base
    scene.soon()
    assert scene.primary("n2", "base") == "n2"
    order.clear()
    scene.tell("n2", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    assert {"base", "top"} <= set(order)
    assert order.index("base") < order.index("top")


def test_f44_f45_a_quick_restart(scene):
    scene.host("n1").lose_power()
    scene.chaos._boot(scene.host("n1"))
    scene.wait(8)
    assert unsettled(scene.world) == []
    for node in OTHERS:
        peer = scene.state(node).peers["n1"]
        assert (peer.left, peer.admitted) == (1, 2)
        assert scene.state(node).groups["base"].domain[-1][1:3] == ("n1", 2)
    assert scene.state("n1").latch is None


def test_f46_old_statements_after_the_restart(scene):
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    scene.chaos._boot(scene.host("n1"))
    scene.wait(8)
    old = scene.host("n1").incarnation - 1
    before = scene.state("n2")
    scene.tell("n2", ev.Heard(ms.Signed(ms.Quiesced("n1", 1, old)), "n3"))
    scene.tell("n2", ev.Heard(ms.Signed(ms.Distress("n1", 1, old, Cause.OBJECT)), "n3"))
    after = scene.state("n2")
    assert (after.peers, after.groups, after.gone) == (before.peers, before.groups, before.gone)


def test_f47_the_primary_dies_with_a_proposal_open(scene):
    scene.host("n3").lose_power()
    scene.cut(("n2", "n1"))
    scene.chaos._boot(scene.host("n3"))
    scene.wait(3)
    assert scene.state("n1").groups["base"].proposal is not None
    assert scene.state("n2").groups["base"].domain[-1][1:3] == ("n3", 2)
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(4)
    assert scene.primaries("base", *OTHERS) == {"n2"}
    assert scene.state("n3").lives("base"), "admitted by the list that was proposed anew"


def test_f48_two_returned_nodes_with_different_lists(scene):
    for node in OTHERS:
        scene.host(node).lose_power()
    scene.soon()
    scene.cut(("n1", "n3"))  # n3 learns of no list
    for node in OTHERS:
        scene.chaos._boot(scene.host(node))
    scene.world.run_for(450 * MILLISECOND)
    scene.cut(("n2", "n1"), ("n2", "n3"), ("n3", "n2"))
    scene.wait(2)
    lists = {node: scene.state(node).groups["base"].domain for node in OTHERS}
    assert lists["n2"] != lists["n3"]
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    scene.heal()
    scene.wait(10)
    assert len(scene.primaries("base", *OTHERS) - {None}) <= 1
    assert sum(scene.state(node).groups["base"].promoted for node in OTHERS) <= 1
    scene.chaos._boot(scene.host("n1"))
    scene.wait(12)
    assert unsettled(scene.world) == []
    assert len(scene.primaries("base", "n1", *OTHERS)) == 1


def test_f50_a_clone(scene):
    before = scene.state("n2").peers
    scene.tell("n2", ev.PeerProved(ms.Announce("n1", 1, 99)))
    scene.world.monitor.ghosts.latched[Epoch("n1", 1)] = Cause.OBJECT
    effects = scene.tell("n2", ev.Heard(ms.Signed(ms.Distress("n1", 1, 99, Cause.OBJECT)), "n1"))
    assert fx.Log("clone", "n1.1") in effects
    assert scene.state("n2").peers == before, "it evicts neither"


def test_f52_f53_fences(scene):
    scene.host("n1").lose_power()
    scene.wait(3)
    (refused,) = scene.tell("n2", ev.FenceOrdered(ms.Fence("n1", 7)))
    assert refused.refused
    scene.world.monitor.fence("n1", 1)
    scene.tell("n2", ev.FenceOrdered(ms.Fence("n1", 1)))
    scene.soon()
    assert scene.was_left("n1", *OTHERS)
    assert scene.primaries("base", *OTHERS) == {"n2"}


def test_f54_a_fenced_node_is_alive_after_all(scene):
    scene.isolate("n1")
    scene.wait(3)
    scene.world.monitor.fence("n1", 1)
    scene.world.monitor._one_primary = lambda *_: None  # S2 assumes that the operator is right
    scene.tell("n2", ev.FenceOrdered(ms.Fence("n1", 1)))
    scene.heal()
    scene.wait(3)
    assert scene.is_down("n1")
    assert scene.world.monitor.ghosts.latched[("n1", 1)] is Cause.LEFT_ELSEWHERE
    assert scene.was_left("n1", *OTHERS)


def test_f55_all_are_restarted(scene):
    for node in ("n1", "n2", "n3"):
        scene.host(node).lose_power()
    for node in ("n3", "n1", "n2"):
        scene.chaos._boot(scene.host(node))
        scene.wait(0.5)
    scene.wait(8)
    assert unsettled(scene.world) == []
    assert scene.primaries("base", "n1", *OTHERS) == {"n1"}, "the last primary founds"


def test_f56_f57_one_stays_away_after_a_failover(scene):
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    for node in OTHERS:
        scene.host(node).lose_power()
    scene.chaos._boot(scene.host("n1"))  # with stale data: it believes that it was primary
    scene.chaos._boot(scene.host("n3"))
    scene.wait(8)
    assert scene.primaries("base", "n1", "n3") == {None}, "in doubt until n2 is there"
    scene.chaos._boot(scene.host("n2"))
    scene.wait(8)
    assert unsettled(scene.world) == []
    assert scene.primaries("base", "n1", *OTHERS) == {"n2"}


def test_f56_bootstrap(scene):
    for node in ("n1", "n2", "n3"):
        scene.host(node).lose_power()
    scene.chaos._boot(scene.host("n3"))
    scene.chaos._boot(scene.host("n2"))
    scene.wait(6)
    assert scene.primaries("base", *OTHERS) == {None}
    order = bootstrap_order(scene.state("n2"), "base")
    assert order is not None
    answer = scene.tell("n2", ev.BootstrapOrdered(order))
    assert fx.Answer() in answer
    scene.wait(4)
    assert scene.primaries("base", *OTHERS) == {"n2"}
    assert scene.state("n3").lives("base")
    assert order.entry.position > 2**32


def test_f58_a_cluster_of_one():
    scene = Scene(1)
    scene.tell("n1", ev.Notice((Cause.OBJECT,)))
    scene.wait(3)
    assert scene.is_down("n1")
    scene.chaos._boot(scene.host("n1"))
    scene.wait(3)
    assert unsettled(scene.world) == []
