"""Every planted fault is told by each property that it names, in the configuration it names."""

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
        assert killed[id].run is not None, f"no trace shows {mutant.id}"


def test_every_hazard_has_a_mutant() -> None:
    assert {mutant.hazard for mutant in MUTANTS} >= {str(hazard) for hazard in Hazard}


def test_every_property_kills_a_mutant() -> None:
    killers = {id for mutant in MUTANTS for id in mutant.killed_by}
    assert killers == {str(declared) for declared in Property}


def test_a_mutant_differs_from_the_model_only_where_it_is_switched_on() -> None:
    """No mutant's text is reached unless its name is given: the names are all used, once set."""
    sources = "".join(p.read_text() for p in NODE_SHUTDOWN.parent.glob("*.py"))
    for mutant in MUTANTS:
        assert f'm.mutant("{mutant.id}")' in sources, f"{mutant.id} changes nothing"
