"""An epoch's phases, its members, its memory, and what was said of it."""

from __future__ import annotations

from knell.language import Model, every, forall, iff, implies, some
from knell.language.expressions import TRUE, Expr
from knell.protocol.invariants.terms import dormant, over
from knell.protocol.safety import left_by_itself
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State them."""
    Inc = w.Inc
    if w.p.returning:
        _epochs(m, w)
    m.invariant(
        "memory_of_the_living",
        forall(
            Inc,
            Inc,
            lambda i, k: implies(
                dormant(w, i),
                every(
                    ~w.view[i, k],
                    ~w.heard[i, k],
                    ~w.heard_release[i, k],
                    ~w.left[i, k],
                    ~w.partitioned[i, k],
                    ~w.heard_later[i, k] if w.p.returning else TRUE,
                ),
            ),
        ),
    )
    _members(m, w)
    _statements(m, w)


def _epochs(m: Model, w: World) -> None:
    """One epoch of a node after the other, whose members are new ones."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "earlier_epochs_are_over",
        forall(
            Inc,
            Inc,
            lambda i, j: implies(w.older[i, j] & ~(w.phase[j] == "absent"), over(w, i)),
        ),
    )
    m.invariant(
        "announced_at_start",
        forall(Inc, lambda i: iff(w.announced[i], ~(w.phase[i] == "absent"))),
    )
    m.invariant(
        "members_before_start",
        forall(
            Inc,
            Group,
            lambda i, g: implies(w.phase[i] == "absent", w.member[i, g] == "absent"),
        ),
    )
    m.invariant(
        "roles_of_members",
        forall(
            Inc,
            Group,
            lambda i, g: implies(
                w.primary[i, g], w.member[i, g].is_in("active", "notified", "gated")
            ),
        ),
    )


def _members(m: Model, w: World) -> None:
    """The processes of members, and why they are out."""
    Inc, Group = w.Inc, w.Group

    def may_run(i: Expr) -> Expr:
        """The gate is open, or engine and sentinel died together and left the members alone."""
        return w.gate_open(i) | (w.phase[i] == "crashed") if w.daemon_dies else w.gate_open(i)

    m.invariant(
        "members_where_the_gate_is_open",
        forall(
            Inc,
            Group,
            lambda i, g: implies(w.runs(i, g), may_run(i) & w.hosts[i, g]),
        ),
    )
    if w.daemon_dies and not w.p.leases:
        m.invariant(
            "quiesced_members",
            forall(Inc, Group, lambda i, g: implies(w.quiesced[i], ~w.runs(i, g))),
        )
    if w.p.failures and not w.p.coarse:
        m.invariant(
            "reports_are_true",
            forall(
                Inc, Group, w.Cause, lambda i, g, c: implies(w.reported[i, g, c], w.fatal[i, c])
            ),
        )
    if not w.p.coarse:
        m.invariant(
            "out_for_a_reason",
            forall(
                Inc,
                Group,
                lambda i, g: implies(
                    ~dormant(w, i) & w.member[i, g].is_in("notified", "gated", "gone"),
                    some(w.warned[i, g], w.reporter[i, g], left_by_itself(w, i, g)),
                ),
            ),
        )
        m.invariant(
            "warned_is_not_active",
            forall(
                Inc,
                Group,
                lambda i, g: implies(
                    w.warned[i, g], w.member[i, g].is_in("notified", "gated", "gone")
                ),
            ),
        )
    m.invariant(
        "gone_is_gone",
        forall(
            Inc,
            Group,
            lambda i, g: implies(w.member_gone[i, g], w.member[i, g] == "gone"),
        ),
    )


def _statements(m: Model, w: World) -> None:
    """When a statement about an epoch can have been made."""
    Inc = w.Inc
    m.invariant(
        "latched_once",
        forall(
            Inc,
            lambda i: implies(
                w.phase[i].is_in("absent", "active"),
                every(~w.distress[i], ~w.quiesced[i], w.rounds[i] == "never"),
            ),
        ),
    )
    m.invariant(
        "quiesced_is_closed",
        forall(
            Inc,
            lambda i: implies(
                w.quiesced[i], w.distress[i] & w.phase[i].is_in("quiesced", "ended", "crashed")
            ),
        ),
    )


__all__ = ["declare"]
