"""The core: one event in, effects out. `receive` is all there is to it.

`apply` is a pure function of state, event and time. `Core` holds the state between calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from knell.node.core import (
    acts,
    cold,
    due,
    hearing,
    leases,
    leaving,
    lists,
    operator,
    promotion,
    relay,
    shutdown,
    silence,
)
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core.draft import Draft
from knell.node.core.phases import (
    FOR_SENTINEL,
    NOT_FOR_ENGINE,
    TABLE,
    IllegalEventError,
    Verdict,
)
from knell.node.core.state import State
from knell.node.core.values import Role
from knell.spec.vocabulary import NodePhase

MOST_STEPS: Final = 10_000
"""More steps than any event makes due: a bound that only a mistake in the rules reaches."""


class Core:
    """A node's core: the engine's, or the sentinel's. See `knell.node.core`."""

    __slots__ = ("state",)

    def __init__(self, state: State) -> None:
        self.state = state

    def receive(self, event: ev.Event, now: int) -> list[fx.Effect]:
        """Do what one event asks for, and return the effects to carry out.

        Raises:
            IllegalEventError: The event cannot occur now; the state is unchanged.
        """
        self.state, effects = apply(self.state, event, now)
        return effects

    def due(self, now: int) -> list[ev.Step]:
        """List the steps to hand back, the most urgent first."""
        return list(due.steps(self.state, now))

    def drain(self, event: ev.Event, now: int) -> list[fx.Effect]:
        """Do what an event asks for, and then all that it makes due.

        Raises:
            IllegalEventError: As `receive`; what was done before the illegal event stays done.
        """
        effects = self.receive(event, now)
        for _ in range(MOST_STEPS):
            step = next(due.steps(self.state, now), None)
            if step is None:
                return effects
            effects += self.receive(step, now)
        raise IllegalEventError("the steps of this event do not end")


def apply(state: State, event: ev.Event, now: int) -> tuple[State, list[fx.Effect]]:
    """Return the state after an event, and the effects that it asks for.

    Raises:
        IllegalEventError: The event cannot occur in this state.
    """
    verdict = verdict_of(state, event)
    d = Draft(state.copy(), now)
    match verdict:
        case Verdict.RAISE:
            raise IllegalEventError(f"{type(event).__name__} in phase {state.phase}")
        case Verdict.DROP:
            pass
        case Verdict.REFUSE:
            _refuse(d, event)
        case Verdict.RUN | Verdict.LOG:
            if isinstance(event, ev.Step) and event not in due.steps(state, now):
                raise IllegalEventError(f"{event} is not due")
            _HANDLERS[type(event)](d, event)
            if d.state.phase is NodePhase.ACTIVE:
                leases.watch(d)
    return d.state, d.effects


def verdict_of(state: State, event: ev.Event) -> Verdict:
    """Return what the table of phases says about an event, for this role."""
    kind = type(event)
    if kind not in TABLE:
        return Verdict.RAISE
    legal = kind in FOR_SENTINEL if state.role is Role.SENTINEL else kind not in NOT_FOR_ENGINE
    return TABLE[kind][state.phase] if legal else Verdict.RAISE


def _refuse(d: Draft, event: ev.Event) -> None:
    why = "clustering is ending"
    match event:
        case ev.ActBegins(group, act) | ev.ActEnds(group, act):
            d.emit(fx.ActResult(group, act, why))
        case ev.WorkComes(group, node):
            d.emit(fx.Routed(group, node, why))
        case _:
            d.answer(why)


def _on_timer(d: Draft, event: ev.TimerFired) -> None:
    match event.timer:
        case ev.Timer.RESEND:
            relay.on_resend(d)
        case ev.Timer.MEMBER:
            d.state.forced = True
        case ev.Timer.SIGNAL:
            d.state.signal_over = d.state.phase is NodePhase.QUIESCED
        case ev.Timer.BEAT if d.state.is_active and d.state.role is Role.ENGINE:
            silence.on_beat(d)
            for name in d.state.groups:
                lists.repeat(d, name)
            standings = cold.standings(d.state)
            for node, peer in d.state.peers.items():
                if peer.admitted and standings:
                    d.send(node, *standings)
        case ev.Timer.BEAT:
            pass


def _on_persisted(d: Draft, event: ev.Persisted) -> None:
    group, last = d.state.groups.get(event.group), event.record.last_primary
    if group is None or group.entry is None or last is None or not group.promoted:
        return
    if last >= group.entry:
        d.set_group(event.group, synced=True)


_HANDLERS: Final[dict[type[ev.Event], Callable[[Draft, Any], None]]] = {
    ev.MemberJoins: shutdown.on_join,
    ev.MemberLeaves: lambda d, e: shutdown.on_leave(d, e.group, e.process),
    ev.MemberReaped: lambda d, e: shutdown.on_reaped(d, e.group, e.process),
    ev.KillFailed: lambda d, e: shutdown.on_kill_failed(d, e.group, e.process),
    ev.MemberAcknowledges: lambda d, e: shutdown.on_acknowledged(d, e.group, e.process),
    ev.MemberReports: shutdown.on_report,
    ev.ActBegins: lambda d, e: acts.begin(d, e.group, e.act, primary=e.primary),
    ev.ActEnds: lambda d, e: acts.end(d, e.group, e.act),
    ev.WorkComes: lambda d, e: leaving.route_work(d, e.group, e.node),
    ev.Notice: shutdown.on_notice,
    ev.FatalFound: shutdown.on_fatal,
    ev.ComponentDied: shutdown.on_component,
    ev.EngineLost: lambda d, e: shutdown.on_engine_lost(d, e.latched, e.reporter),
    ev.EngineReaped: lambda d, _: shutdown.on_engine_reaped(d),
    ev.StopRequested: lambda d, _: shutdown.on_stop(d),
    ev.FenceOrdered: operator.on_fence,
    ev.BootstrapOrdered: operator.on_bootstrap,
    ev.PeerProved: hearing.on_proved,
    ev.Heard: hearing.on_heard,
    ev.Arrived: hearing.on_arrived,
    ev.TimerFired: _on_timer,
    ev.Paused: lambda d, _: silence.on_pause(d),
    ev.Persisted: _on_persisted,
    ev.Initiate: lambda d, e: shutdown.initiate(d, e.group),
    ev.NotifyMember: lambda d, e: shutdown.notify_member(d, e.group),
    ev.ForceOut: lambda d, e: shutdown.force_out(d, e.group),
    ev.Quiesce: lambda d, _: shutdown.quiesce(d),
    ev.EndClustering: lambda d, _: shutdown.end_clustering(d),
    ev.Promote: lambda d, e: promotion.promote(d, e.group),
    ev.ProposeList: lambda d, e: lists.propose(d, e.group),
    ev.CommitList: lambda d, e: lists.commit(d, e.group),
    ev.FoundGroup: lambda d, e: cold.found(d, e.group),
    ev.LoseHeartbeats: lambda d, e: silence.lose_heartbeats(d, e.node),
    ev.StopGranting: lambda d, e: leases.stop_granting(d, e.node),
    ev.LeasePasses: lambda d, e: leases.lease_passes(d, e.node),
    ev.LapsePeer: lambda d, e: leases.lapse(d, e.node),
}
