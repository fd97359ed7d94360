"""Safety of what observers make of statements and of silence: S4-S9, S13, S14, with witnesses."""

from __future__ import annotations

from knell.language import Model, every, exists, forall, iff, implies, on
from knell.language.expressions import Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare them; what is about a feature that is off is left out."""
    actions = {action.name: action for action in m.actions}
    _observing(m, w, actions)
    if w.p.returning:
        _epochs(m, w, actions)


def _observing(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    def shares(o: Expr, g: Expr, i: Expr) -> Expr:
        """By the view of the moment the member of ``g`` on ``o`` has a fellow on ``i``."""
        return every(
            w.member[o, g].is_in("active", "notified"),
            w.in_list(o, g, o) & w.in_list(o, g, i),
            ~w.heard_gone[o, g, i],
        )

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
            "S2_given_up",
            exists(
                Inc,
                Inc,
                Group,
                lambda j, k, g: every(
                    w.committed[j, g, j], w.can_act(j, g), w.before(j, g, k), w.given_up[k, g]
                ),
            ),
            about="a group starts over an entry that a dead primary left open, now given up",
        )
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
