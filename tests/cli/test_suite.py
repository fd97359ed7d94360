"""The suite: every configuration in a process of its own, and what none of them shows."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

import knell.cli.pool
from knell.cli.pool import Pool
from knell.cli.request import Request, parse
from knell.cli.suite import processors

THREE = """
if m.config == "large":
    m.always("three", playing[Player["player3"]])
"""


def test_the_matrix(invoke, turns) -> None:
    done = invoke("check", turns, "--suite", "--workers", 2)
    lines = done.out.splitlines()
    assert lines[0] == "turns, 2 configurations, 2 at a time"
    assert any(line.split()[:4] == ["a", "default", "3", "5"] for line in lines)
    assert any(line.split()[:4] == ["b", "large", "4", "7"] for line in lines)
    assert "  alone     ✓ ✓  At most one player plays." in lines
    assert "  stops     ✓ ✓  Each turn ends." in lines
    assert lines[-1] == "holds: 4 properties"


def test_a_property_that_a_configuration_lacks(invoke, turns, tmp_path) -> None:
    path = tmp_path / "model.py"
    path.write_text(Path(turns).read_text() + THREE)
    done = invoke("check", path, "--suite")
    assert done.code == 1
    assert "  three     · ✗" in done.out.splitlines()
    assert "three in large: violated" in done.out
    done = invoke("check", path, "--suite", "--property", "three")
    assert done.code == 1
    assert "default" not in done.out
    done = invoke("check", path, "--suite", "--property", "x")
    assert "no configuration of the suite" in done.err


def test_what_does_not_hold_is_listed_and_the_shortest_told(invoke, relay) -> None:
    done = invoke("check", relay, "--suite")
    assert done.code == 1
    assert "✗ one_busy in default: violated, shown in 2 steps" in done.out
    assert f"    knell check {relay} --set config=default --property one_busy" in done.out
    assert done.out.count(" is violated") == 1


def test_warnings_are_about_the_suite(invoke, relay) -> None:
    out = invoke("check", relay, "--suite").out
    assert "warning: action never is taken in no configuration" in out
    assert "warning: two_jobs is reached in no configuration" in out
    assert "send" not in [line for line in out.splitlines() if line.startswith("warning")]


def test_a_process_that_is_killed_is_a_failure_of_ours(invoke, turns, monkeypatch) -> None:
    kill = f"import os, signal; os.kill(os.getpid(), {int(signal.SIGKILL)})"
    monkeypatch.setattr(knell.cli.pool, "_COMMAND", (sys.executable, "-c", kill))
    done = invoke("check", turns, "--suite")
    assert done.code == 3
    assert "not checked: default: its process ended with SIGKILL" in done.out


def test_a_failure_in_a_process_is_a_failure_of_ours(invoke, turns, monkeypatch) -> None:
    say = 'print(\'{"failure": "RuntimeError: odd"}\')'
    monkeypatch.setattr(knell.cli.pool, "_COMMAND", (sys.executable, "-c", say))
    done = invoke("check", turns, "--suite")
    assert done.code == 3
    assert "not checked: large: RuntimeError: odd" in done.out
    last = "inconclusive: 2 configurations not checked: default, large"
    assert done.out.splitlines()[-1] == last


def test_the_signs_are_explained(invoke, turns, relay) -> None:
    out = invoke("check", turns, "--suite").out
    assert "  ✓ holds   · not asked in this configuration\n" in out
    assert "  ✓ holds   ✗ violated   · not asked" in invoke("check", relay, "--suite").out


def test_no_more_processes_than_workers(turns) -> None:
    requests = {str(k): Request(turns, config="default") for k in range(3)}
    pool = Pool(requests, 2)
    most = 0

    def watch(pool: Pool, _: object) -> None:
        nonlocal most
        most = max(most, len(pool.running))

    pool.run(watch)
    assert most == 2
    assert all(job.report is not None for job in pool.jobs)


def test_a_request_survives_the_way_to_a_process() -> None:
    request = Request("x", values={"N": "3"}, properties=["a"], symmetry=False, max_seconds=1.5)
    assert parse(request.text()) == request


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system cannot tell")
def test_as_many_workers_as_processors() -> None:
    assert processors() == len(os.sched_getaffinity(0))
