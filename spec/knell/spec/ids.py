"""The fixed ids: what is guaranteed, what is claimed, and what went wrong before.

`spec/PROPERTIES.md` holds the full statements, with assumptions and witnesses;
the lines here are what a report has room for. An id never changes its meaning
and is never given out again.
"""

from __future__ import annotations

from typing import Final

from knell.spec.words import Word


class Property(Word):
    """What the protocol guarantees: S for safety, L for liveness."""

    S1 = "S1", "Once the gate of an epoch is closed, no act of that epoch takes effect."
    S2 = "S2", "At any moment at most one node can act as primary of a group."
    S3 = "S3", "An epoch has one latch, one distress round and one shutdown."
    S4 = "S4", "A statement about an epoch changes no record of a later epoch."
    S5 = "S5", "An observer leaves an epoch before it admits a later one of that node."
    S6 = "S6", "Only a node's own key announces its distress and its quiescence."
    S7 = "S7", "A node leave goes at most once to each member concerned, and to no other."
    S8 = "S8", "After a leave, nothing in flight brings the epoch back."
    S9 = "S9", "Whether an epoch is left or released does not depend on the order of arrival."
    S10 = "S10", "A node whose latch is closed, or that was left, is never promoted."
    S11 = "S11", "A group is promoted only after the groups that it depends on."
    S12 = "S12", "Members are told before they detect the failure themselves."
    S13 = "S13", "No new work is routed to a node whose DISTRESS was seen."
    S14 = "S14", "No epoch is left that did not signal, lapse, restart, or get fenced."
    S15 = "S15", "Clustering ends only for a reason, and after the other members were told."
    L1 = "L1", "A known fatal failure, or a dead part of clustering, ends clustering on that node."
    L2 = "L2", "A known fatal failure leads to a node leave at every connected correct peer."
    L3 = "L3", "A node leave leads to a new primary of each affected group that can have one."
    L4 = "L4", "The death of a part of clustering itself leads to the node leave too."
    L5 = "L5", "A node that fell silent is partitioned at each peer, and nobody is promoted."
    L6 = "L6", "A node that restarts is admitted again."

    @property
    def is_safety(self) -> bool:
        """Whether a finite trace can refute it; the others need an endless one."""
        return self.value.startswith("S")


class Hazard(Word):
    """A mistake that real systems shipped; each is a mutant that a property kills."""

    H1 = "H1", "A clean stop lets a replica be promoted while the old primary still acts."
    H2 = "H2", "The lease is given back before the work that it guards has stopped."
    H3 = "H3", "With several nodes leaving, the new primary starts before the old one stopped."
    H4 = "H4", "A failed node counts as left, so its locks are freed while it still acts."
    H5 = "H5", "A node acts after it has left."
    H6 = "H6", "A remembered leave outranks the join of the restarted node."
    H7 = "H7", "The same leave is a failure to some peers and a departure to others."
    H8 = "H8", "The leave is never sent: the transport ends first, or drops it."
    H9 = "H9", "A node dies and returns so quickly that no peer sees a leave."
    H10 = "H10", "A death in the middle of a sync leaves a ghost in the group."
    H11 = "H11", "A broadcast that times out aborts the leave itself."
    H12 = "H12", "A shutdown mark on disk shuts the restarted node down again."
    H13 = "H13", "A forged leave evicts a healthy node, or takes over its identity."
    H14 = "H14", "The shutdown hangs on a member that does not answer."
    H15 = "H15", "New work is given to a node that is on its way out."
    H16 = "H16", "The messaging layer is dead, and the local workers run on."
    H17 = "H17", "Some member never learns of the leave."


CLAIM_IDS: Final = tuple(f"C{number}" for number in range(1, 31))
"""The ids of the claims, in order; `knell.spec.claims` loads what stands behind each."""
