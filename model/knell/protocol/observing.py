"""Safety of what observers make of statements and of silence: S6, S7, S9, S13, S14."""

from __future__ import annotations

from knell.language import Model, every, exists, forall, iff, implies, on, some
from knell.language.expressions import FALSE, TRUE, Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare them; what is about a feature that is off is left out."""
    actions = {action.name: action for action in m.actions}
    _authority(m, w)
    if w.p.leases:
        _lapsing(m, w, actions)
    _coverage(m, w)
    _order(m, w)
    _work(m, w, actions)
    _false_leaves(m, w)


def _authority(m: Model, w: World) -> None:
    Inc = w.Inc

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


def _lapsing(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    def succeeds(o: Expr, i: Expr, g: Expr) -> Expr:
        """``o`` is an entry after ``i``, and whoever stands between them is released."""
        return every(
            w.before(o, g, i),
            forall(
                Inc,
                lambda k: implies(w.before(o, g, k) & w.before(k, g, i), w.release_said(k, g)),
            ),
        )

    m.step(
        "lapses",
        {
            "the_silent": on(
                actions["stop_granting"], lambda o, i: w.partitioned[o, i] | w.lapsed[i]
            ),
            "by_successor": on(
                actions["lapse"], lambda o, i: exists(Group, lambda g: succeeds(o, i, g))
            ),
        },
        witness="S2_lapsed",
        about="LAPSED is said by a direct successor, of a silent peer.",
    )
    m.reachable(
        "S2_lapsed",
        exists(
            Inc,
            Inc,
            Group,
            lambda i, k, g: every(
                w.can_act(i, g), w.before(i, g, k), w.lapsed[k], ~w.release_said(k, g)
            ),
        ),
        about="a successor can act past an entry that nothing but LAPSED tells of",
    )
    if w.p.nodes > 2:
        m.reachable(
            "S2_granted",
            exists(
                Inc,
                Inc,
                Group,
                lambda i, k, g: every(
                    ~w.first[i, g], w.can_act(i, g), w.before(k, g, i), ~w.released[i, g, k]
                ),
            ),
            about="a promoted primary, without a lease at first, was granted one by its successor",
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


def _coverage(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def shares(o: Expr, g: Expr, i: Expr) -> Expr:
        """By the view of the moment the member of ``g`` on ``o`` has a fellow on ``i``."""
        return every(
            w.member[o, g].is_in("active", "notified"),
            w.in_list(o, g, o) & w.in_list(o, g, i),
            ~w.heard_gone[o, g, i],
        )

    m.step(
        "S7",
        {
            "at_most_once": forall(
                Inc, Group, Inc, lambda o, g, i: ~(w.leaves.next[o, g, i] == "twice")
            ),
            "shared_only": forall(
                Inc,
                Group,
                Inc,
                lambda o, g, i: implies(
                    (w.leaves[o, g, i] == "never") & ~(w.leaves.next[o, g, i] == "never"),
                    shares(o, g, i),
                ),
            ),
            "all_who_share": forall(
                Inc,
                Group,
                Inc,
                lambda o, g, i: implies(
                    every(~w.left[o, i], w.left.next[o, i], shares(o, g, i)),
                    ~(w.leaves.next[o, g, i] == "never"),
                ),
            ),
        },
        witness="S7_told",
        **cite("S7"),
    )
    m.reachable("S7_told", exists(Inc, Group, Inc, lambda o, g, i: w.leaves[o, g, i] == "once"))


def _order(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def had_admitted(o: Expr, i: Expr) -> Expr:
        """Where nobody returns, all that ever runs was admitted at the start."""
        return w.admitted[o, i] if w.p.returning else TRUE

    m.always(
        "S9",
        {
            "left_iff_heard": forall(
                Inc,
                Inc,
                lambda o, i: implies(
                    w.peers(o, i), iff(w.left[o, i], w.heard[o, i] & had_admitted(o, i))
                ),
            ),
            "released_iff_heard": forall(
                Inc,
                Group,
                Inc,
                lambda o, g, i: implies(
                    w.peers(o, i), iff(w.released[o, g, i], _release_was_heard(w, o, g, i))
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


def _release_was_heard(w: World, o: Expr, g: Expr, i: Expr) -> Expr:
    """``o`` has processed a statement that releases ``i`` in this group."""
    quiesced = w.heard_release[o, i] & (w.reaped[i, g] | w.has_tokens[g])
    return some(
        w.heard_gone[o, g, i],
        w.heard_later[o, i] if w.p.returning else FALSE,
        w.heard_fence[o, i] if w.p.fences else FALSE,
        w.heard_release[o, i] if w.p.signals == 1 else quiesced,
    )


def _work(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    m.step(
        "S13",
        {"not_to_the_leaving": on(actions["route_work"], lambda o, i: ~w.heard[o, i])},
        witness="S13_draining",
        **cite("S13"),
    )
    m.reachable(
        "S13_draining",
        exists(
            Inc,
            Inc,
            Group,
            lambda o, i, g: every(
                w.up(o), w.heard[o, i], w.gate_open(i), w.runs(i, g), w.in_list(o, g, i)
            ),
        )
        if w.p.failures or w.p.stops or w.p.leases
        else exists(Inc, Inc, lambda o, i: w.heard[o, i] & w.peers(o, i)),
        about="a member could still work on a node whose leave was heard",
    )


def _false_leaves(m: Model, w: World) -> None:
    Inc = w.Inc

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
