"""Safety where nodes come back: S4, S5, S8 with their witnesses, and the long witness."""

from __future__ import annotations

from knell.language import Model, every, exists, forall, iff, implies, on
from knell.language.expressions import Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare them, where nodes may return."""
    if not w.p.returning:
        return
    actions = {action.name: action for action in m.actions}
    _scoping(m, w, actions)
    _bounces(m, w, actions)
    _ghosts(m, w)
    _returns(m, w)


def _scoping(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    def untouched(o: Expr, i: Expr) -> Expr:
        """What ``o`` knows of epochs later than ``i``, and these epochs, stay as they are."""
        return forall(
            Inc,
            lambda j: implies(
                w.older[i, j],
                every(
                    iff(w.view.next[o, j], w.view[o, j]),
                    iff(w.heard.next[o, j], w.heard[o, j]),
                    iff(w.left.next[o, j], w.left[o, j]),
                    iff(w.partitioned.next[o, j], w.partitioned[o, j]),
                    w.phase.next[j] == w.phase[j],
                    forall(
                        Group,
                        lambda g: every(
                            w.leaves.next[o, g, j] == w.leaves[o, g, j],
                            iff(w.released.next[o, g, j], w.released[o, g, j]),
                            iff(w.knows_primary.next[o, g, j], w.knows_primary[o, g, j]),
                            w.member.next[j, g] == w.member[j, g],
                        ),
                    ),
                ),
            ),
        )

    conjuncts: dict[str, object] = {
        name: on(actions[name], untouched)
        for name in ("hear_distress", "hear_quiesced", "hear_fence")
        if name in actions
    }
    conjuncts |= {
        name: on(actions[name], lambda o, g, i: untouched(o, i))
        for name in ("hear_member_gone", "hear_promoted")
        if name in actions
    }
    m.step(
        "S4",
        conjuncts,
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


def _bounces(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc = w.Inc

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


def _ghosts(m: Model, w: World) -> None:
    Inc = w.Inc

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


def _returns(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

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
