"""The examples read well, decide what they claim, and say where they may end."""

import ast
from pathlib import Path

import pytest

from knell.checker import CheckResult, check
from knell.examples import EXAMPLES
from knell.language import Model, Settings
from knell.language.evaluate import Evaluator
from knell.language.layout import Layout
from knell.language.loading import load_model
from tests.examples.naive import explore

FOLDER = Path(next(iter(EXAMPLES.values()))).parent
SMALL = {"coffee-can": {"M": 6}, "readers-writers": {"N": 2}}


def load(name: str) -> Model:
    return load_model(EXAMPLES[name], Settings(values=SMALL.get(name, {})))


def verdict(result: CheckResult, id: str) -> str:
    return next(p.verdict for p in result.properties if p.id == id)


def test_the_registry_names_the_files_of_the_package() -> None:
    files = {path for path in FOLDER.glob("*.py") if path.name != "__init__.py"}
    assert set(EXAMPLES.values()) == files


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text(name: str) -> None:
    text = EXAMPLES[name].read_text(encoding="utf-8")
    about = ast.get_docstring(ast.parse(text)) or ""
    assert "Source: " in about
    assert len(text.splitlines()) <= 100
    model = load(name)
    assert model.name == name
    assert model.about.endswith(".")


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_state_variable_has_a_comment(name: str) -> None:
    model = load(name)
    lines = EXAMPLES[name].read_text(encoding="utf-8").splitlines()
    for variable in model.variables:
        _, number = variable.place.rsplit(":", 1)
        assert "  # " in lines[int(number) - 1], variable.name


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_property_is_decided_and_nothing_is_vacuous(name: str) -> None:
    result = check(load(name))
    violated = {p.id for p in result.properties if p.verdict == "violated"}
    assert violated == ({"not_four"} if name == "die-hard" else set())
    assert all(p.verdict != "unknown" for p in result.properties)
    assert result.warnings == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_model_stops_exactly_where_it_says_that_it_may(name: str) -> None:
    model = load(name)
    evaluator = Evaluator(Layout(model))
    for state in explore(model).stuck:
        assert model.end is not None
        assert evaluator.value(model.end, state, {})


def test_the_solution_of_die_hard() -> None:
    result = check(load("die-hard"))
    run = next(p.run for p in result.properties if p.id == "not_four")
    assert run is not None
    assert [str(step) for step in run.steps] == [
        "fill_big()",
        "big_to_small()",
        "empty_small()",
        "big_to_small()",
        "fill_big()",
        "big_to_small()",
    ]
    assert run.states == ((0, 0), (0, 5), (3, 2), (0, 2), (2, 0), (2, 5), (3, 4))


@pytest.mark.parametrize(
    ("name", "before", "after", "broken"),
    [
        # The textbook's mistakes: each must cost the property that the textbook says.
        ("peterson", "wants[p] = True\n", "pass\n", "mutual_exclusion"),
        ("peterson", "turn.set(other[p])\n", "turn.set(p)\n", "mutual_exclusion"),
        (
            "peterson",
            '@m.action(fair="weak")\ndef leave',
            "@m.action\ndef leave",
            "whoever_wants_enters",
        ),
        ("two-phase-commit", ", all_heard=forall(RM, lambda r: heard[r])", "", "agreement"),
        ("two-phase-commit", 'undecided=decision == "none"', "anyhow=True", "agreement"),
        ("transaction-commit", "none_committed=", "anyhow=True | ", "agreement"),
        ("simple-allocator", '"strong"', '"weak"', "obtains"),
        ("readers-writers", "no_reader=nobody_reads", "no_reader=True", "writer_alone"),
        ("ewd840", "with when(j > i)", "with when(j < i)", "detection_is_right"),
        (
            "ewd840",
            '@m.action(fair="weak")\ndef pass',
            "@m.action\ndef pass",
            "termination_is_detected",
        ),
        ("coffee-can", "white.set(white - 2)", "white.set(white - 1)", "parity_stays"),
    ],
)
def test_a_mistake_breaks_a_property(
    tmp_path: Path, name: str, before: str, after: str, broken: str
) -> None:
    text = EXAMPLES[name].read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "mistaken.py"
    path.write_text(text.replace(before, after), encoding="utf-8")
    result = check(load_model(path, Settings(values=SMALL.get(name, {}))))
    assert verdict(result, broken) == "violated"
