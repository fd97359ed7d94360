"""All engines on every configuration and every mutant of the protocol: a long run.

``make agreement`` asks for it, and for thousands of random models. What has more than
``KNELL_STATES`` states, which is more than the reference can finish in minutes, is compared up to
that bound.
"""

import os
from typing import Any

import pytest

from knell.checker import engines
from knell.checker.cluster.team import LocalTeam
from knell.examples import EXAMPLES
from knell.language import Model
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from tests.checker.compiled.agreement import answer

STATES = int(os.environ.get("KNELL_STATES", "500000"))
ASKED = "KNELL_EVERYTHING" in os.environ

pytestmark = pytest.mark.skipif(not ASKED, reason="a long run: make agreement")


def variants() -> list[tuple[str | None, str | None]]:
    """Each configuration, and each mutant in the configuration that it names."""
    model = load_model(NODE_SHUTDOWN, Settings())
    mutants = [(mutant.id, mutant.config) for mutant in model.mutants]
    return [*((None, config) for config in model.configs), *mutants]


def about(properties: tuple[str, ...], told: dict[str, Any]) -> dict[str, Any]:
    """Of what an engine said of all properties, what it would have said of some."""
    if "error" in told:
        return told
    return {**told, "properties": {p: told["properties"][p] for p in properties}}


def all_agree(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assert that every engine says what the reference says, which is asked once.

    Several workers and parts judge no leads-to, so they are held to the rest.
    """

    def here(program, questions, group, options):
        return LocalTeam(program, questions, group, options.workers)

    monkeypatch.setattr(engines, "team_for", here)
    monkeypatch.setattr(engines.cluster, "is_installed", lambda: True)  # type: ignore[attr-defined]
    bound = {"max_states": STATES}
    expected = answer(model, "reference", **bound)
    assert answer(model, "compiled", **bound) == expected
    safety = (*(p.id for p in model.properties if p.kind != "leads_to"), "deadlock")
    some = {"properties": safety, "symmetry": expected.get("symmetry", False), **bound}
    expected = about(safety, expected)
    for workers in (2, 3):
        assert answer(model, "compiled", workers=workers, **some) == expected
    if expected.get("counts", (0, 0, 0, False))[3]:  # parts look at bounds between levels alone
        del some["max_states"]
        assert answer(model, "ray", workers=3, **some) == expected


@pytest.mark.parametrize(("mutant", "config"), variants() if ASKED else [])
def test_the_protocol(
    mutant: str | None, config: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_agree(load_model(NODE_SHUTDOWN, Settings(config, {}, mutant)), monkeypatch)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    all_agree(load_model(EXAMPLES[name], Settings()), monkeypatch)
