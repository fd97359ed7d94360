"""What the rigid facts of every configuration have in common, which a proof may go by.

The finite tables of a configuration satisfy these axioms; a proof for any number of nodes, epochs
and groups has nothing else to go by.
"""

from __future__ import annotations

from knell.language import Model, every, forall, iff, implies, some
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State them."""
    Inc, Group = w.Inc, w.Group
    older = w.older
    m.axiom(
        "epochs_pass",
        forall(Inc, Inc, Inc, lambda i, j, k: implies(older[i, j] & older[j, k], older[i, k])),
    )
    m.axiom(
        "one_past",
        forall(
            Inc,
            Inc,
            Inc,
            lambda i, j, k: implies(older[i, k] & older[j, k], ~w.peers(i, j)),
        ),
    )
    m.axiom(
        "one_future",
        forall(
            Inc,
            Inc,
            Inc,
            lambda i, j, k: implies(older[k, i] & older[k, j], ~w.peers(i, j)),
        ),
    )
    m.axiom(
        "hosts_stay",
        forall(
            Inc,
            Inc,
            Group,
            lambda i, j, g: implies(older[i, j], iff(w.hosts[i, g], w.hosts[j, g])),
        ),
    )
    m.axiom(
        "founders",
        forall(
            Inc,
            Group,
            lambda i, g: implies(
                w.founds[i, g], w.hosts[i, g] & forall(Inc, lambda k: ~older[k, i])
            ),
        ),
    )
    before = w.founded_before
    m.axiom(
        "founded_order",
        forall(
            Inc,
            Group,
            Inc,
            lambda i, g, k: implies(
                before[i, g, k],
                every(w.founds[i, g], w.founds[k, g], ~before[k, g, i], ~(i == k)),
            ),
        ),
    )
    m.axiom(
        "founded_chain",
        forall(
            Inc,
            Inc,
            Inc,
            Group,
            lambda i, j, k, g: implies(before[i, g, j] & before[j, g, k], before[i, g, k]),
        ),
    )
    m.axiom(
        "founded_total",
        forall(
            Inc,
            Inc,
            Group,
            lambda i, j, g: implies(
                w.founds[i, g] & w.founds[j, g],
                some(i == j, before[i, g, j], before[j, g, i]),
            ),
        ),
    )
    m.axiom(
        "first_founder",
        forall(
            Inc,
            Group,
            lambda i, g: implies(
                w.first[i, g], w.founds[i, g] & forall(Inc, lambda k: ~before[i, g, k])
            ),
        ),
    )
    if not w.p.returning:
        m.axiom("nobody_returns", forall(Inc, Inc, lambda i, j: ~older[i, j]))
    if w.p.leases:
        m.axiom("one_group", forall(Group, Group, lambda g, h: g == h))
