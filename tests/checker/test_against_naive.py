"""The search against a naive one by the meaning of the language, on random models."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from knell.checker import CheckResult, canonical
from knell.language import Model
from tests.checker.machines import checked
from tests.checker.naive import Naive, explore, orbits
from tests.checker.random_models import models

random_models = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def same_verdicts(result: CheckResult, found: Naive, model: Model) -> None:
    kinds = {declared.id: declared.kind for declared in model.properties} | {"deadlock": "deadlock"}
    for judged in result.properties:
        kind = kinds[judged.id]
        if kind == "leads_to":
            continue
        shortest = found.shortest.get(judged.id)
        shown = "holds" if kind == "reachable" else "violated"
        refuted = "violated" if kind == "reachable" else "holds"
        assert judged.verdict == (refuted if shortest is None else shown)
        assert (judged.run and len(judged.run.states)) == shortest


@random_models
@given(models(rigid=True))
def test_without_symmetry(model: Model) -> None:
    found = explore(model, 600)
    assume(found is not None)
    assert found is not None
    result = checked(model, symmetry=False)
    initial = sum(1 for depth in found.depth.values() if depth == 1)
    assert result.distinct == len(found.depth)
    assert result.generated == initial + len(found.steps)
    assert result.depth == max(found.depth.values())
    assert result.complete
    same_verdicts(result, found, model)
    for name, taken in result.taken.items():
        assert taken == sum(1 for _, instance, _ in found.steps if instance.action.name == name)


@random_models
@given(st.data())
def test_with_symmetry(data: st.DataObject) -> None:
    model = data.draw(models(rigid=data.draw(st.booleans())))
    found = explore(model, 600)
    assume(found is not None)
    assert found is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical, "_FEW", data.draw(st.sampled_from([0, 24])))
        result = checked(model)
    assert result.distinct == orbits(found, model)
    assert result.depth == max(found.depth.values())
    same_verdicts(result, found, model)
