"""What the harness does for an instance of an action: one event of one core, or one own act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.sim.node import Node
from knell.node.core import events as ev
from knell.node.core.messages import Signed, Traffic
from knell.node.core.values import Epoch


@dataclass(frozen=True)
class Asked:
    """An instance of an action, at the node that is its first parameter.

    Attributes:
        message: What arrives, where something does.
        pending: What else was sent to the node and takes effect without an action of its own:
            ANNOUNCE for one that starts, ACCEPT for one that proposes.
    """

    cluster: Cluster
    node: Node
    parameters: Mapping[str, str]
    message: Frame | None = None
    pending: Sequence[Frame] = ()

    @property
    def group(self) -> str:
        """The group that the action is about."""
        return self.parameters["g"]

    @property
    def kind(self) -> str:
        """The cause or the component that the action is about."""
        return self.parameters["c"]

    @property
    def other(self) -> str:
        """The node that the acting one observes."""
        return self.parameters["i"]


class Carried(NamedTuple):
    """Traffic that was sent, and by whom."""

    sender: Epoch
    incarnation: int
    message: Traffic

    @property
    def arrival(self) -> ev.Event:
        """That it arrives."""
        return ev.Arrived(self.message, self.sender, self.incarnation)


Frame: TypeAlias = Signed | Carried
"""What was sent to a node."""


class To(StrEnum):
    """Which core of a node is told."""

    ENGINE = "engine"
    SENTINEL = "sentinel"


class Stutter(NamedTuple):
    """What a core is told besides; it must leave the projection as it is."""

    to: To
    event: ev.Event


@dataclass(frozen=True)
class Tell:
    """One event of one core.

    Attributes:
        to: The core.
        event: The event.
        at: When, by the node's clock; None for now.
        before: What has to be true first: deadlines that have passed, a takeover that is known.
        after: What follows by itself.
    """

    to: To
    event: ev.Event
    at: int | None = None
    before: Sequence[Stutter] = ()
    after: Sequence[Stutter] = ()


@dataclass(frozen=True)
class Change:
    """One act of the environment: no core is told anything."""

    node: Node
    seen: tuple[tuple[str, ...], ...] = ()
    said: tuple[Signed, ...] = ()


Move = Tell | Change
