"""What a driver puts off, and in which order it does the rest."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import Mock

import pytest

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import founded
from knell.node.core import messages as ms
from knell.node.runtime import codec
from knell.node.runtime.driver import Driver
from knell.node.runtime.journal import Journal
from knell.node.runtime.watch import Page
from knell.spec.vocabulary import Cause
from tests.node.core.samples import INCARNATIONS, settings


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def driver(tmp_path, loop):
    """A core at work with a member in g1."""
    driver: Any = Driver(
        founded(settings(), INCARNATIONS),
        loop,
        transport=Mock(),
        disk=None,
        page=Page(),
        journal=Journal(tmp_path / "log", "n1", 1, "engine", owns=True),
    )
    driver.serve(Mock())
    driver.begin([])
    return driver


def acknowledgements(driver):
    """What was acknowledged to n2, datagram by datagram."""
    sent = [call.args for call in driver._transport.send.call_args_list]
    return [frame for to, (frame, *_), *_ in sent if isinstance(frame, ms.Received) and "n2" in to]


def acknowledge(driver, *numbers):
    driver.perform([fx.Send(("n2",), (ms.Received((number,)),)) for number in numbers])


def test_many_acknowledgements_at_once_can_be_decoded(driver):
    """One list of more than 64 was malformed at the peer, whose rejection ended this node."""
    acknowledge(driver, *range(200), *range(200))
    driver._tidy()
    sent = acknowledgements(driver)
    for frame in sent:
        assert codec.frames(codec.array([codec.encode(frame)], 1)) == (frame,)
    assert [number for frame in sent for number in frame.numbers] == list(range(200))


def test_nothing_heard_is_left_unacknowledged_at_the_end(driver):
    """A peer that ends at the same moment would wait T_signal for it."""
    order = Mock()
    order.attach_mock(driver._transport.send, "send")
    order.attach_mock(driver._outside.ended, "ended")
    acknowledge(driver, 7)
    driver.perform([fx.End()])
    assert [call[0] for call in order.mock_calls] == ["send", "ended"]
    assert acknowledgements(driver) == [ms.Received((7,))]


def test_members_are_told_in_order_though_one_of_them_ends_meanwhile(driver, loop):
    """What a member that can't be told leads to waits until the step that told it is done."""
    done: list[ev.Event] = []
    left = ev.MemberLeaves("g1", 1)
    driver._outside.tell.side_effect = lambda *_: None if done else driver.tell(left)
    driver.tell(ev.FatalFound((Cause.COMMUNICATION,)))
    step = driver._step

    def noted(event: ev.Event) -> None:
        step(event)
        done.append(event)

    driver._step = noted
    loop.call_later(0.05, loop.stop)
    loop.run_forever()
    assert isinstance(done[0], ev.NotifyMember), "the nested event would have come out first"
    assert left in done
