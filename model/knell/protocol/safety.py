"""Safety properties S1-S15 of the node-shutdown model, each with its witnesses."""

from __future__ import annotations

from knell.language import Model, count, every, exists, forall, iff, implies, on, some
from knell.language.expressions import FALSE, TRUE, Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.parameters import UNLIMITED
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare S1-S15; those about a feature that is off are left out."""
    actions = {action.name: action for action in m.actions}
    _acting(m, w, actions)
    _shutdown(m, w, actions)
    _observing(m, w, actions)
    _promoting(m, w, actions)
    if w.p.returning:
        _epochs(m, w, actions)


def _acting(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group
    effect = "finish_act" if w.p.acts else "act"
    m.step(
        "S1",
        {
            "gate": on(actions[effect], lambda i, g: w.gate_open(i) & ~(w.member[i, g] == "gated")),
            "over": forall(
                Inc,
                lambda i: implies(
                    w.phase[i] == "ended",
                    every(
                        w.phase.next[i] == "ended",
                        forall(Group, lambda g: iff(w.primary.next[i, g], w.primary[i, g])),
                        forall(Inc, lambda k: ~w.heard.next[i, k] & ~w.view.next[i, k]),
                    ),
                ),
            ),
        },
        witness="S1_closed",
        **cite("S1"),
    )
    m.reachable("S1_closed", exists(Inc, lambda i: w.phase[i] == "quiesced"))
    m.always(
        "S2",
        {
            "one_primary": forall(
                Inc,
                Inc,
                Group,
                lambda i, j, g: implies(w.can_act(i, g) & w.can_act(j, g), i == j),
            )
        },
        witness="S2_failover",
        **cite("S2"),
    )
    m.reachable(
        "S2_failover",
        exists(Inc, Group, lambda i, g: ~w.first[i, g] & w.can_act(i, g)),
    )


def _shutdown(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group
    m.always(
        "S3",
        {
            "one_round": forall(Inc, lambda i: ~(w.rounds[i] == "twice")),
            "latched": forall(
                Inc,
                lambda i: implies(w.phase[i].is_in("failing", "quiesced"), w.distress[i]),
            ),
            "unmarked": forall(
                Inc,
                lambda i: implies(w.distress[i], ~(w.rounds[i] == "never")),
            ),
        },
        witness="S3_second",
        **cite("S3"),
    )
    second: Expr = FALSE
    if w.p.failures and not w.p.coarse:
        second = exists(
            Inc,
            Group,
            w.Cause,
            lambda i, g, c: w.distress[i] & w.reported[i, g, c] & ~w.reporter[i, g],
        )
    if w.p.failures and not w.p.coarse:
        m.reachable("S3_second", second)
    else:
        m.reachable("S3_second", exists(Inc, lambda i: w.distress[i]))
    if not w.p.coarse:
        _preempting(m, w, actions)
    m.step(
        "S15",
        {
            "members_first": on(
                actions["end_clustering"],
                lambda i: forall(Group, lambda g: w.member[i, g].is_in("absent", "gated", "gone")),
            ),
            "for_cause": forall(
                Inc,
                lambda i: implies(
                    (w.phase[i] == "active") & (w.phase.next[i] == "failing"), _has_cause(w, i)
                ),
            ),
            "by_shutdown": forall(
                Inc,
                lambda i: implies(
                    ~(w.phase[i] == "ended") & (w.phase.next[i] == "ended"), w.distress[i]
                ),
            ),
        },
        witness="S15_ended",
        **cite("S15"),
    )
    m.reachable("S15_ended", exists(Inc, lambda i: w.phase[i] == "ended"))


def _preempting(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group
    m.step(
        "S12",
        {
            "warned": on(
                actions["end_clustering"],
                lambda i: forall(
                    Group,
                    lambda g: implies(
                        ~(w.member[i, g] == "absent"),
                        w.warned[i, g] | w.reporter[i, g] | w.member_gone[i, g],
                    ),
                ),
            ),
            **_reports(w, actions),
        },
        witness="S12_preempted",
        **cite("S12"),
    )
    pending = (
        exists(
            Inc,
            Group,
            w.Cause,
            lambda i, g, c: (
                w.fatal[i, c] & w.warned[i, g] & (w.member[i, g] == "gone") & ~w.reported[i, g, c]
            ),
        )
        if w.p.failures
        else exists(Inc, Group, lambda i, g: w.warned[i, g] & (w.member[i, g] == "gone"))
    )
    m.reachable("S12_preempted", pending)


def _has_cause(w: World, i: Expr) -> Expr:
    causes: list[Expr] = []
    if w.p.failures:
        at = w.fatal.next if w.p.coarse else w.fatal
        causes.append(exists(w.Cause, lambda c: at[i, c]))
        causes.append(exists(w.Component, lambda c: w.dead[i, c]))
    if w.p.stops:
        causes.append(w.stopping.next[i])
    if w.p.critical:
        causes.append(exists(w.Group, lambda g: w.is_critical[g] & w.member_gone[i, g]))
    if w.p.leases:
        causes.append(w.lapsed[i])
    return some(*causes)


def _reports(w: World, actions: dict[str, Action]) -> dict[str, object]:
    if not w.p.failures:
        return {}
    return {
        "warned_is_silent": on(
            actions["detect_by_member"], lambda i, g, c: w.member[i, g] == "active"
        ),
        "later_only_logged": on(
            actions["report_reaches_cc"],
            lambda i, g, c: implies(
                ~(w.phase[i] == "active"),
                every(
                    w.phase.next[i] == w.phase[i],
                    w.rounds.next[i] == w.rounds[i],
                    iff(w.reporter.next[i, g], w.reporter[i, g]),
                    w.member.next[i, g] == w.member[i, g],
                ),
            ),
        ),
    }


def _observing(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group
    m.always(
        "S6",
        {
            "heard_is_said": forall(
                Inc,
                Inc,
                lambda o, i: implies(w.heard[o, i], w.statement_about(i) | _newer(w, i)),
            ),
            **_releases(w),
        },
        witness="S6_heard",
        **cite("S6"),
    )
    m.reachable("S6_heard", exists(Inc, Inc, lambda o, i: w.heard[o, i] & w.peers(o, i)))
    m.always(
        "S7",
        {
            "at_most_once": forall(
                Inc, Group, Inc, lambda o, g, i: ~(w.leaves[o, g, i] == "twice")
            ),
            "shared_only": forall(
                Inc,
                Group,
                Inc,
                lambda o, g, i: implies(
                    ~(w.leaves[o, g, i] == "never"),
                    w.hosts[o, g] & w.hosts[i, g] & w.in_list(o, g, i),
                ),
            ),
            "all_who_share": forall(
                Inc,
                Group,
                Inc,
                lambda o, g, i: implies(
                    every(
                        w.left[o, i],
                        w.up(o),
                        w.founds[o, g],
                        w.founds[i, g],
                        w.runs(o, g),
                        ~w.heard_gone[o, g, i],
                    ),
                    ~(w.leaves[o, g, i] == "never"),
                ),
            ),
        },
        witness="S7_told",
        **cite("S7"),
    )
    m.reachable("S7_told", exists(Inc, Group, Inc, lambda o, g, i: w.leaves[o, g, i] == "once"))
    m.always(
        "S9",
        {
            "left_iff_heard": forall(
                Inc,
                Inc,
                lambda o, i: implies(
                    w.up(o) & w.peers(o, i) & w.announced[i] & w.at_start(i) & w.at_start(o),
                    iff(w.left[o, i], w.heard[o, i]),
                ),
            ),
            "released_iff_heard": forall(
                Inc,
                Group,
                Inc,
                lambda o, g, i: implies(
                    w.peers(o, i) & w.released[o, g, i],
                    w.heard_release[o, i] | w.heard_gone[o, g, i],
                ),
            ),
            "silence_is_overruled": forall(
                Inc, Inc, lambda o, i: ~(w.partitioned[o, i] & w.heard[o, i])
            ),
        },
        witness="S9_overruled",
        **cite("S9"),
    )
    m.reachable("S9_overruled", exists(Inc, Inc, lambda o, i: w.left[o, i] & w.heard_release[o, i]))
    m.step(
        "S13",
        {"not_to_the_leaving": on(actions["route_work"], lambda o, i: ~w.heard[o, i])},
        witness="S6_heard",
        **cite("S13"),
    )
    m.always(
        "S14",
        {
            "left_for_a_reason": forall(
                Inc,
                Inc,
                lambda o, i: implies(w.left[o, i], w.statement_about(i) | _newer(w, i)),
            )
        },
        witness="S14_silent",
        **cite("S14"),
    )
    m.reachable(
        "S14_silent",
        exists(Inc, Inc, lambda o, i: w.partitioned[o, i])
        if (w.p.crashes or w.p.heartbeat_losses or w.p.isolations) and not w.p.coarse
        else exists(Inc, Inc, lambda o, i: w.left[o, i]),
    )


def _releases(w: World) -> dict[str, Expr]:
    """Only a releasing statement releases; with one signal, DISTRESS is one as well."""
    if w.p.signals == 1:
        return {}
    return {
        "release_is_said": forall(
            w.Inc,
            w.Inc,
            lambda o, i: implies(w.heard_release[o, i], w.releasing_statement(i) | _newer(w, i)),
        )
    }


def _newer(w: World, i: Expr) -> Expr:
    """A later epoch of the node has made a statement, which covers this one."""
    return exists(w.Inc, lambda j: w.older[i, j] & (w.announced[j] | w.distress[j]))


def _promoting(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    def listed(i: Expr, g: Expr) -> Expr:
        """Whether ``i`` is an entry of its own list by the end of the step."""
        return w.list_of.next[i, g, i] if w.p.returning else w.in_list(i, g, i)

    m.step(
        "S10",
        {
            "unlatched": on(
                actions["promote"],
                lambda o, g: every(w.phase[o] == "active", ~w.distress[o], ~w.heard[o, o]),
            )
        },
        witness="S2_failover",
        **cite("S10"),
    )
    if (UNLIMITED in (w.p.failures, w.p.stops) or w.p.failures + w.p.stops > 1) and w.p.nodes > 2:
        m.reachable(
            "S10_third",
            exists(
                Inc,
                Inc,
                Inc,
                Group,
                lambda i, j, o, g: every(
                    w.first[i, g],
                    w.before(j, g, i),
                    w.before(o, g, j),
                    w.distress[i] & w.distress[j],
                    w.can_act(o, g),
                ),
            ),
            about="primary and first backup shut down together, and the third takes over",
        )
    m.step(
        "S11",
        {
            "primaries_known": on(
                actions["promote"],
                lambda o, g: forall(
                    Group,
                    lambda h: implies(
                        w.depends[g, h],
                        exists(
                            Inc,
                            lambda k: every(
                                w.knows_primary[o, h, k], w.promoted[k, h], ~w.left[o, k]
                            ),
                        ),
                    ),
                ),
            ),
            "roles_by_promotion": forall(
                Inc,
                Group,
                lambda i, g: implies(
                    ~w.primary[i, g] & w.primary.next[i, g],
                    w.up(i) & (w.member[i, g] == "active") & listed(i, g),
                ),
            ),
        },
        witness="S11_in_doubt",
        **cite("S11"),
    )
    if w.p.dependent and w.p.groups > 1:
        m.reachable(
            "S11_dependent",
            exists(
                Inc,
                Group,
                Group,
                lambda o, g, h: w.depends[g, h] & w.primary[o, g] & ~w.first[o, g],
            ),
            about="a dependent group fails over",
        )
    m.reachable(
        "S11_in_doubt",
        exists(
            Inc,
            Inc,
            Group,
            lambda o, i, g: every(
                w.up(o),
                w.left[o, i],
                w.hosts[i, g],
                forall(Inc, lambda k: implies(w.hosts[k, g], ~w.up(k) | ~w.runs(k, g))),
            ),
        )
        if w.can_lose_a_group
        else exists(Group, lambda g: forall(Inc, lambda k: ~w.can_act(k, g))),
        about="a group has no live backup: it is in doubt",
    )


def _epochs(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    def untouched(o: Expr, i: Expr) -> Expr:
        """The records of ``o`` about epochs later than ``i`` stay as they are."""
        return forall(
            Inc,
            lambda j: implies(
                w.older[i, j],
                every(
                    iff(w.view.next[o, j], w.view[o, j]),
                    iff(w.heard.next[o, j], w.heard[o, j]),
                    iff(w.left.next[o, j], w.left[o, j]),
                    iff(w.partitioned.next[o, j], w.partitioned[o, j]),
                    forall(Group, lambda g: iff(w.released.next[o, g, j], w.released[o, g, j])),
                    forall(Group, lambda g: w.leaves.next[o, g, j] == w.leaves[o, g, j]),
                ),
            ),
        )

    m.step(
        "S4",
        {
            name: on(actions[name], untouched)
            for name in ("hear_distress", "hear_quiesced")
            if name in actions
        },
        witness="S4_old_news",
        **cite("S4"),
    )
    m.reachable(
        "S4_old_news",
        exists(
            Inc,
            Inc,
            Inc,
            lambda o, i, j: w.older[i, j] & w.view[o, j] & w.distress[i],
        ),
        about="an old epoch's DISTRESS can arrive after the new epoch was admitted",
    )
    m.step(
        "S5",
        {
            "leave_first": on(
                actions["hear_announce"],
                lambda o, j: forall(
                    Inc,
                    lambda i: implies(
                        w.older[i, j] & w.view[o, i], w.left.next[o, i] & ~w.view.next[o, i]
                    ),
                ),
            ),
            "one_epoch": forall(
                Inc,
                Inc,
                Inc,
                lambda o, i, j: implies(w.older[i, j], ~(w.view[o, i] & w.view[o, j])),
            ),
        },
        witness="S5_bounce",
        **cite("S5"),
    )
    m.reachable(
        "S5_bounce",
        exists(
            Inc,
            Inc,
            Inc,
            lambda o, i, j: w.older[i, j] & w.left[o, i] & w.view[o, j] & ~w.distress[i],
        ),
        about="a node that crashed silently is left when its next epoch announces itself",
    )
    m.always(
        "S8",
        {"no_ghost": forall(Inc, Inc, lambda o, i: implies(w.heard[o, i], ~w.view[o, i]))},
        witness="S8_overtaken",
        **cite("S8"),
    )
    m.reachable(
        "S8_overtaken",
        exists(
            Inc,
            Inc,
            lambda o, j: (
                w.has_epoch_before(j)
                & w.peers(o, j)
                & w.announced[j]
                & w.heard[o, j]
                & ~w.left[o, j]
            ),
        ),
        about="DISTRESS of a new epoch overtakes its announcement",
    )
    if w.p.cold_starts:
        m.reachable(
            "S2_cold_start",
            exists(Inc, Group, lambda j, g: w.committed[j, g, j] & w.can_act(j, g)),
            about="a group whose entries were all dead starts again",
        )
    m.reachable(
        "return_to_primary",
        exists(
            Inc,
            Group,
            lambda j, g: w.has_epoch_before(j) & w.can_act(j, g),
        ),
        about="a failed node returns, is admitted, and later becomes primary",
    )


__all__ = ["TRUE", "count", "declare"]
