"""The words of the specification that rules are written in: `State`, asked directly."""

import pytest
from msgspec.structs import replace

from knell.node.core import founded
from knell.node.core.state import Proposal
from knell.node.core.values import Entry, Epoch
from tests.node.core.samples import INCARNATIONS, settings

A, B, C = (Entry(k, node, 1, 1, INCARNATIONS[node]) for k, node in enumerate(INCARNATIONS, start=1))
STRANGER = Entry(9, "n9", 1, 1, 99)


@pytest.fixture
def state():
    return founded(settings("n1"), INCARNATIONS).state


def test_which_epochs_are_over(state):
    """§7.18: of its own node the earlier ones, of strangers none that it knows of."""
    state.epoch = 3
    assert state.is_over(Epoch("n1", 2))
    assert not state.is_over(Epoch("n1", 3))
    assert not state.is_over(Epoch("n9", 2))
    state.peers["n2"] = replace(state.peers["n2"], barred=4)
    assert state.is_over(Epoch("n2", 4))
    assert not state.is_over(Epoch("n2", 5))


def test_nothing_of_a_stranger_is_released(state):
    """§5.1."""
    assert not state.is_released("g1", STRANGER)


def test_an_open_addition_is_nobodys_successor(state):
    """§10.3: it alone."""
    state.gone = frozenset({("g3", B.member)})
    added = (A, B, C, STRANGER)
    group = replace(state.groups["g3"], domain=added, proposal=Proposal(added, addition=True))
    state.groups["g3"] = group
    assert state.later_unreleased("g3")
    state.gone |= {("g3", C.member)}
    assert not state.later_unreleased("g3")
    state.groups["g3"] = replace(group, proposal=Proposal(added))
    assert state.later_unreleased("g3")


def test_a_group_may_have_no_primary(state):
    """§5.5."""
    assert state.primary_of("g1") == A
    state.groups["g1"] = replace(state.groups["g1"], primaries=frozenset())
    assert state.primary_of("g1") is None
    assert state.live_primary("g1") is None


def test_a_group_that_is_not_configured(state):
    with pytest.raises(KeyError, match="g9"):
        state.group("g9")
