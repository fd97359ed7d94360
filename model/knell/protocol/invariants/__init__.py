"""What carries the proof of the safety properties: auxiliary invariants, by families of rules.

They are no claims of the specification: each is here because some claim, or another of these, is
not kept without it.
"""

from __future__ import annotations

from knell.language import Model
from knell.protocol import axioms
from knell.protocol.invariants import admission, gating, leases, lists, lives, observers, releases
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State them, and the axioms."""
    axioms.declare(m, w)
    lives.declare(m, w)
    observers.declare(m, w)
    releases.declare(m, w)
    gating.declare(m, w)
    if w.p.leases:
        leases.declare(m, w)
    if w.p.returning:
        lists.declare(m, w)
        admission.declare(m, w)


__all__ = ["declare"]
