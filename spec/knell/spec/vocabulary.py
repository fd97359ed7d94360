"""The words of the protocol, as model, implementation, logs and viewer use them.

`spec/PROTOCOL.md` explains the protocol; this module fixes how its parts are
called. A test compares the words here with those of the model, so that a renamed
phase or cause is renamed everywhere.

| what | here |
| --- | --- |
| where an epoch of a node stands | `NodePhase` |
| where a group member stands | `MemberState` |
| why a node ends its epoch | `Cause`, of which `CLAIMED_CAUSES` are demanded by claim C5 |
| what nodes tell each other | `Message` |
| what is guaranteed, and against which mistakes | `knell.spec.ids` |
"""

from __future__ import annotations

from typing import Final

from knell.spec.words import Word


class NodePhase(Word):
    """Where one epoch of one node stands; an epoch never moves back."""

    ABSENT = "absent", "The epoch has not started, or is not admitted by anybody yet."
    ACTIVE = "active", "Clustering runs; the latch is open and the gate admits acts."
    FAILING = "failing", "The latch is closed: DISTRESS is queued, members are being told."
    QUIESCED = "quiesced", "The gate is closed: no act of this epoch takes effect any more."
    ENDED = "ended", "Clustering has ended in order, the transport last."
    CRASHED = "crashed", "The epoch stopped without an orderly end."


class MemberState(Word):
    """Where one member of a group stands on its node, within one epoch."""

    ABSENT = "absent", "The member has not joined its group in this epoch."
    ACTIVE = "active", "The member takes part in its group."
    NOTIFIED = "notified", "The member was sent the message that clustering is ending."
    GATED = "gated", "The engine refuses the member's acts; its process may still run."
    GONE = "gone", "The member's process is surely dead."


class Cause(Word):
    """Why a node ends its epoch. The cause is informational: no outcome depends on it."""

    COMMUNICATION = "communication", "The node can't communicate as clustering requires."
    PROTOCOL = "protocol", "A protocol between group members was violated."
    NAME_SERVER = "name_server", "The cluster name server failed or ended."
    CLUSTER_CONTROL = "cluster_control", "The cluster control member failed or ended."
    MONITOR = "monitor", "The cluster liveliness monitor failed or ended."
    OBJECT = "object", "An object that is critical to the cluster is corrupt."
    ENGINE = "engine", "The engine died or hangs; the sentinel speaks for the node."
    SENTINEL = "sentinel", "The sentinel died; the engine could no longer be outlived."
    MEMBER = "member", "A member died whose group is configured as critical."
    PLANNED_STOP = "planned_stop", "An operator asked the node to stop."
    LEFT_ELSEWHERE = "left_elsewhere", "The node learned that its epoch was left, fenced or lapsed."


CLAIMED_CAUSES: Final = (
    Cause.COMMUNICATION,
    Cause.PROTOCOL,
    Cause.NAME_SERVER,
    Cause.CLUSTER_CONTROL,
    Cause.MONITOR,
    Cause.OBJECT,
)
"""The causes that claim C5 lists; they may also occur in combination."""


class Message(Word):
    """The kinds of messages between nodes."""

    DISTRESS = "DISTRESS", "This epoch is failing, for this cause."
    QUIESCED = "QUIESCED", "This epoch can act no more; per group: reaped, or only gated."
    MEMBER_GONE = "MEMBER_GONE", "This entry's process is surely dead; released for this group."
    PROMOTED = "PROMOTED", "This entry is now the primary of this group."
    FENCE = "FENCE", "An operator asserts that this epoch is switched off."
    LAPSED = "LAPSED", "The lease of this epoch has run out for good."
    ANNOUNCE = "ANNOUNCE", "A new epoch has started; nothing of the earlier ones runs."
    PROPOSE = "PROPOSE", "The primary proposes a list of entries for its group."
    ACCEPT = "ACCEPT", "An earlier entry acknowledges the proposed list."
    COMMIT = "COMMIT", "This list of entries is the group's recovery domain."
    BOOTSTRAP = "BOOTSTRAP", "An operator lets a group start without all of its entries."
    KNOWN = "KNOWN", "These statements are known to the sender."
    WANT = "WANT", "The sender's member has joined and has no entry yet."
    STANDING = "STANDING", "What the sender holds of a group, so that a cold one can start."
