"""What nodes answer, kept: a core is a value, so what it does on an event is found out once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from knell.conformance.mapping.actions import RULES
from knell.conformance.mapping.moves import Asked, Change, Frame
from knell.conformance.mapping.projection import project
from knell.conformance.mapping.telling import Rule
from knell.conformance.replay.expected import Expectation
from knell.conformance.sim.network import Network
from knell.conformance.sim.node import Node, at_first
from knell.conformance.sim.perform import Said, Seen, perform
from knell.node.core import messages as ms
from knell.node.core.messages import Signed
from knell.node.core.shutdown import CONTROL
from knell.node.core.values import Epoch
from knell.spec.vocabulary import NodePhase


@dataclass(frozen=True)
class Answer:
    """What a node did: its number afterwards, and all that can be seen.

    Attributes:
        node: The number of its state afterwards.
        said: The statements that it sent.
        seen: What else is seen, in order of the alphabet.
        refused: Why it did nothing, or None.
        murmured: The statements that stutters sent, which must be repeats.
        broken: What a stutter changed though it must not, or "".
        quiet: Whether nothing of it can be told from nothing.
    """

    node: int
    said: tuple[Said, ...]
    seen: tuple[Seen, ...]
    refused: str | None
    murmured: tuple[Said, ...]
    broken: str
    quiet: bool


class Row(NamedTuple):
    """What a node answers where it stands.

    Attributes:
        answers: By instance, for each that somebody or something could bring about.
        loud: The instances of which something would be seen, but for acts of the environment.
        asked: All instances that were asked, but for acts of the environment.
    """

    answers: dict[int, Answer]
    loud: frozenset[int]
    asked: frozenset[int]


_Arriving: TypeAlias = tuple["Frame | None", tuple["Frame", ...]]
"""What arrives, and what has arrived before."""


class _Request(NamedTuple):
    """An instance of an action: its rule, and whom it is about, by place in the cluster."""

    rule: Rule
    parameters: dict[str, str]
    environment: bool
    other: int
    about: tuple[str, ...]


class Table:
    """The states of nodes by number, and what each answers to each action."""

    def __init__(self, expected: Expectation) -> None:
        self.expected = expected
        self.cluster = cluster = expected.cluster
        self.network = Network(cluster)
        self.nodes: list[Node] = []
        self.parts: list[int] = []
        self.performed = 0
        self._place = {node: place for place, node in enumerate(cluster.nodes)}
        self._numbers: dict[Hashable, int] = {}
        self._conditions: list[tuple[bool, ...]] = []
        self._answers: dict[Hashable, tuple[Answer | None, bool]] = {}
        self._rows: dict[Hashable, Row] = {}
        self._network_parts: list[int] = []
        self._requests: list[dict[int, _Request]] = [{} for _ in cluster.nodes]
        others = {rule.other: None for rule in RULES.values() if rule.other is not None}
        self._asked_of_others = list(others)
        for number in range(len(expected.instances)):
            self._prepare(number)
        self.start = tuple(self.number(at_first(cluster, name)) for name in cluster.nodes)

    def _prepare(self, number: int) -> None:
        instance = self.expected.instances[number]
        parameters = instance.parameters
        actor = self._place[next(iter(parameters.values()))]
        other = parameters["i"] if "o" in parameters and "i" in parameters else ""
        about = about_message(instance.action.name, parameters)
        self._requests[actor][number] = _Request(
            RULES[instance.action.name],
            parameters,
            instance.action.environment,
            self._place.get(other, actor),
            about,
        )

    def actor(self, instance: int) -> int:
        """The place of the node that an instance of an action is about."""
        return next(place for place, each in enumerate(self._requests) if instance in each)

    def rows(self, nodes: tuple[int, ...], network: int) -> list[Row]:
        """What each node answers, to all that may happen to it."""
        conditions = tuple(self._conditions[node] for node in nodes)
        found = []
        for place, node in enumerate(nodes):
            key = (node, network, conditions)
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = self._row(place, node, network, nodes)
            found.append(row)
        return found

    def _row(self, place: int, node: int, network: int, nodes: tuple[int, ...]) -> Row:
        answers: dict[int, Answer] = {}
        asked: set[int] = set()
        to = self.cluster.epochs[self.cluster.nodes[place]].node
        pending = self._pending(node, network, to)
        for instance, request in self._requests[place].items():
            rule, message = request.rule, None
            if rule.hears is not None:
                message = self.network.find(network, to, rule.hears, request.about)
                if message is None:
                    continue
            if rule.other is not None and not rule.other(self.nodes[nodes[request.other]]):
                continue
            answer, environment = self._answer(node, instance, request, (message, pending))
            if answer is not None:
                answers[instance] = answer
                if not (environment or request.environment):
                    asked.add(instance)
        loud = frozenset(instance for instance in asked if not answers[instance].quiet)
        return Row(answers, loud, frozenset(asked))

    def _pending(self, number: int, network: int, to: str) -> tuple[Frame, ...]:
        """What takes effect at a node without an action of its own, where nodes return."""
        if not self.cluster.returns:
            return ()
        node = self.nodes[number]
        if node.over is NodePhase.ABSENT:
            return self.network.all_of(network, to, "ANNOUNCE")
        if node.engine_runs and any(each.proposal for each in node.engine.groups.values()):
            return self.network.all_of(network, to, "ACCEPT")
        return ()

    def _answer(
        self, node: int, instance: int, request: _Request, message: _Arriving
    ) -> tuple[Answer | None, bool]:
        key = (node, instance, message)
        if key not in self._answers:
            self._answers[key] = self._find(self.nodes[node], node, request, message)
        return self._answers[key]

    def _find(
        self, node: Node, number: int, request: _Request, arriving: _Arriving
    ) -> tuple[Answer | None, bool]:
        """Let the node do it; and say whether that is an act of the environment."""
        self.performed += 1
        move = request.rule.plan(Asked(self.cluster, node, request.parameters, *arriving))
        if move is None:
            return None, False
        outcome = perform(self.cluster, node, move)
        own = self.cluster.epochs[node.name]
        distress = {("distress",) for said in outcome.said if _is_distress(own, said)}
        seen = sorted([each for each in outcome.seen if CONTROL not in each] + list(distress))
        after = number if outcome.node is node else self.number(outcome.node)
        quiet = not (seen or outcome.said or outcome.murmured or outcome.broken)
        answer = Answer(
            after,
            outcome.said,
            tuple(seen),
            outcome.refused,
            outcome.murmured,
            outcome.broken,
            quiet and self.parts[after] == self.parts[number],
        )
        return answer, isinstance(move, Change)

    def number(self, node: Node) -> int:
        """The number of a state of a node."""
        number = self._numbers.setdefault(node.key, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
            part = self._place[node.name]
            self.parts.append(self.expected.encode(part, project(self.cluster, node)))
            self._conditions.append(tuple(holds(node) for holds in self._asked_of_others))
        return number

    def network_part(self, network: int) -> int:
        """What was sent, by the number of its projection."""
        for number in range(len(self._network_parts), network + 1):
            view = self.network.project(number)
            self._network_parts.append(self.expected.encode(len(self.cluster.nodes), view))
        return self._network_parts[network]


def _is_distress(own: Epoch, said: Said) -> bool:
    statement = said.frame.statement if isinstance(said.frame, Signed) else None
    return isinstance(statement, ms.Distress) and (statement.node, statement.epoch) == own


def about_message(action: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """What a message that arrives by this action is about, as the network has it."""
    others = list(parameters.values())[1:]
    match action:
        case "learn_commit":
            return (*others, parameters["j"])
        case "hear_member_gone" | "hear_promoted":
            return (parameters["i"], parameters["g"])
        case _:
            return tuple(others)
