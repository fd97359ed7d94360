"""The examples have exactly the states that they should have."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.language import Model, Settings
from knell.language.loading import load_model
from tests.examples.naive import explore, orbits

COUNTS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("oracles.toml").read_text(encoding="utf-8")
)["count"]
NAIVE_LIMIT = 10_000  # states, for the exploration without an engine


def title(count: dict[str, Any]) -> str:
    size = ",".join(f"{name}={value}" for name, value in count.get("set", {}).items())
    return " ".join(filter(None, (count["model"], size, "symmetry" * count.get("symmetry", False))))


def load(count: dict[str, Any]) -> Model:
    return load_model(EXAMPLES[count["model"]], Settings(values=count.get("set", {})))


@pytest.mark.parametrize("count", COUNTS, ids=title)
def test_checker(count: dict[str, Any]) -> None:
    symmetry = count.get("symmetry", False)
    result = check(load(count), Options(symmetry=symmetry))
    assert result.complete
    assert result.symmetry == symmetry
    assert result.distinct == count["distinct"]
    assert result.generated == count.get("generated", result.generated)
    assert result.depth == count.get("depth", result.depth)
    assert result.verdict == count.get("verdict", "holds")


@pytest.mark.parametrize(
    "count",
    [c for c in COUNTS if c["distinct"] <= NAIVE_LIMIT and not c.get("symmetry")],
    ids=title,
)
def test_without_an_engine(count: dict[str, Any]) -> None:
    reached = explore(load(count))
    assert reached.distinct == count["distinct"]
    assert reached.generated == count.get("generated", reached.generated)
    assert len(reached.levels) == count.get("depth", len(reached.levels))


@pytest.mark.parametrize(
    "count",
    [c for c in COUNTS if c.get("symmetry") and c["set"]["RM"] <= 4],
    ids=title,
)
def test_orbits_without_an_engine(count: dict[str, Any]) -> None:
    model = load(count)
    assert orbits(model, explore(model).states, model.sorts[0]) == count["distinct"]


def test_every_example_is_counted() -> None:
    assert {count["model"] for count in COUNTS} == set(EXAMPLES)
