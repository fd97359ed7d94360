"""Safety of the failing node and of its place: S1-S3, S12 and S15, with witnesses."""

from __future__ import annotations

from knell.language import Model, every, exists, forall, iff, implies, on, some
from knell.language.expressions import FALSE, TRUE, Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare them; what is about a feature that is off is left out."""
    actions = {action.name: action for action in m.actions}
    _acting(m, w, actions)
    _shutdown(m, w, actions)


def _acting(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group
    effect = "finish_act" if w.p.acts else "act"

    def by_an_operator(o: Expr, g: Expr) -> Expr:
        """BOOTSTRAP asserts that every entry is off, said or not."""
        return w.bootstrapped[o, g] if w.p.cold_starts else FALSE

    m.step(
        "S1",
        {
            "gate": on(
                actions[effect],
                lambda i, g: ~w.quiesced[i] & ~w.phase[i].is_in("absent", "ended", "crashed"),
            ),
            "cut_off": on(actions[effect], w.runs),
            **_alone(w, actions),
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
    m.reachable(
        "S1_closed",
        exists(
            Inc,
            Group,
            lambda i, g: every(
                w.phase[i] == "quiesced",
                w.promoted[i, g],
                w.member[i, g] == "gated" if w.p.unkillable else w.member[i, g] == "gone",
            ),
        ),
        about="the gate has closed on a primary, whose process may even live on",
    )
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


def _alone(w: World, actions: dict[str, Action]) -> dict[str, object]:
    """A primary's act takes effect only while nobody else of the group can act."""
    if not w.p.acts:
        return {}
    return {
        "alone": on(
            actions["finish_act"],
            lambda i, g: forall(w.Inc, lambda j: implies(w.can_act(j, g), i == j)),
        )
    }


def was_released(w: World, k: Expr, g: Expr) -> Expr:
    """A statement has been made that lets others pass this entry: silence is none."""
    said = w.release_said(k, g)
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
                        some(w.warned[i, g], w.reporter[i, g], left_by_itself(w, i, g)),
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


def left_by_itself(w: World, i: Expr, g: Expr) -> Expr:
    """The member left or died before anybody had to warn it."""
    return w.departed[i, g] if w.p.member_failures else FALSE


def _has_cause(w: World, i: Expr) -> Expr:
    causes: list[Expr] = []
    if w.p.failures:
        at = w.fatal.next if w.p.coarse else w.fatal
        causes.append(exists(w.Cause, lambda c: at[i, c]))
        causes.append(exists(w.Component, lambda c: w.dead[i, c]))
    if w.p.stops:
        causes.append(w.stopping.next[i])
    if w.p.critical:
        causes.append(exists(w.Group, lambda g: w.is_critical[g] & w.member_gone.next[i, g]))
    if w.p.leases:
        causes.append(w.lapsed[i])
    return some(*causes)


def _reports(w: World, actions: dict[str, Action]) -> dict[str, object]:
    if not w.p.failures:
        return {}
    return {
        "warned_is_silent": on(actions["detect_by_member"], lambda i, g, c: ~w.warned[i, g]),
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
