"""The model as logs see it keeps the safety of the model: what is apart breaks no property."""

from __future__ import annotations

import random

from knell.checker.lifted import Lifted
from knell.language.evaluate import extend
from knell.protocol import observing, safety
from knell.protocol.apart import GroupConfig, Sizes, build

SIZES = Sizes(("n1", "n2"), (GroupConfig("store", ("n1", "n2")),), slots=3)
FAULTS = {"strike", "component_dies", "node_crashes", "request_stop", "member_leaves"}
FAULTS |= {"lose_heartbeats", "member_departs", "begin_act", "bootstrap", "fence"}
KEPT = ("S2", "S6", "S9", "S14")


def test_safety_on_random_walks():
    model, world = build(SIZES)
    safety.declare(model, world)
    observing.declare(model, world)
    lifted = Lifted(model)
    evaluator = next(iter(lifted.steps.values())).evaluator
    judged = {each.id: each for each in model.properties if each.id in KEPT}
    assert set(judged) == set(KEPT)
    draw = random.Random(5)  # noqa: S311 # no secret
    instances = [
        (lifted.steps[action.name], tuple(env.values()))
        for action in model.actions
        for env in extend({}, action.parameters)
    ]
    seen = set()
    for _ in range(8):
        state = _all_down(lifted)
        for _ in range(160):
            moves = [
                (step.action.name, after)
                for step, values in instances
                if step.refusal(state, *values) is None
                and (after := step.after(state, *values)) != state
            ]
            if not moves:
                break
            calm = [move for move in moves if move[0] not in FAULTS]
            new = [move for move in calm if move[0] not in seen]
            name, state = draw.choice(new or (calm if calm and draw.random() < 0.98 else moves))
            seen.add(name)
        for id, declared in judged.items():
            for part in declared.clauses:
                assert evaluator.value(part.formula, state, {}), (id, part.name)
    assert {"cold_start", "hear_of_announce", "member_joins", "learn_commit"} <= seen


def _all_down(lifted):
    """The time before the log: every node is down."""
    state = lifted.initial()
    for slot in (0, 3):
        state = lifted.steps["node_crashes"].after(state, slot)
    return state
