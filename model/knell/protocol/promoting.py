"""Safety of promotion: S10 and S11 with their witnesses."""

from __future__ import annotations

from knell.language import Model, every, exists, forall, implies, on
from knell.language.expressions import Expr
from knell.language.model import Action
from knell.protocol.evidence import cite
from knell.protocol.parameters import UNLIMITED
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare them; what is about a feature that is off is left out."""
    actions = {action.name: action for action in m.actions}
    _unlatched(m, w, actions)
    _dependent(m, w, actions)


def _unlatched(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    m.step(
        "S10",
        {
            "unlatched": on(actions["promote"], lambda o, g: ~w.distress[o]),
            **_unlatched_lists(w, actions),
        },
        witness="S10_held",
        **cite("S10"),
    )
    two_may_fail = UNLIMITED in (w.p.failures, w.p.stops) or w.p.failures + w.p.stops > 1
    m.reachable(
        "S10_held",
        exists(
            Inc,
            Inc,
            Group,
            lambda o, i, g: every(
                w.distress[o],
                w.runs(o, g),
                ~w.primary[o, g],
                w.first[i, g],
                w.before(o, g, i),
                w.released[o, g, i] if two_may_fail else w.distress[o],
            ),
        )
        if w.p.failures or w.p.stops
        else exists(Inc, Group, lambda o, g: ~w.first[o, g] & w.can_act(o, g)),
        about="a backup is held back by its own latch, though nothing else is in its way",
    )
    if two_may_fail and w.p.nodes > 2:
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


def _unlatched_lists(w: World, actions: dict[str, Action]) -> dict[str, object]:
    """A latched node proposes, accepts and commits nothing."""
    if not w.p.returning:
        return {}
    return {
        "proposes_unlatched": on(actions["propose"], lambda q, g, j: ~w.distress[q]),
        "accepts_unlatched": on(actions["accept"], lambda o, q, g, j: ~w.distress[o]),
        "commits_unlatched": on(actions["commit"], lambda q, g, j: ~w.distress[q]),
    }


def _dependent(m: Model, w: World, actions: dict[str, Action]) -> None:
    Inc, Group = w.Inc, w.Group

    def listed(i: Expr, g: Expr) -> Expr:
        """Whether ``i`` is an entry of its own list by the end of the step."""
        return w.list_of.next[i, g, i] if w.p.returning else w.in_list(i, g, i)

    def no_backup(g: Expr) -> Expr:
        return forall(Inc, lambda k: implies(w.hosts[k, g], ~w.up(k) | ~w.runs(k, g)))

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
                w.promoted[i, g],
                forall(Inc, lambda k: ~w.can_act(k, g)),
                no_backup(g) if w.can_lose_a_group else w.before(o, g, i) & ~w.released[o, g, i],
            ),
        )
        if w.p.failures or w.p.stops
        else exists(Group, lambda g: forall(Inc, lambda k: ~w.can_act(k, g))),
        about="the primary was left and nobody may take its place: the group is in doubt",
    )


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
                        lambda k: every(
                            w.promoted[k, h],
                            w.knows_primary[o, h, k],
                            ~w.heard_gone[o, h, k],
                            ~(k == o) | w.primary[o, h],
                            ~w.heard[o, k],
                            ~w.left[o, k],
                        ),
                    ),
                ),
            ),
        ),
    }
