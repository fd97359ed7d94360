"""Safety of the failing node and of its successors: S1-S3, S10-S12 and S15, with witnesses."""

from __future__ import annotations

from knell.language import Model, every, exists, forall, iff, implies, on, some
from knell.language.expressions import FALSE, TRUE, Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.parameters import UNLIMITED
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare them; what is about a feature that is off is left out."""
    actions = {action.name: action for action in m.actions}
    _acting(m, w, actions)
    _shutdown(m, w, actions)
    _promoting(m, w, actions)


def _acting(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group
    effect = "finish_act" if w.p.acts else "act"

    def by_an_operator(o: Expr, g: Expr) -> Expr:
        """BOOTSTRAP asserts that every entry is off, said or not."""
        return w.bootstrapped[o, g] if w.p.cold_starts else FALSE

    def cut_off(i: Expr, g: Expr) -> Expr:
        """A gated member has no act accepted; one that was accepted before may finish."""
        return FALSE if w.p.acts else w.member[i, g] == "gated"

    m.step(
        "S1",
        {
            "gate": on(actions[effect], lambda i, g: w.gate_open(i) & ~cut_off(i, g)),
            "over": forall(
                Inc,
                lambda i: implies(
                    w.phase[i] == "ended",
                    every(
                        w.phase.next[i] == "ended",
                        forall(Group, lambda g: implies(w.primary.next[i, g], w.primary[i, g])),
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
            "after_release": forall(
                Inc,
                Inc,
                Group,
                lambda o, k, g: implies(
                    every(w.primary[o, g], w.before(o, g, k), ~by_an_operator(o, g)),
                    was_released(w, k, g),
                ),
            ),
            "one_primary": forall(
                Inc,
                Inc,
                Group,
                lambda i, j, g: implies(w.can_act(i, g) & w.can_act(j, g), i == j),
            ),
        },
        witness="S2_failover",
        **cite("S2"),
    )
    m.reachable(
        "S2_failover",
        exists(Inc, Group, lambda i, g: ~w.first[i, g] & w.can_act(i, g)),
    )


def was_released(w: World, k: Expr, g: Expr) -> Expr:
    """A statement has been made that lets others pass this entry: silence is none."""
    said = w.releasing_statement(k) | w.member_gone[k, g]
    if w.p.cold_starts:
        said = said | w.given_up[k, g]
    if w.p.leases:
        said = said | w.lapsed[k]
    return said | w.distress[k] if w.p.signals == 1 else said


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
                    w.first_cause.next[i] == w.first_cause[i] if w.p.causes == "all" else TRUE,
                    w.member.next[i, g] == w.member[i, g],
                ),
            ),
        ),
    }


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
                lambda o, g: every(w.phase[o] == "active", ~w.distress[o]),
            ),
            **_unlatched_lists(w, actions),
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
            **_dependence(w, actions),
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


def _unlatched_lists(w: World, actions: dict[str, Action]) -> dict[str, object]:
    """A latched node proposes, accepts and commits nothing."""
    if not w.p.returning:
        return {}
    return {
        "proposes_unlatched": on(actions["propose"], lambda q, g, j: ~w.distress[q]),
        "accepts_unlatched": on(actions["accept"], lambda o, q, g, j: ~w.distress[o]),
        "commits_unlatched": on(actions["commit"], lambda q, g, j: ~w.distress[q]),
    }


def _dependence(w: World, actions: dict[str, Action]) -> dict[str, object]:
    """What a dependent group's promotion must know, where groups depend on each other."""
    if not w.p.dependent or w.p.groups == 1:
        return {}
    Inc, Group = w.Inc, w.Group
    return {
        "primaries_known": on(
            actions["promote"],
            lambda o, g: forall(
                Group,
                lambda h: implies(
                    w.depends[g, h],
                    exists(
                        Inc,
                        lambda k: every(w.knows_primary[o, h, k], w.promoted[k, h], ~w.left[o, k]),
                    ),
                ),
            ),
        ),
    }
