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
    Inc, Group = w.Inc, w.Group

    def over(i: Expr) -> Expr:
        return w.phase[i].is_in("ended", "crashed")

    def cut_off(o: Expr, i: Expr) -> Expr:
        return ~w.connected(o, i)

    def detected(i: Expr) -> Expr:
        parts: list[Expr] = [w.phase[i].is_in("failing", "quiesced")]
        if w.p.failures:
            parts.append(exists(Group, w.Cause, lambda g, c: w.reported[i, g, c]))
            parts.append(exists(w.Component, lambda c: w.dead[i, c]))
        if w.p.critical:
            parts.append(
                w.gate_open(i) & exists(Group, lambda g: w.is_critical[g] & w.member_gone[i, g])
            )
        if w.p.leases:
            parts.append(w.up(i) & w.lapsed[i])
        return some(*parts)

    m.leads_to("L1", Inc, lambda i: (detected(i), over(i)), **cite("L1"))

    m.leads_to(
        "L2",
        Inc,
        Inc,
        lambda o, i: (
            w.up(o) & w.view[o, i] & w.peers(o, i) & detected(i),
            w.left[o, i] | ~w.up(o) | cut_off(o, i) | ((w.phase[i] == "crashed") & ~w.distress[i]),
        ),
        **cite("L2"),
    )

    def entitled(o: Expr, g: Expr) -> Expr:
        """``o`` is next in line, and all that its promotion waits for is there or under way."""
        return every(
            w.up(o),
            w.member[o, g] == "active",
            w.entry(o, g),
            ~w.primary[o, g],
            forall(Inc, lambda k: implies(w.before(o, g, k), owed(o, g, k))),
            forall(
                Group,
                lambda h: implies(
                    w.depends[g, h],
                    exists(
                        Inc,
                        lambda k: every(
                            w.promoted[k, h],
                            w.primary[k, h],
                            w.phase[k] == "active",
                            ~w.heard[o, k],
                        ),
                    ),
                ),
            ),
        )

    def owed(o: Expr, g: Expr, k: Expr) -> Expr:
        """The release of ``k`` is known to ``o``, or stated and connected."""
        stated = w.releasing_statement(k)
        if w.p.unkillable or w.p.member_failures:
            stated = some(w.quiesced[k] & (w.reaped[k, g] | w.has_tokens[g]), w.member_gone[k, g])
        if w.p.signals == 1:
            stated = stated | w.distress[k]
        return w.released[o, g, k] | (stated & w.reaches(o, k))

    m.leads_to(
        "L3",
        Inc,
        Group,
        lambda o, g: (entitled(o, g), w.primary[o, g] | ~entitled(o, g)),
        **cite("L3"),
    )

    if w.components:
        m.leads_to(
            "L4",
            Inc,
            Inc,
            lambda o, i: (
                every(
                    w.up(o),
                    w.view[o, i],
                    w.peers(o, i),
                    exists(w.Component, lambda c: w.dead[i, c]),
                ),
                w.left[o, i]
                | ~w.up(o)
                | cut_off(o, i)
                | ((w.phase[i] == "crashed") & ~w.distress[i]),
            ),
            **cite("L4"),
        )

    if (w.p.crashes or w.p.isolations) and not w.p.coarse:
        m.leads_to(
            "L5",
            Inc,
            Inc,
            lambda o, i: (
                every(
                    w.up(o),
                    w.view[o, i],
                    w.peers(o, i),
                    w.silent(o, i),
                ),
                some(w.partitioned[o, i], w.heard[o, i], ~w.up(o), ~w.silent(o, i)),
            ),
            **cite("L5"),
        )

    if (w.p.heartbeat_losses or w.p.isolations) and not w.p.coarse:
        m.leads_to(
            "heals",
            Inc,
            Inc,
            lambda o, i: (
                w.partitioned[o, i],
                ~w.partitioned[o, i] | ~w.gate_open(i) | ~w.up(o) | w.silent(o, i),
            ),
            about="A partitioned peer whose heartbeats return is active again.",
        )

    if w.p.returning:
        _admission(m, w)


def _admission(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def provided(g: Expr) -> Expr:
        """Some live primary, every unreleased entry of whose list is up."""
        return exists(
            Inc,
            lambda q: every(
                w.primary[q, g],
                w.up(q),
                forall(
                    Inc,
                    lambda k: implies(w.list_of[q, g, k], w.up(k) | w.released[q, g, k]),
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
