"""The values that a node reasons about: epochs, entries of recovery domains, settings.

An `Entry` is one place in the recovery domain of a group (`spec/PROTOCOL.md` §2.2). Positions
strictly increase along a list and are never reused, so of two entries of one committed list the
one with the lower position is the earlier. All times are whole nanoseconds of one clock that
counts suspend (§10.6); a core only ever compares and adds them.

>>> first, second = Entry(1, "n1", 1, 1, 77), Entry(2, "n2", 1, 1, 78)
>>> first < second, second.name
(True, 'n2.1')
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, NamedTuple, TypeAlias

import msgspec

MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000 * MILLISECOND

BOOTSTRAP_STEP: Final = 2**32
"""How far a bootstrapped entry stands above the highest known one (§11.5)."""


Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
"""How nodes and groups may be named; frames with other names are malformed."""

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number as it may come from outside."""


class Epoch(NamedTuple):
    """One epoch of one node, written (N, e) in the specification."""

    node: Name
    number: Count

    @property
    def name(self) -> str:
        """The name that logs and traces give to it."""
        return f"{self.node}.{self.number}"


class Entry(NamedTuple):
    """One place in a recovery domain; entries compare by position first."""

    position: Count
    node: Name
    epoch: Count
    join: Count
    incarnation: Count

    @property
    def name(self) -> str:
        """The name of its epoch in logs and traces."""
        return f"{self.node}.{self.epoch}"

    @property
    def member(self) -> Membership:
        """What it is an entry of, whatever its position."""
        return Membership(self.node, self.epoch, self.join)


class Membership(NamedTuple):
    """One join of one epoch to a group: what becomes an entry, and what MEMBER_GONE names."""

    node: Name
    epoch: Count
    join: Count


Domain: TypeAlias = tuple[Entry, ...]
"""A recovery domain: entries in the order of their positions."""


class Durable(msgspec.Struct, frozen=True):
    """What survives an epoch, for one group: the list, who proposed it, the last primary."""

    domain: Domain = ()
    proposer: int = 0
    committed: int = 0
    last_primary: Entry | None = None


def end_of(domain: Domain) -> int:
    """The position of the newest entry: of two lists of one primary the higher is the later."""
    return domain[-1].position if domain else 0


class Takeover(StrEnum):
    """How a group treats a silent primary (§2.2)."""

    QUIESCE = "quiesce"
    LEASE = "lease"


class Fencing(StrEnum):
    """Whether the stores of a group check tokens (§2.2)."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 # no password


class Role(StrEnum):
    """Which process of a node a core speaks for (§3.1, §3.5)."""

    ENGINE = "engine"
    SENTINEL = "sentinel"


class GroupSettings(msgspec.Struct, frozen=True):
    """One group as configured: the nodes that may host it, in the order of a first start."""

    name: str
    nodes: tuple[str, ...]
    takeover: Takeover = Takeover.QUIESCE
    fencing: Fencing = Fencing.NONE
    critical: bool = False
    depends_on: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """What a core is told once: itself, its peers, its groups, and the deadlines of §6."""

    me: str
    nodes: tuple[str, ...]
    groups: tuple[GroupSettings, ...] = ()
    beat: int = 100 * MILLISECOND
    lost: int = 1 * SECOND
    resend: int = 10 * MILLISECOND
    resend_limit: int = 100 * MILLISECOND
    signal: int = 2 * SECOND
    member: int = 500 * MILLISECOND
    lease: int = 3 * SECOND
    drift: int = 500 * MILLISECOND

    @property
    def peers(self) -> tuple[str, ...]:
        """Every other node."""
        return tuple(node for node in self.nodes if node != self.me)

    def group(self, name: str) -> GroupSettings:
        """Return the settings of a group.

        Raises:
            KeyError: There is no group of that name.
        """
        for group in self.groups:
            if group.name == name:
                return group
        raise KeyError(name)
