"""What was sent to whom so far: statements are never unsent, and may arrive late, or twice."""

from __future__ import annotations

from collections.abc import Iterable

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.projection import View
from knell.conformance.sim.perform import Said
from knell.node.core import messages as ms
from knell.node.core.messages import Signed

Sent = frozenset[Said]
"""Each statement, and a node that it was sent to."""


Subjects = dict[tuple[str, ...], Signed]


class Network:
    """The sets of statements that were sent in one cluster, by number; 0 is the first."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        first = frozenset(said for node in cluster.nodes for said in _at_start(cluster, node))
        self.sets: list[Sent] = [first]
        self._numbers: dict[Sent, int] = {first: 0}
        self._by_subject: list[Subjects] = [_subjects(first)]

    def with_said(self, network: int, said: Iterable[Said]) -> int:
        """The number of the set after these were sent."""
        more = self.sets[network].union(said)
        if more not in self._numbers:
            self._numbers[more] = len(self.sets)
            self.sets.append(more)
            self._by_subject.append(_subjects(more))
        return self._numbers[more]

    def has(self, network: int, said: Iterable[Said]) -> bool:
        """Whether the same was said before, whatever the wording."""
        known = self._by_subject[network]
        return all(_key(each) in known for each in said)

    def find(self, network: int, to: str, kind: str, about: tuple[str, ...]) -> Signed | None:
        """The statement of this kind about this subject that was sent to a node."""
        return self._by_subject[network].get((to, kind, *about))

    def project(self, network: int) -> View:
        """What was sent, in the words of the model."""
        view: View = {}
        for node in self.cluster.nodes:
            for kind, name in _OF_NODES.items():
                view[name, node] = self._everywhere(network, node, kind)
            for group in self.cluster.names:
                for kind, name in _OF_GROUPS.items():
                    view[name, node, group] = self._everywhere(network, node, kind, group)
                view["reaped", node, group] = self._is_reaped(network, node, group)
        return view

    def _everywhere(self, network: int, node: str, kind: str, *about: str) -> str | bool:
        """Whether a statement was sent to every other node; to some only is neither yes nor no."""
        others = [other for other in self.cluster.nodes if other != node]
        reached = [self.find(network, to, kind, (node, *about)) is not None for to in others]
        if any(reached) != all(reached):
            return "to some"
        return any(reached)

    def _is_reaped(self, network: int, node: str, group: str) -> bool:
        others = (other for other in self.cluster.nodes if other != node)
        said = next((self.find(network, to, "QUIESCED", (node,)) for to in others), None)
        if said is None or node not in self.cluster.hosts(group):
            return False
        assert isinstance(said.statement, ms.Quiesced)
        return group not in said.statement.gated


def _key(said: Said) -> tuple[str, ...]:
    statement = said.signed.statement
    return (said.to, ms.key_of(statement).kind, *subject_of(statement))


def _subjects(sent: Sent) -> Subjects:
    """What was sent by receiver, kind and subject; of two wordings the same one each time."""
    return {_key(said): said.signed for said in sorted(sent, key=repr)}


_OF_NODES = {"DISTRESS": "distress", "QUIESCED": "quiesced", "ANNOUNCE": "announced"}
_OF_GROUPS = {"MEMBER_GONE": "member_gone", "PROMOTED": "promoted"}


def subject_of(statement: ms.Statement) -> tuple[str, ...]:
    """The node that a statement is about, and the group if it is about one."""
    match statement:
        case ms.MemberGone(group, member):
            return (member.node, group)
        case ms.Promoted(group, entry):
            return (entry.node, group)
        case ms.Distress(node) | ms.Quiesced(node) | ms.Announce(node) | ms.Fence(node):
            return (node,)
        case _:
            return ()


def _at_start(cluster: Cluster, node: str) -> Iterable[Said]:
    """What was said in a cluster that runs already."""
    incarnation = cluster.incarnations[node]
    said: list[ms.Statement] = [ms.Announce(node, 1, incarnation)]
    settings = cluster.settings(node)
    said += (
        ms.Promoted(group.name, cluster.entry(group.name, node))
        for group in settings.groups
        if group.nodes[0] == node
    )
    for statement in said:
        yield from (Said(to, Signed(statement)) for to in settings.peers)
