"""Every mistake in a model ends as one line that names the file, the line and the way out."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from knell.language import Settings
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.spec.errors import KnellError

TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8")
)
BEFORE = """
from knell.language import *

m = Model("m")
RM = m.sort("RM", size=3)
Phase = m.enum("Phase", "working", "done")
phase = m.var("phase", RM, to=Phase, init="working")
level = m.scalar("level", to=m.int(0, 3), init=0)
seen = m.rel("seen", RM)
pair = m.rel("pair", RM, RM)
box = m.queue("box", RM, capacity=2)
twin = m.rigid("twin", RM, to=RM, value=lambda r: r)
saved = []
"""
AFTER = """
other_flag = m.scalar("other_flag", to=BOOL, init=False)
@m.action
def last():
    other_flag.set(True)
"""


def write(folder: Path, text: str) -> tuple[Path, str]:
    """A model file, and the place of its marked line."""
    path = folder / "model.py"
    path.write_text(text, encoding="utf-8")
    (line,) = (k for k, row in enumerate(text.splitlines(), start=1) if "# <-" in row)
    return path, f"{path}:{line}"


@pytest.mark.parametrize("mistake", TABLE["mistake"], ids=lambda mistake: mistake["what"])
def test_the_line_that_is_wrong(tmp_path: Path, mistake: dict[str, Any]) -> None:
    path, place = write(tmp_path, f"{BEFORE}{mistake['text']}\n{AFTER}")
    with pytest.raises(KnellError) as caught:
        tuple(Program(load_model(path, Settings())).initial())
    assert mistake["says"] in str(caught.value)
    assert caught.value.place == place
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mistake", TABLE["step"], ids=lambda mistake: mistake["what"])
def test_the_line_of_a_step_that_is_wrong(tmp_path: Path, mistake: dict[str, Any]) -> None:
    """What only some states show is found there, by the meaning and by the ground form alike."""
    path, place = write(tmp_path, BEFORE + mistake["text"])
    program = Program(load_model(path, Settings()))
    state = [mistake["state"].get(str(cell), 0) for cell in program.layout.cells]
    grounded, meant = set(), set()
    for instance in program.instances:
        grounded |= {str(error) for _, error in instance.checks}
        try:
            program.evaluator.execute(instance.action, state, instance.env)
        except KnellError as error:
            meant.add(str(error))
    (line,) = meant
    assert line.startswith(f"{place}: ")
    assert mistake["says"] in line
    assert line in grounded


def test_a_read_outside_the_domain_names_the_line_that_reads(tmp_path: Path) -> None:
    text = 'cost = m.rel("cost", m.int(0, 2))\nm.always("A", cost[level])  # <-\n'
    path, place = write(tmp_path, BEFORE + text + AFTER)
    program = Program(load_model(path, Settings()))
    clause = program.model.properties[0].clauses[0]
    program.ground(clause.formula, place=clause.place)
    (error,) = program.failures
    assert str(error) == f"{place}: cost is read outside its domain"


def test_there_are_many_kinds_of_mistakes() -> None:
    kinds = [mistake["what"] for mistake in TABLE["mistake"]]
    assert len(kinds) == len(set(kinds)) >= 70
