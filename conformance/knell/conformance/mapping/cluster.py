"""What a configuration of the model is as settings of cores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knell.language.grounding import Program
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

    Raises:
        KnellError: The configuration has a feature that is not mapped.
    """

    model: Model

    def __post_init__(self) -> None:
        for name, what in _UNMAPPED.items():
            if self.model.values.get(name):
                raise KnellError(
                    f"{what} cannot be replayed yet",
                    place=f"--set {name}={self.model.values[name]}",
                    mend="choose a configuration without",
                )

    @cached_property
    def program(self) -> Program:
        """The ground form of the model."""
        return Program(self.model)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The incarnations, which are the nodes, as each lives through one epoch."""
        return self._sort("Inc")

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The application groups."""
        return self._sort("Group")

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """The kinds of fatal errors."""
        return self._enum("Cause")

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The components whose death is modelled."""
        return self._enum("Component")

    def cause(self, name: str) -> Cause:
        """The cause of the protocol that a cause of the model stands for."""
        return CAUSES[name]

    def cause_name(self, cause: Cause) -> str:
        """The cause of the model that stands for one of the protocol's."""
        return next(name for name in self.causes if CAUSES[name] is cause)

    def has(self, variable: str) -> bool:
        """Whether the configuration has this variable."""
        return variable in self._variables

    @cached_property
    def _variables(self) -> frozenset[str]:
        return frozenset(each.name for each in self.model.variables)

    @cached_property
    def hosts(self) -> dict[str, tuple[str, ...]]:
        """For each group the nodes of its first recovery domain, in order."""
        founds = self._relation("founds")
        before = self._relation("founded_before")

        def place(node: str, group: str) -> int:
            return sum((node, group, other) in before for other in self.nodes)

        return {
            group: tuple(
                node
                for _, node in sorted(
                    (place(node, group), node) for node in self.nodes if (node, group) in founds
                )
            )
            for group in self.groups
        }

    @cached_property
    def depends(self) -> frozenset[tuple[str, ...]]:
        """Pairs of groups of which the first depends on the second."""
        return self._relation("depends")

    def needs(self, node: str, group: str) -> bool:
        """Whether a group with a member on the node depends on this one."""
        dependents = (other for other in self.groups if (other, group) in self.depends)
        return any(node in self.hosts[other] for other in dependents)

    @cached_property
    def incarnations(self) -> dict[str, int]:
        """The number by which the epoch of each node is told from clones of it."""
        return {node: number for number, node in enumerate(self.nodes, start=101)}

    def entry(self, group: str, node: str) -> Entry:
        """The entry of a node in the first recovery domain of a group."""
        position = self.hosts[group].index(node) + 1
        return Entry(position, node, 1, 1, self.incarnations[node])

    def settings(self, node: str) -> Settings:
        """What the core of a node is told once."""
        return Settings(node, self.nodes, self._group_settings)

    @cached_property
    def _group_settings(self) -> tuple[GroupSettings, ...]:
        tokens, critical = self._relation("has_tokens"), self._relation("is_critical")
        leases = bool(self.model.values.get("leases"))
        return tuple(
            GroupSettings(
                group,
                self.hosts[group],
                takeover=Takeover.LEASE if leases else Takeover.QUIESCE,
                fencing=Fencing.TOKEN if (group,) in tokens else Fencing.NONE,
                critical=(group,) in critical,
                depends_on=tuple(h for h in self.groups if (group, h) in self.depends),
            )
            for group in self.groups
        )

    def _sort(self, name: str) -> tuple[str, ...]:
        return next(sort.names for sort in self.model.sorts if sort.name == name)

    def _enum(self, name: str) -> tuple[str, ...]:
        return next(enum.names for enum in self.model.enums if enum.name == name)

    def _relation(self, name: str) -> frozenset[tuple[str, ...]]:
        rigid = next(each for each in self.model.rigids if each.name == name)
        return frozenset(
            tuple(of.show(value) for of, value in zip(rigid.domain, point, strict=True))
            for point, holds in rigid.table.items()
            if holds
        )
