"""The named configurations: exact counts, every property decided, every witness found."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from knell.checker import CheckResult, Options, check
from knell.language import Settings
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.parameters import CONFIGS, SUITE
from knell.spec.ids import Property

COUNTS = tomllib.loads(Path(__file__).with_name("counts.toml").read_text())


@cache
def checked(config: str) -> CheckResult:
    """The configuration's result, computed once in this process."""
    return check(load_model(NODE_SHUTDOWN, Settings(config=config)), Options())


@pytest.mark.parametrize("config", SUITE)
def test_every_property_holds_and_nothing_is_unknown(config: str) -> None:
    result = checked(config)
    assert {p.id: p.verdict for p in result.properties if p.verdict != "holds"} == {}
    assert result.complete
    expected = COUNTS[config]
    assert (result.distinct, result.generated, result.depth) == (
        expected["distinct"],
        expected["generated"],
        expected["depth"],
    )


def test_counts_are_pinned_for_the_whole_suite() -> None:
    assert set(COUNTS) == {*SUITE, "one-signal"}


def test_default_is_small_enough_for_a_laptop() -> None:
    assert COUNTS["default"]["distinct"] <= 200_000


@pytest.mark.parametrize("config", SUITE)
def test_every_always_property_has_a_witness(config: str) -> None:
    model = load_model(NODE_SHUTDOWN, Settings(config=config))
    for declared in model.properties:
        if declared.kind in ("always", "action"):
            assert declared.witness is not None, declared.id


def test_every_property_of_the_specification_is_checked_somewhere() -> None:
    declared = {
        p.id
        for config in SUITE
        for p in load_model(NODE_SHUTDOWN, Settings(config=config)).properties
    }
    assert {str(id) for id in Property} <= declared


def test_every_action_is_taken_somewhere() -> None:
    taken: set[str] = set()
    declared: set[str] = set()
    for config in ("small", "default", "causes", "planned-stop", "fence", "cold-start"):
        result = checked(config)
        declared |= set(result.taken)
        taken |= {name for name, times in result.taken.items() if times}
    assert taken == declared


def test_one_signal_has_two_primaries() -> None:
    """The claims' letter, without a second signal: the shortest trace is five states long."""
    result = checked("one-signal")
    violated = {p.id: p for p in result.properties if p.verdict == "violated"}
    assert set(violated) == {"S2"}
    run = violated["S2"].run
    assert run is not None
    assert [str(step) for step in run.steps] == [
        "strike(n1, fault)",
        "detect_by_cc(n1, fault)",
        "hear_distress(n3, n1)",
        "promote(n3, g1)",
    ]
    assert result.distinct == COUNTS["one-signal"]["distinct"]


def test_the_long_witness_returns_a_failed_node_to_primary() -> None:
    result = checked("two-epochs")
    [witness] = [p for p in result.properties if p.id == "return_to_primary"]
    assert witness.run is not None
    assert len(witness.run.states) >= 10


@pytest.mark.parametrize("config", [name for name in CONFIGS if name not in SUITE])
def test_larger_configurations_can_be_built(config: str) -> None:
    assert load_model(NODE_SHUTDOWN, Settings(config=config)).config == config
