"""Sizes, switches and bounds of the node-shutdown model, and its named configurations.

Every fault can be switched off or bounded. A bound is how often the fault may happen; it keeps
the state space small and is no part of the protocol. ``-1`` means as often as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knell.language import Model
from knell.language.settings import ParameterValue
from knell.spec.errors import KnellError

UNLIMITED = -1
"""A bound that bounds nothing."""

PLACEMENTS = ("same", "crossed", "rotated")
COMPONENTS = {
    "none": (),
    "engine": ("engine",),
    "cc-engine": ("cc", "engine"),
    "all": ("cc", "names", "monitor", "engine", "sentinel"),
}
CAUSES = {"one": ("fault",), "all": ("communication", "protocol", "object")}


@dataclass(frozen=True)
class Parameters:
    """The values in force; see :func:`declare` for what each means."""

    nodes: int
    groups: int
    members: int
    returning: int
    placement: str
    dependent: bool
    signals: int
    failures: int
    causes: str
    components: str
    crashes: int
    heartbeat_losses: int
    stops: int
    member_failures: int
    goodbyes: bool
    critical: bool
    unkillable: bool
    tokens: bool
    acts: bool
    coarse: bool
    isolations: int
    fences: bool
    cold_starts: bool
    leases: bool


def declare(m: Model) -> Parameters:
    """Declare the model's parameters and return their values."""
    values = Parameters(
        nodes=m.number("nodes", 3, "nodes of the cluster", least=1),
        groups=m.number("groups", 2, "application groups", least=1),
        members=m.number(
            "members", 0, "members of each group, at most one a node; 0: as the placement has it"
        ),
        returning=m.number("returning", 0, "nodes (the first ones) that may return once"),
        placement=str(
            m.param(
                "placement",
                "crossed",
                "recovery domains: the same order for all groups; crossed, so that failover of "
                "dependent groups meets on different nodes; or rotated",
                choices=PLACEMENTS,
            )
        ),
        dependent=m.flag("dependent", True, "each group depends on the one before it"),
        signals=m.number("signals", 2, "1: DISTRESS alone; 2: DISTRESS, then QUIESCED", least=1),
        failures=m.number(
            "failures",
            1,
            "fatal causes that may strike, deaths of components included",
            least=UNLIMITED,
        ),
        causes=str(m.param("causes", "one", "kinds of detected causes", choices=tuple(CAUSES))),
        components=str(
            m.param(
                "components",
                "engine",
                "components whose death is modelled",
                choices=tuple(COMPONENTS),
            )
        ),
        crashes=m.number("crashes", 1, "nodes that lose power, without a word", least=UNLIMITED),
        heartbeat_losses=m.number(
            "heartbeat_losses", 1, "pairs of nodes that may lose heartbeats", least=UNLIMITED
        ),
        stops=m.number("stops", 0, "planned stops", least=UNLIMITED),
        member_failures=m.number("member_failures", 0, "ordinary member failures", least=UNLIMITED),
        goodbyes=m.flag(
            "goodbyes",
            False,
            "MEMBER_GONE is received also of members that a shutdown puts out; else it is lost",
        ),
        critical=m.flag("critical", False, "the first group is critical: losing a member is fatal"),
        unkillable=m.flag("unkillable", False, "a process may survive being forced out"),
        tokens=m.flag("tokens", False, "the first group's stores check fencing tokens"),
        acts=m.flag("acts", False, "acts take time: accepted by the engine, then effective"),
        coarse=m.flag(
            "coarse", False, "a fault is detected at once, and members go in one step with the gate"
        ),
        isolations=m.number(
            "isolations",
            0,
            "nodes that the network may cut off, wholly or one way",
            least=UNLIMITED,
        ),
        fences=m.flag("fences", False, "an operator may fence a node that is off"),
        cold_starts=m.flag("cold_starts", False, "groups start again when all entries are dead"),
        leases=m.flag("leases", False, "takeover by lease (one group)"),
    )
    return _checked(values)


