"""What was sent to whom so far: statements are never unsent, and may arrive late, or twice."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

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
        first = frozenset(said for node in cluster.nodes for said in first_words(cluster, node))
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
        known = self._by_subject[network]
        gated = {
            said.statement.node: frozenset(said.statement.gated)
            for said in known.values()
            if isinstance(said.statement, ms.Quiesced)
        }
        return project_sent(self.cluster, known, gated)


def project_sent(
    cluster: Cluster, known: Container[tuple[str, ...]], gated: Mapping[str, frozenset[str]]
) -> View:
    """What was sent, in the words of the model.

    Args:
        cluster: The cluster.
        known: Receiver, kind, and the node and group that it is about, of each statement.
        gated: For each node that has said QUIESCED the groups that it calls gated.
    """
    view: View = {}
    for node in cluster.nodes:
        others = [other for other in cluster.nodes if other != node]
        for kind, name in _OF_NODES.items():
            view[name, node] = _everywhere([(to, kind, node) in known for to in others])
        for group in cluster.names:
            for kind, name in _OF_GROUPS.items():
                reached = [(to, kind, node, group) in known for to in others]
                view[name, node, group] = _everywhere(reached)
            hosted = node in gated and node in cluster.hosts(group)
            view["reaped", node, group] = hosted and group not in gated[node]
    return view


def _everywhere(reached: list[bool]) -> str | bool:
    """Whether a statement was sent to every other node; to some only is neither yes nor no."""
    return any(reached) if any(reached) == all(reached) else "to some"


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


def first_words(cluster: Cluster, node: str) -> Iterable[Said]:
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
