"""Silence: heartbeats, isolation, the operator's fence, leases."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, forall, implies, require, when
from knell.language.expressions import TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare heartbeat loss and what takes over without the silent node's word."""
    _heartbeats(m, w)
    if w.p.isolations:
        _isolation(w)
    if w.p.fences:
        _fence(m, w)
    if w.p.leases:
        _lease(m, w)


def _heartbeats(m: Model, w: World) -> None:
    Inc = w.Inc

    if (w.p.crashes or w.p.isolations) and not (w.p.coarse or m.mutant("silence-unseen")):

        @w.rule("§10.1", fair="weak")
        def miss_heartbeats(o: Inc, i: Inc):
            """A silent peer's heartbeats stay out: it is partitioned, and members are told."""
            require(observer_up=w.up(o), peers=w.peers(o, i), in_view=w.view[o, i])
            require(silent=w.silent(o, i))
            w.partitioned[o, i] = True

    if w.p.heartbeat_losses:

        @w.fault("§10.1")
        def lose_heartbeats(o: Inc, i: Inc):
            """Heartbeats of a healthy peer are lost: partitioned, not failed."""
            require(
                observer_up=w.up(o),
                peers=w.peers(o, i),
                in_view=w.view[o, i],
                new=~w.partitioned[o, i],
            )
            w.spend("heartbeat_losses")
            if m.mutant("silence-is-failure"):
                w.note(o, i, releasing=False)
            else:
                w.partitioned[o, i] = True

    if w.p.heartbeat_losses or w.p.isolations:

        @w.rule("§10.2", fair="weak")
        def regain_heartbeats(o: Inc, i: Inc):
            """Heartbeats return before a leave was delivered: active again."""
            require(
                observer_up=w.up(o),
                partitioned=w.partitioned[o, i],
                in_view=w.view[o, i],
                beats=w.gate_open(i) & ~w.silent(o, i),
            )
            w.partitioned[o, i] = False


def _isolation(w: World) -> None:
    Inc = w.Inc

    @w.fault("§12.1")
    def isolate(i: Inc):
        """The network cuts a node off: nothing goes out or comes in."""
        require(connected=~w.mute[i] & ~w.deaf[i])
        w.spend("isolations")
        w.mute[i] = True
        w.deaf[i] = True

    @w.fault("§12.1")
    def mute_only(i: Inc):
        """One-way loss: what the node sends is lost, what is sent to it arrives."""
        require(connected=~w.mute[i] & ~w.deaf[i])
        w.spend("isolations")
        w.mute[i] = True

    @w.fault("§12.1")
    def cut_link(o: Inc, i: Inc):
        """One link loses all that ``i`` sends to ``o``; others may relay it."""
        require(peers=w.peers(o, i), intact=~w.lost[o, i] & ~w.mute[i] & ~w.deaf[o])
        w.spend("isolations")
        w.lost[o, i] = True

    @w.fault("§12.1")
    def heal(i: Inc):
        """The network carries the node's messages again, those sent meanwhile included."""
        require(cut=w.mute[i] | w.deaf[i] | exists(Inc, lambda o: w.lost[o, i]))
        w.mute[i] = False
        w.deaf[i] = False
        for o in each(Inc):
            w.lost[o, i] = False


