"""What carries the proof of the safety properties: auxiliary invariants.

They are no claims of the specification: each is here because some claim, or another of these, is
not kept without it.
"""

from __future__ import annotations

from knell.language import Model, every, forall, iff, implies, some
from knell.language.expressions import TRUE, Expr
from knell.protocol import admission, axioms
from knell.protocol.safety import left_by_itself, was_released
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State them, and the axioms."""
    axioms.declare(m, w)
    _lives(m, w)
    _statements(m, w)
    _observers(m, w)
    _releases(m, w)
    if w.p.returning:
        _lists(m, w)
        admission.declare(m, w, _out)


def _over(w: World, i: Expr) -> Expr:
    """The epoch has been, and is no more."""
    return w.phase[i].is_in("ended", "crashed")


def _dormant(w: World, i: Expr) -> Expr:
    """Nothing of the epoch runs, so that it remembers nothing."""
    return w.phase[i].is_in("absent", "ended", "crashed")


def _out(w: World, i: Expr, g: Expr) -> Expr:
    """The entry acts no more in this group, and never will."""
    return w.phase[i].is_in("quiesced", "ended", "crashed") | w.member_gone[i, g]


def _lives(m: Model, w: World) -> None:
    """An epoch's phases, its members and its memory."""
    Inc, Group = w.Inc, w.Group

    def over(i: Expr) -> Expr:
        return _over(w, i)

    def dormant(i: Expr) -> Expr:
        return _dormant(w, i)

    m.invariant(
        "earlier_epochs_are_over",
        forall(
            Inc,
            Inc,
            lambda i, j: implies(w.older[i, j] & ~(w.phase[j] == "absent"), over(i)),
        ),
    )
    m.invariant(
        "announced_at_start",
        forall(Inc, lambda i: iff(w.announced[i], ~(w.phase[i] == "absent"))),
    )
    m.invariant(
        "memory_of_the_living",
        forall(
            Inc,
            Inc,
            lambda i, k: implies(
                dormant(i),
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
    m.invariant(
        "group_memory_of_the_living",
        forall(
            Inc,
            Group,
            Inc,
            lambda i, g, k: implies(
                dormant(i),
                every(
                    ~w.released[i, g, k],
                    ~w.heard_gone[i, g, k],
                    ~w.knows_primary[i, g, k],
                    w.leaves[i, g, k] == "never",
                ),
            ),
        ),
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
        "members_where_the_gate_is_open",
        forall(
            Inc,
            Group,
            lambda i, g: implies(w.runs(i, g), w.gate_open(i) & w.hosts[i, g]),
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

    if not w.p.unkillable:
        m.invariant(
            "gated_until_reaped",
            forall(
                Inc,
                Group,
                lambda i, g: implies(w.member[i, g] == "gated", w.phase[i] == "failing"),
            ),
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
                    ~dormant(i) & w.member[i, g].is_in("notified", "gated", "gone"),
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


def _observers(m: Model, w: World) -> None:
    """What an observer knows."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "in_view_is_announced",
        forall(Inc, Inc, lambda o, i: implies(w.view[o, i], w.announced[i])),
    )
    m.invariant(
        "silent_in_view",
        forall(Inc, Inc, lambda o, i: implies(w.partitioned[o, i], w.view[o, i])),
    )
    m.invariant(
        "left_is_heard", forall(Inc, Inc, lambda o, i: implies(w.left[o, i], w.heard[o, i]))
    )
    m.invariant(
        "release_is_heard",
        forall(Inc, Inc, lambda o, i: implies(w.heard_release[o, i], w.heard[o, i])),
    )
    m.invariant(
        "told_at_most_once",
        forall(Inc, Group, Inc, lambda o, g, i: ~(w.leaves[o, g, i] == "twice")),
    )
    m.invariant(
        "all_who_share_are_told",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, i: implies(
                every(
                    w.left[o, i],
                    w.founds[o, g],
                    w.founds[i, g],
                    w.runs(o, g),
                    ~w.heard_gone[o, g, i],
                ),
                ~(w.leaves[o, g, i] == "never"),
            ),
        ),
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
    if not w.p.returning:
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
                every(~_dormant(w, o), w.at_start(o), w.at_start(i), ~w.heard[o, i]),
                w.view[o, i],
            ),
        ),
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
    if w.p.returning:
        m.invariant(
            "admitted_is_in_view_or_left",
            forall(Inc, Inc, lambda o, i: iff(w.admitted[o, i], w.view[o, i] | w.left[o, i])),
        )
        m.invariant(
            "later_is_heard",
            forall(Inc, Inc, lambda o, i: implies(w.heard_later[o, i], w.heard[o, i])),
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


def _releases(m: Model, w: World) -> None:
    """Who is released is out, and who is promoted has only such entries before it."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "released_is_out",
        forall(
            Inc,
            Group,
            Inc,
            lambda o, g, k: implies(w.released[o, g, k], _out(w, k, g)),
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
            lambda j, k, g: implies(w.primary[j, g] & w.before(j, g, k), _out(w, k, g)),
        ),
    )
    m.invariant(
        "primary_is_an_entry",
        forall(Inc, Group, lambda i, g: implies(w.primary[i, g], w.entry(i, g))),
    )


def _lists(m: Model, w: World) -> None:
    """Recovery domains that grow."""
    Inc, Group = w.Inc, w.Group
    m.invariant(
        "founders_are_entries",
        forall(Inc, Group, lambda i, g: implies(w.founds[i, g], w.is_entry[i, g])),
    )
    m.invariant(
        "own_entry",
        forall(Inc, Group, lambda i, g: implies(w.is_entry[i, g], w.list_of[i, g, i])),
    )
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
