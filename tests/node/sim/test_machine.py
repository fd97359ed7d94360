"""A state machine of what may go wrong, so that a failure shrinks to the few things it needs."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from knell.node.core import events as ev
from knell.node.core.values import MILLISECOND, SECOND
from knell.node.sim.chaos import Chaos, unsettled
from knell.node.sim.world import World, cluster

NODES = 3
hosts = st.sampled_from([f"n{k}" for k in range(1, NODES + 1)])
groups = st.sampled_from(["base", "top", "store", "leased", "vital"])
FAULTS = ("report", "component", "stop", "engine", "sentinel", "power", "freeze", "fence", "relent")


class Cluster(RuleBasedStateMachine):
    """Three nodes; the monitor of the world judges each step, so rules only make things happen."""

    @initialize(seed=st.integers(0, 2**16), dawdling=st.sampled_from([0.0, 0.1, 0.5]))
    def boot(self, seed, dawdling):
        self.world = World(cluster(NODES), seed, dawdling=dawdling)
        self.chaos = Chaos(self.world)
        self.chaos.calm = True
        self.world.run_for(2 * SECOND)

    @rule(milliseconds=st.sampled_from([1, 5, 50, 500, 3_000, 9_000]))
    def wait(self, milliseconds):
        self.world.run_for(milliseconds * MILLISECOND)

    @rule(node=hosts, fault=st.sampled_from(FAULTS))
    def fail(self, node, fault):
        getattr(self.chaos, f"_{fault}")(self.world.hosts[node])

    @rule(node=hosts)
    def start(self, node):
        self.chaos._boot(self.world.hosts[node])

    @rule(node=hosts, group=groups, primary=st.booleans(), milliseconds=st.integers(0, 5))
    def act(self, node, group, primary, milliseconds):
        host = self.world.hosts[node]
        self.chaos.acts += 1
        host.tell(ev.ActBegins(group, self.chaos.acts, primary))
        if host.engine is not None:
            end = ev.ActEnds(group, self.chaos.acts)
            self.world.after(milliseconds * MILLISECOND, host, end)

    @rule(node=hosts, group=groups, stubborn=st.booleans())
    def join(self, node, group, stubborn):
        host = self.world.hosts[node]
        if node in host.settings.group(group).nodes:
            host.join(group, stubborn=stubborn)

    @rule(node=hosts, group=groups)
    def lose_member(self, node, group):
        self.world.hosts[node].lose_member(group)

    @precondition(lambda self: len(self.world.network.cut) < NODES * (NODES - 1))
    @rule(source=hosts, to=hosts)
    def cut(self, source, to):
        if source != to:
            self.world.network.cut.add((source, to))

    @rule()
    def heal(self):
        self.world.network.cut.clear()

    @rule(loss=st.sampled_from([0.0, 0.3]), twice=st.sampled_from([0.0, 0.5]))
    def weather(self, loss, twice):
        self.world.network.loss, self.world.network.twice = loss, twice

    def teardown(self):
        if hasattr(self, "world"):
            self.chaos.settle(40 * SECOND)
            assert unsettled(self.world) == []


Cluster.TestCase.settings = settings(
    max_examples=int(os.environ.get("KNELL_EXAMPLES", "12")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestCluster = Cluster.TestCase
