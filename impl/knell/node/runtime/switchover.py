"""Planned switchover: the primary's member of one group ends, and the next entry takes over.

It is an ordinary member leave (§7.16) that waits for a good moment: the member is told, cut off
at once, ended, and started again as the last entry. Nothing else on the node is touched.
"""

from __future__ import annotations

from knell.node.core.state import State

CAUSE = "switchover"
"""What the member is told; it is no fatal cause."""


def refusal(state: State, name: str) -> str | None:
    """Why the primary of a group can't be switched over from this node now, if it can't."""
    group = state.groups.get(name)
    if group is None:
        return "there is no such group"
    if not group.promoted or group.entry is None or not state.lives(name):
        return "the primary of the group is not on this node"
    if state.group(name).critical:
        return "the group is critical: its member can't end without its node"
    for entry in group.domain:
        if entry > group.entry and not state.is_released(name, entry):
            peer = state.peers.get(entry.node)
            if peer is None or peer.admitted != entry.epoch or peer.partitioned:
                return f"the next in line, {entry.name}, is not in contact"
            return None
    return "the group has no backup"
