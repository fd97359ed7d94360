"""Runs of an adapter that together take every transition of the model.

With snapshots the harness goes to each state once and tries everything there. Without, it replays
runs from the beginning: along a shortest way to a state where something is left to take, and on as
long as there is.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from random import Random

from knell.conformance.adapter.exploring import explore
from knell.conformance.adapter.judge import Judge
from knell.conformance.adapter.pairs import pairs_of, take_pairs
from knell.conformance.adapter.taking import Taking
from knell.conformance.adapter.ways import reach
from knell.conformance.replay.coverage import Coverage

_LONGEST_WALK = 200
"""Steps; a run of the protocol ends long before."""


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
        self.graph = judge.graph
        self.snapshots = snapshots and "snapshot" in judge.talk.hello.features
        self._taking = taking = Taking(judge, enough, most)
        self.coverage = taking.coverage
        self._tree = reach(self.graph, taking.left)
        self.coverage.supported = sum(len(taking.left[state]) for state in self._tree.order)
        if only is not None:
            taking.left = [{i for i in each if taking.names[i] in only} for each in taking.left]

    def run(self) -> Coverage:
        """Take all that is left."""
        if self.snapshots:
            explore(self._taking, self._tree)
        for state in self._tree.order:
            while self._taking.left[state] and not self._taking.is_over:
                self._go(state)
        self.coverage.ignored = self.judge.ignored
        return self.coverage

    def run_pairs(self) -> tuple[int, int]:
        """Take all that is left, and every pair of consecutive transitions.

        Returns:
            How many pairs the adapter supports, and how many were taken.
        """
        moments = explore(self._taking, self._tree)
        ways = {state: self.way(state) for state in moments}
        covered = take_pairs(self._taking, moments, ways)
        self.run()
        return pairs_of(self._taking), covered

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
        taking = self._taking
        random = Random(seed)  # noqa: S311 # to be repeatable, not secret
        while not taking.is_over and (runs is None or taking.runs < runs):
            taking.guarded(lambda: self._wander(random))
        self.coverage.ignored = self.judge.ignored
        return self.coverage

    def _go(self, state: int) -> None:
        """One run: to a state, then on through what was not taken yet."""
        left = self._taking.left[state]
        before = len(left)
        way = self._tree.way(state)
        self._taking.guarded(lambda: self._follow(way))
        if len(left) == before:
            left.clear()  # no run gets there, or further: it stays uncovered

    def _follow(self, way: list[int]) -> None:
        taking, at = self._taking, 0
        path: list[int] = []
        for instance in way:
            at = taking.advance(path, at, instance)
            if at < 0:
                return
        while at >= 0 and taking.left[at]:
            self._try_here(path, at)
            moving = taking.moving(at)
            if not moving:
                break
            at = taking.advance(path, at, moving[0])
        if at >= 0:
            taking.note(path, self.judge.end(), enabled=True)

    def _wander(self, random: Random) -> None:
        taking, at = self._taking, 0
        path: list[int] = []
        for _ in range(_LONGEST_WALK):
            self._try_here(path, at)
            steps = self.graph.steps[at]
            moving = [i for i in sorted(steps) if taking.allowed[i] and steps[i].target != at]
            fresh = [i for i in moving if i in taking.left[at]]
            if not moving:
                break
            at = taking.advance(path, at, random.choice(fresh or moving))
            if at < 0:
                return
        taking.note(path, self.judge.end(), enabled=True)

    def _try_here(self, path: list[int], at: int) -> None:
        """At a state that is met first: what changes nothing, and what must not change anything.

        What did change something is undone, or it would be taken for the next one's doing.
        """
        for instance in self._taking.still(at):
            if self._taking.advance(list(path), at, instance) < 0:
                self._retrace(path)
        for instance in self._taking.disabled(at):
            if not self._taking.attempt(path, instance):
                self._retrace(path)

    def _retrace(self, path: list[int]) -> None:
        """Come to where a run stands from its beginning."""
        self.judge.begin("again")
        for instance in path:
            self.judge.take(instance)
