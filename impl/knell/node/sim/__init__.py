"""Many cores in one process, under a network, disks and faults that do their worst.

A run is a function of its seed and settings: same seed, same run, byte for byte. Time is
simulated; each node's clock has an offset and a rate of its own, within the drift bound. After
every step of every core the monitor judges S1 to S15 over the whole cluster.

* `network`: datagrams that are delayed, lost, duplicated, reordered and cut off.
* `host`: one node: its cores, its processes, its disk; the runtime's duties, done in order.
* `world`: hosts, network and clock; what happens next.
* `chaos`: what goes wrong, drawn at random.
* `monitor`: the safety properties as a judge of all hosts at once.

>>> from knell.node.sim.world import World, cluster
>>> from knell.node.sim.chaos import Chaos
>>> first, second = (Chaos(World(cluster(3), seed=7)) for _ in range(2))
>>> first.run(2_000) == second.run(2_000)
True
"""
