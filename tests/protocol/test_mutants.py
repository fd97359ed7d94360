"""Every planted fault is told by each property that it names, in the configuration it names."""

from dataclasses import replace

import pytest

from knell.checker import Options, check
from knell.language import Mutant, Settings
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.mutants import MUTANTS
from knell.spec.ids import Hazard, Property


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_named_property_kills_the_mutant(mutant: Mutant) -> None:
    model = load_model(NODE_SHUTDOWN, Settings(mutant=mutant.id))
    assert model.config == mutant.config
    result = check(model, Options(properties=mutant.killed_by))
    killed = {p.id: p for p in result.properties if p.verdict == "violated"}
    assert set(mutant.killed_by) <= set(killed)
    for id in mutant.killed_by:
        if killed[id].kind != "reachable":
            assert killed[id].run is not None, f"no trace shows {mutant.id}"


TWO_PRIMARIES = [m for m in MUTANTS if m.hazard in ("H1", "H3", "H4", "H16")]


@pytest.mark.parametrize("mutant", TWO_PRIMARIES, ids=lambda mutant: mutant.id)
def test_where_the_hazard_is_two_primaries_there_are_two(mutant: Mutant) -> None:
    """One primary too many, not only a release too early: both can act at one moment."""
    model = load_model(NODE_SHUTDOWN, Settings(mutant=mutant.id))
    [s2] = [p for p in model.properties if p.id == "S2"]
    [conjunct] = [clause for clause in s2.clauses if clause.name == "one_primary"]
    model.properties[:] = [replace(s2, clauses=(conjunct,), witness=None)]
    [result] = check(model, Options(properties=("S2",))).properties
    assert result.verdict == "violated"


def test_any_error_is_fatal_is_killed_by_an_ordinary_error() -> None:
    """The shortest run is the leave of one member that was not critical, and no fatal cause."""
    model = load_model(NODE_SHUTDOWN, Settings(mutant="any-error-is-fatal"))
    [result] = check(model, Options(properties=("S15",))).properties
    assert result.run is not None
    assert [str(step) for step in result.run.steps] == ["member_leaves(n1, g2)"]


def test_every_hazard_has_a_mutant() -> None:
    assert {mutant.hazard for mutant in MUTANTS} >= {str(hazard) for hazard in Hazard}


def test_every_property_kills_a_mutant() -> None:
    killers = {id for mutant in MUTANTS for id in mutant.killed_by}
    assert killers >= {str(declared) for declared in Property}


def test_a_mutant_differs_from_the_model_only_where_it_is_switched_on() -> None:
    """No mutant's text is reached unless its name is given: the names are all used, once set."""
    sources = "".join(p.read_text() for p in NODE_SHUTDOWN.parent.glob("*.py"))
    for mutant in MUTANTS:
        assert f'm.mutant("{mutant.id}")' in sources, f"{mutant.id} changes nothing"
