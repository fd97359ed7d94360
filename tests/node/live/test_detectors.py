"""What is a communication error, what is corruption, and what only looks like it."""

from __future__ import annotations

import pytest
from msgspec.structs import force_setattr

from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.core.values import BOOTSTRAP_STEP, Entry
from knell.node.runtime.detectors import SendFaults, contradicts
from knell.node.runtime.guard import Guard
from tests.node.core.samples import INCARNATIONS, settings

TIMES = {"limit": 100, "fresh": 50}


@pytest.fixture
def faults():
    """Sends to n3 have failed since 0, and n2 is in contact with it."""
    found = SendFaults()
    assert found.failed("n3", 0)
    assert not found.failed("n3", 90)
    found.heard("n2", ("n1", "n3"), 100)
    return found


def test_a_peer_that_only_this_node_cannot_reach(faults):
    assert faults.unreachable(["n2"], 100, **TIMES) == "n3"


def test_f5_what_is_no_communication_error(faults):
    assert faults.unreachable(["n2"], 99, **TIMES) is None, "not for long enough"
    assert faults.unreachable([], 100, **TIMES) is None, "nobody is reached: cut off"
    assert faults.unreachable(["n2"], 151, **TIMES) is None, "the word of n2 is old"
    faults.heard("n2", ("n1",), 100)
    assert faults.unreachable(["n2"], 100, **TIMES) is None, "n2 does not reach it either"
    faults.heard("n2", ("n3",), 100)
    faults.failed("n2", 100)
    assert faults.unreachable(["n2"], 100, **TIMES) is None, "sends to n2 fail as well"
    faults.worked("n2")
    faults.worked("n3")
    assert faults.unreachable(["n2"], 100, **TIMES) is None, "it was over meanwhile"


@pytest.fixture
def state():
    return founded(settings(), INCARNATIONS).state


def test_f6_another_list_that_is_committed_is_impossible(state):
    group = state.settings.groups[0].name
    domain = state.groups[group].domain
    longer = (*domain, Entry(domain[-1].position + 1, "n2", 2, 1, 99))
    assert not contradicts(state, ms.Commit(group, domain[0], domain))
    assert not contradicts(state, ms.Commit(group, domain[0], longer))
    assert not contradicts(state, ms.Commit("unknown", domain[0], domain))
    other = (*domain[:-1], Entry(domain[-1].position, "n2", 5, 1, 99))
    assert contradicts(state, ms.Commit(group, domain[0], other))
    later = (*other, Entry(BOOTSTRAP_STEP + 1, "n2", 5, 1, 99))
    assert not contradicts(state, ms.Commit(group, domain[0], later))


def test_f11_a_change_that_no_event_made(state):
    guard = Guard()
    guard.note(state)
    assert guard.broken() is None
    name = state.settings.groups[0].name
    force_setattr(state.groups[name], "committed", 77)
    assert guard.broken() == f"group {name}"
