"""The proof of the protocol is not vacuous: a long run satisfies every auxiliary invariant."""

from __future__ import annotations

from knell.language import Settings
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.prover.inductive import How, Induction

RETURN = """
node_crashes n1.1; restart n1.2; hear_announce n2.1 n1.2; hear_announce n3.1 n1.2
promote n2.1 g1; propose n2.1 g1 n3.1; commit n2.1 g1 n3.1
propose n2.1 g1 n1.2; accept n3.1 n2.1 g1 n1.2; commit n2.1 g1 n1.2; learn_commit n1.2 n2.1 g1
strike n2.1 fault; hear_distress n3.1 n2.1; hear_distress n1.2 n2.1
quiesce n2.1; hear_quiesced n3.1 n2.1; hear_quiesced n1.2 n2.1; end_clustering n2.1
promote n3.1 g1; propose n3.1 g1 n1.2; accept n1.2 n3.1 g1 n1.2
strike n3.1 fault; quiesce n3.1; hear_quiesced n1.2 n3.1; end_clustering n3.1; promote n1.2 g1
"""
"""Node 1 crashes, returns and is admitted; the others fail; it is primary at the end."""


def test_a_returned_node_becomes_primary() -> None:
    values = {"returning": 1, "failures": -1, "crashes": -1, "groups": 1}
    chosen = Settings("two-epochs", values)
    model = load_model(NODE_SHUTDOWN, chosen)
    evaluator, program = Program(model).evaluator, Program(model)
    actions = {action.name: action for action in model.actions}
    state = next(program.initial())
    steps = [step.split() for step in RETURN.replace("\n", ";").split(";") if step.strip()]
    taken = 0
    for name, *arguments in steps:
        action = actions[name]
        env = {}
        for parameter, argument in zip(action.parameters, arguments, strict=True):
            value = parameter.of.parse(argument)
            assert value is not None
            env[parameter] = value
        failing = [clause.name for clause in evaluator.failing_clauses(action, state, env)]
        if name == "accept" and arguments == ["n1.2", "n3.1", "g1", "n1.2"]:
            assert failing == ["an_entry"]  # the newest entry is no part of what is carried
            continue
        assert not failing, (name, arguments, failing)
        state = evaluator.execute(action, state, env)
        taken += 1
        for clause in model.invariants:
            assert evaluator.value(clause.formula, state, {}), (clause.name, name, arguments)
    assert taken >= 25
    returned = next(p for p in model.properties if p.id == "return_to_primary")
    assert all(evaluator.value(c.formula, state, {}) for c in returned.clauses)


def test_every_safety_property_is_proved_for_any_size() -> None:
    """Any number of nodes, epochs and groups, faults without bound; nothing from a cache."""
    model = load_model(NODE_SHUTDOWN, Settings("any-size"))
    result = Induction(model, How(seconds=60, workers=2)).prove()
    failed = [(o.action, o.conjunct) for o in result.obligations if o.verdict != "proved"]
    assert failed == []
    assert result.verdict == "proved"
    assert result.scope == "unbounded"
