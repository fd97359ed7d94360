"""What nodes answer, kept: a core is a value, so what it does on an event is found out once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knell.checker.source import Packed
from knell.conformance.mapping.actions import RULES, Rule
from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.moves import Asked, Change
from knell.conformance.mapping.projection import project
from knell.conformance.replay.divergence import Finding
from knell.conformance.replay.expected import Expectation
from knell.conformance.sim.network import Network
from knell.conformance.sim.node import Node, first
from knell.conformance.sim.perform import Said, Seen, perform
from knell.language.layout import Cell
from knell.node.core import messages as ms
from knell.node.core.messages import Signed
from knell.node.core.shutdown import CONTROL


@dataclass(frozen=True)
class Answer:
    """What a node did: its number afterwards, and all that can be seen."""

    node: int
    said: tuple[Said, ...]
    seen: tuple[Seen, ...]
    refused: str | None
    murmured: tuple[Said, ...]
    broken: str
    environment: bool


class Request(NamedTuple):
    """An instance of an action: its rule, and whom it is about, by place in the cluster."""

    rule: Rule
    parameters: dict[str, str]
    actor: int
    other: int
    about: tuple[str, ...]


class Table:
    """The states of nodes by number, and what each answers to each action."""

    def __init__(self, cluster: Cluster, expected: Expectation) -> None:
        self.cluster = cluster
        self.expected = expected
        self.network = Network(cluster)
        self.nodes: list[Node] = []
        self.parts: list[tuple[int, ...]] = []
        self._numbers: dict[Hashable, int] = {}
        self._answers: dict[Hashable, Answer | None] = {}
        self._network_parts: dict[int, tuple[int, ...]] = {}
        self.performed = 0
        self.start = tuple(
            self._number(first(cluster.settings(node), cluster.incarnations))
            for node in cluster.nodes
        )
        self._asked = [self._prepare(number) for number in range(len(expected.instances))]

    def _prepare(self, number: int) -> Request:
        instance = self.expected.instances[number]
        parameters = instance.parameters
        place = {node: index for index, node in enumerate(self.cluster.nodes)}
        other = parameters["i"] if "o" in parameters and "i" in parameters else ""
        about = (other, parameters["g"]) if "g" in parameters else (other,)
        actor = place[next(iter(parameters.values()))]
        return Request(
            RULES[instance.action.name], parameters, actor, place.get(other, actor), about
        )

    def _number(self, node: Node) -> int:
        number = self._numbers.setdefault(node.key, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
            places = self.expected.of_node[node.name]
            self.parts.append(self.expected.encode(places, project(self.cluster, node)))
        return number

    def answer(self, instance: int, nodes: tuple[int, ...], network: int) -> Answer | None:
        """What the node that an action is about does; None if nobody could do anything."""
        asked = self._asked[instance]
        rule, actor = asked.rule, asked.actor
        message: Signed | None = None
        if rule.hears is not None:
            to = self.cluster.nodes[actor]
            message = self.network.find(network, to, rule.hears, asked.about)
            if message is None:
                return None
        if rule.other is not None and not rule.other(self.nodes[nodes[asked.other]]):
            return None
        key = (nodes[actor], instance, message)
        if key not in self._answers:
            self._answers[key] = self._find(nodes[actor], asked, message)
        return self._answers[key]

    def _find(self, number: int, asked: Request, message: Signed | None) -> Answer | None:
        self.performed += 1
        node = self.nodes[number]
        move = asked.rule.plan(Asked(self.cluster, node, asked.parameters, message))
        if move is None:
            return None
        outcome = perform(self.cluster, node, move)
        distress = {("distress",) for said in outcome.said if _is_distress(node, said)}
        seen = [each for each in outcome.seen if CONTROL not in each]
        return Answer(
            self._number(outcome.node),
            outcome.said,
            tuple(sorted([*seen, *distress])),
            outcome.refused,
            outcome.murmured,
            outcome.broken,
            isinstance(move, Change),
        )

    def moved(
        self, instance: int, nodes: tuple[int, ...], network: int, answer: Answer
    ) -> tuple[tuple[int, ...], int]:
        """The nodes and the network after an answer."""
        actor = self._asked[instance].actor
        changed = (*nodes[:actor], answer.node, *nodes[actor + 1 :])
        sent = self.network.with_said(network, answer.said) if answer.said else network
        return changed, sent

    def murmur_is_news(self, network: int, answer: Answer) -> bool:
        """Whether a stutter made a statement that had not been made."""
        return bool(answer.murmured) and not self.network.has(network, answer.murmured)

    def differences(self, state: Packed, nodes: tuple[int, ...], network: int) -> Iterator[Finding]:
        """The cells in which the model's state differs from what the nodes and the network are."""
        expected = self.expected
        parts = zip(self.cluster.nodes, expected.nodes_part, nodes, strict=True)
        for name, reader, number in parts:
            wanted = reader(state)
            if wanted != self.parts[number]:
                yield from _cells(expected.of_node[name], wanted, self.parts[number])
        found = self._network_parts.get(network)
        if found is None:
            found = expected.encode(expected.of_network, self.network.project(network))
            self._network_parts[network] = found
        wanted = expected.network_part(state)
        if wanted != found:
            yield from _cells(expected.of_network, wanted, found)


def _cells(
    places: Sequence[Cell], wanted: Sequence[int], found: Sequence[int]
) -> Iterator[Finding]:
    for place, want, have in zip(places, wanted, found, strict=True):
        if want != have:
            yield Finding(str(place), _show(place, want), _show(place, have))


def _show(place: Cell, content: int) -> str:
    return place.to.show(content + place.to.lo) if content >= 0 else "neither"


def _is_distress(node: Node, said: Said) -> bool:
    statement = said.signed.statement
    return isinstance(statement, ms.Distress) and statement.node == node.name
