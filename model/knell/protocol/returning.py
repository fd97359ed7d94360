"""A node comes back: the start of its next epoch, and what ANNOUNCE tells (§9.1, §9.2)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, forall, implies, require, when
from knell.language.expressions import Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare restarts and announcements, where nodes may return."""
    if not w.p.returning:
        return
    _restart(m, w)
    if m.mutant("mark-survives-restart"):
        _obey_mark(w)
    _announce(m, w)


def _restart(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def is_over(j: Expr, i: Expr) -> Expr:
        """``j`` or another epoch that has announced itself is later than ``i``."""
        return w.older[i, j] | exists(Inc, lambda k: w.older[i, k] & w.announced[k])

    @w.fault("§9.1")
    def restart(j: Inc):
        """A node starts its next epoch, once nothing of its earlier ones runs, and announces it.

        It admits the peers that have announced themselves, be they still there or not.
        """
        require(
            not_started=(w.phase[j] == "absent") & w.has_epoch_before(j),
            earlier_over=forall(
                Inc, lambda i: implies(w.older[i, j], w.phase[i].is_in("ended", "crashed"))
            ),
        )
        w.phase[j] = "active"
        w.announced[j] = True
        for g in each(Group):
            with when(w.hosts[j, g]):
                w.member[j, g] = "active"
        for i in each(Inc):
            known = (i == j) | (w.peers(j, i) & w.announced[i] & ~is_over(j, i))
            w.view[j, i] = known
            w.admitted[j, i] = known
            with when(is_over(j, i)):
                w.heard[j, i] = True
                w.heard_later[j, i] = True
                w.heard_release[j, i] = True
                for g in each(Group):
                    w.released[j, g, i] = True
            if not m.mutant("restart-spares-members"):
                with when(w.older[i, j]):
                    w.drop_all(i)
        if w.p.cold_starts:
            w.restore_lists(j)
        if m.mutant("mark-survives-restart"):
            w.distress[j] = exists(Inc, lambda i: w.older[i, j] & w.distress[i])


def _obey_mark(w: World) -> None:
    Inc = w.Inc

    @w.rule("§9.1")
    def obey_mark(j: Inc):
        """Mutant: the persisted mark of the earlier epoch shuts this one down."""
        require(marked=w.distress[j], active=w.phase[j] == "active", later=w.has_epoch_before(j))
        w.latch(j, w.Kind["none"])


def _announce(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§5.8", fair="weak")
    def hear_announce(o: Inc, j: Inc):
        """A new epoch announces itself: leave its older ones, then admit it, unless it is over."""
        over = w.heard[o, j]
        if m.mutant("ghost-admitted"):
            over = w.view[o, j]
        require(
            observer_up=w.up(o),
            peers=w.peers(o, j),
            sent=w.announced[j] & w.has_epoch_before(j),
            not_over=~over,
            not_outdated=~exists(Inc, lambda k: w.older[j, k] & w.view[o, k]),
            connected=w.reaches(o, j),
        )
        if m.mutant("bounce-unseen"):
            for k in each(Inc):
                with when(w.older[k, j]):
                    w.view[o, k] = False
                    for g in each(Group):
                        w.released[o, g, k] = True
        else:
            w.note(o, j, releasing=False, leaving=False)
        w.view[o, j] = True
        w.admitted[o, j] = True


__all__ = ["declare"]