def _fence(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.fault("§10.8")
    def fence(i: Inc):
        """An operator asserts that this epoch is off, which must be true."""
        off = w.phase[i].is_in("crashed", "ended")
        if m.mutant("fence-lies"):
            off = ~(w.phase[i] == "absent")
        require(
            off=off,
            no_newer=~exists(Inc, lambda j: w.older[i, j] & w.announced[j]),
        )
        w.fenced[i] = True

    @w.rule("§5.6", fair="weak")
    def hear_fence(o: Inc, i: Inc):
        """FENCE arrives: left and released."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.fenced[i])
        w.note(o, i, releasing=True)


def _lease(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def successor(o: Expr, g: Expr, i: Expr) -> Expr:
        """``o`` is the first entry after ``i`` that is not released, as ``o`` knows it."""
        active = TRUE if m.mutant("grants-without-a-member") else w.member[o, g] == "active"
        return (
            active
            & w.before(o, g, i)
            & ~w.released[o, g, i]
            & forall(
                Inc,
                lambda k: implies(w.before(o, g, k) & w.before(k, g, i), w.released[o, g, k]),
            )
        )

    @w.rule("§10.4")
    def grant_lease(o: Inc, g: Group, i: Inc):
        """The direct successor acknowledges a heartbeat; the lease runs from its sending."""
        require(
            observer_up=w.up(o),
            successor=successor(o, g, i),
            not_left=~w.heard[o, i],
            still_granting=~w.stopped[o, i],
            beats=w.gate_open(i),
        )
        w.granted[o, g, i] = True

    @w.rule("§10.3")
    def receive_grant(i: Inc, g: Group, o: Inc):
        """The acknowledgement comes back in time: the lease is extended."""
        require(granted=w.granted[o, g, i], up=w.gate_open(i) & w.alive(i, "engine"))
        w.granted[o, g, i] = False
        w.lease[i, g] = True

    @w.rule("§10.3")
    def lease_expires(i: Inc, g: Group):
        """No acknowledgement came in time: the primary may not act."""
        require(leased=w.lease[i, g])
        w.lease[i, g] = False

    @w.rule("§10.3")
    def lease_alone(i: Inc, g: Group):
        """Every later entry is released: nobody can take over, so no lease is needed."""
        require(
            up=w.up(i),
            primary=w.primary[i, g],
            nobody_later=forall(Inc, lambda k: implies(w.before(k, g, i), w.released[i, g, k])),
        )
        w.lease[i, g] = True

    def first_in_line(o: Expr, g: Expr, i: Expr) -> Expr:
        """Every entry before ``i`` is released: one lapse at a time is open in a group."""
        if m.mutant("lapses-in-a-chain"):
            return TRUE
        return forall(Inc, lambda k: implies(w.before(i, g, k), w.released[o, g, k]))

    @w.rule("§10.5")
    def stop_granting(o: Inc, i: Inc):
        """The successor of a silent or lapsed primary stops acknowledging, for good."""
        require(
            observer_up=w.up(o),
            silent=w.partitioned[o, i] | w.heard_lapse[o, i],
            successor=exists(
                Group,
                lambda g: (
                    w.before(o, g, i)
                    & (TRUE if m.mutant("waits-too-early") else successor(o, g, i))
                    & first_in_line(o, g, i)
                ),
            ),
        )
        w.stopped[o, i] = True

    @w.rule("§10.3")
    def lease_passes(o: Inc, i: Inc):
        """A lease and the drift bound have passed since the last grant to ``i``.

        Named assumption "bounded drift": every lease granted before is over by now, since each
        runs from the sending of a heartbeat that was acknowledged earlier. Time counts from the
        moment in which ``o`` is the direct successor, who alone grants: entries between them are
        released, so that they grant no more.
        """
        direct = exists(Group, lambda g: successor(o, g, i))
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

    @w.rule("§10.6")
    def lapse(o: Inc, i: Inc):
        """The successor announces that the silent epoch's lease is over: LAPSED."""
        waited = w.stopped[o, i] if m.mutant("lapse-at-once") else w.waited[o, i]
        require(
            observer_up=w.up(o),
            waited=waited,
            successor=exists(Group, lambda g: successor(o, g, i) & first_in_line(o, g, i)),
        )
        w.lapsed[i] = True
        w.heard_lapse[o, i] = True
        if m.mutant("lapse-at-once"):
            w.waited[o, i] = True
        w.note(o, i, releasing=False)

    @w.rule("§5.7", fair="weak")
    def hear_lapsed(o: Inc, i: Inc):
        """LAPSED arrives: the epoch is left; its entry is not released by another's wait."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.lapsed[i])
        w.heard_lapse[o, i] = True
        w.note(o, i, releasing=m.mutant("lapses-in-a-chain"))


__all__ = ["declare"]
