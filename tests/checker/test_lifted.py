"""Following one run: the lifted steps mean what the language means."""

import random
from pathlib import Path

import pytest

import knell.examples
import knell.protocol
from knell.checker.lifted import Lifted
from knell.language import Model, ModelError, require
from knell.language.evaluate import extend
from knell.language.loading import load_model
from knell.language.settings import Settings

EXAMPLES = Path(next(iter(knell.examples.__path__)))
PROTOCOL = Path(next(iter(knell.protocol.__path__))) / "node_shutdown.py"


def agrees(model: Model, *, steps: int, sample: int) -> int:
    """Walk at random; compare a sample of the instances of each state; return how many stepped.

    Where no step of the sample is enabled, the walk begins anew.
    """
    draw = random.Random(7)  # noqa: S311 # no secret
    lifted = Lifted(model)
    state, taken = lifted.initial(), 0
    instances = [(a, env) for a in model.actions for env in extend({}, a.parameters)]
    for _ in range(steps):
        enabled = []
        for action, env in draw.sample(instances, min(sample, len(instances))):
            step, values = lifted.steps[action.name], tuple(env.values())
            meant = step.evaluator.failing_clauses(action, state, env)
            refused = step.refusal(state, *values)
            assert refused is (meant[0] if meant else None), action.name
            assert step.refusals(state, *values) == meant
            if not meant:
                enabled.append(step.after(state, *values))
                assert enabled[-1] == bytes(step.evaluator.execute(action, state, env))
        if enabled:
            state, taken = draw.choice(enabled), taken + 1
        else:
            state = lifted.initial()
    return taken


@pytest.mark.parametrize("name", ["two_phase_commit", "simple_allocator", "die_hard"])
def test_examples(name: str) -> None:
    assert agrees(load_model(EXAMPLES / f"{name}.py", Settings()), steps=30, sample=60) > 5


@pytest.mark.parametrize("config", ["small", "cold-start", "lease", "members"])
def test_the_protocol(config: str) -> None:
    model = load_model(PROTOCOL, Settings(config=config))
    assert agrees(model, steps=25, sample=120) > 10


def test_functions_of_integers_are_refused() -> None:
    m = Model("shelf")
    place = m.int(0, 3)
    full = m.rel("full", place)

    @m.action
    def put():
        require(room=~full[2])
        full[2] = True

    with pytest.raises(ModelError, match="a function of integers can't be followed"):
        Lifted(m)
