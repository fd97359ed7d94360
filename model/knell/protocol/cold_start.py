"""Cold start: how a group begins again when nobody is there, and an operator's bootstrap."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, every, exists, forall, implies, require, when
from knell.language.expressions import TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare how nodes meet, and how one of them founds the group anew."""
    if w.p.cold_starts:
        _meet(w)
        _found(m, w)


def same_node(w: World, i: Expr, k: Expr) -> Expr:
    """Both are epochs of one node."""
    return ~w.peers(i, k)


def _meet(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§11.2", fair="weak")
    def meet(j: Inc, g: Group, i: Inc):
        """A node without a live entry tells another the group's last list that it stored.

        The list of the latest primary counts, of one primary the longest. A node that finds
        itself in a list whose COMMIT it has never learnt gives that entry up for good.
        """
        require(
            both_up=w.up(j) & w.up(i),
            in_view=w.view[j, i] | (i == j),
            cold=~w.is_entry[j, g] & ~w.is_entry[i, g],
            member_there=w.hosts[j, g] & w.hosts[i, g],
        )
        later = exists(
            Inc,
            Inc,
            lambda q, r: w.list_from[i, g, q] & w.heard_from[j, g, r] & w.before(q, g, r),
        )
        earlier = exists(
            Inc,
            Inc,
            lambda q, r: w.list_from[i, g, q] & w.heard_from[j, g, r] & w.before(r, g, q),
        )
        w.met[j, g, i] = True
        for told, heard in ((w.list_of, w.heard_list), (w.list_from, w.heard_from)):
            for k in each(Inc):
                heard[j, g, k] = (heard[j, g, k] & ~later) | (told[i, g, k] & ~earlier)
        with when(w.list_of[i, g, j]):
            w.given_up[j, g] = True
        with when(w.given_up[i, g]):
            w.heard_given_up[j, g, i] = True


def _found(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def listed(j: Expr, g: Expr, k: Expr) -> Expr:
        """Whether ``k`` is on the list from which ``j`` would start the group."""
        if m.mutant("own-list-suffices"):
            return w.list_of[j, g, k]
        return w.heard_list[j, g, k]

    def last_primary(j: Expr, g: Expr, i: Expr) -> Expr:
        """``i`` is the last entry of the list that was primary."""
        return every(
            listed(j, g, i),
            w.promoted[i, g],
            ~exists(Inc, lambda k: listed(j, g, k) & w.promoted[k, g] & w.before(k, g, i)),
        )

    def out(j: Expr, g: Expr, k: Expr) -> Expr:
        """``j`` knows that the entry is released, or was given up."""
        own = (k == j) & w.given_up[j, g]
        return w.released[j, g, k] | w.heard_given_up[j, g, k] | own

    def found(j: Expr, g: Expr) -> None:
        """Effect: ``j`` founds the group anew: its list extended by itself is committed."""
        w.primary[j, g] = True
        w.promoted[j, g] = True
        w.is_entry[j, g] = True
        w.proposed[j, g, j] = True
        w.committed[j, g, j] = True
        w.hold_list(j, g, j, j)
        for k in each(Inc):
            w.carried[j, g, j, k] = listed(j, g, k) & ~(k == j)
            w.committed_before[j, g, k] = listed(j, g, k) & ~(k == j)
            w.list_of[j, g, k] = listed(j, g, k) | (k == j)

    @w.rule("§11.4", fair="weak")
    def cold_start(j: Inc, g: Group):
        """All nodes of the list are met, its entries released: the last primary's node founds."""
        founder = exists(Inc, lambda i: w.older[i, j] & last_primary(j, g, i))
        if m.mutant("anybody-founds") or m.mutant("own-list-suffices"):
            founder = TRUE
        require(
            up=w.up(j) & (w.member[j, g] == "active"),
            no_entry=~w.is_entry[j, g],
            met_own=w.met[j, g, j],
            all_met=forall(
                Inc,
                lambda k: implies(
                    listed(j, g, k), exists(Inc, lambda i: same_node(w, i, k) & w.met[j, g, i])
                ),
            ),
            all_released=forall(Inc, lambda k: implies(listed(j, g, k), out(j, g, k))),
            founder=founder,
        )
        found(j, g)

    @w.fault("§11.5")
    def bootstrap(j: Inc, g: Group):
        """An operator asserts that every other node of the group is off; this one founds it."""
        require(
            up=w.up(j) & (w.member[j, g] == "active"),
            no_entry=~w.is_entry[j, g],
            others_off=forall(Inc, lambda i: implies(w.hosts[i, g] & ~(i == j), w.is_off(i))),
            met_own=w.met[j, g, j],
        )
        w.bootstrapped[j, g] = True
        found(j, g)


__all__ = ["declare"]
