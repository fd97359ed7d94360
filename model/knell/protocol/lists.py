"""Recovery domains grow: propose, accept, commit, learn (§9.3-§9.9)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, every, exists, forall, implies, require
from knell.language.expressions import FALSE, TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare how a returned node becomes an entry, where nodes may return."""
    if w.p.returning:
        _propose(m, w)
        _accept(m, w)
        _commit(w)
        _learn(w)


def _propose(m: Model, w: World) -> None:
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


def _accept(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

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


def _commit(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def excused(q: Expr, g: Expr, k: Expr) -> Expr:
        """``k`` is released, or has quiesced: gated suffices, as it can never be promoted."""
        return w.released[q, g, k] | w.heard_release[q, k]

    @w.rule("§9.7", fair="weak")
    def commit(q: Inc, g: Group, j: Inc):
        """Each earlier entry has accepted, is released or has quiesced: the list is committed."""
        require(
            proposer_up=w.up(q),
            primary=w.primary[q, g],
            proposed=w.proposed[q, g, j],
            new=~w.committed[q, g, j],
            agreed=forall(
                Inc,
                lambda k: implies(
                    w.carried[q, g, j, k] & ~(k == q),
                    w.accepted[k, q, g, j] | excused(q, g, k),
                ),
            ),
        )
        w.committed[q, g, j] = True


def _learn(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def given_up(j: Expr, g: Expr) -> Expr:
        if not w.p.cold_starts or w.m.mutant("given-up-yet-learnt"):
            return FALSE
        return w.given_up[j, g]

    @w.rule("§9.8", fair="weak")
    def learn_commit(j: Inc, q: Inc, g: Group):
        """The admitted node learns the list whose last entry it is."""
        require(
            up=w.up(j),
            peers=w.peers(q, j),
            sent=w.committed[q, g, j],
            not_an_entry=~w.is_entry[j, g],
            not_given_up=~given_up(j, g),
        )
        w.is_entry[j, g] = True
        w.hold_list(j, g, q, j)
        for k in each(Inc):
            w.list_of[j, g, k] = w.carried[q, g, j, k] | (k == j)
            w.committed_before[j, g, k] = w.carried[q, g, j, k]


__all__ = ["declare"]
