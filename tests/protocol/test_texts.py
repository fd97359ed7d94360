"""The model and the texts name the same things: actions, sections, properties, claims."""

import re
from functools import cache
from pathlib import Path

import pytest

from knell.language import Action, Settings
from knell.language.expressions import Read
from knell.language.loading import load_model
from knell.language.substitution import walk
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.parameters import CONFIGS
from knell.spec.claims import load_claims
from knell.spec.vocabulary import MemberState, NodePhase

SPEC = Path(__file__).parents[2] / "spec"
PROTOCOL = (SPEC / "PROTOCOL.md").read_text()


@cache
def actions() -> dict[str, Action]:
    """Every action that some configuration declares."""
    return {
        action.name: action
        for config in CONFIGS
        for action in load_model(NODE_SHUTDOWN, Settings(config=config)).actions
    }


def test_appendix_a_lists_the_actions_with_their_sections() -> None:
    appendix = PROTOCOL.split("## Appendix A")[1]
    rows = re.findall(r"\| (\w+) \| (§[\d.]+) (?=\|)", appendix)
    assert dict(rows) == {name: action.section for name, action in actions().items()}


@pytest.mark.parametrize("name", sorted(actions()))
def test_every_action_cites_a_section_that_exists_and_says_what_it_is(name: str) -> None:
    action = actions()[name]
    number = re.escape(action.section.removeprefix("§"))
    assert re.search(rf"^##+ {number}\.? ", PROTOCOL, re.MULTILINE), action.section
    assert action.about.endswith("."), "each rule opens with a sentence"


def test_every_claim_names_actions_of_the_model() -> None:
    for claim in load_claims().values():
        assert set(claim.actions) <= set(actions()), claim.id


def test_every_property_answers_its_claims() -> None:
    model = load_model(NODE_SHUTDOWN, Settings(config="default"))
    answered = {claim for declared in model.properties for claim in declared.claims}
    assert {f"C{k}" for k in range(1, 31)} == answered


def test_phases_and_member_states_are_the_vocabulary() -> None:
    model = load_model(NODE_SHUTDOWN, Settings())
    enums = {enum.name: set(enum.names) for enum in model.enums}
    assert enums["Phase"] == {str(word) for word in NodePhase}
    assert enums["MemberState"] == {str(word) for word in MemberState}


def test_the_system_is_fair_and_the_environment_is_not() -> None:
    for action in actions().values():
        assert not (action.environment and action.fairness), action.name


def test_no_outcome_depends_on_the_first_cause() -> None:
    """S3: the cause is informational, so nothing but its own record may read it."""
    model = load_model(NODE_SHUTDOWN, Settings(config="causes"))
    formulas = [clause.formula for action in model.actions for clause in action.guard]
    formulas += [
        part
        for action in model.actions
        for update in action.updates
        for part in (update.value, update.condition, *update.args)
    ]
    read = {
        part.variable.name
        for formula in formulas
        for part in walk(formula)
        if isinstance(part, Read)
    }
    assert "first_cause" in {variable.name for variable in model.variables}
    assert "first_cause" not in read
