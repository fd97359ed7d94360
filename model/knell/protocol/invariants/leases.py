"""Why an outwaited lease is over for good, as long as whoever outwaited it is not released."""

from __future__ import annotations

from knell.language import Model, every, forall, implies, some
from knell.language.expressions import Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State it, where groups are taken over by lease."""
    Inc, Group = w.Inc, w.Group

    def between(o: Expr, g: Expr, k: Expr, i: Expr) -> Expr:
        return w.before(o, g, k) & w.before(k, g, i)

    m.invariant(
        "lapses_were_said",
        forall(Inc, Inc, lambda o, i: implies(w.heard_lapse[o, i], w.lapsed[i])),
    )
    m.invariant(
        "waited_in_vain",
        forall(Inc, Inc, lambda o, i: implies(w.waited[o, i], w.stopped[o, i])),
    )
    m.invariant(
        "nobody_between_who_waited",
        forall(
            Inc,
            Inc,
            Inc,
            Group,
            lambda o, k, i, g: implies(w.waited[o, i] & between(o, g, k, i), w.release_said(k, g)),
        ),
    )
    m.invariant(
        "outwaited_is_over",
        forall(
            Inc,
            Inc,
            Inc,
            Group,
            lambda o, i, k, g: implies(
                every(w.waited[o, i], w.before(o, g, i), ~w.release_said(o, g)),
                ~w.lease[i, g] & ~w.granted[k, g, i],
            ),
        ),
    )
    m.invariant(
        "who_is_before_a_primary",
        forall(
            Inc,
            Inc,
            Group,
            lambda i, k, g: implies(
                every(w.primary[i, g], w.gate_open(i) | w.lease[i, g], w.before(i, g, k)),
                some(w.release_said(k, g), w.waited[i, k]),
            ),
        ),
    )
    m.invariant(
        "leases_end_with_the_epoch",
        forall(
            Inc,
            Group,
            lambda i, g: implies(w.phase[i].is_in("ended", "crashed"), ~w.lease[i, g]),
        ),
    )


__all__ = ["declare"]
