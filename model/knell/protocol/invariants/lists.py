"""Recovery domains that grow, but for why they stay one order (`admission`)."""

from __future__ import annotations

from knell.language import Model, forall, implies, some
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State it."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "founders_are_listed",
        forall(
            Inc,
            Inc,
            Group,
            lambda i, k, g: implies(w.is_entry[i, g] & w.founds[k, g], w.list_of[i, g, k]),
        ),
    )
    m.invariant(
        "founders_are_carried",
        forall(
            Inc,
            Inc,
            Inc,
            Group,
            lambda q, j, k, g: implies(
                w.proposed[q, g, j] & w.founds[k, g], w.carried[q, g, j, k] | (k == j)
            ),
        ),
    )
    m.invariant(
        "proposers_are_entries",
        forall(Inc, Inc, Group, lambda q, j, g: implies(w.proposed[q, g, j], w.is_entry[q, g])),
    )
    m.invariant(
        "committed_was_proposed",
        forall(Inc, Inc, Group, lambda q, j, g: implies(w.committed[q, g, j], w.proposed[q, g, j])),
    )
    m.invariant(
        "entries_are_ordered",
        forall(
            Inc,
            Inc,
            Group,
            lambda i, j, g: implies(
                w.is_entry[i, g] & w.is_entry[j, g],
                some(i == j, w.before(i, g, j), w.before(j, g, i)),
            ),
        ),
    )


__all__ = ["declare"]
