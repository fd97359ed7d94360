"""For each variable of the model: where its value is read, or why it is not.

| source | the value is |
| --- | --- |
| core | a pure, total function of the state of the node's cores (`projection`) |
| network | what was sent to every other node so far; the harness's network holds it |
| world | what the harness itself has done to the node |
| effect | not kept by an implementation; each change of it is an effect, which is compared |
| bound | how often a fault may still happen; no part of the protocol |
| history | kept to state a property; no rule reads it, and no implementation has such a record |
| lost | a message that this configuration loses always, so that it does not record it |
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from knell.language.model import Model


class Source(StrEnum):
    """Where the value of a variable comes from."""

    CORE = "core"
    NETWORK = "network"
    WORLD = "world"
    EFFECT = "effect"
    BOUND = "bound"
    LOST = "lost"
    HISTORY = "history"


class Variable(NamedTuple):
    """Where a variable of the model is found."""

    source: Source
    about: str


VARIABLES: Final[dict[str, Variable]] = {
    "phase": Variable(Source.CORE, "the phase of the core that speaks for the node"),
    "member": Variable(Source.CORE, "the further of what engine and sentinel know of the process"),
    "primary": Variable(Source.CORE, "the engine's promotion, while the process is not gone"),
    "reporter": Variable(Source.CORE, "whose report closed the latch"),
    "warned": Variable(Source.CORE, "the member was sent *clustering is ending*"),
    "acting": Variable(Source.CORE, "a primary act that was accepted and is not yet done"),
    "view": Variable(Source.CORE, "the epoch that the peer's record says is admitted"),
    "heard": Variable(Source.CORE, "the epoch is barred"),
    "heard_release": Variable(Source.CORE, "QUIESCED or FENCE of it is known, or a later epoch"),
    "left": Variable(Source.CORE, "the peer's record says that its leave was delivered"),
    "released": Variable(Source.CORE, "an entry of it in the group is released"),
    "heard_gone": Variable(Source.CORE, "its membership of the group is known to be over"),
    "partitioned": Variable(Source.CORE, "the peer's record says so"),
    "knows_primary": Variable(Source.CORE, "an entry of it is known as a primary, where needed"),
    "heard_later": Variable(Source.CORE, "a later epoch of its node is known"),
    "admitted": Variable(Source.CORE, "it is in view, or was left"),
    "is_entry": Variable(Source.CORE, "the engine's own entry; afterwards, the stored list's"),
    "newest": Variable(Source.CORE, "the last entry of the list, in memory or else on the disk"),
    "list_of": Variable(Source.CORE, "the entries of that list"),
    "committed_before": Variable(Source.CORE, "those before the own entry"),
    "proposed": Variable(Source.NETWORK, "a list of its own was stored, whoever has to be asked"),
    "carried": Variable(Source.NETWORK, "what is in that list besides its newest entry"),
    "accepted": Variable(Source.NETWORK, "ACCEPT was sent"),
    "committed": Variable(Source.NETWORK, "COMMIT was sent"),
    "distress": Variable(Source.NETWORK, "DISTRESS was sent"),
    "quiesced": Variable(Source.NETWORK, "QUIESCED was sent"),
    "reaped": Variable(Source.NETWORK, "QUIESCED does not call the group gated"),
    "member_gone": Variable(Source.NETWORK, "MEMBER_GONE was sent"),
    "announced": Variable(Source.NETWORK, "ANNOUNCE was sent"),
    "promoted": Variable(Source.NETWORK, "PROMOTED was sent"),
    "fatal": Variable(Source.WORLD, "a fatal error is there, found or not"),
    "dead": Variable(Source.WORLD, "the component was ended"),
    "reported": Variable(Source.WORLD, "a shutdown message is on its way to CC, or was"),
    "leaves": Variable(Source.EFFECT, "the member is told of a node leave"),
    "rounds": Variable(Source.EFFECT, "a node says DISTRESS of itself"),
    "stopping": Variable(Source.HISTORY, "an operator asked for a stop"),
    "departed": Variable(Source.HISTORY, "the member left by itself"),
    "first_cause": Variable(Source.HISTORY, "the cause in the latch, which informs people"),
    "failures_left": Variable(Source.BOUND, "fatal causes"),
    "crashes_left": Variable(Source.BOUND, "nodes that lose power"),
    "heartbeat_losses_left": Variable(Source.BOUND, "lost heartbeats"),
    "stops_left": Variable(Source.BOUND, "planned stops"),
    "member_failures_left": Variable(Source.BOUND, "ordinary failures of members"),
}
"""All variables of the configurations that can be replayed."""


_LOST: Final = {"member_gone": "hear_member_gone"}
"""Messages that are lost in configurations in which nobody hears them; they are not recorded."""


def source_of(model: Model, variable: str) -> Source:
    """Where a variable of a model is found."""
    hearing = _LOST.get(variable)
    if hearing is not None and all(each.name != hearing for each in model.actions):
        return Source.LOST
    return VARIABLES[variable].source


def unmapped(model: Model) -> list[str]:
    """The variables of a model that the table lacks: there must be none."""
    return [each.name for each in model.variables if each.name not in VARIABLES]
