"""The pieces of live runs: links, the list of what cannot be covered, plays."""

from __future__ import annotations

import asyncio
import random
import socket
from functools import cache
from xml.etree import ElementTree as ET

from knell.conformance.live.campaign import LiveOptions, LiveResult, listed, to_json
from knell.conformance.live.links import Link, Relay
from knell.conformance.live.plays import PLAYS
from knell.conformance.reports import live
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.parameters import CONFIGS


@cache
def actions():
    return {
        action.name: action
        for config in CONFIGS
        for action in load_model(NODE_SHUTDOWN, Settings(config=config)).actions
    }


def a_link():
    return Link(random.Random(4))  # noqa: S311 # no secret


def test_a_link_carries_everything_as_it_is():
    assert a_link().copies(b"frame") == [(0.0, b"frame")]


def test_a_cut_link_carries_nothing_until_it_is_healed():
    link = a_link()
    link.cut = True
    assert link.copies(b"frame") == []
    link.heal()
    assert link.copies(b"frame") == [(0.0, b"frame")]


def test_a_disturbed_link_loses_doubles_garbles_and_delays():
    link = a_link()
    link.disturb()
    carried = [link.copies(b"frame") for _ in range(500)]
    assert {len(each) for each in carried} >= {0, 1, 2}
    datagrams = [datagram for each in carried for _, datagram in each]
    assert any(datagram != b"frame" for datagram in datagrams)
    assert all(len(datagram) == 5 for datagram in datagrams)
    assert len({delay for each in carried for delay, _ in each}) > 100


def test_a_relay_hands_on_what_it_gets():
    async def play():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", 0))
            receiver.setblocking(False)
            relay = await Relay(a_link(), receiver.getsockname()).open()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"frame", relay.address)
                loop = asyncio.get_running_loop()
                found = await asyncio.wait_for(loop.sock_recv(receiver, 100), 10)
            relay.close()
            return found

    assert asyncio.run(play()) == b"frame"


def test_at_most_ten_actions_are_listed_as_uncovered_each_with_a_reason():
    assert len(listed()) <= 10
    assert set(listed()) <= set(actions())
    assert all(len(why) > 20 for why in listed().values())


def test_plays_bring_about_what_the_model_has():
    known = actions()
    for play in PLAYS:
        for name in play.faults:
            assert name in known, (play.name, name)


def test_what_is_listed_and_seen_all_the_same_fails_the_campaign():
    result = LiveResult(LiveOptions())
    result.runs["cause"] += 1
    result.actions.update(actions().keys() - listed().keys())
    assert (result.verdict, result.uncovered) == ("conforms", [])
    result.actions[next(iter(listed()))] += 1
    assert result.verdict == "diverged"


def test_reports_show_what_diverged_what_is_missing_and_what_is_listed():
    result = LiveResult(LiveOptions())
    result.runs.update({"cause": 2, "kill": 1})
    result.divergences.append({"id": "1/kill", "why": "two primaries", "log": None})
    result.undecided.append({"id": "2/cause", "why": "too many orders", "log": None})
    result.actions.update(actions().keys() - listed().keys() - {"promote"})
    suite = ET.fromstring(live.junit(result))[0]  # noqa: S314 # written a line ago
    cases = {case.get("name"): [each.tag for each in case] for case in suite}
    assert cases["kill"] == ["failure"]
    assert cases["cause"] == ["error"]
    assert cases["promote"] == ["error"]
    assert all(cases[name] == ["skipped"] for name in listed())
    assert cases["quiesce"] == []
    assert (suite.get("failures"), suite.get("errors")) == ("1", "2")
    text = live.markdown(result)
    assert "| kill | 1 | 1 | 0 |" in text
    assert "Not covered: promote." in text


def test_no_run_is_no_success():
    result = LiveResult(LiveOptions())
    assert result.verdict == "inconclusive"
    assert to_json(result)["verdict"] == "inconclusive"
    assert "no run was made" in live.junit(result)
