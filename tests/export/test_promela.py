"""SPIN stores exactly the states that the model has."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from knell.checker import Options, check
from knell.examples import EXAMPLES
from knell.export.promela import to_promela
from knell.language import Model, Settings
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.spec.errors import KnellError
from tests.checker.machines import built

SMALLER = {"coffee-can": {"M": "10"}}


def spin(model: Model, folder: Path) -> tuple[int, int]:
    """States stored and transitions of the model's text, as SPIN counts them."""
    tools = [shutil.which(tool) for tool in ("spin", "cc")]
    if None in tools:
        assert os.environ.get("CI") != "true", "spin and a C compiler must be installed here"
        pytest.skip("spin and a C compiler are not installed")
    (folder / "model.pml").write_text(to_promela(model), encoding="utf-8")
    build = "spin -a model.pml && cc -O1 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -n -m1000000"
    done = subprocess.run(
        ["/bin/sh", "-c", build], cwd=folder, capture_output=True, text=True, check=False
    )
    stored = re.search(r"(\d+) states, stored", done.stdout)
    taken = re.search(r"(\d+) transitions", done.stdout)
    assert stored is not None, done.stdout + done.stderr
    assert taken is not None
    assert "errors: 0" in done.stdout
    return int(stored[1]), int(taken[1])


def agrees(model: Model, folder: Path) -> None:
    ours = check(model, Options(symmetry=False, properties=("deadlock",)))
    assert ours.complete
    choices = ours.levels[0] if ours.levels[0] > 1 else 0
    stored, taken = spin(model, folder)
    assert stored == ours.distinct + (1 if choices else 0)
    assert taken == ours.generated + (1 if choices else 0)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str, tmp_path: Path) -> None:
    agrees(load_model(EXAMPLES[name], Settings(values=SMALLER.get(name, {}))), tmp_path)


@pytest.mark.parametrize("config", ["small", "default"])
def test_protocol(config: str, tmp_path: Path) -> None:
    agrees(load_model(NODE_SHUTDOWN, Settings(config)), tmp_path)


def test_updates_are_simultaneous(tmp_path: Path) -> None:
    def build() -> Model:
        m = Model("swap")
        small = m.int(-3, 3)
        a = m.scalar("a", to=small, init=-3)
        b = m.scalar("b", to=small, init=2)

        @m.action
        def swap():
            a.set(b)
            b.set(a)

        @m.action
        def halve():
            a.set(a // 2)
            b.set(b % 3 - 1)

        return m

    agrees(built(build), tmp_path)


def test_too_many_initial_states_are_refused() -> None:
    with pytest.raises(KnellError, match="5150 initial states are too many"):
        to_promela(load_model(EXAMPLES["coffee-can"], Settings()))
