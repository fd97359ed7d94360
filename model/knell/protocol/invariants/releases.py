"""Why who is released was said to be, and who is primary is an entry."""

from __future__ import annotations

from knell.language import Model, forall, implies
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State it."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "released_was_said",
        forall(Inc, Group, Inc, lambda o, g, k: implies(w.released[o, g, k], w.release_said(k, g))),
    )
    m.invariant(
        "primary_is_an_entry",
        forall(Inc, Group, lambda i, g: implies(w.primary[i, g], w.entry(i, g))),
    )


__all__ = ["declare"]
