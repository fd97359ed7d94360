"""Silence: heartbeats, what the network cuts off, and the operator's fence."""

# mypy: disable-error-code="valid-type"
from knell.language import Model, each, exists, require
from knell.language.expressions import TRUE
from knell.protocol.world import World


def declare(m: Model, w: World) -> None:
    """Declare lost heartbeats, cuts, and an operator's word about a silent node."""
    _heartbeats(m, w)
    if w.p.isolations:
        _isolation(m, w)
    if w.p.fences:
        _fence(m, w)


def _heartbeats(m: Model, w: World) -> None:
    if (w.p.crashes or w.p.isolations) and not (w.p.coarse or m.mutant("silence-unseen")):
        _miss(w)
    if w.p.heartbeat_losses:
        _lose(m, w)
    if w.p.heartbeat_losses or w.p.isolations:
        _regain(w)


def _miss(w: World) -> None:
    Inc = w.Inc

    @w.rule("§10.1", fair="weak")
    def miss_heartbeats(o: Inc, i: Inc):
        """A silent peer's heartbeats stay out: it is partitioned, and members are told."""
        require(observer_up=w.up(o), peers=w.peers(o, i), in_view=w.view[o, i])
        require(silent=w.silent(o, i))
        w.partitioned[o, i] = True


def _lose(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.fault("§10.1")
    def lose_heartbeats(o: Inc, i: Inc):
        """Heartbeats of a healthy peer are lost: partitioned, not failed."""
        require(
            observer_up=w.up(o),
            peers=w.peers(o, i),
            in_view=w.view[o, i],
            new=~w.partitioned[o, i],
        )
        w.spend("heartbeat_losses")
        if m.mutant("silence-is-failure"):
            w.note(o, i, releasing=False)
        else:
            w.partitioned[o, i] = True


def _regain(w: World) -> None:
    Inc = w.Inc

    @w.rule("§10.2", fair="weak")
    def regain_heartbeats(o: Inc, i: Inc):
        """Heartbeats return before a leave was delivered: active again."""
        require(
            observer_up=w.up(o),
            partitioned=w.partitioned[o, i],
            in_view=w.view[o, i],
            beats=w.gate_open(i) & ~w.silent(o, i),
        )
        w.partitioned[o, i] = False


def _isolation(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.fault("§12.1")
    def isolate(i: Inc):
        """The network cuts a node off: nothing goes out or comes in."""
        require(connected=~w.mute[i] & ~w.deaf[i])
        w.spend("isolations")
        w.mute[i] = True
        w.deaf[i] = True

    @w.fault("§12.1")
    def mute_only(i: Inc):
        """One-way loss: what the node sends is lost, what is sent to it arrives."""
        require(connected=~w.mute[i] & ~w.deaf[i])
        w.spend("isolations")
        w.mute[i] = True

    @w.fault("§12.1")
    def cut_link(o: Inc, i: Inc):
        """One link loses all that ``i`` sends to ``o``; others may relay it."""
        require(peers=w.peers(o, i), intact=~w.lost[o, i] & ~w.mute[i] & ~w.deaf[o])
        w.spend("isolations")
        w.lost[o, i] = True

    @w.fault("§12.1")
    def heal(i: Inc):
        """The network carries the node's messages again, those sent meanwhile included."""
        require(cut=w.mute[i] | w.deaf[i] | exists(Inc, lambda o: w.lost[o, i]))
        w.mute[i] = False
        w.deaf[i] = False
        for o in each(Inc):
            w.lost[o, i] = False
            if m.mutant("ended-while-cut"):
                w.missed[i, o] = w.missed[i, o] | (w.deaf[i] & (w.phase[o] == "ended"))


def _fence(m: Model, w: World) -> None:
    Inc = w.Inc

    @w.fault("§10.8")
    def fence(i: Inc):
        """An operator asserts that this epoch is off, which must be true."""
        require(
            started=~(w.phase[i] == "absent"),
            off=TRUE if m.mutant("fence-lies") else w.is_off(i),
            no_newer=~exists(Inc, lambda j: w.older[i, j] & w.announced[j]),
        )
        w.fenced[i] = True

    @w.rule("§5.6", fair="weak")
    def hear_fence(o: Inc, i: Inc):
        """FENCE arrives: left and released."""
        require(observer_up=w.up(o), peers=w.peers(o, i), sent=w.fenced[i])
        w.heard_fence[o, i] = True
        w.note(o, i, releasing=True)


__all__ = ["declare"]
