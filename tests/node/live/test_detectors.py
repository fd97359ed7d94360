"""What is a communication error, what is corruption, and what only looks like it."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest
from msgspec.structs import force_setattr

from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.core.values import BOOTSTRAP_STEP, Entry, Epoch
from knell.node.runtime.detectors import SendFaults, contradicts
from knell.node.runtime.driver import Driver
from knell.node.runtime.guard import Guard
from knell.node.runtime.journal import Journal
from knell.node.runtime.watch import Page, clock
from knell.spec.vocabulary import Cause
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
    assert guard.broken() == f"group {name} has changed in memory"


@pytest.fixture
def fresh(tmp_path):
    """A core with a driver that has not begun; what it sends and logs is kept."""
    loop = asyncio.new_event_loop()
    journal = Journal(tmp_path / "log", "n1", 1, "engine", owns=True)
    driver = Driver(
        founded(settings(), INCARNATIONS),
        loop,
        transport=Mock(),
        disk=None,
        page=Page(),
        journal=journal,
    )
    driver.serve(Mock())
    yield driver
    loop.close()


@pytest.fixture
def driver(fresh):
    """A core at work whose member of g1 is busy."""
    driver = fresh
    driver.begin([])
    for act in range(1, 20):
        driver.tell(ev.ActBegins("g1", act))
        driver.tell(ev.ActEnds("g1", act))
    driver.tell(ev.ActBegins("g1", 20))
    assert driver.core.state.latch is None
    return driver


def sent(driver):
    """What a driver has sent, by kind."""
    frames = [frame for call in driver._transport.send.call_args_list for frame in call.args[1]]
    return [type(each.statement) for each in frames if isinstance(each, ms.Signed)]


CORRUPT = (
    ("members", "g1", "warned", True, ev.ActEnds("g1", 20)),
    ("groups", "g1", "committed", 77, ev.MemberReaped("g1", 1)),
    ("peers", "n2", "started", 99, ev.PeerProved(ms.Announce("n2", 2, 22))),
)


@pytest.mark.parametrize(("kind", "name", "field", "value", "event"), CORRUPT)
def test_f11_the_next_event_finds_what_it_replaces_and_nothing_else_leaves(
    driver, kind, name, field, value, event
):
    force_setattr(getattr(driver.core.state, kind)[name], field, value)
    driver.tell(event)
    assert driver.core.state.latch is Cause.OBJECT
    assert sent(driver)[0] is ms.Distress
    driver._journal.flush()
    log = driver._journal.path.read_text()
    assert f"{kind[:-1]} {name} has changed in memory" in log
    assert '"action":"detect_by_engine"' in log


@pytest.mark.parametrize(("kind", "name", "field", "value", "event"), CORRUPT)
def test_f11_the_same_events_find_nothing_in_sound_records(driver, kind, name, field, value, event):
    del kind, name, field, value
    driver.tell(event)
    driver.tell(ev.Arrived(ms.Heartbeat(1), Epoch("n2", 1), 12))
    assert driver.core.state.latch is None
    assert driver.guard.broken() is None


def test_f11_a_report_is_not_held_up_and_launders_nothing(driver):
    member = driver.core.state.members["g1"]
    force_setattr(member, "warned", True)
    driver.tell(ev.MemberReports("g1", (Cause.COMMUNICATION,)))
    driver._outside.to_cc.assert_called_once()
    assert driver.core.state.latch is None
    driver.tell(ev.ActEnds("g1", 20))
    assert driver.core.state.latch is Cause.OBJECT


def test_f11_a_step_of_the_core_that_replaces_a_corrupt_record_is_not_done(fresh):
    state = fresh.core.state
    fresh.guard.note(state)
    assert ev.LoseHeartbeats("n2") in fresh.core.due(clock()), "nobody was heard since the boot"
    force_setattr(state.peers["n2"], "left", 99)
    fresh.begin([])
    assert fresh.core.state.latch is Cause.OBJECT
    assert not fresh.core.state.peers["n2"].partitioned
