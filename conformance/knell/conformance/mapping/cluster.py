"""What a configuration of the model is as settings of cores."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from knell.language.model import Model
from knell.node.core.values import Entry, Fencing, GroupSettings, Settings, Takeover
from knell.spec.errors import KnellError
from knell.spec.vocabulary import Cause

CAUSES = {
    "fault": Cause.OBJECT,
    "communication": Cause.COMMUNICATION,
    "protocol": Cause.PROTOCOL,
    "object": Cause.OBJECT,
}
"""What a fatal cause of the model is as one of the protocol's; `fault` stands for any."""

COMPONENTS = {
    "cc": Cause.CLUSTER_CONTROL,
    "names": Cause.NAME_SERVER,
    "monitor": Cause.MONITOR,
    "sentinel": Cause.SENTINEL,
}
"""By what cause the engine learns that a component is dead."""

_UNMAPPED = {
    "returning": "nodes that return: restart, admission and cold start",
    "leases": "takeover by lease",
    "isolations": "links that are cut",
    "fences": "fences",
    "coarse": "members that go in one step with the gate",
}
"""Features of the model that this mapping does not cover yet."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """The nodes and groups of one configuration, by the names that the model gives them.

    Attributes:
        nodes: The incarnations, which are the nodes, as each lives through one epoch.
        groups: The application groups.
        causes: The kinds of fatal errors.
        components: The components whose death is modelled.
        unkillable: Whether a process may be beyond killing.
    """

    nodes: tuple[str, ...]
    groups: tuple[GroupSettings, ...]
    causes: tuple[str, ...]
    components: tuple[str, ...]
    unkillable: bool = False
    _known: dict[str, GroupSettings] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", {each.name: each for each in self.groups})

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the groups."""
        return tuple(self._known)

    def hosts(self, group: str) -> tuple[str, ...]:
        """The nodes of the first recovery domain of a group, in order."""
        return self._known[group].nodes

    def needs(self, node: str, group: str) -> bool:
        """Whether a group with a member on the node depends on this one."""
        return any(group in each.depends_on and node in each.nodes for each in self.groups)

    def cause_name(self, cause: Cause) -> str:
        """The cause of the model that stands for one of the protocol's."""
        return next(name for name in self.causes if CAUSES[name] is cause)

    @cached_property
    def incarnations(self) -> dict[str, int]:
        """The number by which the epoch of each node is told from clones of it."""
        return {node: number for number, node in enumerate(self.nodes, start=101)}

    def entry(self, group: str, node: str) -> Entry:
        """The entry of a node in the first recovery domain of a group."""
        position = self.hosts(group).index(node) + 1
        return Entry(position, node, 1, 1, self.incarnations[node])

    def settings(self, node: str) -> Settings:
        """What the core of a node is told once."""
        return Settings(node, self.nodes, self.groups)


def cluster_of(model: Model) -> Cluster:
    """The cluster that a configuration of the model is about.

    Raises:
        KnellError: The configuration has a feature that is not mapped.
    """
    for name, what in _UNMAPPED.items():
        if model.values.get(name):
            raise KnellError(
                f"{what} cannot be replayed yet",
                place=f"--set {name}={model.values[name]}",
                mend="choose a configuration without, such as default or small",
            )
    relations = {
        name: _relation(model, name)
        for name in ("founds", "founded_before", "depends", "has_tokens", "is_critical")
    }
    sorts = {sort.name: sort.names for sort in model.sorts}
    enums = {enum.name: enum.names for enum in model.enums}
    nodes, groups = sorts["Inc"], sorts["Group"]

    def domain(group: str) -> tuple[str, ...]:
        before = relations["founded_before"]
        places = {
            node: sum((node, group, other) in before for other in nodes)
            for node in nodes
            if (node, group) in relations["founds"]
        }
        return tuple(sorted(places, key=places.__getitem__))

    return Cluster(
        nodes,
        tuple(
            GroupSettings(
                group,
                domain(group),
                takeover=Takeover.LEASE if model.values.get("leases") else Takeover.QUIESCE,
                fencing=Fencing.TOKEN if (group,) in relations["has_tokens"] else Fencing.NONE,
                critical=(group,) in relations["is_critical"],
                depends_on=tuple(h for h in groups if (group, h) in relations["depends"]),
            )
            for group in groups
        ),
        enums["Cause"],
        enums["Component"],
        bool(model.values.get("unkillable")),
    )


def _relation(model: Model, name: str) -> frozenset[tuple[str, ...]]:
    rigid = next(each for each in model.rigids if each.name == name)
    return frozenset(
        tuple(of.show(value) for of, value in zip(rigid.domain, point, strict=True))
        for point, holds in rigid.table.items()
        if holds
    )
