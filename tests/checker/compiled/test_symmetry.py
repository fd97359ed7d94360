"""The compiled representatives of orbits are canonical, and change no answer."""

import itertools
import math
import random

import pytest
from hypothesis import HealthCheck, given, settings

from knell.checker.canonical import target_of
from knell.checker.compiled.canonical import _network, _walk
from knell.checker.compiled.errors import NotCompilableError
from knell.checker.compiled.search import CompiledSearch
from knell.checker.questions import Questions
from knell.checker.symmetry import permutations, symmetry_group
from knell.examples import EXAMPLES
from knell.language import ANY, Model, exists, forall, require
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.language.settings import Settings
from tests.checker import machines
from tests.checker.compiled.agreement import agree, answer
from tests.checker.compiled.test_agrees import RANDOM_MODELS
from tests.checker.random_models import models


def friends(people: int = 5) -> Model:
    """Interchangeable people and towns, with a relation and functions between them."""
    m = Model("friends")
    Person = m.sort("Person", size=people)
    Town = m.sort("Town", size=2)
    knows = m.rel("knows", Person, Person)
    home = m.var("home", Person, to=Town, init=ANY)
    friend = m.var("friend", Person, to=Person, init=lambda a: a)

    @m.action
    def meet(a: Person, b: Person):
        require(stranger=~knows[a, b], first=friend[b] == b, same=home[a] == home[b])
        knows[a, b] = True
        friend[b] = a

    @m.action
    def move(a: Person, t: Town):
        require(unknown=forall(Person, lambda c: ~knows[c, a] & ~knows[a, c]))
        home[a] = t

    m.always("mutual", forall(Person, lambda a: (friend[a] == a) | knows[friend[a], a]))
    m.always("few", ~forall(Person, lambda a: friend[a] != a))
    m.reachable("all_known", forall(Person, lambda a: exists(Person, lambda b: knows[a, b])))
    return m


@pytest.mark.parametrize("sizes", [[], [2], [4], [3, 2], [2, 3, 2]])
def test_the_walk_visits_every_permutation(sizes: list[int]) -> None:
    now = [list(range(n)) for n in sizes]
    starts = list(itertools.accumulate((n - 1 for n in sizes), initial=0))
    seen = {str(now)}
    for step in _walk(sizes):
        sort = max(k for k, start in enumerate(starts[:-1]) if start <= step and sizes[k] > 1)
        at = step - starts[sort]
        now[sort][at], now[sort][at + 1] = now[sort][at + 1], now[sort][at]
        assert str(now) not in seen
        seen.add(str(now))
    assert len(seen) == math.prod(math.factorial(n) for n in sizes)


@pytest.mark.parametrize("n", range(8))
def test_the_network_sorts(n: int) -> None:
    for bits in itertools.product((0, 1), repeat=n):
        keys = list(bits)
        for i, j in _network(n):
            keys[i], keys[j] = sorted((keys[i], keys[j]))
        assert keys == sorted(bits)


def test_the_least_state_of_an_orbit_stands_for_it() -> None:
    program = Program(machines.built(friends, None))
    questions = Questions(program, None)
    group = symmetry_group(program, questions.properties, None)
    assert group is not None
    search = CompiledSearch(program, questions, group)
    layout = program.layout
    chance = random.Random(1)  # noqa: S311  # nothing secret
    for _ in range(20):
        state = [chance.randrange(cell.to.size) for cell in layout.cells]
        images = []
        for permutation in permutations(group.free):
            image = [0] * len(state)
            for cell in layout.cells:
                content = permutation.get(cell.to, range(cell.to.size))[state[cell.index]]
                image[target_of(layout, cell, permutation)] = content
            images.append(tuple(image))
        assert search.again.settled(tuple(state)) == min(images)


@settings(
    max_examples=RANDOM_MODELS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(models(rigid=False))
def test_random_models(model: Model) -> None:
    agree(model)


@pytest.mark.parametrize("workers", [1, 2])
def test_groups_that_the_reference_refines(workers: int) -> None:
    """Other representatives, so perhaps other runs; but the same counts, and runs as short."""
    expected, found = (
        answer(machines.built(lambda: friends(4)), engine, workers=workers)
        for engine in ("reference", "compiled")
    )
    assert expected["symmetry"]
    assert found["counts"] == expected["counts"]
    assert found["levels"] == expected["levels"]
    for id, (verdict, _, _, run) in expected["properties"].items():
        assert found["properties"][id][0] == verdict
        other = found["properties"][id][3]
        assert (run and len(run[0])) == (other and len(other[0]))


@pytest.mark.parametrize("workers", [1, 2])
def test_orbits_of_two_phase_commit(workers: int) -> None:
    model = load_model(EXAMPLES["two-phase-commit"], Settings(values={"RM": "9"}))
    assert agree(model, workers)["counts"][0] == 2232


def test_groups_that_are_too_large_are_refused() -> None:
    program = Program(machines.built(lambda: friends(7)))
    questions = Questions(program, None)
    group = symmetry_group(program, questions.properties, None)
    with pytest.raises(NotCompilableError, match="10080 permutations"):
        CompiledSearch(program, questions, group)
