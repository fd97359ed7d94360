"""What a service manager, a log reader and Prometheus see of a node."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest

from knell.cli.main import main
from knell.node.runtime import metrics
from knell.node.runtime.channel import peer_of
from knell.node.runtime.config import GroupTable
from knell.node.runtime.logs import Logs
from knell.node.runtime.notify import Notify
from knell.node.runtime.starting import Started
from knell.node.runtime.watch import wait_for
from tests.node.live.clusters import running

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def manager(tmp_path):
    """A socket on which a service manager would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(10)
        yield sock


def environment(sock):
    return {"NOTIFY_SOCKET": sock.getsockname(), "WATCHDOG_USEC": "600000"}


def told(sock):
    """What has been sent to a manager so far."""
    sock.setblocking(False)
    lines = []
    with contextlib.suppress(BlockingIOError):
        while True:
            lines.append(sock.recv(4096).decode().split("\n")[0])
    return lines


def test_a_watchdog_is_fed_three_times_in_its_period(manager):
    notify = Notify(environment(manager))
    notify.once("READY=1", "STATUS=x")
    notify.once("READY=1")
    for now in range(0, 1_000, 50):
        notify.feed(10**12 + now * 1_000_000)
    assert told(manager) == ["READY=1", *["WATCHDOG=1"] * 5]
    Notify({}).say("READY=1")
    Notify({"NOTIFY_SOCKET": "/nonexistent"}).say("READY=1")


