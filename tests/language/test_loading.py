"""Settings reach a model's file, and what a user gets wrong ends as one line."""

import os
from pathlib import Path

import pytest

from knell.language import Settings, grounding
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.language.model import Model
from knell.spec.errors import KnellError

TEXT = """
from knell.language import *

m = Model(
    "toy",
    "A toy.",
    configs={"small": {"Node": 2, "lossy": True}, "large": {"Node": 9}},
    suite=("small", "large"),
    mutants=[
        Mutant("M1", "keeps no promise", ("kept",), config="small", hazard="H1"),
        Mutant("M2", "promises nothing", ("kept",)),
    ],
)
Node = m.sort("Node", size=3, prefix="n")
limit = m.number("limit", 5, "most rounds", least=1)
depth = m.param("depth", 2, least=0, most=9)
lossy = m.flag("lossy", False, "whether messages may be lost")
order = m.param("order", "fifo", choices=("fifo", "any"))
rounds = m.scalar("rounds", to=m.int(0, limit), init=0)

@m.action
def go():
    require(more=rounds < limit)
    rounds.set(rounds + (2 if m.mutant("M1") else 1))

m.always("kept", rounds <= limit)
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    path = tmp_path / "toy.py"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_defaults(toy: Path) -> None:
    m = load_model(toy, Settings())
    assert m.values == {"Node": 3, "limit": 5, "depth": 2, "lossy": False, "order": "fifo"}
    assert m.sorts[0].names == ("n1", "n2", "n3")
    assert m.parameters["limit"].about == "most rounds"
    assert (m.name, m.about, m.suite, m.config) == ("toy", "A toy.", ("small", "large"), None)
    assert m.mutants[0].hazard == "H1"


def test_values_are_read_by_the_type_of_the_default(toy: Path) -> None:
    m = load_model(toy, Settings(values={"Node": "2", "lossy": "yes", "order": "any", "limit": 7}))
    assert m.values == {"Node": 2, "limit": 7, "depth": 2, "lossy": True, "order": "any"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("Yes", True), ("1", True), ("no", False), ("FALSE", False), ("0", False)],
)
def test_words_for_switches(toy: Path, text: str, value: bool) -> None:
    assert load_model(toy, Settings(values={"lossy": text})).values["lossy"] is value


def test_a_configuration_and_what_overrides_it(toy: Path) -> None:
    small = load_model(toy, Settings(config="small"))
    assert (small.config, small.values["Node"], small.values["lossy"]) == ("small", 2, True)
    changed = load_model(toy, Settings(config="small", values={"Node": "4"}))
    assert (changed.values["Node"], changed.values["lossy"]) == (4, True)


def test_the_configuration_called_default_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(TEXT.replace('"small"', '"default"'), encoding="utf-8")
    assert load_model(path, Settings()).config == "default"
    assert load_model(path, Settings(config="large")).config == "large"


def test_a_mutant_brings_its_configuration(toy: Path) -> None:
    mutated = load_model(toy, Settings(mutant="M1"))
    assert (mutated.config, mutated.mutant("M1"), mutated.mutant("M2")) == ("small", True, False)
    elsewhere = load_model(toy, Settings(mutant="M1", config="large"))
    assert elsewhere.config == "large"
    assert load_model(toy, Settings(mutant="M2")).config is None


WRONG = {
    "an unknown parameter": (
        Settings(values={"Nodes": "2"}),
        "--set: model toy has no parameter Nodes; did you mean Node? its parameters: Node, limit, ",
    ),
    "a size below the least": (
        Settings(values={"Node": "-1"}),
        "parameter Node: '-1' is no value of this parameter; give at least 1, for example --set",
    ),
    "a value above the most": (
        Settings(values={"depth": "10"}),
        "parameter depth: '10' is no value of this parameter; give at most 9",
    ),
    "no integer": (
        Settings(values={"limit": "many"}),
        "parameter limit: 'many' is no value of this parameter; give an integer",
    ),
    "no switch": (
        Settings(values={"lossy": "maybe"}),
        "parameter lossy: 'maybe' is no value of this parameter; give true or false, for example",
    ),
    "none of the choices": (
        Settings(values={"order": "lifo"}),
        "parameter order: 'lifo' is no value of this parameter; give one of fifo, any",
    ),
    "an unknown configuration": (
        Settings(config="medium"),
        "--set config: model toy has no configuration 'medium'; its configurations: small, large",
    ),
    "an unknown mutant": (
        Settings(mutant="M9"),
        "--mutant: model toy has no mutant 'M9'; its mutants: M1, M2",
    ),
}


@pytest.mark.parametrize(("chosen", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_choice(toy: Path, chosen: Settings, message: str) -> None:
    with pytest.raises(KnellError) as caught:
        load_model(toy, chosen)
    assert str(caught.value).startswith(message)


def test_a_choice_does_not_outlast_the_loading(toy: Path) -> None:
    load_model(toy, Settings(values={"Node": "2"}))
    assert load_model(toy, Settings()).values["Node"] == 3
    with pytest.raises(KnellError):
        load_model(toy, Settings(values={"Node": "none"}))
    assert Model("outside").settings == Settings()


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(KnellError, match="no such model file; check the path"):
            load_model(path, Settings())


def test_no_model(tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(KnellError) as caught:
        load_model(path, Settings())
    assert str(caught.value) == f'{path}: the file defines no model; start with m = Model("name")'


def test_a_model_without_actions(tmp_path: Path) -> None:
    path = tmp_path / "idle.py"
    path.write_text('from knell.language import Model\n\nm = Model("idle")\n', encoding="utf-8")
    with pytest.raises(KnellError) as caught:
        load_model(path, Settings())
    assert str(caught.value) == f"{path}:3: model idle has no action"


def test_several_models_have_to_be_named(tmp_path: Path, toy: Path) -> None:
    path = tmp_path / "two.py"
    text = TEXT + TEXT.replace("m =", "n =").replace("m.", "n.").replace('"toy"', '"other"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnellError, match="the file defines several models; name one of toy, other"):
        load_model(path, Settings())
    assert load_model(path, Settings(), "other").name == "other"
    with pytest.raises(KnellError, match="no model 'third'; it defines toy, other"):
        load_model(path, Settings(), "third")
    with pytest.raises(KnellError, match="no model 'other'; it defines toy"):
        load_model(toy, Settings(), "other")


def test_a_file_that_recurses(tmp_path: Path) -> None:
    path = tmp_path / "deep.py"
    path.write_text("def f():\n    return f()\nf()\n", encoding="utf-8")
    with pytest.raises(KnellError, match=r"deep\.py: the model recurses without end"):
        load_model(path, Settings())


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "noise.py"
    path.write_bytes(b"\xff\xfe\x00m = 1")
    with pytest.raises(KnellError, match=r"noise\.py"):
        load_model(path, Settings())


def test_an_import_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("from knell.language import Model\nm = Model('m')\nforall(1)\n")
    with pytest.raises(KnellError, match=r"add: from knell\.language import forall"):
        load_model(path, Settings())


def test_an_import_that_is_misspelt(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("from knell.language import Modell\n")
    with pytest.raises(KnellError, match=r"did you mean Model\?"):
        load_model(path, Settings())


def test_a_null_byte_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(f"{TEXT}# \0\n")
    with pytest.raises(KnellError, match="null bytes") as caught:
        load_model(path, Settings())
    assert "None" not in str(caught.value)


def test_ways_out_of_the_process_are_given_back(toy: Path) -> None:
    leave = os._exit
    load_model(toy, Settings())
    assert os._exit is leave


@pytest.mark.parametrize("size", ["1001", "100000000", "9" * 40])
def test_a_sort_of_absurd_size(toy: Path, size: str) -> None:
    with pytest.raises(KnellError, match="give at most 1000"):
        load_model(toy, Settings(values={"Node": size}))


def test_a_number_has_a_greatest_value(tmp_path: Path, toy: Path) -> None:
    with pytest.raises(KnellError, match="give at most 10000"):
        load_model(toy, Settings(values={"limit": "10001"}))
    path = tmp_path / "model.py"
    path.write_text(TEXT.replace("least=1", "least=1, most=6"))
    assert load_model(path, Settings(values={"limit": "6"})).values["limit"] == 6
    with pytest.raises(KnellError, match="give at most 6"):
        load_model(path, Settings(values={"limit": "7"}))


def test_more_instances_than_can_be_made(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        f"{TEXT}\nK = m.int(1, 2000)\n@m.action\ndef pick(a: K, b: K):\n    rounds.set(1)\n"
    )
    with pytest.raises(KnellError, match="4,000,000 instances of pick, at most 1,000,000"):
        _ = Program(load_model(path, Settings())).instances


def test_more_terms_than_can_be_made(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounding, "MOST_TERMS", 3)
    with pytest.raises(KnellError, match="terms when quantifiers are written out"):
        _ = Program(load_model(toy, Settings())).instances
