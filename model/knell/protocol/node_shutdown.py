"""The node-shutdown protocol: how a failing node takes itself out of its cluster.

A member detects a fatal error; one latch closes and DISTRESS goes to every other node; the
members on the node are warned and forced out; QUIESCED says that the node can act no more;
clustering ends there. The others deliver a node leave and fail over in order. The text is
``spec/PROTOCOL.md``; each action names its section.
"""

from knell.language import Model, forall
from knell.protocol import liveness, returning, safety, shutdown, silence, survivors
from knell.protocol.mutants import MUTANTS
from knell.protocol.parameters import CONFIGS, SUITE, declare
from knell.protocol.world import World


def build() -> Model:
    """The model under the settings in force."""
    m = Model(
        "node-shutdown",
        "how a failing node shuts itself down, and what its peers make of it",
        configs=CONFIGS,
        suite=SUITE,
        mutants=MUTANTS,
    )
    world = World(m, declare(m))
    shutdown.declare(m, world)
    survivors.declare(m, world)
    silence.declare(m, world)
    returning.declare(m, world)
    m.ends(forall(world.Inc, lambda i: ~world.phase[i].is_in("failing", "quiesced")))
    safety.declare(m, world)
    liveness.declare(m, world)
    return m


m = build()
