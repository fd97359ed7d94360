"""Acts that take time, processes that outlive being killed, and the operator's fence.

A process that is gated may still act on the outside unless stores check tokens: who passes it
knows that they do. An act that the engine accepted holds the gate open until it has taken effect.
"""

from __future__ import annotations

from knell.language import Model, every, forall, implies
from knell.protocol.invariants.terms import over
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
                lambda i, g: implies(
                    w.acting[i, g], every(w.runs(i, g), w.gate_open(i), ~w.member_gone[i, g])
                ),
            ),
        )
        m.invariant(
            "acts_of_primaries",
            forall(Inc, Group, lambda i, g: implies(w.acting[i, g], w.primary[i, g])),
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
    if w.p.returning:
        m.invariant(
            "gated_of_the_latest",
            forall(
                Inc,
                Inc,
                Group,
                lambda i, j, g: implies(
                    w.older[i, j] & w.announced[j], w.member[i, g].is_in("absent", "gone")
                ),
            ),
        )


__all__ = ["declare"]
