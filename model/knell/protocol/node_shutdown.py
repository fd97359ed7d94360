"""The node-shutdown protocol: how a failing node takes itself out of its cluster.

A member detects a fatal error; one latch closes and DISTRESS goes to every other node; the
members on the node are warned and forced out; QUIESCED says that the node can act no more;
clustering ends there. The others deliver a node leave and fail over in order. The text is
``spec/PROTOCOL.md``; each action names its section.
"""

import re

from knell.language import Model, forall
from knell.language.properties import Property
from knell.protocol import (
    acts,
    cold_start,
    detection,
    epochs,
    faults,
    invariants,
    leases,
    lists,
    liveness,
    observing,
    preemption,
    promoting,
    returning,
    safety,
    silence,
    survivors,
    witnesses,
)
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
    rules(m, world)
    m.ends(forall(world.Inc, lambda i: ~world.phase[i].is_in("failing", "quiesced")))
    safety.declare(m, world)
    promoting.declare(m, world)
    observing.declare(m, world)
    epochs.declare(m, world)
    liveness.declare(m, world)
    invariants.declare(m, world)
    witnesses.settle(m, world)
    m.properties.sort(key=_place)
    return m


def rules(m: Model, world: World) -> None:
    """Declare the actions, each of which is a rule of the protocol or a fault."""
    detection.detect(m, world)
    preemption.preempt(m, world)
    detection.initiate(m, world)
    preemption.end(m, world)
    acts.declare(m, world)
    faults.declare(m, world)
    survivors.declare(m, world)
    silence.declare(m, world)
    leases.declare(m, world)
    returning.declare(m, world)
    lists.declare(m, world)
    cold_start.declare(m, world)


def _place(declared: Property) -> tuple[int, int, str]:
    """S1 to S15, L1 to L6, each followed by its witnesses; then the long witness."""
    id = re.match(r"([SL])(\d+)", declared.id)
    return ("SL".index(id[1]), int(id[2]), declared.id) if id else (2, 0, declared.id)


m = build()
