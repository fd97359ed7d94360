"""The gate: acts that the engine accepts, and their effect (§4.5)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, require
from knell.language.expressions import TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare acts: in one step, or accepted first and then effective."""
    if w.p.acts:
        _begin(m, w)
        _finish(m, w)
        if w.p.leases:
            _refuse(w)
    else:
        _act(m, w)


def _accepted(m: Model, w: World, i: Expr, g: Expr) -> Expr:
    """The gate is open, and open for this member."""
    if m.mutant("acts-after-gate"):
        there = w.member[i, g].is_in("active", "notified", "gated", "gone")
        return ~w.phase[i].is_in("absent", "crashed") & w.alive(i, "engine") & there
    return w.gate_open(i) & w.alive(i, "engine") & w.runs(i, g)


def _begin(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§4.5")
    def begin_act(i: Inc, g: Group):
        """The engine accepts a primary's act; it holds the gate open."""
        require(
            gate_open=_accepted(m, w, i, g),
            primary=w.primary[i, g],
            leased=w.leased(i, g),
            one_at_a_time=~w.acting[i, g],
        )
        w.acting[i, g] = True


def _finish(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§4.5", fair="weak")
    def finish_act(i: Inc, g: Group):
        """An accepted act takes effect, under a lease that is valid then."""
        leased = TRUE if m.mutant("lease-ignored-by-acts") else w.leased(i, g)
        require(acting=w.acting[i, g], leased=leased)
        w.acting[i, g] = False


def _refuse(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§10.3", fair="weak")
    def refuse_act(i: Inc, g: Group):
        """An accepted act is refused after all, as its lease has run out meanwhile."""
        require(acting=w.acting[i, g], expired=~w.leased(i, g))
        w.acting[i, g] = False


def _act(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§4.5")
    def act(i: Inc, g: Group):
        """The engine accepts an act of a member, and it takes effect at once."""
        require(gate_open=_accepted(m, w, i, g))


__all__ = ["declare"]
