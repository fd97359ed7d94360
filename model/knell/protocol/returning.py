"""Restart with a new epoch, and admission to groups: propose, accept, commit."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, every, exists, forall, implies, require, when
from knell.language.expressions import FALSE, TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare the actions of returning nodes, where nodes may return."""
    if w.p.returning:
        _restart(m, w)
        _admit(m, w)


def _restart(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.fault("§9.1")
    def restart(j: Inc):
        """A node starts its next epoch, once nothing of its earlier ones runs, and announces it."""
        require(
            not_started=(w.phase[j] == "absent") & w.has_epoch_before(j),
            earlier_over=forall(
                Inc, lambda i: implies(w.older[i, j], w.phase[i].is_in("ended", "crashed"))
            ),
        )
        w.phase[j] = "active"
        w.announced[j] = True
        for g in each(Group):
            with when(w.hosts[j, g]):
                w.member[j, g] = "active"
        for i in each(Inc):
            w.view[j, i] = w.peers(j, i) & w.up(i) & ~w.distress[i] | (i == j)
            with when(w.older[i, j]):
                w.heard[j, i] = True
                w.heard_release[j, i] = True
                for g in each(Group):
                    w.released[j, g, i] = True
                    with when(w.member[i, g] == "gated"):
                        w.drop(i, g)
        if w.p.cold_starts:
            w.restore_lists(j)
        if m.mutant("mark-survives-restart"):
            w.distress[j] = exists(Inc, lambda i: w.older[i, j] & w.distress[i])

    if m.mutant("mark-survives-restart"):

        @w.rule("§9.1")
        def obey_mark(j: Inc):
            """Mutant: the persisted mark of the earlier epoch shuts this one down."""
            require(
                marked=w.distress[j], active=w.phase[j] == "active", later=w.has_epoch_before(j)
            )
            w.latch(j, w.Kind["none"])

    @w.rule("§5.8", fair="weak")
    def hear_announce(o: Inc, j: Inc):
        """A new epoch announces itself: leave its older ones, then admit it, unless it is over."""
        over = w.heard[o, j]
        if m.mutant("ghost-admitted"):
            over = w.view[o, j]
        require(
            observer_up=w.up(o),
            peers=w.peers(o, j),
            sent=w.announced[j] & w.has_epoch_before(j),
            not_over=~over,
            not_outdated=~exists(Inc, lambda k: w.older[j, k] & w.view[o, k]),
            connected=w.reaches(o, j),
        )
        for k in each(Inc):
            with when(w.older[k, j]):
                if m.mutant("bounce-unseen"):
                    w.view[o, k] = False
                else:
                    w.heard[o, k] = True
                    w.heard_release[o, k] = True
                    w.deliver_leave(o, k)
                for g in each(Group):
                    w.released[o, g, k] = True
        w.view[o, j] = True


def _admit(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def settled(q: Expr, g: Expr) -> Expr:
        """Every proposal of ``q`` has been committed."""
        return forall(Inc, lambda k: implies(w.proposed[q, g, k], w.committed[q, g, k]))

    def confirmed(q: Expr, g: Expr) -> Expr:
        """``q`` is the first primary, or its own list has been accepted since its promotion."""
        if m.mutant("newcomer-ignored"):
            return w.first[q, g]
        return w.first[q, g] | exists(Inc, lambda k: w.committed[q, g, k])

    def own_list(q: Expr, g: Expr, j: Expr) -> Expr:
        """``j`` is the newest entry of the list of ``q``, which is thereby proposed as it is."""
        return w.newest[q, g, j] & ~w.first[q, g]

    def newcomer(q: Expr, g: Expr, j: Expr) -> Expr:
        return every(
            TRUE if m.mutant("list-unconfirmed") else confirmed(q, g),
            w.view[q, j],
            w.hosts[j, g],
            ~w.list_of[q, g, j],
        )

    @w.rule("§9.4", fair="weak")
    def propose(q: Inc, g: Group, j: Inc):
        """The primary proposes its list extended by a returned node, or first its own list."""
        require(
            proposer_up=w.up(q),
            primary=w.primary[q, g],
            settled=settled(q, g),
            new=~w.proposed[q, g, j],
            candidate=own_list(q, g, j) | newcomer(q, g, j),
        )
        w.proposed[q, g, j] = True
        for k in each(Inc):
            w.carried[q, g, j, k] = w.list_of[q, g, k] & ~(k == j)
        if m.mutant("primary-admits-alone"):
            w.committed[q, g, j] = True
        w.list_of[q, g, j] = True
        w.hold_list(q, g, q, j)

    @w.rule("§9.5", fair="weak")
    def accept(o: Inc, q: Inc, g: Group, j: Inc):
        """An earlier entry accepts a proposal, unless its primary is over or superseded."""
        superseded = exists(
            Inc,
            lambda r: (
                w.before(r, g, q)
                & ((r == o) & w.primary[o, g] | exists(Inc, lambda k: w.accepted[o, r, g, k]))
            ),
        )
        outdated = superseded | w.heard[o, q]
        if m.mutant("accepts-earlier-primary"):
            outdated = FALSE
        require(
            observer_up=w.up(o),
            peers=w.peers(o, q),
            sent=w.proposed[q, g, j],
            an_entry=w.is_entry[o, g] & w.carried[q, g, j, o],
            not_outdated=~outdated,
            new=~w.accepted[o, q, g, j],
        )
        w.accepted[o, q, g, j] = True
        for k in each(Inc):
            w.list_of[o, g, k] = w.carried[q, g, j, k] | (k == j)
        w.hold_list(o, g, q, j)

    @w.rule("§9.7", fair="weak")
    def commit(q: Inc, g: Group, j: Inc):
        """Each earlier entry has accepted or is released: the list is committed."""
        require(
            proposer_up=w.up(q),
            primary=w.primary[q, g],
            proposed=w.proposed[q, g, j],
            new=~w.committed[q, g, j],
            agreed=forall(
                Inc,
                lambda k: implies(
                    w.carried[q, g, j, k] & ~(k == q),
                    w.accepted[k, q, g, j] | w.released[q, g, k],
                ),
            ),
        )
        w.committed[q, g, j] = True

    @w.rule("§9.8", fair="weak")
    def learn_commit(j: Inc, q: Inc, g: Group):
        """The admitted node learns the list whose last entry it is."""
        require(
            up=w.up(j),
            peers=w.peers(q, j),
            sent=w.committed[q, g, j],
            not_an_entry=~w.is_entry[j, g],
            not_given_up=~w.given_up[j, g] if w.p.cold_starts else TRUE,
        )
        w.is_entry[j, g] = True
        w.hold_list(j, g, q, j)
        for k in each(Inc):
            w.list_of[j, g, k] = w.carried[q, g, j, k] | (k == j)
            w.committed_before[j, g, k] = w.carried[q, g, j, k]


__all__ = ["declare"]
