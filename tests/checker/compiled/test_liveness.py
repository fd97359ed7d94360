"""Fair cycles on arrays: as an enumeration of fair sets, and as the reference, on random graphs."""

import random
import sys
from array import array
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knell.checker.compiled import graph as graphs
from knell.checker.compiled.graph import Graph
from knell.checker.compiled.lasso import ArrayAnalysis
from knell.checker.explored import Edges
from knell.checker.lasso import Analysis, Lassos
from knell.checker.liveness import Fairness, Regions, Traps
from knell.language import Model, require
from knell.language.properties import Property
from tests.checker.compiled.agreement import agree
from tests.checker.compiled.test_agrees import RANDOM_MODELS
from tests.checker.fair_sets import Machine, steps_to_a_fair_set
from tests.checker.machines import checked, result_of

RESPONSES = 70  # more than a word has bits


@settings(max_examples=RANDOM_MODELS, deadline=None)
@given(st.data())
def test_random_machines_agree_with_the_enumeration_of_fair_sets(data: st.DataObject) -> None:
    machine = data.draw(Machine.random())
    model = machine.model()
    found = result_of(checked(model, engine="compiled", properties=("response",)), "response")
    distance = steps_to_a_fair_set(machine)
    assert found.verdict == ("holds" if distance is None else "violated")
    if distance is not None:
        assert found.run is not None
        assert found.run.loop == distance


def walk_on_a_grid(side: int) -> Model:
    """Two coordinates that grow, one under weak and one under strong fairness."""
    m = Model("grid")
    x, y = (m.scalar(name, to=m.int(0, side - 1), init=0) for name in ("x", "y"))

    @m.action(fair="weak")
    def right():
        require(inside=x < side - 1)
        x.set(x + 1)

    @m.action(fair="strong")
    def up():
        require(inside=y < side - 1)
        y.set(y + 1)

    @m.action
    def fall():
        require(high=y > side - 4)
        y.set(side - 4)

    m.ends(x == side - 1)
    m.leads_to("crosses", lambda: (x == 0, x == side - 1))
    m.leads_to("stays_up", lambda: (y == side - 1, x == side - 1))
    m.leads_to("comes_back", lambda: (x == side - 1, y == 0))
    return m.finish()


def test_a_large_graph_holds_no_objects_for_its_states(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = []
    refutation = ArrayAnalysis.refutation

    def counting(self: ArrayAnalysis, declared: Property) -> Any:
        found = refutation(self, declared)
        blocks.append(sys.getallocatedblocks())
        return found

    small = agree(walk_on_a_grid(12))
    checked(walk_on_a_grid(200), engine="compiled")  # what is imported on the way is there now
    monkeypatch.setattr(ArrayAnalysis, "refutation", counting)
    model = walk_on_a_grid(400)
    before = sys.getallocatedblocks()
    result = checked(model, engine="compiled")
    assert result.distinct == 160_000
    assert max(blocks) - before < 8_000
    verdicts = {p.id: p.verdict for p in result.properties}
    assert (verdicts["crosses"], verdicts["comes_back"]) == ("holds", "violated")
    assert small["properties"]["stays_up"][0] == verdicts["stays_up"]


class RandomGraph:
    """A random graph with fair instances, and for each response its starts and lacks."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  # nothing secret
        self.size = n = chance.randint(1, 40)
        instances = chance.randint(1, 8)
        kinds = [chance.choice([None, "weak", "strong"]) for _ in range(instances)]
        self.program: Any = SimpleNamespace(
            instances=[SimpleNamespace(action=SimpleNamespace(fairness=kind)) for kind in kinds]
        )
        outside = chance.choice([0, 3])  # states that were found and not expanded
        self.edges = Edges(array("q", [0]), array("i"), array("i"))
        for u in range(n):
            for k in range(instances):
                v = chance.randrange(n + outside)
                if v != u and chance.random() < 0.3:
                    self.edges.targets.append(v)
                    self.edges.instances.append(k)
            self.edges.first.append(len(self.edges.targets))
        self.responses: Any = [SimpleNamespace(declared=k % 2) for k in range(RESPONSES)]
        full = (1 << RESPONSES) - 1
        self.lacks = [full & ~self.some(chance, 0.1) for _ in range(n)]
        self.starts = [lack & self.some(chance, 0.2) for lack in self.lacks]
        ends = sorted(chance.sample(range(1, n), min(n - 1, 3)))
        self.explored: Any = SimpleNamespace(
            level_ends=[*ends, n], path=lambda state: ([state], []), expanded=n
        )

    @staticmethod
    def some(chance: random.Random, share: float) -> int:
        return sum(1 << k for k in range(RESPONSES) if chance.random() < share)

    def reference(self) -> Analysis:
        regions: Any = Regions.__new__(Regions)
        regions.explored, regions.edges, regions.starts = self.explored, self.edges, self.starts
        regions._asked = lambda _: lambda state: self.lacks[state]
        regions.waiting = regions._spread([])
        fairness = Fairness(self.program, self.edges)
        analysis = Analysis.__new__(Analysis)
        analysis.responses = self.responses
        analysis.traps = Traps(regions, fairness, RESPONSES).of
        analysis.lassos = Lassos(regions, fairness)
        return analysis

    def arrays(self) -> ArrayAnalysis:
        kinds = (np.int64, np.int32, np.int32)
        parts = (self.edges.first, self.edges.targets, self.edges.instances)
        graph = Graph(
            *(np.array(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True))
        )
        lacks = words(self.lacks)
        asking = (words(self.starts), lambda states: lacks[states])
        return ArrayAnalysis(self.program, self.responses, self.explored, graph, asking)


def words(masks: list[int]) -> Any:
    """Masks of responses as words of bits."""
    split = [[mask >> (64 * w) & (1 << 64) - 1 for w in range(2)] for mask in masks]
    return np.array(split, dtype=np.uint64)


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_agree_with_the_reference(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if seed % 2:  # as if the graph were large
        monkeypatch.setattr(graphs, "_FEW", 0)
    graph = RandomGraph(seed)
    reference, arrays = graph.reference(), graph.arrays()
    for k in range(RESPONSES):
        found = arrays.traps.of(k)
        sets = [np.flatnonzero(found.labels == label) for label in np.unique(found.labels) if label]
        sets += [np.array([u]) for u in np.flatnonzero(found.stay)]
        assert {frozenset(some.tolist()) for some in sets} == {t.states for t in reference.traps[k]}
    for declared in (0, 1):
        assert arrays.refutation(declared) == reference.refutation(declared)  # type: ignore[arg-type]
