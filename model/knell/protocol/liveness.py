"""Liveness properties L1-L6 of the node-shutdown model.

Fairness: every action of the system proper is weakly fair except what only a person, a fault or a
process's own will decides. Receipt is fair because senders and relays retransmit; where links
are cut, only connected peers are owed anything.
"""

from __future__ import annotations

from knell.language import Model, every, exists, forall, implies, some
from knell.language.expressions import FALSE, Expr
from knell.protocol.evidence import cite
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare L1-L6; those about a feature that is off are left out."""
    _ends(m, w)
    _is_left(m, w)
    _fails_over(m, w)
    if (w.p.crashes or w.p.isolations) and not w.p.coarse:
        _is_missed(m, w)
    if (w.p.heartbeat_losses or w.p.isolations) and not w.p.coarse:
        _heals(m, w)
    if w.p.returning:
        _returns(m, w)
        _is_admitted(m, w)


def _detected(w: World, i: Expr) -> Expr:
    """A fatal cause was detected on ``i``, which goes on: its latch is closed, or will be.

    Of an epoch that is over it says nothing; that DISTRESS was sent says that, then and later.
    """
    parts: list[Expr] = [w.phase[i].is_in("failing", "quiesced")]
    if w.p.failures:
        parts.append(exists(w.Group, w.Cause, lambda g, c: w.reported[i, g, c]))
        parts.append(exists(w.Component, lambda c: w.dead[i, c]))
    if w.p.critical:
        parts.append(
            w.gate_open(i) & exists(w.Group, lambda g: w.is_critical[g] & w.member_gone[i, g])
        )
    if w.p.leases:
        parts.append(w.up(i) & w.lapsed[i])
    return some(*parts)


def _ends(m: Model, w: World) -> None:
    m.leads_to(
        "L1",
        w.Inc,
        lambda i: (_detected(w, i), w.phase[i].is_in("ended", "crashed")),
        **cite("L1"),
    )


def _is_left(m: Model, w: World) -> None:
    Inc = w.Inc

    def in_view(o: Expr, i: Expr) -> Expr:
        return w.up(o) & w.view[o, i] & w.peers(o, i)

    def left(o: Expr, i: Expr) -> Expr:
        """``o`` has left ``i``, or is not there to do so, or no word of ``i`` was ever sent."""
        unsaid = (w.phase[i] == "crashed") & ~w.distress[i]
        return some(w.left[o, i], ~w.up(o), ~w.connected(o, i), unsaid)

    def failed(i: Expr) -> Expr:
        """A fatal cause was detected on ``i``, be its epoch over or not."""
        return _detected(w, i) | w.distress[i]

    m.leads_to("L2", Inc, Inc, lambda o, i: (in_view(o, i) & failed(i), left(o, i)), **cite("L2"))
    if w.components:
        m.leads_to(
            "L4",
            Inc,
            Inc,
            lambda o, i: (
                in_view(o, i) & exists(w.Component, lambda c: w.dead[i, c]),
                left(o, i),
            ),
            **cite("L4"),
        )


def _fails_over(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def owed(o: Expr, g: Expr, k: Expr) -> Expr:
        """The release of ``k`` is known to ``o``, or stated and connected, or its lease is over."""
        stated = w.release_said(k, g)
        if w.p.signals == 1:
            stated = stated | w.distress[k]
        waited = w.heard_lapse[o, k] & w.waited[o, k] if w.p.leases else FALSE
        return w.released[o, g, k] | (stated & w.reaches(o, k)) | waited

    def succeeded(g: Expr, i: Expr) -> Expr:
        """An entry after ``i`` is primary."""
        return exists(Inc, lambda k: w.primary[k, g] & w.before(k, g, i))

    def bereft(o: Expr, g: Expr) -> Expr:
        """``o`` has left a primary before it, and nobody has taken its place."""
        return exists(
            Inc,
            lambda i: every(w.left[o, i], w.promoted[i, g], w.before(o, g, i), ~succeeded(g, i)),
        )

    def able(o: Expr, g: Expr) -> Expr:
        return w.up(o) & (w.member[o, g] == "active") & w.entry(o, g)

    def leads(k: Expr, h: Expr) -> Expr:
        return w.promoted[k, h] & w.primary[k, h] & (w.phase[k] == "active")

    def held_up(o: Expr, g: Expr) -> Expr:
        """An earlier entry is not out, or a group that is needed has no primary."""
        waits = exists(Inc, lambda k: w.before(o, g, k) & ~owed(o, g, k))
        lacks = exists(
            Group,
            lambda h: w.depends[g, h] & ~exists(Inc, lambda k: leads(k, h) & ~w.heard[o, k]),
        )
        return waits | lacks

    m.leads_to(
        "L3",
        Inc,
        Group,
        lambda o, g: (
            bereft(o, g) & able(o, g),
            some(~bereft(o, g), ~able(o, g), held_up(o, g)),
        ),
        **cite("L3"),
    )


def _is_missed(m: Model, w: World) -> None:
    m.leads_to(
        "L5",
        w.Inc,
        w.Inc,
        lambda o, i: (
            every(w.up(o), w.view[o, i], w.peers(o, i), w.silent(o, i)),
            some(w.partitioned[o, i], w.heard[o, i], ~w.up(o), ~w.silent(o, i)),
        ),
        **cite("L5"),
    )


def _heals(m: Model, w: World) -> None:
    m.leads_to(
        "heals",
        w.Inc,
        w.Inc,
        lambda o, i: (
            w.partitioned[o, i],
            some(~w.partitioned[o, i], ~w.gate_open(i), ~w.up(o), w.silent(o, i)),
        ),
        about="A partitioned peer whose heartbeats return is active again.",
    )


def _is_admitted(m: Model, w: World) -> None:
    m.leads_to(
        "readmitted",
        w.Inc,
        w.Inc,
        lambda o, j: (
            every(w.up(o), w.up(j), w.peers(o, j), w.has_epoch_before(j)),
            some(w.view[o, j], w.heard[o, j], ~w.up(o), ~w.up(j), ~w.connected(o, j)),
        ),
        about="A new epoch is admitted by every connected peer.",
    )


def _returns(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def out(q: Expr, g: Expr, k: Expr) -> Expr:
        return some(w.released[q, g, k], w.releasing_statement(k), w.member_gone[k, g])

    def provided(g: Expr) -> Expr:
        """Some live primary, every entry of whose list is up, released or quiesced."""
        return exists(
            Inc,
            lambda q: every(
                w.primary[q, g],
                w.up(q),
                forall(
                    Inc,
                    lambda k: implies(w.list_of[q, g, k], w.up(k) | out(q, g, k)),
                ),
            ),
        )

    def joins_anew(j: Expr, g: Expr) -> Expr:
        """It gave an entry up, and a second one of the same epoch is not modelled."""
        return w.given_up[j, g] if w.p.cold_starts else FALSE

    m.leads_to(
        "L6",
        Inc,
        Group,
        lambda j, g: (
            w.has_epoch_before(j) & w.hosts[j, g] & w.up(j),
            some(w.is_entry[j, g], ~w.up(j), ~provided(g), joins_anew(j, g)),
        ),
        **cite("L6"),
    )


__all__ = ["declare"]
