"""Model and implementation explored together: every pair of states that a run reaches, once.

Because a core is a value, what it does on an event has to be found out once: outcomes are kept by
node, action and message. The search is breadth-first, so the run to a divergence is a shortest one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from knell.conformance.replay.coverage import Coverage, begin
from knell.conformance.replay.divergence import Divergence, Finding, identify
from knell.conformance.replay.expected import Expectation, Graph, Step
from knell.conformance.sim.perform import idle
from knell.conformance.sim.stutters import strange_steps, stutters
from knell.conformance.sim.table import Answer, Row, Table

Pair = tuple[int, tuple[int, ...], int]
"""A state of the model, the states of the nodes and that of the network, all by number."""


class Product:
    """The product of a model and the cores of `knell.node`.

    Args:
        expected: The model.
        graph: Its states and steps, if they have been explored before.
    """

    def __init__(self, expected: Expectation, graph: Graph | None = None) -> None:
        self.expected = expected
        self.graph = expected.graph() if graph is None else graph
        self.table = Table(self.expected)
        self.pairs: list[Pair] = []
        self.came_from: list[tuple[int, int]] = []
        self.coverage = begin(self.graph, [each.action.name for each in self.expected.instances])
        self.met: Counter[int] = Counter()
        self.visited = 0
        self._numbers: dict[Pair, int] = {}
        self._known: set[str] = set()
        self._names = [each.action.name for each in self.expected.instances]
        self._actions = {each.name for each in expected.model.actions}
        self._actors = [self.table.actor(number) for number in range(len(self._names))]

    def explore(
        self, *, enough: Callable[[], bool] = lambda: False, most: int | None = None
    ) -> Coverage:
        """Visit every pair, or as many as there is time for.

        Args:
            enough: Asked now and then; the search ends when it says so.
            most: After how many kinds of divergences to end.
        """
        coverage = self.coverage
        if not self.pairs:
            self._arrive(self.start, -1, -1)
        while self.visited < len(self.pairs) and not enough():
            if most is not None and len(coverage.divergences) >= most:
                break
            self._visit(self.visited)
            self.visited += 1
        coverage.steps = coverage.replays + coverage.tried
        return coverage

    @property
    def start(self) -> Pair:
        """Where every run begins."""
        return (0, self.table.start, 0)

    def follow(self, pair: Pair, instance: int) -> Pair | None:
        """Take one step from a pair that need not be visited, and return where it leads.

        Returns:
            The next pair; None if something differs, which is then among the divergences.
        """
        self._arrive(pair, -1, -1)
        number = self._numbers[pair]
        step = self.graph.steps[pair[0]].get(instance)
        row = self.table.rows(pair[1], pair[2])[self._actors[instance]]
        answer = row.answers.get(instance)
        known = len(self._known)
        if step is None:
            if answer is not None and instance in row.asked:
                self._idle(number, instance, row)
            return None if len(self._known) > known else pair
        self._compare(number, instance, step, answer)
        if answer is None or len(self._known) > known:
            return None
        nodes, network = self._moved(number, instance, answer)
        return (step.target, nodes, network)

    def try_stutters(self) -> None:
        """In each state of a node that a run reaches, try what must not change anything."""
        cluster, table = self.expected.cluster, self.table
        reached: dict[int, int] = {}
        for number, (_, nodes, _) in enumerate(self.pairs):
            for node in nodes:
                reached.setdefault(node, number)
        for node, number in reached.items():
            for stutter in stutters(cluster, table.nodes[node]):
                self.coverage.stutters += 1
                outcome = idle(cluster, table.nodes[node], [stutter])
                effects = [" ".join(each) for each in outcome.seen]
                if outcome.broken or effects:
                    what = outcome.broken or ", ".join(effects)
                    self._report_stutter(number, type(stutter.event).__name__, what)
            for step in strange_steps(table.nodes[node], self._actions):
                self._report_stutter(number, type(step).__name__, f"{step} is due")

    def _report_stutter(self, number: int, event: str, what: str) -> None:
        kind = f"stutter/{event}"
        if kind in self._known:
            return
        self._known.add(kind)
        path = self.path(number)
        steps = (*(str(self.expected.instances[each]) for each in path), event)
        finding = Finding(event, "no change", what)
        self.coverage.divergences.append(
            Divergence(kind, steps, tuple(path), enabled=False, findings=(finding,))
        )

    @property
    def complete(self) -> bool:
        """Whether every pair that was met has been visited."""
        return self.visited == len(self.pairs)

    def _arrive(self, pair: Pair, before: int, via: int) -> None:
        if pair not in self._numbers:
            self._numbers[pair] = len(self.pairs)
            self.pairs.append(pair)
            self.came_from.append((before, via))

    def _visit(self, number: int) -> None:
        coverage = self.coverage
        state, nodes, network = self.pairs[number]
        steps = self.graph.steps[state]
        self.met[state] += 1
        if self.met[state] == 1:
            coverage.covered += len(steps)
            coverage.covered_by_action.update(self._names[instance] for instance in steps)
        coverage.replays += len(steps)
        rows = self.table.rows(nodes, network)
        for instance, step in steps.items():
            answer = rows[self._actors[instance]].answers.get(instance)
            self._compare(number, instance, step, answer)
        for row in rows:
            coverage.tried += len(row.asked - steps.keys())
            for instance in sorted(row.loud - steps.keys()):
                self._idle(number, instance, row)

    def _idle(self, number: int, instance: int, row: Row) -> None:
        """An action that the model disables must change nothing."""
        answer = row.answers[instance]
        state = self.pairs[number][0]
        findings = list(self._findings(number, instance, state, answer))
        findings += [Finding("effects", "none", " ".join(seen)) for seen in answer.seen]
        if findings:
            self._report(number, instance, findings, enabled=False)

    def _compare(self, number: int, instance: int, step: Step, answer: Answer | None) -> None:
        """An action that the model enables must do what the model says."""
        state = self.pairs[number][0]
        if answer is None:
            self._report(number, instance, [Finding("event", "possible", "nobody to tell")])
            return
        if answer.refused is not None and (step.target != state or step.effects):
            what = Finding("event", "done", f"refused: {answer.refused}")
            self._report(number, instance, [what])
            return
        findings = list(self._findings(number, instance, step.target, answer))
        if answer.seen != step.effects:
            texts = (
                ", ".join(map(" ".join, each)) or "none" for each in (step.effects, answer.seen)
            )
            findings.append(Finding("effects", *texts))
        if findings:
            self._report(number, instance, findings)
        else:
            nodes, network = self._moved(number, instance, answer)
            self._arrive((step.target, nodes, network), number, instance)

    def _moved(self, number: int, instance: int, answer: Answer) -> tuple[tuple[int, ...], int]:
        """The nodes and the network after an answer."""
        _, nodes, network = self.pairs[number]
        actor = self._actors[instance]
        changed = (*nodes[:actor], answer.node, *nodes[actor + 1 :])
        sent = self.table.network.with_said(network, answer.said) if answer.said else network
        return changed, sent

    def _findings(
        self, number: int, instance: int, target: int, answer: Answer
    ) -> Iterator[Finding]:
        """What differs between a state of the model and the implementation's."""
        if answer.broken:
            yield Finding("core", "sound", answer.broken)
        nodes, network = self._moved(number, instance, answer)
        if answer.murmured and not self.table.network.has(network, answer.murmured):
            yield Finding("stutter", "repeats only", "a statement that was not made before")
        found = (*(self.table.parts[node] for node in nodes), self.table.network_part(network))
        if found != self.graph.parts[target]:
            yield from self._differences(self.graph.parts[target], found)

    def _differences(self, wanted: tuple[int, ...], found: tuple[int, ...]) -> Iterator[Finding]:
        for part, (want, have) in enumerate(zip(wanted, found, strict=True)):
            if want != have:
                expected = self.expected.decode(part, want)
                observed = self.expected.decode(part, have)
                for cell, value in expected.items():
                    if observed[cell] != value:
                        yield Finding(cell, value, observed[cell])

    def _report(
        self, number: int, instance: int, findings: list[Finding], *, enabled: bool = True
    ) -> None:
        kind = identify(self._names[instance], findings, enabled=enabled)
        if kind in self._known:
            return
        self._known.add(kind)
        path = [*self.path(number), instance]
        self.coverage.divergences.append(
            Divergence(
                id=kind,
                steps=tuple(str(self.expected.instances[each]) for each in path),
                instances=tuple(path),
                enabled=enabled,
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
