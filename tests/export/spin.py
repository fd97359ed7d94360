"""What SPIN says of a model's text: states stored, transitions, and which properties break."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from knell.checker import CheckResult, Options, check
from knell.export.promela import to_promela
from knell.language import Model
from knell.language.ground_properties import DEADLOCK
from knell.language.grounding import Program

_BUILD = "spin -a model.pml && cc -O0 -DSAFETY -DNOREDUCE -DBFS -o pan pan.c && ./pan -n -c0 -w21"
_BROKEN = re.compile(
    r"pan:\d+: (?:assertion violated\s+!\((\d+)\)|(invalid end state)).* depth (\d+)"
)


@dataclass(frozen=True)
class Told:
    """What a search found; ``shortest`` maps each broken property to the states of a shortest run.

    The state before an initial one is chosen, which SPIN counts, is not counted here.
    """

    stored: int
    taken: int
    shortest: dict[str, int]


def require_spin() -> None:
    """Skip the test where there is no SPIN; in CI there must be one."""
    if None in [shutil.which(tool) for tool in ("spin", "cc")]:
        assert os.environ.get("CI") != "true", "spin and a C compiler must be installed here"
        pytest.skip("spin and a C compiler are not installed")


def spin(model: Model, folder: Path, properties: Sequence[str] = ()) -> Told:
    """What SPIN's exhaustive breadth-first search says of the model's text."""
    require_spin()
    (folder / "model.pml").write_text(to_promela(model, properties), encoding="utf-8")
    ends = "" if DEADLOCK in properties else " -E"
    done = subprocess.run(
        ["/bin/sh", "-c", _BUILD + ends], cwd=folder, capture_output=True, text=True, check=False
    )
    stored = re.search(r"(\d+) states, stored", done.stdout)
    taken = re.search(r"(\d+) transitions", done.stdout)
    assert stored is not None, done.stdout + done.stderr
    assert taken is not None
    assert "truncated" not in done.stdout
    choice = 1 if len(list(Program(model).initial())) > 1 else 0
    kinds = {p.id: p.kind for p in model.properties}
    shortest: dict[str, int] = {}
    for number, _, depth in _BROKEN.findall(done.stdout):
        id = properties[int(number) - 1] if number else DEADLOCK
        last = 2 if kinds.get(id) == "action" else 1
        shortest.setdefault(id, int(depth) + last - choice)
    assert bool(shortest) == ("errors: 0" not in done.stdout), done.stdout
    return Told(int(stored[1]) - choice, int(taken[1]) - choice, shortest)


def verdicts_agree(model: Model, folder: Path, ours: CheckResult) -> None:
    """Assert that SPIN finds the states, the broken properties and the witnesses that we find."""
    asked = [p.id for p in ours.properties if p.kind not in ("leads_to", DEADLOCK)]
    runs = {p.id: len(p.run.states) for p in ours.properties if p.run is not None}
    for properties in (asked, [DEADLOCK]):
        told = spin(model, folder, properties)
        assert told.stored == ours.distinct
        assert told.shortest == {id: runs[id] for id in properties if id in runs}


def counts_agree(model: Model, folder: Path) -> None:
    """Assert that SPIN stores as many states as we find, and takes as many transitions."""
    ours = check(model, Options(symmetry=False, properties=()))
    assert ours.complete
    told = spin(model, folder)
    assert (told.stored, told.taken, told.shortest) == (ours.distinct, ours.generated, {})
