"""The phases of an epoch, and which event is allowed in which phase.

An epoch of a node goes one way through its life (`spec/PROTOCOL.md` §4):

    absent ──start──▶ active ──latch──▶ failing ──quiesce──▶ quiesced ──end──▶ ended
                         └─────────────────┴─────────────────────┴───────────▶ crashed

*Active*: the latch is open, members join, the node promotes and proposes. *Failing*: the latch
has closed and DISTRESS is on its way; members are told and put out, and nothing new begins.
*Quiesced*: the gate is closed for good and QUIESCED is on its way. *Ended*: nothing happens any
more. A core lives from *active* to *ended*; *absent* and *crashed* are phases in which there is
no core that could be told anything, so every event is illegal there.

Whatever a node decides about the cluster it decides while active. What it must finish, it
finishes while failing: members go out, acts that were accepted take effect. Frames are listened
to until the end, as acknowledgements come among them, but only an active core draws conclusions
from them; it would do so in vain, for its records die with the epoch.

The table below is the whole of it. A verdict is one of

| verdict | the event |
| --- | --- |
| `RUN` | is processed; the rules of its section may still find that it changes nothing |
| `LOG` | changes only the log: a cause that meets a closed latch (§7.7) |
| `REFUSE` | is answered by a refusal, which the asker sees |
| `DROP` | is ignored |
| `RAISE` | cannot occur: `IllegalEventError`, and the state is as before |

A step is `RUN` only where `due` can list it, and even there it raises if it is not due.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from knell.node.core import events as ev
from knell.spec.vocabulary import NodePhase


class Verdict(Enum):
    """What becomes of an event in a phase."""

    RUN = "run"
    LOG = "log"
    REFUSE = "refuse"
    DROP = "drop"
    RAISE = "—"


class IllegalEventError(Exception):
    """The event cannot occur now: whoever drives the core has made a mistake.

    The state of the core is what it was before. An engine that meets this ends itself and leaves
    the rest to its sentinel.
    """


COLUMNS: Final = (
    NodePhase.ABSENT,
    NodePhase.ACTIVE,
    NodePhase.FAILING,
    NodePhase.QUIESCED,
    NodePhase.ENDED,
    NodePhase.CRASHED,
)

_ROWS: Final[dict[type[ev.Event], str]] = {
    # event                absent active failing quiesced ended crashed
    ev.MemberJoins: "        —    run    refuse  refuse  refuse  —",
    ev.MemberLeaves: "       —    run    run     drop    drop    —",
    ev.MemberReaped: "       —    run    run     run     drop    —",
    ev.KillFailed: "         —    —      run     drop    drop    —",
    ev.MemberAcknowledges: " —    drop   run     drop    drop    —",
    ev.MemberReports: "      —    run    run     drop    drop    —",
    ev.ActBegins: "          —    run    run     refuse  refuse  —",
    ev.ActEnds: "            —    run    run     refuse  refuse  —",
    ev.WorkComes: "          —    run    refuse  refuse  refuse  —",
    ev.Notice: "             —    run    log     log     drop    —",
    ev.FatalFound: "         —    run    log     log     drop    —",
    ev.ComponentDied: "      —    run    log     log     drop    —",
    ev.EngineLost: "         —    run    run     run     drop    —",
    ev.EngineReaped: "       —    run    run     run     drop    —",
    ev.StopRequested: "      —    run    run     run     drop    —",
    ev.FenceOrdered: "       —    run    refuse  refuse  refuse  —",
    ev.BootstrapOrdered: "   —    run    refuse  refuse  refuse  —",
    ev.PeerProved: "         —    run    run     run     drop    —",
    ev.Heard: "              —    run    run     run     drop    —",
    ev.Arrived: "            —    run    run     run     drop    —",
    ev.TimerFired: "         —    run    run     run     drop    —",
    ev.Paused: "             —    run    drop    drop    drop    —",
    ev.Persisted: "          —    run    drop    drop    drop    —",
    ev.Initiate: "           —    run    —       —       —       —",
    ev.NotifyMember: "       —    —      run     —       —       —",
    ev.ForceOut: "           —    —      run     —       —       —",
    ev.Quiesce: "            —    —      run     —       —       —",
    ev.EndClustering: "      —    —      —       run     —       —",
    ev.Promote: "            —    run    —       —       —       —",
    ev.ProposeList: "        —    run    —       —       —       —",
    ev.CommitList: "         —    run    —       —       —       —",
    ev.FoundGroup: "         —    run    —       —       —       —",
    ev.LoseHeartbeats: "     —    run    —       —       —       —",
    ev.StopGranting: "       —    run    —       —       —       —",
    ev.LeasePasses: "        —    run    —       —       —       —",
    ev.LapsePeer: "          —    run    —       —       —       —",
}

TABLE: Final = {
    kind: dict(zip(COLUMNS, map(Verdict, row.split()), strict=True)) for kind, row in _ROWS.items()
}
"""For each kind of event its verdict in each phase."""

NEXT: Final = {
    NodePhase.ABSENT: {NodePhase.ACTIVE},
    NodePhase.ACTIVE: {NodePhase.FAILING, NodePhase.CRASHED},
    NodePhase.FAILING: {NodePhase.QUIESCED, NodePhase.CRASHED},
    NodePhase.QUIESCED: {NodePhase.ENDED, NodePhase.CRASHED},
    NodePhase.ENDED: set[NodePhase](),
    NodePhase.CRASHED: set[NodePhase](),
}
"""To which phases an epoch can go on from each."""

FOR_SENTINEL: Final = frozenset(
    {
        ev.MemberJoins,
        ev.MemberReaped,
        ev.KillFailed,
        ev.MemberAcknowledges,
        ev.EngineLost,
        ev.EngineReaped,
        ev.StopRequested,
        ev.Arrived,
        ev.TimerFired,
        ev.NotifyMember,
        ev.ForceOut,
        ev.Quiesce,
        ev.EndClustering,
    }
)
"""What a sentinel's core can be told; an engine's can be told all but the next ones."""

NOT_FOR_ENGINE: Final = frozenset({ev.EngineLost, ev.EngineReaped})
"""What only a sentinel can be told."""
