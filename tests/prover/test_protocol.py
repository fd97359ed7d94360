"""The protocol is proved for any size; and the proofs are about something: long runs obey them."""

from __future__ import annotations

import pytest

from knell.language import Settings
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.prover.inductive import How, Induction
from tests.prover.needed import ANY_SIZE, sound

RETURN = """
node_crashes n1.1; restart n1.2; hear_announce n3.1 n1.2; hear_announce n2.1 n1.2
promote n3.1 g1; propose n3.1 g1 n2.1; commit n3.1 g1 n2.1
propose n3.1 g1 n1.2; accept n2.1 n3.1 g1 n1.2; commit n3.1 g1 n1.2; learn_commit n1.2 n3.1 g1
strike n3.1 object; detect_by_cc n3.1 object; hear_distress n2.1 n3.1; hear_distress n1.2 n3.1
notify_member n3.1 g1; member_acknowledges n3.1 g1; reap_gated n3.1 g1; quiesce n3.1
hear_quiesced n2.1 n3.1; hear_quiesced n1.2 n3.1; end_clustering n3.1; promote n2.1 g1
component_dies n2.1 engine; initiate_by_sentinel n2.1; hear_distress n1.2 n2.1
notify_member n2.1 g1; force_out n2.1 g1; reap_gated n2.1 g1
notify_member n2.1 g2; force_out n2.1 g2; reap_gated n2.1 g2
quiesce n2.1; hear_quiesced n1.2 n2.1; end_clustering n2.1; promote n1.2 g1; begin_act n1.2 g1
"""
"""Node 1 crashes, returns and is admitted; the others fail; it acts as primary at the end."""

LAPSE = """
begin_act n1 g1; lose_heartbeats n2 n1; stop_granting n2 n1; isolate n1; lease_expires n1 g1
refuse_act n1 g1; lease_passes n2 n1; lapse n2 n1; promote n2 g1; hear_lapsed n3 n1
grant_lease n3 g1 n2; receive_grant n2 g1 n3; begin_act n2 g1; heal n1; learn_own_leave n1
"""
"""Node 1 falls silent; node 2 outwaits its lease, is promoted, and acts under one of its own."""


@pytest.mark.parametrize(
    ("config", "run", "witness", "least"),
    [("any-size", RETURN, "return_to_primary", 25), ("any-size-lease", LAPSE, "S2_lapsed", 15)],
)
def test_a_long_run_satisfies_every_invariant(
    config: str, run: str, witness: str, least: int
) -> None:
    """What is proved, and what is assumed for it, is true of a run in which much happens."""
    model = load_model(NODE_SHUTDOWN, Settings(config))
    program = Program(model)
    evaluator, state = program.evaluator, next(program.initial())
    actions = {action.name: action for action in model.actions}
    steps = [step.split() for step in run.replace("\n", ";").split(";") if step.strip()]
    for name, *arguments in steps:
        action = actions[name]
        env = {}
        for parameter, argument in zip(action.parameters, arguments, strict=True):
            value = parameter.of.parse(argument)
            assert value is not None
            env[parameter] = value
        failing = [clause.name for clause in evaluator.failing_clauses(action, state, env)]
        assert not failing, (name, arguments, failing)
        state = evaluator.execute(action, state, env)
        for clause in (*model.axioms, *model.invariants):
            assert evaluator.value(clause.formula, state, {}), (clause.name, name, arguments)
    assert len(steps) >= least
    (declared,) = (p for p in model.properties if p.id == witness)
    assert all(evaluator.value(c.formula, state, {}) for c in declared.clauses)


@pytest.mark.parametrize("config", ANY_SIZE)
def test_every_safety_property_is_proved_for_any_size(config: str) -> None:
    """Any number of nodes, epochs and groups, faults without bound; nothing from a cache."""
    model = sound(config)
    result = Induction(model, How(seconds=60, workers=2)).prove()
    failed = [(o.action, o.conjunct) for o in result.obligations if o.verdict != "proved"]
    assert failed == []
    assert result.verdict == "proved"
    assert result.scope == "unbounded"
    claimed = {f"S{k}" for k in range(1, 16)} - (set() if model.values["returning"] else RETURNS)
    assert claimed <= {each.id for each in result.properties if each.verdict == "proved"}


RETURNS = {"S4", "S5", "S8"}
"""What speaks of several epochs of a node."""
