"""Planted faults of the core: members that fail, leave, or cannot be killed."""

from msgspec.structs import replace

from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core import shutdown
from knell.node.core.state import State
from knell.node.core.values import Epoch
from knell.spec.vocabulary import MemberState
from tests.conformance.planted.patching import (
    PUBLISH,
    RELEASED,
    handler,
)


def critical_member_not_missed(patch):
    """Losing a member of a critical group is no failure."""
    patch.setattr(shutdown, "initiating", lambda state: [])


def any_member_is_critical(patch):
    """Losing a member of any group ends the node."""

    def initiating(state):
        return [n for n, each in state.members.items() if each.state is MemberState.GONE]

    patch.setattr(shutdown, "initiating", initiating)


def gated_counts_as_reaped(patch):
    """QUIESCED says reaped of a process that only was cut off."""

    def publish(d, statement, *args, **named):
        if isinstance(statement, ms.Quiesced):
            statement = replace(statement, gated=())
        PUBLISH(d, statement, *args, **named)

    patch.setattr(shutdown, "publish", publish)


def tokens_ignored(patch):
    """A gated entry is not released where stores check tokens."""

    def released(state, group, entry):
        gated = state.quiesced.get(Epoch(entry.node, entry.epoch), frozenset())
        return group not in gated and RELEASED(state, group, entry)

    patch.setattr(State, "is_released", released)


def gated_is_released(patch):
    """A gated entry is released although no store checks tokens."""

    def released(state, group, entry):
        quiet = Epoch(entry.node, entry.epoch) in state.quiesced
        return quiet or RELEASED(state, group, entry)

    patch.setattr(State, "is_released", released)


def unkillable_waited_for(patch):
    """The gate never closes while a process lives that cannot be killed."""
    handler(patch, ev.KillFailed, lambda d, event: None)


def stop_ignored(patch):
    """A planned stop is only logged."""
    handler(patch, ev.StopRequested, lambda d, event: d.log("stop", "a stop"))
