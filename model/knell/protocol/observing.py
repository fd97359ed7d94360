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