def test_the_service_manager_hears_of_start_life_and_end(manager):
    async def play():
        before = dict(os.environ)
        os.environ.update(environment(manager))
        try:
            async with running(1, workers=False) as cluster:
                node, heard = cluster.nodes["n1"], []

                def fed():
                    heard.extend(told(manager))
                    return len(heard) > 4

                await cluster.until("it is fed", fed)
                assert heard[0] == "READY=1"
                assert set(heard[1:]) == {"WATCHDOG=1"}
                assert (
                    await asyncio.to_thread(main, ["shutdown", "--config", str(node.config)]) == 0
                )
                await cluster.until("it has ended", lambda: node.has_ended)
                assert "STOPPING=1" in told(manager)
                lines = (cluster.root / "n1.out").read_text().splitlines()
                events = [json.loads(line) for line in lines]
                assert {"request_stop", "quiesce", "end_clustering", "node ended"} <= {
                    each["event"] for each in events
                }
                assert {each["node"] for each in events} == {"n1"}
                assert all("timestamp" in each and "level" in each for each in events)
        finally:
            os.environ.clear()
            os.environ.update(before)

    asyncio.run(play())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_well_formed(tmp_path):
    text = (DOCS / "systemd" / "knell@.service").read_text(encoding="utf-8")
    knell = Path(sys.executable).with_name("knell")
    unit = tmp_path / "knell@n1.service"
    unit.write_text(text.replace("/usr/bin/knell", str(knell)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],  # noqa: S607 # the system's own
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_lets_the_node_end_in_order():
    text = (DOCS / "systemd" / "knell@.service").read_text(encoding="utf-8")
    for line in ("Type=notify", "KillMode=mixed", "Delegate=yes", "TimeoutStopSec=infinity"):
        assert f"\n{line}\n" in text
    assert "\nWatchdogSec=" in text


STATUS = {
    "node": "n1",
    "epoch": 3,
    "phase": "active",
    "peers": [{"node": "n2", "epoch": 2, "partitioned": True}],
    "groups": [
        {
            "group": "store",
            "list": ["n1.3", "n2.2"],
            "live_primary": "n1.3",
            "member": "active",
            "in_doubt": False,
        }
    ],
    "taken": 12,
    "dropped": {"not authentic": 7},
}


def test_metrics_say_how_a_node_stands():
    text = metrics.text(lambda: STATUS)
    for line in (
        "knell_up 1.0",
        "knell_epoch 3.0",
        'knell_phase{knell_phase="active"} 1.0',
        'knell_phase{knell_phase="failing"} 0.0',
        'knell_peer_partitioned{peer="n2"} 1.0',
        'knell_group_is_primary{group="store"} 1.0',
        'knell_dropped_total{why="not authentic"} 7.0',
    ):
        assert f"\n{line}\n" in text
    named = set(re.findall(r"^(knell_\w+)", text, re.MULTILINE))
    assert named == set(metrics.FAMILIES)
    assert "knell_up 0.0" in metrics.text(lambda: None)


def test_alerts_are_about_metrics_that_exist():
    text = (DOCS / "alerts.yml").read_text(encoding="utf-8")
    expressions = re.findall(r"^ *expr: (.*)$", text, re.MULTILINE)
    assert len(expressions) == text.count("- alert:")
    used = {name for each in expressions for name in re.findall(r"\bknell_\w+(?=[{\[) ])", each)}
    assert used <= set(metrics.FAMILIES)
    reasons = {why for each in expressions for why in re.findall(r'why=~?"([^"]*)"', each)}
    runtime = Path(metrics.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in runtime.glob("*.py"))
    for reason in (why for several in reasons for why in several.split("|")):
        assert f'"{reason}"' in source


def test_metrics_are_served():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = f"metrics.serve(lambda: print('asked', flush=True), ('127.0.0.1', {port}))"
    program = f"from knell.node.runtime import metrics\nprint('up', flush=True)\n{program}"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"up\n"
            assert "knell_up 0.0" in _fetch(port)
            assert server.stdout.readline() == b"asked\n"
        finally:
            server.kill()


def _fetch(port):
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as sock:
            sock.settimeout(5)
            try:
                sock.connect(("127.0.0.1", port))
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                continue
            sock.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            return b"".join(iter(lambda: sock.recv(4096), b"")).decode()  # at once


def test_a_reader_that_stops_reading_stops_nothing(monkeypatch):
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stderr", os.fdopen(writing, "w"))
    logs = Logs("info", node="n1")
    logs.take([{"note": "found", "why": "x" * 2_000}] * 400)
    logs.write()
    logs.take([{"note": "last"}])
    text = os.read(reading, 1 << 20).decode()
    assert json.loads(text.splitlines()[0])["level"] == "error"
    logs.write()
    last = json.loads(os.read(reading, 1 << 20).decode().splitlines()[-1])
    assert (last["event"], last["level"]) == ("last", "info")
    assert last["lines_lost"] == 400 - len(text.splitlines())
    os.close(reading)
    sys.stderr.close()


def test_the_level_selects(monkeypatch):
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stderr", os.fdopen(writing, "w"))
    for level in ("off", "error", "info"):
        logs = Logs(level, node="n1")
        logs.take(
            [
                {"note": "found"},
                {"action": "promote", "args": {"g": "store"}},
                {"action": "begin_act", "args": {}},
            ]
        )
        logs.write()
    sys.stderr.close()
    events = [json.loads(line)["event"] for line in os.read(reading, 1 << 20).decode().splitlines()]
    assert events == ["found", "found", "promote"]
    os.close(reading)


def test_members_are_not_told_what_the_service_manager_tells_the_node(tmp_path, monkeypatch):
    """Else a member that knows sd_notify could say that the node is ready, or feed its watchdog."""
    monkeypatch.setenv("NOTIFY_SOCKET", "/nobody")
    monkeypatch.setenv("WATCHDOG_USEC", "1")
    told = tmp_path / "told"
    group = GroupTable("g1", ("n1",), command=("/bin/sh", "-c", f"env > {told}"))
    prepared: Any = Mock()
    prepared.config.path, prepared.config.node.name = tmp_path / "c.toml", "n1"
    prepared.config.group, prepared.cgroups.place.return_value = [group], None
    started = Started(prepared)
    started.start_all()
    wait_for(started._pidfds["g1"])
    started.end()
    lines = told.read_text(encoding="utf-8").splitlines()
    assert "KNELL_GROUP=g1" in lines
    assert not [line for line in lines if line.startswith(("NOTIFY", "WATCHDOG"))]


def test_a_process_that_is_gone_is_never_looked_up_by_its_number():
    """Another may have the number by now."""
    for number, asked in ((errno.ESRCH, 0), (errno.EINVAL, 0), (errno.ENOPROTOOPT, 1)):
        sock = Mock()
        sock.getsockopt.side_effect = [struct.pack("3i", os.getpid(), 0, 0), OSError(number, "")]
        with contextlib.ExitStack() as stack:
            opened = stack.enter_context(patch("os.pidfd_open", return_value=7))
            if not asked:
                stack.enter_context(pytest.raises(OSError, match="Errno"))
            assert peer_of(sock).pidfd == 7
        assert opened.call_count == asked
