"""What was sent to whom so far: statements are never unsent, and may arrive late, or twice."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import product
from typing import TypeAlias

from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.moves import Carried, Frame
from knell.conformance.mapping.projection import View
from knell.conformance.sim.perform import Said
from knell.node.core import messages as ms
from knell.node.core.messages import Signed
from knell.node.core.values import Entry, Epoch, Membership

Sent = frozenset[Said]
"""Each statement, and a node that it was sent to."""


Lists: TypeAlias = Mapping[tuple[str, str, str], frozenset[str]]
"""Lists by their maker, group and newest entry: the other entries."""

Subjects = dict[tuple[str, ...], Frame]


class Network:
    """The sets of statements that were sent in one cluster, by number; 0 is the first."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        first = frozenset(
            said
            for node, epoch in cluster.epochs.items()
            if epoch.number == 1
            for said in first_words(cluster, node)
        )
        self.sets: list[Sent] = [first]
        self._numbers: dict[Sent, int] = {first: 0}
        self._by_subject: list[Subjects] = [self._subjects(first)]

    def with_said(self, network: int, said: Iterable[Said]) -> int:
        """The number of the set after these were sent."""
        more = self.sets[network].union(said)
        if more not in self._numbers:
            self._numbers[more] = len(self.sets)
            self.sets.append(more)
            self._by_subject.append(self._subjects(more))
        return self._numbers[more]

    def has(self, network: int, said: Iterable[Said]) -> bool:
        """Whether the same was said before, to whomever and in whatever wording."""
        known = {key[1:] for key in self._by_subject[network]}
        return all(self._key(each)[1:] in known for each in said)

    def _key(self, said: Said) -> tuple[str, ...]:
        return (said.to, *subject_of(self.cluster, said.frame))

    def _subjects(self, sent: Sent) -> Subjects:
        """What was sent by receiver, kind and subject; of two wordings the same one each time."""
        return {self._key(said): said.frame for said in sorted(sent, key=repr)}

    def find(self, network: int, to: str, kind: str, about: tuple[str, ...]) -> Frame | None:
        """What was sent to a node of this kind about this subject."""
        return self._by_subject[network].get((to, kind, *about))

    def all_of(self, network: int, to: str, kind: str) -> tuple[Frame, ...]:
        """All that was sent to a node of this kind."""
        known = self._by_subject[network]
        return tuple(frame for key, frame in known.items() if key[:2] == (to, kind))

    def project(self, network: int) -> View:
        """What was sent, in the words of the model."""
        known = self._by_subject[network]
        gated = {
            self.cluster.named(Epoch(said.node, said.epoch)): frozenset(said.gated)
            for said in statements(known.values())
            if isinstance(said, ms.Quiesced)
        }
        return project_sent(self.cluster, known, gated, _lists_of(self.cluster, known))


def project_sent(
    cluster: Cluster,
    known: Container[tuple[str, ...]],
    gated: Mapping[str, frozenset[str]],
    lists: Lists,
) -> View:
    """What was sent, in the words of the model.

    Args:
        cluster: The cluster.
        known: Receiver, kind, and the node and group that it is about, of each statement.
        gated: For each node that has said QUIESCED the groups that it calls gated.
        lists: What was proposed: by maker, group and newest entry the others in the list.
    """
    view: View = {}
    for node, epoch in cluster.epochs.items():
        others = [other for other in cluster.node_names if other != epoch.node]
        for kind, name in _OF_NODES.items():
            view[name, node] = _everywhere([(to, kind, node) in known for to in others])
        for group in cluster.names:
            for kind, name in _OF_GROUPS.items():
                reached = [(to, kind, node, group) in known for to in others]
                view[name, node, group] = _everywhere(reached)
            hosted = node in gated and cluster.hosts(group, node)
            view["reaped", node, group] = hosted and group not in gated[node]
    return view | _project_lists(cluster, known, lists) if cluster.returns else view


def _everywhere(reached: list[bool]) -> str | bool:
    """Whether a statement was sent to every other node; to some only is neither yes nor no."""
    return any(reached) if any(reached) == all(reached) else "to some"


def _lists_of(cluster: Cluster, known: Subjects) -> Lists:
    """The lists that nodes have stored as their own."""
    lists: dict[tuple[str, str, str], frozenset[str]] = {}
    for (to, kind, *about), frame in known.items():
        if not to and kind == "PROPOSE" and isinstance(frame, Carried):
            assert isinstance(frame.message, ms.Propose)
            others = (Epoch(each.node, each.epoch) for each in frame.message.domain[:-1])
            maker, group, newest = about
            lists[maker, group, newest] = frozenset(map(cluster.named, others))
    return lists


def _project_lists(cluster: Cluster, known: Container[tuple[str, ...]], lists: Lists) -> View:
    """Lists that were proposed, accepted and committed; `carried` is what is in them besides."""
    view: View = {}
    for q, g, j in product(cluster.nodes, cluster.names, cluster.nodes):
        view["proposed", q, g, j] = (q, g, j) in lists
        own = cluster.epochs[q].node
        others = [each for each in cluster.node_names if each != own]
        reached = [(to, "COMMIT", q, g, j) in known for to in others]
        view["committed", q, g, j] = _everywhere(reached)
        for each in cluster.nodes:
            view["carried", q, g, j, each] = each in lists.get((q, g, j), ())
            view["accepted", each, q, g, j] = (own, "ACCEPT", each, q, g, j) in known
    return view


def statements(frames: Iterable[Frame]) -> Iterator[ms.Statement]:
    """The statements among what was sent."""
    return (frame.statement for frame in frames if isinstance(frame, ms.Signed))


_OF_NODES = {"DISTRESS": "distress", "QUIESCED": "quiesced", "ANNOUNCE": "announced"}
_OF_GROUPS = {"MEMBER_GONE": "member_gone", "PROMOTED": "promoted"}


def subject_of(cluster: Cluster, frame: Frame) -> tuple[str, ...]:
    """The kind of what was sent, and what it is about, by the names of the model."""

    def name(of: Entry | Membership) -> str:
        return cluster.named(Epoch(of.node, of.epoch))

    if isinstance(frame, Carried):
        match frame.message:
            case ms.Propose(group, primary, domain):
                return ("PROPOSE", name(primary), group, name(domain[-1]))
            case ms.Accept(group, primary, newest):
                return ("ACCEPT", cluster.named(frame.sender), name(primary), group, name(newest))
            case _:
                return (type(frame.message).__name__,)
    kind = ms.key_of(frame.statement).kind
    match frame.statement:
        case ms.MemberGone(group, member):
            return (kind, name(member), group)
        case ms.Promoted(group, entry):
            return (kind, name(entry), group)
        case ms.Commit(group, primary, domain):
            return (kind, name(primary), group, name(domain[-1]))
        case ms.Distress(node, epoch) | ms.Quiesced(node, epoch) | ms.Announce(node, epoch):
            return (kind, cluster.named(Epoch(node, epoch)))
        case _:
            return (kind,)


def first_words(cluster: Cluster, node: str) -> Iterable[Said]:
    """What was said in a cluster that runs already."""
    settings, incarnation = cluster.settings(node), cluster.incarnations[node]
    said: list[ms.Statement] = [ms.Announce(settings.me, 1, incarnation)]
    said += (
        ms.Promoted(group.name, cluster.entry(group.name, node))
        for group in settings.groups
        if group.nodes[0] == settings.me
    )
    for statement in said:
        yield from (Said(to, Signed(statement)) for to in settings.peers)
