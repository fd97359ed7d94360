"""What the harness does for an instance of an action: one event of one core, or one own act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.sim.node import Node
from knell.node.core import events as ev
from knell.node.core.messages import Signed


@dataclass(frozen=True)
class Asked:
    """An instance of an action, at the node that is its first parameter."""

    cluster: Cluster
    node: Node
    parameters: Mapping[str, str]
    message: Signed | None = None

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


Move = Tell | Change
