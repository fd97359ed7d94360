"""Acts that take time, processes that outlive being killed, and the operator's fence.

A process that is gated may still act on the outside unless stores check tokens: who passes it
knows that they do. An act that the engine accepted holds the gate open until it has taken effect.
"""

from __future__ import annotations

from knell.language import Model, forall, implies
from knell.protocol.invariants.terms import out, over
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State what holds of them, where they are modelled."""
    Inc, Group = w.Inc, w.Group
    if w.p.fences:
        m.invariant(
            "fenced_is_off",
            forall(Inc, lambda i: implies(w.fenced[i], over(w, i) & w.is_off(i))),
        )
    if w.p.acts:
        m.invariant(
            "acts_of_members",
            forall(
                Inc,
                Group,
                lambda i, g: implies(w.acting[i, g], w.runs(i, g) & ~w.member_gone[i, g]),
            ),
        )
        m.invariant(
            "acts_of_entries",
            forall(Inc, Group, lambda i, g: implies(w.acting[i, g], w.entry(i, g))),
        )
        m.invariant(
            "nobody_before_an_act",
            forall(
                Inc,
                Inc,
                Group,
                lambda j, k, g: implies(w.acting[j, g] & w.before(j, g, k), out(w, k, g)),
            ),
        )
    if w.p.unkillable:
        _gated(m, w)


def _gated(m: Model, w: World) -> None:
    """Processes that are gated, and may live on."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "gated_is_not_reaped",
        forall(
            Inc,
            Group,
            lambda i, g: implies(w.member[i, g] == "gated", ~w.reaped[i, g] & ~w.member_gone[i, g]),
        ),
    )
    m.invariant(
        "reaped_was_said",
        forall(Inc, Group, lambda i, g: implies(w.reaped[i, g], w.quiesced[i])),
    )
    m.invariant(
        "gated_of_the_latest",
        forall(
            Inc,
            Inc,
            Group,
            lambda i, j, g: implies(w.older[i, j] & w.announced[j], ~(w.member[i, g] == "gated")),
        ),
    )
    m.invariant(
        "released_though_gated",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, k: implies(
                w.released[o, g, k] & (w.member[k, g] == "gated"), w.has_tokens[g]
            ),
        ),
    )
    m.invariant(
        "passed_though_gated",
        forall(
            Inc,
            Group,
            Inc,
            lambda j, g, k: implies(
                w.primary[j, g] & w.before(j, g, k) & (w.member[k, g] == "gated"), w.has_tokens[g]
            ),
        ),
    )
    if w.p.acts:
        m.invariant(
            "acted_past_gated",
            forall(
                Inc,
                Group,
                Inc,
                lambda j, g, k: implies(
                    w.acting[j, g] & w.before(j, g, k) & (w.member[k, g] == "gated"),
                    w.has_tokens[g],
                ),
            ),
        )


__all__ = ["declare"]
