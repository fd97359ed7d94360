"""A plugin of pytest that runs the tests against each mutant, instead of once.

The tests are collected once, then run once each while it is noted which lines of the core they
reach and how long they take. For each mutant the process forks: the child puts the mutant into
force, runs the tests that reach the changed statement, those first that killed most in least
time, and ends at the first failure. So a mutant costs some milliseconds besides its tests.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, NamedTuple

import pytest

from tests.node.core.mutation.mutants import Mutant
from tests.node.core.mutation.survivors import CORE
from tests.node.sim.scenes import Scene

_SLACK = 5.0
"""Seconds of processor time that a mutant may take besides ten times what its tests need."""

_MEMORY = 2 * 2**30
"""Bytes that a mutant may take besides what the tests need."""

_SCENES = "tests/node/sim/test_outcomes.py"
"""Tests that begin with a cluster that has booted, which takes longer than what they test."""


class Outcome(NamedTuple):
    """What became of a mutant: which test failed, "too long", "crash", or "" if it survived."""

    mutant: Mutant
    killer: str


class Judge:
    """The plugin.

    Args:
        mutants: What to judge, in this order.
        tell: Is told each outcome.
    """

    def __init__(self, mutants: Sequence[Mutant], tell: Callable[[Outcome], None]) -> None:
        self._mutants, self._tell = mutants, tell
        self._reach: dict[str, frozenset[tuple[str, int]]] = {}
        self._cost: dict[str, float] = {}
        self._tries: Counter[str] = Counter()
        self._kills: Counter[str] = Counter()
        self._report: int | None = None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge all mutants, in place of pytest's own loop."""
        for item in session.items:
            self._reach[item.nodeid] = _reached(item)
            started = time.process_time()
            _run(item)
            self._cost[item.nodeid] = time.process_time() - started + 0.001
            if session.testsfailed:
                pytest.exit(f"{item.nodeid} fails without a mutant", returncode=1)
        gc.collect()
        gc.freeze()
        for mutant in self._mutants:
            killer = self._judge(mutant, session.items)
            self._tell(Outcome(mutant, killer))
        return True

    def _judge(self, mutant: Mutant, items: list[pytest.Item]) -> str:
        place = {(f"{mutant.module}.py", line) for line in mutant.lines}
        chosen = [item for item in items if self._reach[item.nodeid] & place]
        chosen.sort(key=self._price)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            self._report = write
            self._try(mutant, chosen)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            killer = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        if status and not killer:
            killer = "too long" if os.WIFSIGNALED(status) else "crash"
        for item in chosen:
            self._tries[item.nodeid] += 1
            if item.nodeid == killer:
                self._kills[killer] += 1
                break
        return killer

    def _price(self, item: pytest.Item) -> float:
        """The time that a kill by this test has cost so far."""
        name = item.nodeid
        return self._cost[name] * (1 + self._tries[name]) / (1 + self._kills[name])

    def _try(self, mutant: Mutant, chosen: list[pytest.Item]) -> None:
        """Run in the child, and end it."""
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        limit = _SLACK + 10 * sum(self._cost[item.nodeid] for item in chosen)
        signal.setitimer(signal.ITIMER_PROF, limit)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + _MEMORY
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        try:
            mutant.apply()
            booted = None
            for item in chosen:
                if not item.nodeid.startswith(_SCENES):
                    _run(item)
                    continue
                booted = booted or Scene()
                if os.fork() == 0:
                    signal.setitimer(signal.ITIMER_PROF, limit)
                    _begin_with(booted)
                    _run(item)
                    os._exit(0)
                _, status = os.wait()
                if status:
                    os._exit(1)
        except BaseException:  # noqa: BLE001 # whatever escapes from a test is due to the mutant
            os._exit(1)
        os._exit(0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        """End a child at the first failure, before pytest takes pains to explain it."""
        if call.excinfo is not None and self._report is not None:
            os.write(self._report, item.nodeid.encode())
            os._exit(1)


def _run(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _begin_with(booted: Scene) -> None:
    """Let the first plain scene of this process be one that has booted already."""
    begin = Scene.__init__

    def adopt(scene: Scene, nodes: int = 3, *, boot: bool = True) -> None:
        setattr(Scene, "__init__", begin)  # noqa: B010 # a checker forbids the plain assignment
        if (nodes, boot) == (3, True):
            vars(scene).update(vars(booted))
        else:
            begin(scene, nodes, boot=boot)

    setattr(Scene, "__init__", adopt)  # noqa: B010 # as above


def _reached(item: pytest.Item) -> frozenset[tuple[str, int]]:
    """Run a test, and return the lines of the core that it reaches."""
    found: set[tuple[str, int]] = set()
    folder = str(CORE)

    def line(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:  # noqa: ARG001
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
        return line(frame, event, arg) if frame.f_code.co_filename.startswith(folder) else None

    sys.settrace(call)
    try:
        _run(item)
    finally:
        sys.settrace(None)
    return frozenset((file.rpartition("/")[2], number) for file, number in found)
