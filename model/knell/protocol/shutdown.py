"""One node's side: detect, initiate, preempt, quiesce, end; acts and the gate; local faults."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, forall, implies, require, when
from knell.language.expressions import FALSE, TRUE, Expr
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare the actions of a node that fails, stops or loses members."""
    if not w.p.coarse:
        _detect(m, w)
        _preempt(m, w)
    _initiate(m, w)
    _end(m, w)
    _acts(m, w)
    _faults(m, w)


def _detect(m: Model, w: World) -> None:
    Inc, Group, Cause = w.Inc, w.Group, w.Cause
    if not w.p.failures:
        return

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
            not_reported=~w.reported[i, g, c],
        )
        w.reported[i, g, c] = True

    @w.rule("§7.4", fair="weak")
    def report_reaches_cc(i: Inc, g: Group, c: Cause):
        """CC receives the shutdown message; the first closes the latch, a later one is logged."""
        require(
            reported=w.reported[i, g, c],
            cc_lives=w.alive(i, "cc"),
            engine_lives=w.alive(i, "engine"),
            clustering=w.gate_open(i),
        )
        latch_open = w.phase[i] == "active"
        if m.mutant("latch-reopens"):
            latch_open = TRUE
        with when(latch_open):
            w.latch(i, w.kind_of(c))
            w.reporter[i, g] = True


def _initiate(m: Model, w: World) -> None:
    Inc, Group, Component = w.Inc, w.Group, w.Component

    def component_lost(i: Expr) -> Expr:
        if m.mutant("cc-death-unseen"):
            return exists(Component, lambda c: w.dead[i, c] & ~c.is_in("cc", "engine"))
        return exists(Component, lambda c: w.dead[i, c] & ~(c == "engine"))

    if len(w.components) > 1:

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

    if w.p.critical:

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

    if "engine" in w.components and not m.mutant("sentinel-idle"):

        @w.rule("§7.6", fair="weak")
        def initiate_by_sentinel(i: Inc):
            """The engine is dead and the latch was open: the sentinel announces."""
            require(
                engine_dead=w.dead[i, "engine"],
                sentinel_lives=w.alive(i, "sentinel"),
                latch_open=w.phase[i] == "active",
            )
            w.latch(i, w.Kind["engine"])

    if w.p.leases:

        @w.rule("§7.15", fair="weak")
        def learn_own_leave(i: Inc):
            """A node learns that its own epoch was left, and shuts itself down."""
            require(
                declared_over=w.lapsed[i],
                engine_lives=w.alive(i, "engine"),
                latch_open=w.phase[i] == "active",
            )
            w.latch(i, w.Kind["left"])

    if w.p.stops:

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


def _preempt(m: Model, w: World) -> None:
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
        w.member[i, g] = "notified"
        w.warned[i, g] = True

    def due(i: Expr, g: Expr) -> Expr:
        """The member was told that clustering is ending, or told so itself."""
        if m.mutant("member-unwarned"):
            return w.runs(i, g)
        return (w.member[i, g] == "notified") | ((w.member[i, g] == "active") & w.reporter[i, g])

    @w.rule("§7.9")
    def member_acknowledges(i: Inc, g: Group):
        """A member has stopped its work and says so: it is gated, and its process may end."""
        require(failing=w.phase[i] == "failing", speaker=w.speaks(i), told=due(i, g))
        w.cut_off(i, g)

    if not m.mutant("no-deadline"):

        @w.rule("§7.10", fair="weak")
        def force_out(i: Inc, g: Group):
            """The deadline passed: the member is gated, and its process is killed."""
            require(failing=w.phase[i] == "failing", speaker=w.speaks(i), told=due(i, g))
            w.cut_off(i, g)

    @w.rule("§7.12", fair=None if w.p.unkillable else "weak")
    def reap_gated(i: Inc, g: Group):
        """A gated process is surely dead at last; MEMBER_GONE says so."""
        require(
            gated=w.member[i, g] == "gated",
            clustering=w.phase[i].is_in("failing", "quiesced"),
            speaker=w.speaks(i),
        )
        w.reap(i, g)


