"""What a node tells of itself after each action: its records, in the words of §4.6.

A pure function of the state, for logs (`spec/LOGS.md`). Epochs are named as in logs, `n1.3`; a
number stands for that epoch of a node and all earlier ones.
"""

from __future__ import annotations

from typing import TypeAlias

from knell.node.core.state import State
from knell.node.core.values import Epoch, Role
from knell.spec.vocabulary import MemberState

Record: TypeAlias = str | list[str] | dict[str, str] | dict[str, int] | dict[str, list[str]]


def records(state: State) -> dict[str, Record]:
    """Return the records of a core."""
    members = {
        group: str(member.state)
        for group, member in state.members.items()
        # What the engine told members the sentinel cannot know.
        if state.role is Role.ENGINE or member.state is not MemberState.ACTIVE
    }
    found: dict[str, Record] = {"phase": str(state.phase), "member": members}
    if state.role is Role.ENGINE:
        found |= _of_groups(state) | _of_peers(state)
    return found


def _of_groups(state: State) -> dict[str, Record]:
    groups, members = state.groups, state.members
    entered = {name: group for name, group in groups.items() if group.entry is not None}
    return {
        "primary": [name for name, group in groups.items() if group.promoted],
        "acting": [name for name, member in members.items() if member.primary_acts],
        "list": {name: [each.name for each in group.domain] for name, group in entered.items()},
        "released": {
            name: [
                each.name
                for each in group.domain
                if (each.node, each.epoch) != state.own and state.is_released(name, each)
            ]
            for name, group in entered.items()
        },
    }


def _of_peers(state: State) -> dict[str, Record]:
    peers = state.peers
    return {
        "view": [Epoch(node, peer.admitted).name for node, peer in peers.items() if peer.admitted],
        "heard": {node: peer.barred for node, peer in peers.items() if peer.barred},
        "left": {node: peer.left for node, peer in peers.items() if peer.left},
        "partitioned": [
            Epoch(node, peer.admitted).name
            for node, peer in peers.items()
            if peer.admitted and peer.partitioned
        ],
    }
