"""A calm cluster of three, and words to ask what became of it.

The first entries: `base`, `store`, `leased` and `vital` have n1, `top` has n3 as primary.
"""

from knell.node.core.values import MILLISECOND, SECOND
from knell.node.sim.chaos import Chaos, unsettled
from knell.node.sim.world import World, cluster


class Scene:
    """A cluster that was founded in peace; from here on the test makes things happen."""

    def __init__(self, nodes=3, *, boot=True):
        self.world = World(cluster(nodes), seed=1, dawdling=0.0)
        self.chaos = Chaos(self.world)
        self.chaos.calm = True
        self.world.network.quiet()
        if boot:
            self.wait(8)
            assert unsettled(self.world) == []

    def host(self, node):
        return self.world.hosts[node]

    def state(self, node):
        engine = self.host(node).engine
        assert engine is not None
        return engine.state

    def tell(self, node, event):
        return self.host(node).tell(event)

    def wait(self, seconds):
        self.world.run_for(int(seconds * SECOND))

    def soon(self):
        """Let pass what takes a few round trips and a few syncs, but no deadline."""
        self.world.run_for(100 * MILLISECOND)

    def cut(self, *pairs):
        self.world.network.cut |= set(pairs)

    def isolate(self, node):
        for other in self.world.hosts:
            self.cut((node, other), (other, node))

    def heal(self):
        self.world.network.cut.clear()

    def primary(self, node, group):
        """The node of the primary that a node knows to be alive."""
        entry = self.state(node).live_primary(group)
        return entry and entry.node

    def primaries(self, group, *nodes):
        return {self.primary(node, group) for node in nodes}

    def is_down(self, node):
        return not self.host(node).up

    def was_left(self, node, *by):
        """Whether the epoch of a node was left, and by each of these."""
        return all(self.state(each).peers[node].admitted == 0 for each in by)

    def is_partitioned(self, node, *by):
        return all(self.state(each).peers[node].partitioned for each in by)

    def taken(self, action):
        return self.world.monitor.actions[action]
