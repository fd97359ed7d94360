"""A node finds that it has to end: detection, the shutdown message, and the latch (§7.2-§7.7)."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, forall, require, when
from knell.language.expressions import TRUE, Expr
from knell.protocol.world import World


def detect(m: Model, w: World) -> None:
    """Declare how CC and members detect a fatal error."""
    if w.p.failures and not w.p.coarse:
        _by_cc(w)
        _by_member(m, w)
        _report(m, w)


def initiate(m: Model, w: World) -> None:
    """Declare what else closes the latch."""
    if len(w.components) > 1:
        _by_engine(m, w)
    if w.p.critical:
        _for_critical_member(w)
    if "engine" in w.components and not m.mutant("sentinel-idle"):
        _by_sentinel(w)
    if w.p.leases:
        _own_leave(w)
    if w.p.stops:
        _stop(m, w)
    if m.mutant("latch-closes-late"):
        _late(w)


def _by_cc(w: World) -> None:
    Inc, Cause = w.Inc, w.Cause

    @w.rule("§7.3")
    def detect_by_cc(i: Inc, c: Cause):
        """The CC member detects the fatal error; the latch closes at once."""
        require(
            fault=w.fatal[i, c],
            cc_lives=w.alive(i, "cc"),
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.kind_of(c))


def _by_member(m: Model, w: World) -> None:
    Inc, Group, Cause = w.Inc, w.Group, w.Cause

    @w.rule("§7.2")
    def detect_by_member(i: Inc, g: Group, c: Cause):
        """A member detects the fatal error and sends its shutdown message to CC."""
        able = w.member[i, g] == "active"
        if m.mutant("warned-member-reports"):
            able = w.runs(i, g)
        require(
            fault=w.fatal[i, c],
            member_active=able,
            clustering=w.gate_open(i),
            not_reported=~exists(Cause, lambda k: w.reported[i, g, k]),
        )
        w.reported[i, g, c] = True


def _report(m: Model, w: World) -> None:
    Inc, Group, Cause = w.Inc, w.Group, w.Cause

    @w.rule("§7.4", fair="weak")
    def report_reaches_cc(i: Inc, g: Group, c: Cause):
        """CC receives the shutdown message; the first closes the latch, a later one is logged."""
        require(
            reported=w.reported[i, g, c],
            cc_lives=w.alive(i, "cc"),
            engine_lives=w.alive(i, "engine"),
            clustering=w.gate_open(i),
        )
        with when(TRUE if m.mutant("latch-reopens") else w.phase[i] == "active"):
            w.latch(i, w.kind_of(c))
            w.reporter[i, g] = True


def _by_engine(m: Model, w: World) -> None:
    Inc, Group, Component = w.Inc, w.Group, w.Component

    def component_lost(i: Expr) -> Expr:
        unseen = ("cc", "engine") if m.mutant("cc-death-unseen") else ("engine",)
        return exists(Component, lambda c: w.dead[i, c] & ~c.is_in(*unseen))

    @w.rule("§7.5", fair="weak")
    def initiate_by_engine(i: Inc, c: Component):
        """CC, name server, monitor or sentinel is dead: the engine itself closes the latch."""
        require(
            component_dead=w.dead[i, c] & ~(c == "engine"),
            noticed=component_lost(i),
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        if m.mutant("latch-at-member"):
            require(nothing_reported=forall(Group, w.Cause, lambda g, k: ~w.reported[i, g, k]))
        w.latch(i, w.kind_of(c))


def _for_critical_member(w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.5", fair="weak")
    def initiate_for_critical_member(i: Inc, g: Group):
        """A member of a critical group is gone: the engine closes the latch."""
        require(
            critical=w.is_critical[g],
            member_gone=w.member_gone[i, g],
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.Kind["member"])


def _by_sentinel(w: World) -> None:
    Inc = w.Inc

    @w.rule("§7.6", fair="weak")
    def initiate_by_sentinel(i: Inc):
        """The engine is dead and the latch was open: the sentinel announces."""
        require(
            engine_dead=w.dead[i, "engine"],
            sentinel_lives=w.alive(i, "sentinel"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.Kind["engine"])


def _own_leave(w: World) -> None:
    Inc = w.Inc

    @w.rule("§7.15", fair="weak")
    def learn_own_leave(i: Inc):
        """A node learns that its own epoch was left, and shuts itself down."""
        require(
            declared_over=w.lapsed[i],
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.Kind["left"])


def _stop(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.fault("§7.14")
    def request_stop(i: Inc):
        """An operator asks for a planned stop, which takes the same path."""
        require(latch_open=w.phase[i] == "active", engine_lives=w.alive(i, "engine"))
        w.spend("stops")
        w.latch(i, w.Kind["stop"])
        w.stopping[i] = True
        if m.mutant("stop-releases-first"):
            w.quiesced[i] = True
            for g in each(Group):
                w.reaped[i, g] = True


def _late(w: World) -> None:
    Inc = w.Inc

    @w.rule("§7.5", fair="weak")
    def close_latch(i: Inc):
        """Mutant: the latch closes in a step of its own, after DISTRESS went."""
        require(announced=w.distress[i], open=w.phase[i] == "active")
        w.phase[i] = "failing"


__all__ = ["detect", "initiate"]