def _end(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    @w.rule("§7.11", fair="weak")
    def quiesce(i: Inc):
        """Every member is reaped or gated, no act is under way: the gate closes, QUIESCED goes."""
        all_reaped: Expr = TRUE if w.p.coarse or m.mutant("gated-counts-as-reaped") else FALSE
        still_there = ("active", "notified") if w.p.unkillable else ("active", "notified", "gated")
        out = forall(Group, lambda g: ~w.member[i, g].is_in(*still_there))
        if w.p.coarse:
            out = TRUE
        if m.mutant("quiesce-early"):
            out = forall(Group, lambda g: ~(w.member[i, g] == "active") | w.reporter[i, g])
            all_reaped = TRUE
        if m.mutant("sentinel-spares-members"):
            out = out | ~w.alive(i, "engine")
            all_reaped = all_reaped | ~w.alive(i, "engine")
        require(
            failing=w.phase[i] == "failing",
            speaker=w.speaks(i),
            members_out=out,
        )
        w.phase[i] = "quiesced"
        w.quiesced[i] = True
        for g in each(Group):
            w.reaped[i, g] = all_reaped | (w.member[i, g] == "gone")
        if w.p.coarse:
            w.drop_all(i)

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
            w.distress[i] = False
            w.quiesced[i] = False

    if m.mutant("timeout-aborts"):

        @w.rule("§6")
        def abort_shutdown(i: Inc):
            """Mutant: a broadcast time-out takes the shutdown back."""
            require(failing=w.phase[i] == "failing")
            w.phase[i] = "active"


def _acts(m: Model, w: World) -> None:
    Inc, Group = w.Inc, w.Group

    def accepted(i: Expr, g: Expr) -> Expr:
        gate = w.gate_open(i) & w.alive(i, "engine")
        if m.mutant("acts-after-gate"):
            gate = ~w.phase[i].is_in("absent", "crashed")
            return gate & w.member[i, g].is_in("active", "notified", "gated", "gone")
        return gate & w.runs(i, g)

    if w.p.acts:

        @w.rule("§4.5")
        def begin_act(i: Inc, g: Group):
            """The engine accepts a primary's act; it holds the gate open."""
            require(
                gate_open=accepted(i, g),
                primary=w.primary[i, g],
                leased=w.lease[i, g] if w.p.leases else TRUE,
                one_at_a_time=~w.acting[i, g],
            )
            w.acting[i, g] = True

        @w.rule("§4.5", fair="weak")
        def finish_act(i: Inc, g: Group):
            """An accepted act takes effect, or is refused as its lease has run out."""
            require(acting=w.acting[i, g])
            w.acting[i, g] = False

    else:

        @w.rule("§4.5")
        def act(i: Inc, g: Group):
            """The engine accepts an act of a member, and it takes effect at once."""
            require(gate_open=accepted(i, g))


def _faults(m: Model, w: World) -> None:
    Inc, Group, Cause, Component = w.Inc, w.Group, w.Cause, w.Component
    if w.p.failures:

        @w.fault("§7.1")
        def strike(i: Inc, c: Cause):
            """A fatal error is there, not yet detected."""
            require(clustering=w.gate_open(i), new=~w.fatal[i, c])
            w.spend("failures")
            w.fatal[i, c] = True
            if w.p.coarse:
                require(latch_open=w.phase[i] == "active")
                w.latch(i, w.kind_of(c))

    if w.p.failures and w.components:

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

    if w.p.crashes:

        @w.fault("§7.17")
        def node_crashes(i: Inc):
            """The whole node loses power, without a word."""
            require(up=w.phase[i].is_in("active", "failing", "quiesced"))
            w.spend("crashes")
            w.phase[i] = "crashed"
            w.drop_all(i)
            w.forget(i)

    if w.p.member_failures:

        @w.fault("§7.16")
        def member_leaves(i: Inc, g: Group):
            """A member leaves or crashes by itself: a member leave, never a node shutdown."""
            require(clustering=w.gate_open(i), speaker=w.speaks(i), runs=w.runs(i, g))
            w.spend("member_failures")
            w.reap(i, g)
            if m.mutant("any-error-is-fatal"):
                with when(w.phase[i] == "active"):
                    w.latch(i, w.Kind["member"])


__all__ = ["declare"]
