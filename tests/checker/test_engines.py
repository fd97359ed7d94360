"""Which engine explores, and what is said where it is not the fastest."""

import pytest

from knell.checker import Options, engines
from knell.checker.engines import Engine, engine_for
from knell.checker.questions import Questions
from knell.language import Model
from knell.language.grounding import Program
from knell.spec.errors import KnellError
from tests.checker import machines


def huge() -> Model:
    """A machine whose numbers need more bits than the compiled engine has."""
    m = Model("huge")
    n = m.scalar("n", to=m.int(0, 3), init=0)

    @m.action
    def wrap():
        n.set((n * (1 << 61) + 1) % 4)

    return m


def engine(model: Model, name: str = "auto") -> Engine:
    """The engine that is chosen for a model."""
    program = Program(model)
    return engine_for(program, Questions(program, None), None, Options(engine=name))


def test_the_fastest_is_taken() -> None:
    chosen = engine(machines.built(machines.counter))
    assert (chosen.name, chosen.fallback) == ("compiled", None)


def test_what_cannot_be_compiled_is_said() -> None:
    chosen = engine(machines.built(huge))
    assert chosen.name == "reference"
    assert chosen.fallback is not None
    assert "more than 62 bits" in chosen.fallback


def test_the_compiled_engine_refuses_what_it_cannot_do() -> None:
    with pytest.raises(KnellError, match="more than 62 bits"):
        engine(machines.built(huge), "compiled")


def test_a_missing_library_is_said(monkeypatch) -> None:
    monkeypatch.setattr(engines, "is_installed", lambda: False)
    chosen = engine(machines.built(machines.counter))
    assert (chosen.name, chosen.fallback) == ("reference", "the compiled engine is not installed")


def test_the_reference_chosen_is_no_fallback() -> None:
    chosen = engine(machines.built(machines.counter), "reference")
    assert (chosen.name, chosen.fallback) == ("reference", None)
