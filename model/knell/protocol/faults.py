"""What may go wrong on one node: fatal errors, deaths, power loss (§7.1, §7.16, §7.17)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, forall, implies, require, when
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare the faults that are switched on."""
    if w.p.failures:
        _strike(w)
        if w.components:
            _component(w)
    if w.p.crashes:
        _crash(w)
        if w.daemon_dies:
            _daemon(w)
            _orphan(w)
    if w.p.member_failures:
        _member(m, w)


def _strike(w: World) -> None:
    Inc, Cause = w.Inc, w.Cause

    @w.fault("§7.1")
    def strike(i: Inc, c: Cause):
        """A fatal error is there, not yet detected."""
        require(clustering=w.gate_open(i), new=~w.fatal[i, c])
        w.spend("failures")
        w.fatal[i, c] = True
        if w.p.coarse:
            require(latch_open=w.phase[i] == "active")
            w.latch(i, w.kind_of(c))


def _component(w: World) -> None:
    Inc, Component = w.Inc, w.Component

    @w.fault("§7.17")
    def component_dies(i: Inc, c: Component):
        """CC, name server, monitor, engine or sentinel dies or hangs, which is fatal too."""
        require(
            clustering=w.gate_open(i),
            lives=~w.dead[i, c],
            one_outlives=implies(
                w.speaking(c),
                forall(Component, lambda d: implies(w.speaking(d), ~w.dead[i, d])),
            ),
        )
        w.spend("failures")
        w.dead[i, c] = True


def _crash(w: World) -> None:
    Inc = w.Inc

    @w.fault("§7.17")
    def node_crashes(i: Inc):
        """The whole node loses power, without a word."""
        require(up=w.phase[i].is_in("active", "failing", "quiesced"))
        w.spend("crashes")
        w.phase[i] = "crashed"
        w.drop_all(i)
        w.forget(i)


def _daemon(w: World) -> None:
    Inc = w.Inc

    @w.fault("§7.17")
    def daemon_dies(i: Inc):
        """Engine and sentinel die together, without a word; the members outlive them."""
        require(up=w.phase[i].is_in("active", "failing", "quiesced"))
        w.spend("crashes")
        w.phase[i] = "crashed"
        w.forget(i)


def _orphan(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.17")
    def orphan_ends(i: Inc, g: Group):
        """A member that has lost both channels ends; nobody is there to say so."""
        require(
            orphan=w.phase[i] == "crashed",
            lives=w.member[i, g].is_in("active", "notified", "gated"),
        )
        w.drop(i, g)


def _member(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.fault("§7.16")
    def member_leaves(i: Inc, g: Group):
        """A member leaves or crashes by itself: a member leave, never a node shutdown."""
        require(clustering=w.gate_open(i), speaker=w.speaks(i), runs=w.runs(i, g))
        w.spend("member_failures")
        w.reap(i, g)
        with when(w.member[i, g] == "active"):
            w.departed[i, g] = True
        if m.mutant("any-error-is-fatal"):
            with when(w.phase[i] == "active"):
                w.latch(i, w.Kind["member"])


__all__ = ["declare"]
