"""Who is released is out, and who is promoted has only such entries before it."""

from __future__ import annotations

from knell.language import Model, forall, implies
from knell.protocol.invariants.terms import out
from knell.protocol.safety import was_released
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State it."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "released_is_out",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, k: implies(w.released[o, g, k], out(w, k, g)),
        ),
    )
    m.invariant(
        "released_was_said",
        forall(
            Inc, Group, Inc, lambda o, g, k: implies(w.released[o, g, k], was_released(w, k, g))
        ),
    )
    m.invariant(
        "nobody_before_a_primary",
        forall(
            Inc,
            Inc,
            Group,
            lambda j, k, g: implies(w.primary[j, g] & w.before(j, g, k), out(w, k, g)),
        ),
    )
    m.invariant(
        "primary_is_an_entry",
        forall(Inc, Group, lambda i, g: implies(w.primary[i, g], w.entry(i, g))),
    )


__all__ = ["declare"]
