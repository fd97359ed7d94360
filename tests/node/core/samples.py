"""One event of each kind, and a core in each phase that has one."""

from typing import Any

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded, sentinel
from knell.node.core import messages as ms
from knell.node.core.values import (
    SECOND,
    Durable,
    Entry,
    Epoch,
    GroupSettings,
    Settings,
    Takeover,
)
from knell.spec.vocabulary import Cause, NodePhase

INCARNATIONS = {"n1": 11, "n2": 12, "n3": 13}
GROUPS = (
    GroupSettings("g1", ("n1", "n2", "n3")),
    GroupSettings("g2", ("n1", "n2"), depends_on=("g1",)),
    GroupSettings("g3", ("n1", "n2", "n3"), takeover=Takeover.LEASE),
)
ENTRY = Entry(1, "n1", 1, 1, 11)

EVENTS = (
    ev.MemberJoins("g1"),
    ev.MemberLeaves("g1", 1),
    ev.MemberReaped("g1", 1),
    ev.KillFailed("g1", 1),
    ev.MemberAcknowledges("g1", 1),
    ev.MemberReports("g1", (Cause.OBJECT,)),
    ev.ActBegins("g1", 1),
    ev.ActEnds("g1", 1),
    ev.WorkComes("g1", "n2"),
    ev.Notice((Cause.OBJECT,), "g1"),
    ev.FatalFound((Cause.COMMUNICATION, Cause.PROTOCOL)),
    ev.ComponentDied(Cause.MONITOR),
    ev.EngineLost(),
    ev.EngineReaped(),
    ev.StopRequested(),
    ev.FenceOrdered(ms.Fence("n2", 1)),
    ev.BootstrapOrdered(ms.Bootstrap("g1", (), ENTRY)),
    ev.PeerProved(ms.Announce("n2", 2, 22)),
    ev.Heard(ms.Signed(ms.Distress("n2", 1, 12, Cause.OBJECT)), "n2"),
    ev.Arrived(ms.Heartbeat(1), Epoch("n2", 1), 12),
    ev.TimerFired(ev.Timer.BEAT),
    ev.Paused(),
    ev.Persisted("g1", Durable()),
    ev.Initiate("g1"),
    ev.NotifyMember("g1"),
    ev.ForceOut("g1"),
    ev.Quiesce(),
    ev.EndClustering(),
    ev.Promote("g1"),
    ev.ProposeList("g1"),
    ev.CommitList("g1"),
    ev.FoundGroup("g1"),
    ev.LoseHeartbeats("n2"),
    ev.StopGranting("n2"),
    ev.LeasePasses("n2"),
    ev.LapsePeer("n2"),
)


def named(value: object) -> str:
    """The name of a case: what it changes. A set in it would be written in any order."""
    return " ".join(value) if isinstance(value, dict) else str(value)


def settings(me="n1"):
    return Settings(me, tuple(INCARNATIONS), GROUPS)


def engine(phase):
    """Return an engine's core that has come to this phase."""
    core = founded(settings(), INCARNATIONS)
    if phase is NodePhase.ACTIVE:
        return core
    core.receive(ev.StopRequested(), 1)
    if phase is NodePhase.FAILING:
        return core
    while core.state.phase is not NodePhase.QUIESCED:
        for step in core.due(2):
            core.receive(step, 2)
        for group in core.state.members:
            core.receive(ev.MemberReaped(group, 1), 2)
    if phase is NodePhase.ENDED:
        core.receive(ev.TimerFired(ev.Timer.SIGNAL), 3 * SECOND)
        core.receive(ev.EndClustering(), 3 * SECOND)
    return core


def watcher(phase):
    """Return a sentinel's core that has come to this phase."""
    core = sentinel(settings(), epoch=1, incarnation=11)
    if phase is NodePhase.ACTIVE:
        return core
    core.receive(ev.EngineLost(), 1)
    if phase is NodePhase.FAILING:
        return core
    core.receive(ev.EngineReaped(), 2)
    core.receive(ev.Quiesce(), 2)
    if phase is NodePhase.ENDED:
        core.receive(ev.TimerFired(ev.Timer.SIGNAL), 3 * SECOND)
        core.receive(ev.EndClustering(), 3 * SECOND)
    return core


LIVING = (NodePhase.ACTIVE, NodePhase.FAILING, NodePhase.QUIESCED, NodePhase.ENDED)


def in_phase(phase, *, role="engine"):
    """Return a core in this phase; for a phase without a core, one that was put there."""
    core = (engine if role == "engine" else watcher)(phase if phase in LIVING else NodePhase.ACTIVE)
    if phase not in LIVING:
        core.state = core.state.copy()
        core.state.phase = phase
    return core


def frames(effects, kind) -> list[Any]:
    """Return the frames of one kind that are sent, statements without their proofs."""
    sent = [frame for effect in effects if isinstance(effect, fx.Send) for frame in effect.frames]
    bare = [frame.statement if isinstance(frame, ms.Signed) else frame for frame in sent]
    return [frame for frame in bare if isinstance(frame, kind)]


def traced(action, **parameters):
    """Return the trace of an action."""
    return fx.Trace(action, tuple(parameters.items()))


def refusal(effects) -> str:
    """Return why the one answer refuses; "" if it does not."""
    (answer,) = effects
    return answer.refused or ""
