"""Model and implementation explored together: every pair of states that a run reaches, once.

Because a core is a value, what it does on an event has to be found out once: outcomes are kept by
node, action and message. The search is breadth-first, so the run to a divergence is a shortest one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from knell.checker.source import Packed
from knell.conformance.mapping.actions import RULES
from knell.conformance.mapping.cluster import Cluster
from knell.conformance.replay.divergence import Divergence, Finding
from knell.conformance.replay.expected import Expectation
from knell.conformance.sim.table import Answer, Table

Pair = tuple[Packed, tuple[int, ...], int]
"""A state of the model, the numbers of the nodes' states, and that of the network's."""


@dataclass
class Coverage:
    """What was replayed.

    Attributes:
        pairs: Pairs of states visited.
        states: How many states of the implementation each state of the model was met with.
        transitions: Transitions of the model replayed, each counted once.
        replays: Transitions replayed, once for each pair that they start from.
        tried: Actions tried though the model disables them.
        by_action: Replays of each action.
        divergences: What was found to differ, the shortest run to each kind first.
    """

    pairs: int = 0
    states: Counter[Packed] = field(default_factory=Counter)
    transitions: int = 0
    replays: int = 0
    tried: int = 0
    by_action: Counter[str] = field(default_factory=Counter)
    divergences: list[Divergence] = field(default_factory=list)


class Product:
    """The product of a model and the cores of `knell.node`."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.expected = Expectation(cluster)
        self.table = Table(cluster, self.expected)
        self.pairs: list[Pair] = []
        self.came_from: list[tuple[int, int]] = []
        self.coverage = Coverage()
        self._numbers: dict[Pair, int] = {}
        self._known: set[tuple[str, str]] = set()
        self._environment = [each.action.environment for each in self.expected.instances]
        self._names = [each.action.name for each in self.expected.instances]

    def explore(
        self,
        *,
        enough: Callable[[], bool] = lambda: False,
        most: int | None = None,
    ) -> Coverage:
        """Visit every pair, or as many as there is time for.

        Args:
            enough: Asked now and then; the search ends when it says so.
            most: After how many kinds of divergences to end.
        """
        self._arrive((self.expected.initial, self.table.start, 0), -1, -1)
        at = 0
        while at < len(self.pairs) and not enough():
            self._visit(at)
            at += 1
            if most is not None and len(self.coverage.divergences) >= most:
                break
        self.coverage.pairs = at
        return self.coverage

    @property
    def complete(self) -> bool:
        """Whether every pair that was met has been visited."""
        return self.coverage.pairs == len(self.pairs)

    def _arrive(self, pair: Pair, before: int, via: int) -> None:
        if pair not in self._numbers:
            self._numbers[pair] = len(self.pairs)
            self.pairs.append(pair)
            self.came_from.append((before, via))

    def _visit(self, number: int) -> None:
        coverage = self.coverage
        state, nodes, network = self.pairs[number]
        moves = dict(self.expected.successors(state))
        coverage.states[state] += 1
        if coverage.states[state] == 1:
            coverage.transitions += len(moves)
        for instance in range(len(self._names)):
            after = moves.get(instance)
            if after is None and self._environment[instance]:
                continue
            answer = self.table.answer(instance, nodes, network)
            if after is None:
                if answer is not None and not answer.environment:
                    coverage.tried += 1
                    self._idle(number, instance, answer)
                continue
            coverage.replays += 1
            coverage.by_action[self._names[instance]] += 1
            self._compare(number, instance, after, answer)

    def _idle(self, number: int, instance: int, answer: Answer) -> None:
        """An action that the model disables must change nothing."""
        state, nodes, network = self.pairs[number]
        findings = list(self._findings(state, answer, nodes, network, instance))
        findings += [Finding("effect", "none", " ".join(seen)) for seen in answer.seen]
        if findings:
            self._report(number, instance, None, findings)

    def _compare(self, number: int, instance: int, after: Packed, answer: Answer | None) -> None:
        state, nodes, network = self.pairs[number]
        if answer is None:
            self._report(number, instance, after, [Finding("event", "possible", "nobody to tell")])
            return
        wanted = self.expected.effects(instance, state, after)
        if answer.refused is not None and (after != state or wanted):
            what = Finding("event", "done", f"refused: {answer.refused}")
            self._report(number, instance, after, [what])
            return
        findings = list(self._findings(after, answer, nodes, network, instance))
        if answer.seen != wanted:
            texts = (", ".join(map(" ".join, each)) or "none" for each in (wanted, answer.seen))
            findings.append(Finding("effects", *texts))
        if findings:
            self._report(number, instance, after, findings)
            return
        changed, sent = self.table.moved(instance, nodes, network, answer)
        self._arrive((after, changed, sent), number, instance)

    def _findings(
        self, after: Packed, answer: Answer, nodes: tuple[int, ...], network: int, instance: int
    ) -> Iterator[Finding]:
        """What differs between the model's state and the implementation's."""
        if answer.broken:
            yield Finding("stutter", "no change", answer.broken)
        changed, sent = self.table.moved(instance, nodes, network, answer)
        if self.table.murmur_is_news(sent, answer):
            yield Finding("stutter", "repeats only", "a statement that was not made before")
        yield from self.table.differences(after, changed, sent)

    def _report(
        self, number: int, instance: int, after: Packed | None, findings: list[Finding]
    ) -> None:
        kind = (self._names[instance], " ".join(sorted({each.what for each in findings})))
        if kind in self._known:
            return
        self._known.add(kind)
        path = [*self.path(number), instance]
        self.coverage.divergences.append(
            Divergence(
                id=f"{kind[0]}-{len(self._known)}",
                steps=tuple(str(self.expected.instances[each]) for each in path),
                instances=tuple(path),
                enabled=after is not None,
                findings=tuple(findings),
            )
        )

    def path(self, number: int) -> list[int]:
        """The instances on a shortest way to a pair."""
        path = []
        while self.came_from[number][0] >= 0:
            number, via = self.came_from[number]
            path.append(via)
        return path[::-1]


def rules_are_complete(cluster: Cluster) -> list[str]:
    """The actions of a configuration for which there is no rule: there must be none."""
    return [each.name for each in cluster.model.actions if each.name not in RULES]
