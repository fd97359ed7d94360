"""Prover, engines and SPIN never contradict each other on random small models.

A plain breadth-first search is the measure: it says which properties break, and how soon. What is
not inductive, or unknown, contradicts nothing. A long run asks for more: KNELL_RANDOM_MODELS=500.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from knell.checker import Options, check
from knell.language import Model
from knell.language.ground_properties import DEADLOCK
from knell.prover.bounded import Bounded
from knell.prover.inductive import How, Induction
from knell.prover.results import Proved
from knell.spec.errors import KnellError
from tests.checker.naive import explore
from tests.checker.random_models import models
from tests.export.spin import spin

RANDOM_MODELS = int(os.environ.get("KNELL_RANDOM_MODELS", "12"))
MOST_STATES = 300
DEPTH = 6
SAFETY = ("always", "action")

said: Counter[str] = Counter()
"""How often each judge said what."""


def not_contradicted(judge: str, found: tuple[Proved, ...], shortest: dict[str, int]) -> None:
    for each in found:
        if each.kind not in SAFETY:
            continue
        said[f"{judge}: {each.verdict}"] += 1
        assert each.verdict != "proved" or each.id not in shortest, (judge, each.id)
        if each.verdict == "refuted":
            assert each.run is not None
            assert len(each.run.states) == shortest[each.id], (judge, each.id)


def bounded(model: Model, shortest: dict[str, int]) -> None:
    for each in Bounded(model).check(DEPTH).properties:
        depth = len(each.run.states) if each.run else None
        expected = shortest.get(each.id)
        assert depth == (expected if expected and expected <= DEPTH else None), each.id


def inductive(model: Model, shortest: dict[str, int]) -> None:
    try:
        result = Induction(model, How(seconds=5, workers=1, search_seconds=5)).prove()
    except KnellError as error:
        if "closes a circle" not in str(error):
            raise
        said["induction: outside the fragment"] += 1
        return
    not_contradicted("induction", result.properties, shortest)


def by_spin(model: Model, distinct: int, shortest: dict[str, int]) -> None:
    asked = [each.id for each in model.properties]
    with tempfile.TemporaryDirectory() as folder:
        for properties in (asked, [DEADLOCK]):
            told = spin(model, Path(folder), properties)
            assert told.stored == distinct
            assert told.shortest == {id: n for id, n in shortest.items() if id in properties}


@settings(
    max_examples=RANDOM_MODELS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(models(rigid=True, functions=False))
def compare(model: Model) -> None:
    found = explore(model, MOST_STATES)
    assume(found is not None)
    assert found is not None
    said["models"] += 1
    ours = check(model, Options(symmetry=False))
    assert ours.distinct == len(found.depth)
    runs = {each.id: len(each.run.states) for each in ours.properties if each.run is not None}
    assert runs == found.shortest
    bounded(model, found.shortest)
    not_contradicted("k-induction", Bounded(model).k_induction(2).properties, found.shortest)
    inductive(model, found.shortest)
    by_spin(model, len(found.depth), found.shortest)


def test_no_judge_contradicts_another(capsys: pytest.CaptureFixture[str]) -> None:
    compare()
    assert said["models"] >= RANDOM_MODELS
    for verdict in ("induction: proved", "induction: refuted", "k-induction: proved"):
        assert said[verdict], said
    with capsys.disabled():
        print()  # noqa: T201  # what a long run is for: how much was compared
        print(", ".join(f"{what} {number}" for what, number in sorted(said.items())))  # noqa: T201
