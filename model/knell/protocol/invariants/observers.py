"""What an observer knows."""

from __future__ import annotations

from knell.language import Model, every, forall, iff, implies
from knell.protocol.invariants.terms import dormant
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State it."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "told_at_most_once",
        forall(Inc, Group, Inc, lambda o, g, i: ~(w.leaves[o, g, i] == "twice")),
    )
    m.invariant(
        "told_once_left",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, i: implies(~(w.leaves[o, g, i] == "never"), w.left[o, i]),
        ),
    )
    if w.p.groups > 1:
        _primaries(m, w)
    if w.p.returning:
        _views(m, w)
    else:
        _peers_at_start(m, w)


def _primaries(m: Model, w: World) -> None:
    """Who is known to be primary, which matters where groups depend on each other."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "left_is_heard", forall(Inc, Inc, lambda o, i: implies(w.left[o, i], w.heard[o, i]))
    )
    m.invariant(
        "primaries_were_promoted",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, i: implies(w.knows_primary[o, g, i], w.promoted[i, g]),
        ),
    )
    m.invariant(
        "gone_are_peers",
        forall(Inc, Group, Inc, lambda o, g, i: implies(w.heard_gone[o, g, i], w.peers(o, i))),
    )
    m.invariant(
        "primaries_are_not_gone",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, i: implies(w.knows_primary[o, g, i], ~w.heard_gone[o, g, i]),
        ),
    )


def _peers_at_start(m: Model, w: World) -> None:
    """What is in view, where nobody returns: all that was, but for what was heard to be over."""
    Inc = w.Inc
    m.invariant(
        "heard_is_out_of_view",
        forall(Inc, Inc, lambda o, i: implies(w.heard[o, i], ~w.view[o, i])),
    )
    m.invariant(
        "start_together",
        forall(
            Inc,
            Inc,
            lambda o, i: implies(
                every(~dormant(w, o), w.at_start(o), w.at_start(i), ~w.heard[o, i]),
                w.view[o, i],
            ),
        ),
    )


def _views(m: Model, w: World) -> None:
    """What is in view, where epochs are admitted."""
    Inc = w.Inc
    m.invariant(
        "silent_in_view",
        forall(Inc, Inc, lambda o, i: implies(w.partitioned[o, i], w.view[o, i])),
    )
    m.invariant(
        "admitted_is_in_view_or_left",
        forall(Inc, Inc, lambda o, i: iff(w.admitted[o, i], w.view[o, i] | w.left[o, i])),
    )
    m.invariant(
        "one_epoch_in_view",
        forall(
            Inc,
            Inc,
            Inc,
            lambda o, i, j: implies(w.older[i, j], ~(w.view[o, i] & w.view[o, j])),
        ),
    )


__all__ = ["declare"]
