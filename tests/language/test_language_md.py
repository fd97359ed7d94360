"""Every block of code in LANGUAGE.md does what the text says.

Blocks follow each other in one file, from one import of the language to the next. What stands
in a block marked ``refused`` is refused there, with the text of the block below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import knell.language
from knell.checker import CheckResult, Options, check
from knell.language import Settings
from knell.language.loading import load_model
from knell.spec.errors import KnellError

TEXT = (Path(__file__).parents[2] / "spec" / "LANGUAGE.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(python|python refused|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
START = "from knell.language import"
ALL = f"{START} *\n"


@dataclass
class File:
    """A model file: its text, what is refused after it, and what a check of it must say."""

    text: str
    refused: list[tuple[str, str]]
    error: str = ""


def files() -> list[File]:
    """The files that the blocks make up."""
    found: list[File] = []
    last = ""
    refused = ""
    for kind, text in BLOCK.findall(TEXT):
        if kind == "python":
            if START in text:
                found.append(File(text, []))
            else:
                found[-1].text += text
        elif kind == "python refused":
            refused = text
        elif last == "python refused":
            found[-1].refused.append((found[-1].text + refused, text.strip()))
        else:
            found[-1].error = text.strip()
        last = kind
    return found


FILES = files()
REFUSED = [pair for file in FILES for pair in file.refused]


def name_of(file: File) -> str:
    (name,) = re.findall(r'^m = Model\(\s*"([^"]+)"', file.text, re.MULTILINE)
    return str(name)


def write(folder: Path, text: str) -> Path:
    """A file with all names of the language, so that a later block needs no import."""
    path = folder / "my_model.py"
    path.write_text(ALL + text, encoding="utf-8")
    return path


def judge(path: Path, settings: Settings | None = None) -> CheckResult:
    return check(load_model(path, settings or Settings()), Options())


@pytest.mark.parametrize("file", [f for f in FILES if not f.error], ids=name_of)
def test_the_models_hold(tmp_path: Path, file: File) -> None:
    result = judge(write(tmp_path, file.text))
    violated = [p.id for p in result.properties if p.verdict != "holds"]
    assert violated == []


@pytest.mark.parametrize("file", [f for f in FILES if f.error], ids=name_of)
def test_the_models_that_err(tmp_path: Path, file: File) -> None:
    with pytest.raises(KnellError) as caught:
        judge(write(tmp_path, file.text))
    assert file.error in str(caught.value)


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnellError) as caught:
        load_model(write(tmp_path, text), Settings())
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/my_model.py:")


def file_called(name: str) -> File:
    (file,) = (f for f in FILES if name_of(f) == name)
    return file


def test_the_number_of_initial_states(tmp_path: Path) -> None:
    path = write(tmp_path, file_called("state").text)
    assert "Here there are 2 · 3 of them." in TEXT
    assert check(load_model(path, Settings()), Options(symmetry=False)).levels[0] == 2 * 3


def test_the_configurations_and_the_mutant(tmp_path: Path) -> None:
    path = write(tmp_path, file_called("parameters").text)
    for config in ("small", "lossy"):
        assert judge(path, Settings(config=config)).verdict == "holds"
    assert judge(path, Settings(mutant="M1")).verdict == "violated"


@pytest.mark.parametrize("name", ["lock", "lamp"])
def test_weak_fairness_would_not_do(tmp_path: Path, name: str) -> None:
    text = file_called(name).text
    assert 'fair="strong"' in text
    result = judge(write(tmp_path, text.replace('fair="strong"', 'fair="weak"')))
    violated = {p.kind for p in result.properties if p.verdict == "violated"}
    assert violated == {"leads_to"}


def test_every_name_of_the_language_is_explained() -> None:
    internal = {"Action", "ModelError", "Settings"}
    for name in set(knell.language.__all__) - internal:
        assert f"`{name}" in TEXT or f" {name}(" in TEXT or f"`@{name}" in TEXT, name


def test_every_method_of_a_model_is_explained() -> None:
    public = {n for n in dir(knell.language.Model) if not n.startswith("_")}
    for name in public - {"finish"}:
        assert f"m.{name}" in TEXT, name


def test_the_contents_name_the_sections() -> None:
    listed = re.findall(r"^- \[(.+?)\]\(#(.+?)\)$", TEXT, re.MULTILINE)
    sections = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert [title for title, _ in listed] == sections
    for title, anchor in listed:
        assert re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") == anchor
