"""What symmetry and partial-order reduction add: figures of ``docs/ENGINES.md`` and ADR 0015."""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from knell.checker.questions import Questions
from knell.checker.symmetry import symmetry_group
from knell.examples import EXAMPLES
from knell.language import Model
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.parameters import CONFIGS
from tests.checker.compiled.agreement import answer
from tests.checker.random_models import models
from tests.checker.stubborn import Stubborn

APART = {"nodes": "3", "members": "1", "groups": "1", "placement": "same"}


def safety(model: Model) -> tuple[str, ...]:
    return (*(p.id for p in model.properties if p.kind != "leads_to"), "deadlock")


@pytest.mark.parametrize("config", CONFIGS)
def test_recovery_domains_tell_all_nodes_of_a_configuration_apart(config: str) -> None:
    program = Program(load_model(NODE_SHUTDOWN, Settings(config)))
    assert symmetry_group(program, [], None) is None


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (APART, 2),
        ({"nodes": "5", "members": "2", "placement": "same"}, 6),
        ({"groups": "3", "placement": "rotated", "dependent": "false"}, 3),
        ({"placement": "same", "dependent": "false"}, 2),
    ],
)
def test_nodes_apart_from_all_groups_and_equal_groups_are_interchangeable(
    values: dict[str, str], order: int
) -> None:
    program = Program(load_model(NODE_SHUTDOWN, Settings(values=values)))
    group = symmetry_group(program, [], None)
    assert group is not None
    assert group.order == order


def test_symmetry_changes_no_verdict_of_the_protocol() -> None:
    model = load_model(NODE_SHUTDOWN, Settings(values=APART))
    asked = safety(model)
    expected = answer(model, "reference", properties=asked)
    assert expected["counts"] == (1865, 18268, 13, True)
    assert answer(model, "compiled", properties=asked) == expected
    full = answer(model, "compiled", properties=asked, symmetry=False)
    assert full["counts"][0] == 3610
    verdicts = [{p: told[0] for p, told in each["properties"].items()} for each in (expected, full)]
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize(("config", "instances"), [("default", 117), ("four-nodes", 188)])
def test_no_step_of_the_protocol_is_invisible_to_its_properties(
    config: str, instances: int
) -> None:
    model = load_model(NODE_SHUTDOWN, Settings(config))
    questions = Questions(Program(model), safety(model))
    seen = {*questions.demands, *questions.step_premises}
    assert len(seen) == len(questions.program.instances) == instances


def reduced(model: Model) -> tuple[int, int]:
    """The states in full and those that the reduction leaves; the ends are the same."""
    stubborn = Stubborn(Program(model))
    full, less = stubborn.search(reduced=False), stubborn.search(reduced=True)
    assert less.ends == full.ends
    return full.states, less.states


@pytest.mark.parametrize(
    ("name", "states"), [("two-phase-commit", (288, 246)), ("simple-allocator", (400, 323))]
)
def test_what_partial_order_reduction_leaves_of_examples(
    name: str, states: tuple[int, int]
) -> None:
    assert reduced(load_model(EXAMPLES[name], Settings())) == states


def test_what_partial_order_reduction_leaves_of_the_protocol() -> None:
    assert reduced(load_model(NODE_SHUTDOWN, Settings("small"))) == (3570, 3429)


@pytest.mark.skipif("KNELL_EVERYTHING" not in os.environ, reason="a long run: make agreement")
def test_what_it_leaves_of_the_default_configuration() -> None:
    assert reduced(load_model(NODE_SHUTDOWN, Settings())) == (28200, 25300)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(models(rigid=True))
def test_the_reduction_keeps_the_ends_of_random_models(model: Model) -> None:
    full, less = reduced(model)
    assert less <= full
