"""The other nodes' side: statements heard, node leave, promotion, dependent failover."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, forall, implies, ite, require, when
from knell.language.expressions import FALSE, TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare the actions of observers."""
    _distress(m, w)
    if w.p.signals == 2:
        _quiesced(w)
    if w.hears_gone:
        _gone(m, w)
    if w.p.dependent and w.p.groups > 1:
        _promoted(m, w)
    _forge(m, w)
    _promote(m, w)
    _work(m, w)


def _distress(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§5.2", fair="weak")
    def hear_distress(o: Inc, i: Inc):
        """DISTRESS of a peer arrives: node leave."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.distress[i])
        require(connected=w.reaches(o, i))
        w.note(o, i, releasing=w.p.signals == 1 or m.mutant("left-means-released"))
        if m.mutant("leave-outranks-epoch"):
            for j in each(Inc):
                with when(w.older[i, j]):
                    w.deliver_leave(o, j)
        if m.mutant("leave-twice"):
            for g in each(Group):
                with when(w.left[o, i] & w.concerned(o, g, i)):
                    w.leaves[o, g, i] = w.once_more(w.leaves[o, g, i])


def _quiesced(w: World) -> None:
    Inc = w.Inc

    @w.rule("§5.3", fair="weak")
    def hear_quiesced(o: Inc, i: Inc):
        """QUIESCED of a peer arrives: its entries are released where that says so."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.quiesced[i])
        require(connected=w.reaches(o, i))
        w.note(o, i, releasing=True, frees=lambda g: w.reaped[i, g] | w.has_tokens[g])


def _gone(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§5.4", fair="weak")
    def hear_member_gone(o: Inc, g: Group, i: Inc):
        """MEMBER_GONE arrives: the entry is released, for that group only."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.member_gone[i, g])
        require(connected=w.reaches(o, i))
        w.heard_gone[o, g, i] = True
        w.released[o, g, i] = True
        if not m.mutant("gone-stays-primary"):
            w.knows_primary[o, g, i] = False


def _promoted(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def said(o: Expr, g: Expr, i: Expr) -> Expr:
        if m.mutant("primary-presumed"):
            return w.promoted[i, g] | exists(Inc, lambda k: w.left[o, k] & w.before(i, g, k))
        return w.promoted[i, g]

    @w.rule("§7.24", fair="weak")
    def hear_promoted(o: Inc, g: Group, i: Inc):
        """PROMOTED arrives where a dependent group needs it."""
        require(
            observer_up=w.up(o),
            peers=w.peers(o, i),
            sent=said(o, g, i),
            needed=w.needs(o, g),
            not_gone=~w.heard_gone[o, g, i],
        )
        w.knows_primary[o, g, i] = True


def _forge(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.fault("§5.1")
    def forge(o: Inc, i: Inc):
        """A forged DISTRESS reaches a node: its signature is not the peer's, so it is dropped."""
        require(observer_up=w.up(o), peers=w.peers(o, i))
        if m.mutant("forged-accepted"):
            w.note(o, i, releasing=False)


def _promote(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def earlier_released(o: Expr, g: Expr) -> Expr:
        if m.mutant("first-only"):
            return forall(
                Inc,
                lambda k: implies(
                    w.before(o, g, k),
                    ite(
                        exists(Inc, lambda h: w.before(k, g, h)),
                        w.heard[o, k],
                        w.released[o, g, k],
                    ),
                ),
            )
        if m.mutant("silence-promotes"):
            return forall(
                Inc,
                lambda k: implies(w.before(o, g, k), w.released[o, g, k] | w.partitioned[o, k]),
            )
        return forall(Inc, lambda k: implies(w.before(o, g, k), out_of_the_way(o, g, k)))

    def out_of_the_way(o: Expr, g: Expr, k: Expr) -> Expr:
        """``k`` is released, or lapsed and the promoter itself has stopped granting and waited."""
        if not w.p.leases or m.mutant("lapsed-lets-nobody-pass"):
            return w.released[o, g, k]
        if m.mutant("lapse-of-another"):
            return w.released[o, g, k] | w.heard_lapse[o, k]
        return w.released[o, g, k] | (w.heard_lapse[o, k] & w.waited[o, k])

    def primaries_known(o: Expr, g: Expr) -> Expr:
        if m.mutant("order-ignored"):
            return TRUE

        def is_primary(h: Expr, k: Expr) -> Expr:
            if m.mutant("promoter-peeks"):
                return w.promoted[k, h]
            if m.mutant("own-gone-primary"):
                return w.knows_primary[o, h, k]
            return w.knows_primary[o, h, k] & (~(k == o) | w.primary[o, h])

        return forall(
            Group,
            lambda h: implies(
                w.depends[g, h], exists(Inc, lambda k: is_primary(h, k) & ~w.heard[o, k])
            ),
        )

    def unlatched(o: Expr) -> Expr:
        if m.mutant("latched-promotes"):
            return w.gate_open(o) & w.alive(o, "engine")
        return w.up(o)

    @w.rule("§7.22", fair="weak")
    def promote(o: Inc, g: Group):
        """A backup becomes primary: each earlier entry is released, dependencies have primaries."""
        if m.mutant("never-promotes"):
            require(never=FALSE)
        require(
            unlatched=unlatched(o),
            member_active=w.member[o, g] == "active",
            an_entry=w.entry(o, g),
            not_primary=~w.primary[o, g],
            earlier_released=earlier_released(o, g),
            primaries_known=primaries_known(o, g),
        )
        w.primary[o, g] = True
        w.promoted[o, g] = True
        with when(w.needs(o, g)):
            w.knows_primary[o, g, o] = True
        w.on_promotion(o, g)


def _work(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.21")
    def route_work(o: Inc, i: Inc):
        """New work is routed to a member on a peer that is in the view."""
        routable: Expr = w.view[o, i]
        if m.mutant("work-to-the-draining"):
            routable = ~w.heard_release[o, i]
        require(
            observer_up=w.up(o),
            peers=w.peers(o, i),
            in_view=routable,
            a_member_there=exists(Group, lambda g: w.serves(o, g, i) & ~w.released[o, g, i]),
        )


__all__ = ["declare"]
