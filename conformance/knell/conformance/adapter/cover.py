"""Runs of an adapter that together take every transition of the model.

With snapshots the harness goes to each state once and tries everything there. Without, it replays
runs from the beginning: along a shortest way to a state where something is left to take, and on as
long as there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random

from knell.conformance.adapter.judge import DoubtfulError, Judge, NotSupportedError
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.peer import PeerError
from knell.conformance.mapping.possible import is_possible
from knell.conformance.replay.coverage import Coverage, begin
from knell.conformance.replay.divergence import Divergence, Finding, identify
from knell.conformance.replay.expected import Expectation, Graph


@dataclass
class _Tree:
    """Shortest ways through the part of the model that the adapter supports."""

    before: dict[int, tuple[int, int]] = field(default_factory=dict)
    order: list[int] = field(default_factory=lambda: [0])

    def way(self, state: int) -> list[int]:
        """The instances on a shortest way to a state."""
        way = []
        while state:
            state, instance = self.before[state]
            way.append(instance)
        return way[::-1]


class Cover:
    """Takes transitions of the model at an adapter until none is left.

    Args:
        judge: The judge, which has the adapter.
        enough: Asked between runs; when it says so, what is left stays uncovered.
        snapshots: Whether to use them, if the adapter has them.
        most: After how many kinds of divergences to end.
        only: Actions to cover; the others are taken where they lead there.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        enough: Callable[[], bool] = lambda: False,
        snapshots: bool = True,
        most: int | None = None,
        only: Container[str] | None = None,
    ) -> None:
        self.judge = judge
        self.expected: Expectation = judge.expected
        self.graph: Graph = judge.graph
        self.enough = enough
        self.snapshots = snapshots and "snapshot" in judge.hello.features
        self.most = most
        self._names = [each.action.name for each in self.expected.instances]
        self.coverage = begin(self.graph, self._names)
        self.left: list[set[int]] = []
        self._known: set[str] = set()
        self._tried: set[int] = set()
        self._skip()
        self._tree = self._reach()
        self.coverage.supported = sum(len(self.left[state]) for state in self._tree.order)
        if only is not None:
            self.left = [{i for i in each if self._names[i] in only} for each in self.left]
        self._runs = 0
        self._failed = 0

    def _skip(self) -> None:
        """Leave out what the adapter does not do."""
        does = {*self.judge.hello.actions, "strike"}
        lacking = {name for name in self._names if name not in does}
        for name in sorted(lacking):
            number = self.coverage.by_action[name]
            self.coverage.skipped[name] = f"not among the adapter's actions: {number} transitions"
        missing = {
            place.variable.name
            for part in self.expected.places[:-1]
            for place in part
            if place.variable.name not in {*self.judge.hello.observables, *_OF_THE_HARNESS}
        }
        for name in sorted(missing):
            self.coverage.skipped[f"variable {name}"] = "not among the adapter's observables"
        self._allowed = [name in does for name in self._names]
        self.left = [
            {instance for instance in steps if self._allowed[instance]}
            for steps in self.graph.steps
        ]

    def _reach(self) -> _Tree:
        tree = _Tree()
        met = {0}
        queue = deque([0])
        while queue:
            state = queue.popleft()
            for instance in sorted(self.left[state]):
                target = self.graph.steps[state][instance].target
                if target not in met:
                    met.add(target)
                    tree.before[target] = (state, instance)
                    tree.order.append(target)
                    queue.append(target)
        return tree

    # Running

    def run(self) -> Coverage:
        """Take all that is left."""
        if self.snapshots:
            self._explore()
        for state in self._tree.order:
            while self.left[state] and not self._is_over():
                self._go(state)
        self.coverage.ignored = self.judge.ignored
        return self.coverage

    @property
    def nearest(self) -> list[int]:
        """The states of the model that can be reached, the nearest first."""
        return self._tree.order

    def way(self, state: int) -> list[int]:
        """The instances on a shortest way to a state of the model."""
        return self._tree.way(state)

    def walk(self, seed: int, *, runs: int | None = None) -> Coverage:
        """Take random walks instead, preferring what was not taken yet.

        Args:
            seed: Where randomness starts.
            runs: How many; None for as many as there is time for.
        """
        random = Random(seed)  # noqa: S311 # to be repeatable, not secret
        while not self._is_over() and (runs is None or self._runs < runs):
            self._guarded(lambda: self._wander(random))
        self.coverage.ignored = self.judge.ignored
        return self.coverage

    def _is_over(self) -> bool:
        found = len(self.coverage.divergences)
        enough = self._failed >= _PATIENCE or (self.most is not None and found >= self.most)
        return enough or self.enough()

    def _go(self, state: int) -> None:
        """One run: to a state, then on through what was not taken yet."""
        left = len(self.left[state])
        way = self._tree.way(state)
        self._guarded(lambda: self._follow(way))
        if len(self.left[state]) == left:
            self.left[state].clear()  # no run gets there, or further: it stays uncovered

    def _follow(self, way: list[int]) -> None:
        path: list[int] = []
        at = 0
        for instance in way:
            at = self._advance(path, at, instance)
            if at < 0:
                return
        while at >= 0 and self.left[at]:
            self._try_here(path, at)
            moving = [i for i in self.left[at] if self.graph.steps[at][i].target != at]
            if not moving:
                break
            at = self._advance(path, at, min(moving))
        if at >= 0:
            self._note(path, self.judge.end(), enabled=True)

    def _wander(self, random: Random) -> None:
        path: list[int] = []
        at = 0
        for _ in range(_LONGEST_WALK):
            self._try_here(path, at)
            steps = [i for i in sorted(self.graph.steps[at]) if self._allowed[i]]
            moving = [i for i in steps if self.graph.steps[at][i].target != at]
            fresh = [i for i in moving if i in self.left[at]]
            if not moving:
                break
            at = self._advance(path, at, random.choice(fresh or moving))
            if at < 0:
                return
        self._note(path, self.judge.end(), enabled=True)

    def _explore(self) -> None:
        """Go to each state once, by snapshots."""
        back: dict[int, Callable[[], list[Finding]]] = {}

        def first() -> None:
            back[0] = self.judge.keep()

        fine = self._guarded(first)
        for state in self._tree.order:
            if not fine or self._is_over():
                return
            if state in back:
                expand = partial(self._expand, state, self._tree.way(state), back)
                fine = self._guarded(expand, begin=False)

    def _expand(
        self, state: int, way: list[int], back: dict[int, Callable[[], list[Finding]]]
    ) -> None:
        self._note(way, back[state](), enabled=True)
        self._try_here(list(way), state, back[state])
        for instance in sorted(self.left[state]):
            at = self._advance(list(way), state, instance)
            if at >= 0 and at not in back:
                back[at] = self.judge.keep()
            back[state]()

    # Taking

    def _try_here(
        self, path: list[int], at: int, again: Callable[[], object] | None = None
    ) -> None:
        """At a state that is met first: what changes nothing, and what must not change anything.

        What did change something is undone, or it would be taken for the next one's doing.
        """
        undo = again or partial(self._retrace, path)
        steps = self.graph.steps[at]
        still = [i for i in sorted(self.left[at]) if steps[i].target == at]
        for instance in still:
            if self._advance(list(path), at, instance) < 0:
                undo()
        for instance in self._tries(at):
            self.coverage.tried += 1
            self.coverage.steps += 1
            try:
                findings = self.judge.take(instance)
            except NotSupportedError as error:
                self.coverage.skipped[self._names[instance]] = str(error)
                continue
            self._note([*path, instance], findings, enabled=False)
            if findings:
                undo()

    def _retrace(self, path: list[int]) -> None:
        """Come to where a run stands from its beginning."""
        self.judge.begin("again")
        for instance in path:
            self.judge.take(instance)

    def _tries(self, at: int) -> Iterator[int]:
        """The actions that the model disables, but that somebody could be asked for."""
        if at in self._tried:
            return
        self._tried.add(at)
        world = self.judge.world.at(self.graph.states[at])
        disabled = [
            number
            for number, instance in enumerate(self.expected.instances)
            if number not in self.graph.steps[at]
            and self._allowed[number]
            and is_possible(world, instance)
        ]
        yield from disabled

    def _advance(self, path: list[int], at: int, instance: int) -> int:
        """Take a step that the model enables; the state after it, or -1 if that is not certain."""
        self.coverage.replays += 1
        self.coverage.steps += 1
        path.append(instance)
        try:
            findings = self.judge.take(instance)
        except NotSupportedError as error:
            self.coverage.skipped[self._names[instance]] = str(error)
            self.left[at].discard(instance)
            return -1
        if instance in self.left[at]:
            self.left[at].discard(instance)
            self.coverage.covered += 1
            self.coverage.covered_by_action[self._names[instance]] += 1
        self._note(path, findings, enabled=True)
        target = self.graph.steps[at][instance].target
        return -1 if findings or target not in self.judge.standing.belief else target

    def _guarded(self, do: Callable[[], None], *, begin: bool = True) -> bool:
        """Run something; a failure of the adapter ends the run, not the campaign."""
        try:
            if begin:
                self._runs += 1
                found = self.judge.begin(f"r{self._runs}")
                self._note([], found, enabled=True)
                if found:
                    return False
            do()
        except DoubtfulError:
            self.coverage.doubtful += 1
            return False
        except (PeerError, MalformedError) as error:
            self._failed += 1
            if (told := self._tell(error)) not in self.coverage.failures:
                self.coverage.failures.append(told)
            self.judge.restart()
            return False
        return True

    def _tell(self, error: Exception) -> str:
        state = self.judge.standing.belief[0]
        complaints = self.judge.peer.complaints()
        said = f"; it complains: {complaints[-300:]}" if complaints else ""
        where = " ".join(self.expected.phases(self.graph.states[state]))
        return f"{error} (in state {where}){said}"

    def _note(self, path: list[int], findings: list[Finding], *, enabled: bool) -> None:
        if not findings:
            return
        name = self._names[path[-1]] if path else "reset"
        kind = identify(name, findings, enabled=enabled)
        if kind in self._known:
            return
        self._known.add(kind)
        steps = tuple(str(self.expected.instances[each]) for each in path)
        self.coverage.divergences.append(
            Divergence(kind, steps, tuple(path), enabled, tuple(findings))
        )


_LONGEST_WALK = 200
"""Steps; a run of the protocol ends long before."""

_PATIENCE = 3
"""How often an adapter may fail; each time it is started afresh."""

_OF_THE_HARNESS = {"fatal", "dead", "reported"}
