"""The compiled engine says of every model what the reference says, runs included."""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from knell.examples import EXAMPLES
from knell.language import ANY, Model, each, exists, forall, require, when
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from tests.checker import machines
from tests.checker.compiled.agreement import agree
from tests.checker.random_models import models

# A long run asks for more: KNELL_RANDOM_MODELS=2000.
RANDOM_MODELS = int(os.environ.get("KNELL_RANDOM_MODELS", "25"))

random_models = settings(
    max_examples=RANDOM_MODELS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    agree(load_model(EXAMPLES[name], Settings()))


@pytest.mark.parametrize("config", ["small", "default"])
def test_protocol(config: str) -> None:
    agree(load_model(NODE_SHUTDOWN, Settings(config)))


@pytest.mark.parametrize("bound", [{"max_states": 100}, {"max_depth": 5}, {"fail_fast": True}])
def test_bounds(bound: dict[str, int]) -> None:
    agree(load_model(EXAMPLES["two-phase-commit"], Settings()), symmetry=False, **bound)
    agree(load_model(EXAMPLES["die-hard"], Settings()), symmetry=False, **bound)


@random_models
@given(models(rigid=True, leads_to=True))
def test_random_models(model: Model) -> None:
    agree(model)


@settings(random_models, max_examples=max(10, RANDOM_MODELS // 4))
@given(models(rigid=True))
def test_random_models_on_several_workers(model: Model) -> None:
    agree(model, workers=3)


@settings(random_models, max_examples=max(8, RANDOM_MODELS // 4))
@given(models(rigid=True))
def test_random_walks_through_random_models(model: Model) -> None:
    agree(model, simulate=5, max_depth=7, seed=1 << 70)


def test_random_walks() -> None:
    model = load_model(EXAMPLES["two-phase-commit"], Settings(values={"RM": "5"}))
    assert agree(model, simulate=300, seed=3)["counts"][0] > 1000
    agree(model, simulate=300, seed=3, max_states=200)
    agree(load_model(EXAMPLES["die-hard"], Settings()), simulate=50, fail_fast=True)


def test_where_nothing_can_ever_happen() -> None:
    def build() -> Model:
        m = Model("still")
        Box = m.sort("Box", size=2)
        full = m.rel("full", Box)
        n = m.scalar("n", to=m.int(0, 3), init=0)

        @m.action
        def never():
            require(never=exists(Box, lambda b: ~full[b] & full[b]))
            n.set(1)

        m.always("zero", n == 0)
        return m

    agree(machines.built(build), simulate=5)
    agree(machines.built(build), workers=2)


@pytest.mark.parametrize("workers", [2, 3])
def test_several_workers(workers: int) -> None:
    model = load_model(NODE_SHUTDOWN, Settings("default"))
    wanted = tuple(p.id for p in model.properties if p.kind != "leads_to")
    agree(model, workers=workers, symmetry=False, properties=(*wanted, "deadlock"))
    for name, values in (("two-phase-commit", {"RM": "5"}), ("die-hard", {}), ("coffee-can", {})):
        agree(load_model(EXAMPLES[name], Settings(values=values)), workers)
    bounded = load_model(EXAMPLES["two-phase-commit"], Settings(values={"RM": "5"}))
    agree(bounded, workers, symmetry=False, max_states=3000)


def test_liveness() -> None:
    agree(machines.built(machines.counter))
    agree(machines.built(lambda: machines.counter(6, ends=True)))


def test_an_error_of_the_model() -> None:
    def build() -> Model:
        m = Model("overflow")
        n = m.scalar("n", to=m.int(0, 3), init=0)

        @m.action
        def add():
            n.set(n + 1)

        return m

    told = agree(machines.built(build))
    assert "a value outside 0..3, reached by 4 step(s)" in told["error"]


def test_errors_where_laziness_guards_them() -> None:
    def build() -> Model:
        m = Model("lazy")
        at = m.scalar("at", to=m.int(-2, 3), init=ANY)
        seen = m.rel("seen", m.int(0, 3))

        @m.action
        def see():
            require(inside=(at >= 0) & ~seen[at])
            seen[at] = True

        @m.action
        def move():
            require(some=at < 3)
            at.set(at + 1)

        m.always("guarded", (at < 0) | ~seen[at] | (at // 2 <= 1))
        m.always("odd", (at % 2 == 0) | ~seen[3])
        return m

    assert "error" not in agree(machines.built(build))


def test_states_of_many_words() -> None:
    def build() -> Model:
        m = Model("wide")
        Place = m.sort("Place", size=40, symmetric=False)
        height = m.var("height", Place, to=m.int(0, 15), init=0)

        @m.action
        def raise_one(p: Place):
            require(low=height[p] < 1, at_most=~exists(Place, lambda q: (height[q] > 0) & (q != p)))
            height[p] = height[p] + 9

        m.always("flat", forall(Place, lambda p: height[p] < 10))
        m.reachable("raised", height[Place["place17"]] == 9)
        return m

    found = agree(machines.built(build))
    assert found["counts"][0] == 41


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_queues_and_quantified_updates_in_states_of_several_words(workers: int) -> None:
    def build() -> Model:
        m = Model("post-office")
        Box = m.sort("Box", size=20, symmetric=False)
        full = m.var("full", Box, to=m.int(0, 7), init=0)
        letters = m.queue("letters", Box, m.int(1, 2), capacity=3)
        box, size = letters.head

        @m.action
        def post(b: Box, k: m.int(1, 2)):
            require(known=(b == Box["box1"]) | (b == Box["box20"]), room=~letters.full)
            letters.push(b, k)

        @m.action
        def sort():
            require(some=~letters.empty, room=full[box] < 4)
            full[box] = full[box] + size
            letters.pop()

        @m.action
        def fetch():
            require(some=exists(Box, lambda b: full[b] > 3))
            for b in each(Box):
                with when(full[b] > 1):
                    full[b] = full[b] // 2

        m.always("never_six", forall(Box, lambda b: full[b] < 6))
        m.always("last_stays_small", full[Box["box20"]] < 5)
        m.reachable("both", (full[Box["box1"]] == 4) & (full[Box["box20"]] == 4))
        return m

    found = agree(machines.built(build), workers, symmetry=False)
    assert found["counts"][0] > 1000
    assert found["counts"][3]
    assert found["properties"]["never_six"][0] == "holds"
    assert found["properties"]["last_stays_small"][0] == "violated"
