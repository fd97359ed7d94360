"""The members of a failing node are put out, the gate closes, clustering ends (§7.8-§7.13)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, forall, implies, require, when
from knell.language.expressions import FALSE, TRUE, Expr
from knell.protocol.world import World


def preempt(m: Model, w: World) -> None:
    """Declare how members are warned and put out, where that takes steps of its own."""
    if not w.p.coarse:
        _warn(m, w)
        _acknowledge(m, w)
        if not m.mutant("no-deadline"):
            _force(m, w)
        _reap(w)


def end(m: Model, w: World) -> None:
    """Declare quiescence and the end of clustering."""
    _quiesce(m, w)
    _end(m, w)


def _warn(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.8", fair="weak")
    def notify_member(i: Inc, g: Group):
        """An active member gets the error message: clustering is ending."""
        require(
            failing=w.phase[i] == "failing",
            speaker=w.speaks(i),
            member_active=w.member[i, g] == "active",
            not_the_reporter=~w.reporter[i, g],
        )
        if not m.mutant("warned-stays-active"):
            w.member[i, g] = "notified"
        w.warned[i, g] = True


def _told(m: Model, w: World, i: Expr, g: Expr) -> Expr:
    """The member was told that clustering is ending, or told so itself."""
    if m.mutant("member-unwarned"):
        return w.runs(i, g)
    return (w.member[i, g] == "notified") | ((w.member[i, g] == "active") & w.reporter[i, g])


def _acknowledge(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.9")
    def member_acknowledges(i: Inc, g: Group):
        """A member has stopped its work and says so: it is gated, and its process may end."""
        require(failing=w.phase[i] == "failing", speaker=w.speaks(i), told=_told(m, w, i, g))
        w.cut_off(i, g)


def _force(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.10", fair="weak")
    def force_out(i: Inc, g: Group):
        """The deadline passed: the member is gated, and its process is killed."""
        require(failing=w.phase[i] == "failing", speaker=w.speaks(i), told=_told(m, w, i, g))
        w.cut_off(i, g)


def _reap(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.12", fair=None if w.p.unkillable else "weak")
    def reap_gated(i: Inc, g: Group):
        """A gated process is surely dead at last; MEMBER_GONE says so."""
        require(
            gated=w.member[i, g] == "gated",
            clustering=w.phase[i].is_in("failing", "quiesced"),
            speaker=w.speaks(i),
        )
        w.reap(i, g)


def _quiesce(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def members_out(i: Expr) -> Expr:
        if w.p.coarse:
            return TRUE
        if m.mutant("quiesce-early") or m.mutant("gate-left-open"):
            return forall(Group, lambda g: ~(w.member[i, g] == "active") | w.reporter[i, g])
        still_there = ("active", "notified") if w.p.unkillable else ("active", "notified", "gated")
        out = forall(Group, lambda g: ~w.member[i, g].is_in(*still_there))
        return out | _spared(m, w, i)

    def said_reaped(i: Expr, g: Expr) -> Expr:
        if w.p.coarse or m.mutant("quiesce-early") or m.mutant("gated-counts-as-reaped"):
            return TRUE
        return (w.member[i, g] == "gone") | _spared(m, w, i)

    def broadcast_done(i: Expr) -> Expr:
        """Mutant: the steps that follow an unacknowledged DISTRESS are never done."""
        if not m.mutant("timeout-aborts"):
            return TRUE
        return forall(Inc, lambda o: implies(w.peers(o, i), w.heard[o, i]))

    @w.rule("§7.11", fair="weak")
    def quiesce(i: Inc):
        """Every member is reaped, or gated for good: the gate closes, QUIESCED goes."""
        require(
            failing=w.phase[i] == "failing",
            speaker=w.speaks(i),
            members_out=members_out(i) & broadcast_done(i),
        )
        w.phase[i] = "quiesced"
        w.quiesced[i] = True
        for g in each(Group):
            w.reaped[i, g] = said_reaped(i, g)
        if w.p.coarse:
            w.drop_all(i)


def _spared(m: Model, w: World, i: Expr) -> Expr:
    """Mutant: a sentinel does not see to the members of its dead engine."""
    return ~w.alive(i, "engine") if m.mutant("sentinel-spares-members") else FALSE


def _end(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.rule("§7.13", fair="weak")
    def end_clustering(i: Inc):
        """Clustering ends on the node, transport last."""
        ready = w.phase[i] == "quiesced"
        if m.mutant("end-at-once"):
            ready = w.phase[i].is_in("failing", "quiesced")
        require(quiesced=ready, speaker=w.speaks(i))
        w.phase[i] = "ended"
        w.forget(i)
        if m.mutant("end-at-once"):
            w.drop_all(i)
        if m.mutant("transport-first"):
            for sent, received in ((w.distress, w.heard), (w.quiesced, w.heard_release)):
                with when(~exists(Inc, lambda o, r=received: r[o, i])):
                    sent[i] = False


__all__ = ["end", "preempt"]
