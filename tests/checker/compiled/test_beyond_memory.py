"""Fingerprints and states on disk: the same answers in less memory."""

from pathlib import Path
from typing import Any

import pytest

from knell.checker.compiled.table import omission
from knell.cli.main import main
from knell.examples import EXAMPLES
from knell.language import Model
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from knell.spec.errors import KnellError
from tests.checker.compiled.agreement import answer
from tests.checker.machines import checked, counter


def protocol() -> tuple[Model, dict[str, Any]]:
    """A model whose states are several words, and the options of a search for its safety."""
    model = load_model(NODE_SHUTDOWN, Settings("small"))
    safety = tuple(p.id for p in model.properties if p.kind != "leads_to")
    return model, {"properties": (*safety, "deadlock"), "symmetry": False}


@pytest.mark.parametrize("workers", [1, 2])
def test_fingerprints_on_disk_change_no_answer(workers: int, tmp_path: Path) -> None:
    model, options = protocol()
    expected = answer(model, "compiled", **options)
    found = answer(model, "compiled", workers=workers, fingerprints=True, disk=tmp_path, **options)
    assert found == expected
    assert list(tmp_path.iterdir()) == []


def test_whole_states_on_disk_change_no_answer(tmp_path: Path) -> None:
    model, options = protocol()
    expected = answer(model, "compiled", **options)
    assert answer(model, "compiled", disk=tmp_path, **options) == expected


def test_the_probability_of_omission_is_told() -> None:
    model, options = protocol()
    result = checked(model, engine="compiled", fingerprints=True, **options)
    assert result.omission == omission(result.distinct)
    assert result.omission is not None
    assert 0 < result.omission < 1e-9
    assert checked(model, engine="compiled", **options).omission is None
    assert omission(1 << 32) == 1.0


def test_a_state_of_one_word_is_its_own_fingerprint() -> None:
    model = load_model(EXAMPLES["two-phase-commit"], Settings())
    assert checked(model, engine="compiled", fingerprints=True).omission == 0.0
    plain, told = (answer(model, "compiled", fingerprints=on) for on in (False, True))
    assert told == plain


def test_what_fingerprints_cannot_tell_is_refused() -> None:
    for options in ({}, {"simulate": 3}):
        with pytest.raises(KnellError, match="--fingerprints"):
            checked(counter(), engine="auto", fingerprints=True, **options)
    with pytest.raises(KnellError, match="leave out --engine reference"):
        checked(counter(), fingerprints=True, properties=("small",))


def test_the_command_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--fingerprints", "--property", "S1,S2"]) == 0
    assert "missed with probability" in capsys.readouterr().out
