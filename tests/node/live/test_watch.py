"""What is a hang, and what only looks like one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from knell.node.core.values import MILLISECOND
from knell.node.runtime import watch
from knell.node.runtime.watch import ENGINE, Page, Watch
from knell.spec.vocabulary import Cause

LOOK = 50 * MILLISECOND
LIMIT = 150 * MILLISECOND


class Other:
    """The process that is watched, as the kernel would describe it."""

    def __init__(self, page):
        self.page = page
        self.state = "S"
        self.ran = 0
        self.watch = Watch(page, ENGINE, 1, LOOK, LIMIT)
        self.now = 10**12

    def looks(self, count, *, every=LOOK, runs=0, beats=0):
        """What so many looks in a row find."""
        found = []
        for _ in range(count):
            self.now += every
            self.ran += runs
            for _ in range(beats):
                self.page.beat(ENGINE)
            found.append(self.watch.hangs(self.now))
        return found


@pytest.fixture
def other(monkeypatch):
    made = Other(Page())
    monkeypatch.setattr(watch, "_runtime", lambda _: made.ran)
    monkeypatch.setattr(watch, "state_of", lambda _: made.state)
    return made


@pytest.mark.parametrize("state", ["S", "T", "t", "Z", ""])
def test_one_that_stands_still_hangs_after_the_limit(other, state):
    assert not any(other.looks(20, beats=1))
    other.state = state
    assert other.looks(3) == [False, False, True]


def test_one_that_runs_in_circles_hangs_after_the_limit_of_running(other):
    other.looks(2, beats=1)
    other.state = "R"
    assert other.looks(3, runs=LOOK) == [False, False, True]


def test_one_that_waits_for_a_processor_does_not_hang(other):
    other.looks(2, beats=1)
    other.state = "R"
    assert not any(other.looks(100, runs=MILLISECOND))
    assert not any(other.looks(20, runs=LOOK // 10, beats=1))


def test_a_beat_in_between_counts(other):
    for _ in range(10):
        assert not any([*other.looks(2), *other.looks(1, beats=1)])


def test_a_watcher_that_was_late_blames_nobody(other):
    other.looks(2, beats=1)
    assert not any(other.looks(50, every=3 * LOOK))
    assert other.looks(3) == [False, False, True]


def test_waiting_for_a_disk_and_starting_take_longer(other):
    other.state = "S"
    assert other.looks(61) == [False] * 60 + [True], "it has yet to beat"
    other.looks(1, beats=1)
    other.state = "D"
    assert other.looks(31) == [False] * 30 + [True]


@pytest.mark.parametrize("reporter", [None, "store", "a" * 63])
def test_the_latch_tells_whoever_outlives_the_engine_the_cause_and_the_reporter(reporter):
    page = Page()
    assert (page.latched, page.reporter) == (None, None)
    page.latch(Cause.OBJECT, reporter)
    assert (page.latched, page.reporter) == (Cause.OBJECT, reporter)


_HELD = """
import _thread, os, sys, threading, time
held = _thread.allocate_lock()
held.acquire()
def spin():
    print(threading.get_native_id(), flush=True)
    while True:
        pass
sys.setswitchinterval(1000)
threading.Thread(target=spin, daemon=True).start()
held.acquire()
"""


def test_one_whose_other_thread_wants_to_run_waits_for_a_processor():
    """That thread may hold the interpreter: the first one can't beat before it has run."""
    with subprocess.Popen([sys.executable, "-c", _HELD], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            ran = watch._runtime(process.pid)
            _until(lambda: watch._runtime(process.pid) > ran)
            assert watch._fields(f"/proc/{process.pid}")[0] == "S"
            assert watch.state_of(process.pid) == "R"
            process.send_signal(signal.SIGSTOP)
            _until(lambda: watch.state_of(process.pid) == "T")
        finally:
            process.kill()


def _until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline


def test_a_thread_keeps_up_with_the_first_one():
    """A child process tries it, as it may not be allowed."""
    with subprocess.Popen([sys.executable, "-c", _KEEPS_UP], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        before, allowed, after = process.stdout.read().split()
    assert before == b"0"
    assert after == (b"2" if allowed == b"True" else b"0")


_KEEPS_UP = """
import os
from concurrent.futures import ThreadPoolExecutor
from knell.node.runtime.watch import come_first, keep_up
policy = lambda: os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
print(ThreadPoolExecutor(1, "a", keep_up).submit(policy).result())
print(come_first())
print(ThreadPoolExecutor(1, "b", keep_up).submit(policy).result())
"""
