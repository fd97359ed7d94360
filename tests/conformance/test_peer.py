"""The implementation in `peer/` is judged as any other, and what is planted in it is found.

It was written in JavaScript from `spec/ADAPTER.md` and `spec/PROTOCOL.md` alone, so that what only
our own implementation understands cannot pass for the protocol. `broken/faults.mjs` breaks a rule
in each of its variants; the table below says by which step, and by which difference, that is told.
"""

import functools
import os
import re
import shutil
from pathlib import Path

import pytest

from knell.cli.main import main
from knell.conformance.campaign import Options, conform
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN

PEER = Path(__file__).with_name("peer") / "main.mjs"
FAULTS = Path(__file__).with_name("broken") / "faults.mjs"

ACTING = {"config": "small", "components": "engine", "crashes": 0, "heartbeat_losses": 0}
SILENT = {"config": "small", "components": "none", "crashes": 0}
ONE_LIST = {"config": "default", "groups": 1, "components": "none", "heartbeat_losses": 0}
DEPENDENT = {"config": "default", "nodes": 2, "placement": "same", "components": "none"}
DEPENDENT |= {"crashes": 0, "heartbeat_losses": 0}
RETURN = {"config": "default", "groups": 1, "placement": "same", "components": "none"}
RETURN |= {"returning": 1, "nodes": 2, "heartbeat_losses": 0}
ADMISSION = RETURN | {"nodes": 3, "failures": 0}

BROKEN = {
    "latch-reopens": (ACTING, "detect_by_cc(n1, fault)", "effects: none, distress"),
    "quiesce-early": (ACTING, "quiesce(n1)", "phase[n1]: failing, quiesced"),
    "denies-what-it-did": (ACTING, "quiesce(n1)", "phase[n1]: failing, quiesced"),
    "no-deadline": (ACTING, "force_out(n1, g1)", "event: done, refused: waiting for the member"),
    "warned-member-reports": (
        ACTING,
        "detect_by_member(n1, g1, fault)",
        "effects: none, report g1 fault",
    ),
    "gate-ignores-acts": (ACTING, "member_acknowledges(n1, g1)", "acting[n1, g1]: false, true"),
    "acts-after-gate": (ACTING, "begin_act(n1, g1)", "effects: none, act g1"),
    "sentinel-idle": (
        ACTING,
        "notify_member(n1, g1)",
        "event: done, refused: engine and sentinel are dead",
    ),
    "left-means-released": (ACTING, "hear_distress(n2, n1)", "released[n2, g1, n1]: false, true"),
    "leave-twice": (ACTING, "hear_distress(n2, n1)", "effects: none, leave g1 n1"),
    "forged-accepted": (ACTING, "forge(n1, n2)", "left[n1, n2]: false, true"),
    "work-to-the-draining": (ACTING, "route_work(n2, n1)", "effects: none, route n1"),
    "partitioned-counts-as-failed": (
        SILENT,
        "hear_distress(n2, n1)",
        "effects: leave g1 n1, none",
    ),
    "silence-is-failure": (SILENT, "lose_heartbeats(n1, n2)", "left[n1, n2]: false, true"),
    "silence-promotes": (SILENT, "promote(n2, g1)", "primary[n2, g1]: false, true"),
    "first-only": (ONE_LIST | {"crashes": 0}, "promote(n2, g1)", "primary[n2, g1]: false, true"),
    "leave-misses-a-group": (
        DEPENDENT,
        "hear_distress(n2, n1)",
        "effects: leave g1 n1, leave g2 n1, leave g2 n1",
    ),
    "order-ignored": (DEPENDENT, "promote(n2, g2)", "primary[n2, g2]: false, true"),
    "bounce-unseen": (RETURN, "hear_announce(n2.1, n1.2)", "left[n2.1, n1.1]: true, false"),
    "mark-survives-restart": (RETURN, "restart(n1.2)", "phase[n1.2]: active, failing"),
    "ghost-admitted": (RETURN, "hear_announce(n2.1, n1.2)", "view[n2.1, n1.2]: false, true"),
    "admits-alone": (
        ADMISSION,
        "commit(n2.1, g1, n1.2)",
        "committed[n2.1, g1, n1.2]: false, true",
    ),
    "entry-before-commit": (RETURN, "restart(n1.2)", "is_entry[n1.2, g1]: false, true"),
}
"""For each fault the configuration, the step that tells it, and what was expected and observed."""

MUTE = {
    "garbage": "JSON is malformed: invalid character (byte 4): this is no JSON",
    "silence": "no reply within 2 s",
    "crash": "the adapter has ended: exit status 1",
    "wrong-id": "reply to step: id 0 answers request ",
    "oversized": "a line of more than 1048576 bytes",
}
"""For each way of not keeping to the adapter protocol the line that says so."""


@pytest.fixture(autouse=True)
def _node():
    if shutil.which("node") is None:
        assert not os.environ.get("CI"), "node is missing; where CI is set, it must be there"
        pytest.skip("node is missing: the second implementation was not judged")


@functools.cache
def model(chosen):
    values = dict(chosen)
    return load_model(NODE_SHUTDOWN, Settings(config=values.pop("config"), values=values))


def judged(settings, fault="", **options):
    command = f"env KNELL_PEER_FAULT={fault} node {FAULTS}" if fault else f"node {PEER}"
    return conform(model(tuple(settings.items())), Options(adapter=command, **options))


CONFORMING = {"acting": ACTING, "dependent": DEPENDENT, "return": RETURN, "admission": ADMISSION}


@pytest.mark.parametrize("settings", CONFORMING.values(), ids=CONFORMING)
def test_the_second_implementation_conforms(settings):
    result = judged(settings)
    assert result.coverage.divergences == []
    assert result.verdict == "conforms"
    assert result.coverage.covered == result.coverage.model > 700
    assert result.coverage.tried > 1_000


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rule_is_told_by_the_step_that_breaks_it(fault):
    settings, step, difference = BROKEN[fault]
    only = (step.partition("(")[0],) if settings in (ONE_LIST, DEPENDENT) else None
    found = judged(settings, fault, most=1, only=only).divergences
    assert found[0].steps[-1] == step
    differences = [f"{each.what}: {each.expected}, {each.observed}" for each in found[0].findings]
    assert difference in differences


@pytest.mark.parametrize("fault", MUTE)
def test_an_adapter_that_breaks_off_is_a_failure_of_the_adapter(fault, capfd, monkeypatch):
    monkeypatch.setenv("KNELL_PEER_FAULT", fault)
    settings = [f"--set={name}={value}" for name, value in ACTING.items()]
    assert main(["conform", f"--adapter=node {FAULTS}", *settings]) == 3
    lines = capfd.readouterr().out.splitlines()
    failures = [line for line in lines if "the adapter failed: " in line]
    assert MUTE[fault] in failures[0]


def test_the_tables_name_every_fault():
    text = FAULTS.read_text(encoding="utf-8")
    names = re.findall(r'^    "?([a-z-]+)"?: [{(]', text, re.MULTILINE)
    assert sorted([*names, "denies-what-it-did"]) == sorted([*BROKEN, *MUTE])


def test_the_second_implementation_stays_small():
    lines = sum(len(each.read_text().splitlines()) for each in PEER.parent.glob("*.mjs"))
    assert lines <= 800
