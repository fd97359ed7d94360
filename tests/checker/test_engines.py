"""Which engine explores, and what is said where it is not the fastest."""

import pytest

from knell.checker import Options, check, engines
from knell.language import Model
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


def test_the_fastest_is_taken():
    result = check(machines.built(machines.counter))
    assert (result.engine, result.fallback) == ("compiled", None)


def test_what_cannot_be_compiled_is_said():
    result = check(machines.built(huge))
    assert result.engine == "reference"
    assert result.fallback is not None
    assert "more than 62 bits" in result.fallback


def test_the_compiled_engine_refuses_what_it_cannot_do():
    with pytest.raises(KnellError, match="more than 62 bits"):
        check(machines.built(huge), Options(engine="compiled"))


def test_a_missing_library_is_said(monkeypatch):
    monkeypatch.setattr(engines, "is_installed", lambda: False)
    result = check(machines.built(machines.counter))
    assert (result.engine, result.fallback) == (
        "reference",
        "the compiled engine is not installed",
    )


def test_the_reference_chosen_is_no_fallback():
    result = check(machines.built(machines.counter), Options(engine="reference"))
    assert (result.engine, result.fallback) == ("reference", None)
