"""Random runs: the properties hold after each step, and what is left in peace recovers."""

import pytest

from knell.node.core import shutdown
from knell.node.core.values import SECOND
from knell.node.sim import __main__ as campaign
from knell.node.sim.chaos import ALL, SILENCE, Chaos, unsettled
from knell.node.sim.world import World, cluster


@pytest.mark.parametrize(("nodes", "steps"), [(1, 200), (2, 1_500), (3, 3_000), (5, 3_000)])
@pytest.mark.parametrize("seed", range(2))
def test_the_properties_hold_and_the_cluster_recovers(nodes, steps, seed):
    world = World(cluster(nodes), seed)
    chaos = Chaos(world)
    chaos.run(steps)
    chaos.settle(60 * SECOND)
    assert unsettled(world) == []


def test_twenty_nodes():
    world = World(cluster(20), 1)
    Chaos(world).run(6_000)


def test_the_same_seed_gives_the_same_run():
    first, second, other = (Chaos(World(cluster(3), seed)).run(2_500) for seed in (5, 5, 6))
    assert first == second != other


def test_a_run_sees_every_action():
    """The campaign is no test of what it never does."""
    seen = set()
    for seed in range(60):
        world = World(cluster(3), 100 + seed)
        Chaos(world, SILENCE if seed % 3 == 2 else ALL).run(2_500)
        seen |= set(world.monitor.actions)
        if seen >= EXPECTED:
            return
    pytest.fail(f"never seen: {sorted(EXPECTED - seen)}")


EXPECTED = {
    "accept",
    "act",
    "begin_act",
    "bootstrap",
    "commit",
    "detect_by_member",
    "end_clustering",
    "fence",
    "finish_act",
    "force_out",
    "cold_start",
    "grant_lease",
    "hear_announce",
    "hear_distress",
    "hear_fence",
    "hear_lapsed",
    "hear_member_gone",
    "hear_promoted",
    "hear_quiesced",
    "initiate_by_engine",
    "initiate_by_sentinel",
    "initiate_for_critical_member",
    "lapse",
    "learn_commit",
    "lease_passes",
    "lose_heartbeats",
    "meet",
    "member_acknowledges",
    "member_leaves",
    "notify_member",
    "promote",
    "propose",
    "quiesce",
    "receive_grant",
    "regain_heartbeats",
    "report_reaches_cc",
    "request_stop",
    "restart",
    "route_work",
    "stop_granting",
}


def test_the_command_says_what_it_saw(monkeypatch, capsys):
    monkeypatch.setattr(campaign, "_SHARES", ((2, 1.0, 400),))
    assert campaign.main(["--steps", "800", "--seed", "3"]) == 0
    assert "S1 to S15 hold" in capsys.readouterr().out


def test_the_command_ends_with_1_where_a_property_breaks(monkeypatch, capsys):
    monkeypatch.setattr(campaign, "_SHARES", ((3, 1.0, 3_000),))
    monkeypatch.setattr(shutdown, "can_quiesce", lambda state: not shutdown.notifiable(state))
    assert campaign.main(["--steps", "30000", "--seed", "0"]) == 1
    assert "S6" in capsys.readouterr().out
