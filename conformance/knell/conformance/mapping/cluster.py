"""What a configuration of the model is as settings of cores."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from knell.language.model import Model
from knell.node.core.values import Entry, Epoch, Fencing, GroupSettings, Settings, Takeover
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
    "cold_starts": "groups that start again when all their entries are dead",
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
        nodes: The epochs of nodes, by the names that the model gives to them: those of the nodes
            themselves where none returns, else `n1.1` and `n1.2`.
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

    @cached_property
    def epochs(self) -> dict[str, Epoch]:
        """What each name stands for."""
        return {name: _epoch_of(name) for name in self.nodes}

    @cached_property
    def _names(self) -> dict[Epoch, str]:
        return {epoch: name for name, epoch in self.epochs.items()}

    def named(self, epoch: Epoch) -> str:
        """The name of an epoch; empty if the cluster has no such epoch."""
        return self._names.get(epoch, "")

    @cached_property
    def returns(self) -> bool:
        """Whether a node returns."""
        return any(epoch.number > 1 for epoch in self.epochs.values())

    @cached_property
    def node_names(self) -> tuple[str, ...]:
        """The names of the nodes themselves."""
        return tuple(dict.fromkeys(epoch.node for epoch in self.epochs.values()))

    def hosts(self, group: str, name: str) -> bool:
        """Whether the node of an epoch hosts a group."""
        return self.epochs[name].node in self._known[group].nodes

    def needs(self, name: str, group: str) -> bool:
        """Whether a group with a member on the node of an epoch depends on this one."""
        node = self.epochs[name].node
        return any(group in each.depends_on and node in each.nodes for each in self.groups)

    def cause_name(self, cause: Cause) -> str:
        """The cause of the model that stands for one of the protocol's."""
        return next(name for name in self.causes if CAUSES[name] is cause)

    @cached_property
    def incarnations(self) -> dict[str, int]:
        """The number by which each epoch is told from clones of it."""
        return {node: number for number, node in enumerate(self.nodes, start=101)}

    @cached_property
    def first_incarnations(self) -> dict[str, int]:
        """The incarnation of each node's first epoch."""
        first = ((each, name) for name, each in self.epochs.items() if each.number == 1)
        return {epoch.node: self.incarnations[name] for epoch, name in first}

    def entry(self, group: str, name: str) -> Entry:
        """The entry of a first epoch in the first recovery domain of a group."""
        node = self.epochs[name].node
        position = self._known[group].nodes.index(node) + 1
        return Entry(position, node, 1, 1, self.incarnations[name])

    def settings(self, name: str) -> Settings:
        """What the core of an epoch is told once."""
        return Settings(self.epochs[name].node, self.node_names, self.groups)


def _epoch_of(name: str) -> Epoch:
    node, _, number = name.partition(".")
    return Epoch(node, int(number or 1))


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
    _refuse_odd_returns(model)
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
        return tuple(_epoch_of(each).node for each in sorted(places, key=places.__getitem__))

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


def _refuse_odd_returns(model: Model) -> None:
    """Refuse returns that the mapping has no one step for."""
    values = model.values
    if not values.get("returning"):
        return
    if values["returning"] != 1:
        why = "where two nodes return, COMMIT admits epochs that `learn_commit` does not"
    elif values["unkillable"] or (values["components"] == "all" and values["crashes"]):
        why = "a restart that ends members which outlived their daemon is a step of two epochs"
    elif values["goodbyes"] or values["member_failures"]:
        why = "MEMBER_GONE of an epoch that a later one has replaced is forgotten"
    elif values["groups"] != 1:
        why = "PROPOSE tells of a primary, which the model's `accept` does not"
    else:
        return
    raise KnellError(
        f"this cannot be replayed: {why}",
        place=f"--set returning={values['returning']}",
        mend="add --set returning=1 --set groups=1 --set placement=same --set components=engine",
    )


def _relation(model: Model, name: str) -> frozenset[tuple[str, ...]]:
    rigid = next(each for each in model.rigids if each.name == name)
    return frozenset(
        tuple(of.show(value) for of, value in zip(rigid.domain, point, strict=True))
        for point, holds in rigid.table.items()
        if holds
    )
