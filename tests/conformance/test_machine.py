"""A state machine that mixes steps of the model with what else may happen to a node.

Exploring tries stutters in each state but never goes on from there. Here runs do: heartbeats, lost
and late acknowledgements, repeats and retransmission stand between any two steps, and actions that
the model does not allow are asked for at any moment.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from knell.conformance.replay.product import Product
from knell.conformance.sim.perform import idle
from knell.conformance.sim.stutters import stutters
from tests.conformance.planted import observing
from tests.conformance.test_planted import expected

NUMBERS = st.integers(0, 10_000)


class Machine(RuleBasedStateMachine):
    """One run; what differs fails it, and Hypothesis shrinks it."""

    config = "dependent"

    def __init__(self):
        super().__init__()
        model, graph = expected(self.config)
        self.product = Product(model, graph)
        self.pair = self.product.start

    @property
    def steps(self):
        return self.product.graph.steps[self.pair[0]]

    @precondition(lambda self: any(s.target != self.pair[0] for s in self.steps.values()))
    @rule(number=NUMBERS)
    def go_on(self, number):
        moving = [i for i, step in self.steps.items() if step.target != self.pair[0]]
        self.take(moving[number % len(moving)])

    @rule(number=NUMBERS)
    def ask_for_anything(self, number):
        self.take(number % len(self.product.expected.instances))

    @rule(number=NUMBERS)
    def something_else_happens(self, number):
        table, cluster = self.product.table, self.product.expected.cluster
        state, nodes, network = self.pair
        place = number % len(nodes)
        node = table.nodes[nodes[place]]
        found = list(stutters(cluster, node))
        if found:
            outcome = idle(cluster, node, [found[number % len(found)]])
            assert not outcome.broken
            changed = (*nodes[:place], table.number(outcome.node), *nodes[place + 1 :])
            self.pair = (state, changed, network)

    def take(self, instance):
        after = self.product.follow(self.pair, instance)
        found = self.product.coverage.divergences
        assert found == [], "; ".join(map(str, found[0].findings))
        if after is not None:
            self.pair = after


def run(machine, examples):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            derandomize=True,
            deadline=None,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.filter_too_much,
                HealthCheck.data_too_large,
            ],
        ),
    )


@pytest.mark.parametrize("config", ["dependent", "members", "silence", "admission"])
def test_whatever_happens_the_cores_conform(config):
    run(type("Run", (Machine,), {"config": config}), 15)


def test_a_planted_fault_fails_a_run(monkeypatch):
    expected("silence")
    observing.heartbeats_release(monkeypatch)
    with pytest.raises(AssertionError):
        run(type("Run", (Machine,), {"config": "silence"}), 60)