def _checked(values: Parameters) -> Parameters:
    if values.returning > values.nodes:
        raise KnellError(
            f"{values.returning} nodes cannot return out of {values.nodes}",
            place="parameter returning",
            mend="give at most the number of nodes",
        )
    if values.members > values.nodes:
        raise KnellError(
            f"a group cannot have {values.members} members on {values.nodes} nodes",
            place="parameter members",
            mend="give at most the number of nodes",
        )
    if values.signals > 2:
        raise KnellError("there are one or two signals", place="parameter signals")
    if values.cold_starts and not values.returning:
        raise KnellError(
            "a cold start needs nodes that return",
            place="parameter cold_starts",
            mend="add --set returning=1 or more",
        )
    if values.leases and (values.groups > 1 or values.returning):
        raise KnellError(
            "leases are modelled for one group and one epoch",
            place="parameter leases",
            mend="add --set groups=1 --set returning=0",
        )
    return values


_ONE_GROUP: Mapping[str, ParameterValue] = {"groups": 1, "placement": "same"}

_COARSE: Mapping[str, ParameterValue] = {
    **_ONE_GROUP,
    "components": "none",
    "heartbeat_losses": 0,
    "coarse": True,
}

_SUITE: Mapping[str, Mapping[str, ParameterValue]] = {
    "default": {},
    "small": {**_ONE_GROUP, "nodes": 2, "acts": True, "components": "all", "goodbyes": True},
    "two-epochs": {**_COARSE, "returning": 2, "failures": 1, "crashes": 2},
    "cold-start": {
        **_COARSE,
        "nodes": 2,
        "returning": 2,
        "failures": 1,
        "crashes": 2,
        "cold_starts": True,
    },
    "causes": {
        **_ONE_GROUP,
        "nodes": 2,
        "failures": 3,
        "causes": "all",
        "components": "all",
        "crashes": 0,
        "heartbeat_losses": 0,
    },
    "double-failure": {"failures": 2, "crashes": 0, "heartbeat_losses": 0},
    "members": {
        "nodes": 2,
        "placement": "same",
        "failures": 1,
        "components": "none",
        "crashes": 0,
        "heartbeat_losses": 0,
        "member_failures": 1,
        "critical": True,
        "unkillable": True,
        "tokens": True,
    },
    "lease": {**_ONE_GROUP, "leases": True, "components": "none"},
    "members-acts": {
        **_ONE_GROUP,
        "nodes": 2,
        "components": "none",
        "heartbeat_losses": 0,
        "member_failures": 1,
        "unkillable": True,
        "acts": True,
    },
    "lease-acts": {**_ONE_GROUP, "nodes": 2, "leases": True, "components": "none", "acts": True},
    "lease-members": {
        **_ONE_GROUP,
        "leases": True,
        "components": "none",
        "failures": 0,
        "crashes": 0,
        "member_failures": 1,
    },
    "partition": {**_ONE_GROUP, "isolations": 1},
    "planned-stop": {"failures": 0, "stops": 2, "crashes": 0, "components": "none"},
    "fence": {**_ONE_GROUP, "fences": True, "components": "none", "crashes": 2},
    "daemon": {
        **_ONE_GROUP,
        "nodes": 2,
        "components": "all",
        "heartbeat_losses": 0,
        "returning": 1,
        "fences": True,
        "goodbyes": True,
    },
}

_ANYTHING: Mapping[str, ParameterValue] = {
    "failures": UNLIMITED,
    "causes": "all",
    "components": "all",
    "crashes": UNLIMITED,
    "heartbeat_losses": UNLIMITED,
    "stops": UNLIMITED,
    "member_failures": UNLIMITED,
    "goodbyes": True,
    "critical": True,
    "unkillable": True,
    "tokens": True,
    "acts": True,
    "isolations": UNLIMITED,
    "fences": True,
}

_BESIDE: Mapping[str, Mapping[str, ParameterValue]] = {
    "one-signal": {"signals": 1},
    "any-size": {**_ANYTHING, "returning": 2},
    "any-size-lease": {**_ANYTHING, **_ONE_GROUP, "leases": True},
    "four-nodes": {"nodes": 4},
    "five-nodes": {"nodes": 5},
    "two-epochs-wide": {**_COARSE, "returning": 2, "failures": 2, "crashes": 1},
    "two-epochs-fine": {**_SUITE["two-epochs"], "coarse": False},
    "cold-start-three": {
        **_COARSE,
        "returning": 3,
        "failures": 1,
        "crashes": 3,
        "cold_starts": True,
    },
}
"""Not in the suite: the variant of the claims' letter, which is refuted; what is proved for any
number of nodes, epochs and groups, with faults without bound; and larger sizes."""

CONFIGS = {**_SUITE, **_BESIDE}

SUITE = tuple(_SUITE)
