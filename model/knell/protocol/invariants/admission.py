"""Why recovery domains stay one order while they grow: the invariants of admission.

A primary proposes one extension of its list at a time. It is committed once every entry of the
list has accepted it, or is out. So an entry that is not out knows all that was ever committed: it
accepted it, or was admitted later, with a list that holds it. A new primary proposes such a list
first of all, hence nobody it knows not of can be committed beside it.
"""

from __future__ import annotations

from collections.abc import Callable

from knell.language import Model, every, exists, forall, implies, some
from knell.language.expressions import Expr
from knell.protocol.invariants.terms import out
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """State the invariants."""
    Inc, Group = w.Inc, w.Group
    entry, listed, before = w.is_entry, w.list_of, w.committed_before
    proposed, carried = w.proposed, w.carried
    accepted, committed = w.accepted, w.committed

    def live(i: Expr, g: Expr) -> Expr:
        return ~out(w, i, g)

    def of_three(name: str, body: Callable[[Expr, Expr, Expr, Expr], Expr]) -> None:
        m.invariant(name, forall(Inc, Inc, Inc, Group, body))

    def of_four(name: str, body: Callable[[Expr, Expr, Expr, Expr, Expr], Expr]) -> None:
        m.invariant(name, forall(Inc, Inc, Inc, Inc, Group, body))

    def settled(i: Expr, g: Expr) -> Expr:
        """``i`` founded the group, or its admission was committed."""
        return w.founds[i, g] | exists(Inc, lambda r: committed[r, g, i])

    of_three(
        "nobody_before_a_proposer",
        lambda q, j, k, g: implies(proposed[q, g, j] & before[q, g, k], out(w, k, g)),
    )
    of_three(
        "entries_accept",
        lambda o, q, j, g: implies(
            accepted[o, q, g, j], entry[o, g] & proposed[q, g, j] & carried[q, g, j, o]
        ),
    )
    of_three(
        "carried_beside_itself",
        lambda q, j, k, g: implies(carried[q, g, j, k], proposed[q, g, j] & ~(j == k)),
    )
    of_three(
        "entries_against_commits",
        lambda i, q, j, g: implies(
            entry[i, g] & committed[q, g, j], some(i == j, before[i, g, j], carried[q, g, j, i])
        ),
    )
    of_three(
        "commits_are_agreed",
        lambda q, j, k, g: implies(
            committed[q, g, j] & carried[q, g, j, k],
            some(k == q, accepted[k, q, g, j], out(w, k, g)),
        ),
    )
    of_three(
        "live_entries_know_commits",
        lambda k, r, i, g: implies(entry[k, g] & committed[r, g, i] & live(k, g), listed[k, g, i]),
    )
    of_three(
        "one_proposal_after_the_other",
        lambda q, i, j, g: implies(
            proposed[q, g, i] & proposed[q, g, j],
            some(i == j, carried[q, g, i, j], carried[q, g, j, i]),
        ),
    )
    of_three(
        "earlier_proposals_are_settled",
        lambda q, i, j, g: implies(proposed[q, g, j] & carried[q, g, i, j], committed[q, g, j]),
    )
    of_three(
        "own_proposals_are_listed",
        lambda q, j, i, g: implies(
            every(proposed[q, g, j], live(q, g), (i == j) | carried[q, g, j, i]), listed[q, g, i]
        ),
    )
    of_four(
        "accepted_is_listed",
        lambda k, q, j, i, g: implies(
            every(accepted[k, q, g, j], live(q, g), live(k, g), (i == j) | carried[q, g, j, i]),
            listed[k, g, i],
        ),
    )
    of_four(
        "proposals_know_earlier_commits",
        lambda q, j, r, i, g: implies(
            proposed[q, g, j] & committed[r, g, i] & before[q, g, r],
            some(i == j, carried[q, g, j, i]),
        ),
    )
    of_three(
        "own_list_comes_first",
        lambda q, i, j, g: implies(
            proposed[q, g, i] & w.newest[q, g, j] & live(q, g), proposed[q, g, j]
        ),
    )
    m.invariant(
        "entries_have_started",
        forall(Inc, Group, lambda i, g: implies(entry[i, g], ~(w.phase[i] == "absent"))),
    )
    m.invariant(
        "entries_were_committed",
        forall(Inc, Group, lambda i, g: implies(entry[i, g], settled(i, g))),
    )
    of_three(
        "all_but_the_newest_are_committed",
        lambda k, i, j, g: implies(
            every(listed[k, g, i], live(k, g)), w.newest[k, g, i] | settled(i, g)
        ),
    )
    of_three(
        "carried_are_committed",
        lambda q, j, i, g: implies(carried[q, g, j, i], settled(i, g)),
    )
    of_four(
        "proposals_know_who_is_carried",
        lambda q, j, r, i, g: forall(
            Inc,
            lambda k: implies(
                every(
                    proposed[q, g, j],
                    carried[q, g, j, i],
                    committed[r, g, i],
                    carried[r, g, i, k],
                ),
                some(k == j, carried[q, g, j, k]),
            ),
        ),
    )
    of_three(
        "one_newest",
        lambda k, i, j, g: implies(w.newest[k, g, i] & w.newest[k, g, j], i == j),
    )
    m.invariant(
        "nobody_before_the_first",
        forall(Inc, Inc, Group, lambda q, k, g: implies(w.first[q, g], ~before[q, g, k])),
    )
    m.invariant(
        "first_adds_by_proposals",
        forall(
            Inc,
            Inc,
            Group,
            lambda q, n, g: implies(
                every(w.first[q, g], w.newest[q, g, n], live(q, g)),
                w.founds[n, g] | proposed[q, g, n],
            ),
        ),
    )
    of_four(
        "carried_come_before",
        lambda q, j, r, i, g: implies(
            carried[q, g, j, i] & committed[r, g, i], ~carried[r, g, i, j]
        ),
    )
    of_four(
        "nothing_after_the_newest",
        lambda k, j, r, i, g: implies(
            every(entry[k, g], live(k, g), w.newest[k, g, j], listed[k, g, i], committed[r, g, i]),
            ~carried[r, g, i, j],
        ),
    )
    of_three(
        "founders_keep_their_order",
        lambda q, j, i, g: implies(carried[q, g, j, i] & w.founds[j, g], w.founded_before[j, g, i]),
    )
    of_three(
        "newest_founder",
        lambda k, j, i, g: implies(
            every(w.newest[k, g, j], w.founds[j, g], listed[k, g, i]),
            (i == j) | w.founded_before[j, g, i],
        ),
    )
    m.invariant(
        "proposers_are_primary",
        forall(
            Inc,
            Inc,
            Group,
            lambda q, j, g: implies(
                every(proposed[q, g, j], w.phase[q] == "active", live(q, g)), w.primary[q, g]
            ),
        ),
    )
