"""Leases: what a successor grants, stops granting and outwaits, and LAPSED (§10.3-§10.9)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, every, exists, forall, implies, require, when
from knell.language.expressions import TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare leases, where groups are taken over by them."""
    if not w.p.leases:
        return
    _grant(m, w)
    _receive(m, w)
    _expire(w)
    _alone(w)
    _stop(m, w)
    _wait(m, w)
    _lapse(m, w)
    _hear(m, w)


def _successor(m: Model, w: World, o: Expr, g: Expr, i: Expr) -> Expr:
    """``o`` is the first entry after ``i`` that is not released, as ``o`` knows it."""
    return every(
        TRUE if m.mutant("grants-without-a-member") else w.member[o, g] == "active",
        w.before(o, g, i),
        ~w.released[o, g, i],
        forall(
            w.Inc,
            lambda k: implies(w.before(o, g, k) & w.before(k, g, i), w.released[o, g, k]),
        ),
    )


def _first_in_line(m: Model, w: World, o: Expr, g: Expr, i: Expr) -> Expr:
    """Every entry before ``i`` is released: one lapse at a time is open in a group."""
    if m.mutant("lapses-in-a-chain"):
        return TRUE
    return forall(w.Inc, lambda k: implies(w.before(i, g, k), w.released[o, g, k]))


def _grant(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.4")
    def grant_lease(o: Inc, g: Group, i: Inc):
        """The direct successor acknowledges a heartbeat; the lease runs from its sending."""
        require(
            observer_up=w.up(o),
            successor=_successor(m, w, o, g, i),
            not_left=~w.heard[o, i],
            still_granting=~w.stopped[o, i],
            beats=w.gate_open(i),
        )
        w.granted[o, g, i] = True


def _receive(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.3")
    def receive_grant(i: Inc, g: Group, o: Inc):
        """The acknowledgement comes back in time: the lease is extended."""
        require(granted=w.granted[o, g, i], up=w.gate_open(i) & w.alive(i, "engine"))
        w.granted[o, g, i] = False
        if not m.mutant("grant-renews-nothing"):
            w.lease[i, g] = True


def _expire(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.3")
    def lease_expires(i: Inc, g: Group):
        """No acknowledgement came in time: the primary may not act."""
        require(leased=w.lease[i, g])
        w.lease[i, g] = False


def _alone(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.3")
    def lease_alone(i: Inc, g: Group):
        """Every later entry is released: nobody can take over, so no lease is needed."""
        require(
            up=w.up(i),
            primary=w.primary[i, g],
            nobody_later=forall(Inc, lambda k: implies(w.before(k, g, i), w.released[i, g, k])),
        )
        w.lease[i, g] = True


def _stop(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def may_stop(o: Expr, g: Expr, i: Expr) -> Expr:
        direct = TRUE if m.mutant("waits-too-early") else _successor(m, w, o, g, i)
        return w.before(o, g, i) & direct & _first_in_line(m, w, o, g, i)

    @w.rule("§10.5")
    def stop_granting(o: Inc, i: Inc):
        """The successor of a silent or lapsed primary stops acknowledging, for good."""
        require(observer_up=w.up(o), successor=exists(Group, lambda g: may_stop(o, g, i)))
        if not m.mutant("lapses-the-healthy"):
            require(silent=w.partitioned[o, i] | w.heard_lapse[o, i])
        w.stopped[o, i] = True


def _wait(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.3")
    def lease_passes(o: Inc, i: Inc):
        """A lease and the drift bound have passed since the last grant to ``i``.

        Named assumption "bounded drift": every lease granted before is over by now, since each
        runs from the sending of a heartbeat that was acknowledged earlier. Time counts from the
        moment in which ``o`` is the direct successor, who alone grants: entries between them are
        released, so that they grant no more.
        """
        direct = exists(Group, lambda g: _successor(m, w, o, g, i))
        require(observer_up=w.up(o), stopped=w.stopped[o, i])
        if not m.mutant("waits-too-early"):
            require(successor=direct)
        w.waited[o, i] = True
        for g in each(Group):
            with when(direct):
                w.lease[i, g] = False
                if not m.mutant("lease-from-receipt"):
                    for k in each(Inc):
                        w.granted[k, g, i] = False


def _lapse(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.6")
    def lapse(o: Inc, i: Inc):
        """The successor announces that the silent epoch's lease is over: LAPSED."""
        waited = w.stopped[o, i] if m.mutant("lapse-at-once") else w.waited[o, i]
        require(
            observer_up=w.up(o),
            waited=waited,
            successor=exists(
                Group,
                lambda g: _successor(m, w, o, g, i) & _first_in_line(m, w, o, g, i),
            ),
        )
        w.lapsed[i] = True
        w.heard_lapse[o, i] = True
        if m.mutant("lapse-at-once"):
            w.waited[o, i] = True
        w.note(o, i, releasing=False)


def _hear(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.rule("§5.7", fair="weak")
    def hear_lapsed(o: Inc, i: Inc):
        """LAPSED arrives: the epoch is left; its entry is not released by another's wait."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.lapsed[i])
        w.heard_lapse[o, i] = True
        w.note(o, i, releasing=m.mutant("lapses-in-a-chain"))


__all__ = ["declare"]
