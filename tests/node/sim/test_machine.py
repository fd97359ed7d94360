"""A state machine of what may go wrong, so that a failure shrinks to the few things it needs.

`make machine` runs it for 200,000 steps of cores and more, a fifth of them on twenty nodes.
"""

import os
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from knell.node.core import events as ev
from knell.node.core.values import MILLISECOND, SECOND
from knell.node.sim.chaos import Chaos, unsettled
from knell.node.sim.world import World, cluster

GOAL = int(os.environ.get("KNELL_STEPS", "10000"))
"""How many steps of cores in all."""

SHARES = {3: 0.8, 20: 0.2} if GOAL >= 100_000 else {3: 1.0}
"""Which share of the steps clusters of a size get; twenty nodes take thousands to settle."""

hosts = st.integers(0, 19)
groups = st.sampled_from(["base", "top", "store", "leased", "vital"])
FAULTS = ("report", "component", "stop", "engine", "sentinel", "power", "freeze", "fence", "relent")


class Cluster(RuleBasedStateMachine):
    """Some nodes; the monitor of the world judges each step, so rules only make things happen."""

    nodes = 3
    steps: ClassVar[Counter[int]] = Counter()

    @initialize(seed=st.integers(0, 2**16), dawdling=st.sampled_from([0.0, 0.1, 0.5]))
    def boot(self, seed, dawdling):
        self.world = World(cluster(self.nodes), seed, dawdling=dawdling)
        self.chaos = Chaos(self.world)
        self.chaos.calm = True
        self.world.run_for(2 * SECOND)

    def host(self, number):
        return self.world.hosts[f"n{number % self.nodes + 1}"]

    @rule(milliseconds=st.sampled_from([1, 5, 50, 500, 3_000, 9_000]))
    def wait(self, milliseconds):
        self.world.run_for(milliseconds * MILLISECOND)

    @rule(node=hosts, fault=st.sampled_from(FAULTS))
    def fail(self, node, fault):
        getattr(self.chaos, f"_{fault}")(self.host(node))

    @rule(node=hosts)
    def start(self, node):
        self.chaos._boot(self.host(node))

    @rule(node=hosts, group=groups, primary=st.booleans(), milliseconds=st.integers(0, 5))
    def act(self, node, group, primary, milliseconds):
        host = self.host(node)
        self.chaos.acts += 1
        host.tell(ev.ActBegins(group, self.chaos.acts, primary))
        if host.engine is not None:
            end = ev.ActEnds(group, self.chaos.acts)
            self.world.after(milliseconds * MILLISECOND, host, end)

    @rule(node=hosts, group=groups, stubborn=st.booleans())
    def join(self, node, group, stubborn):
        host = self.host(node)
        if host.name in host.settings.group(group).nodes:
            host.join(group, stubborn=stubborn)

    @rule(node=hosts, group=groups)
    def lose_member(self, node, group):
        self.host(node).lose_member(group)

    @precondition(lambda self: len(self.world.network.cut) < self.nodes * (self.nodes - 1))
    @rule(source=hosts, to=hosts)
    def cut(self, source, to):
        pair = self.host(source).name, self.host(to).name
        if pair[0] != pair[1]:
            self.world.network.cut.add(pair)

    @rule()
    def heal(self):
        self.world.network.cut.clear()

    @rule(loss=st.sampled_from([0.0, 0.3]), twice=st.sampled_from([0.0, 0.5]))
    def weather(self, loss, twice):
        self.world.network.loss, self.world.network.twice = loss, twice

    def teardown(self):
        if hasattr(self, "world"):
            self.chaos.settle(40 * SECOND)
            self.steps[self.nodes] += self.world.monitor.steps
            assert unsettled(self.world) == []


@pytest.mark.parametrize("nodes", SHARES)
def test_the_properties_hold_whatever_happens(nodes, capsys):
    machine = type("Machine", (Cluster,), {"nodes": nodes})
    Cluster.steps[nodes] = 0
    chosen = settings(
        max_examples=10 if nodes < 10 else 1,
        stateful_step_count=30,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    for number in range(10_000):
        run_state_machine_as_test(seed(number)(machine), settings=chosen)
        if Cluster.steps[nodes] >= GOAL * SHARES[nodes]:
            break
    with capsys.disabled():
        if GOAL >= 100_000:
            print(f"\n{nodes} nodes: {Cluster.steps[nodes]} steps")  # noqa: T201 # the figure
    assert Cluster.steps[nodes] >= GOAL * SHARES[nodes]
