"""Checks in processes of their own, several at a time.

Each process is the leader of its own group, so that Ctrl-C reaches it once and through here:
it then reports what it knows, and nothing new is started.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from knell.checker.results import Progress
from knell.cli.memory import peak
from knell.cli.report import Report
from knell.cli.request import Request
from knell.spec.errors import KnellError

_COMMAND = (sys.executable, "-P", "-m", "knell.cli.worker")
_TICK = 0.2

INTERRUPTED: Final = "interrupted before anything was known"


@dataclass(eq=False)
class Job:
    """One configuration, from its request to its report or the reason why there is none."""

    name: str
    request: Request
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    progress: Progress | None = None
    report: Report | None = None
    failure: str | None = None
    started: float = 0.0
    ended: float = 0.0
    unread: bytes = field(default=b"", repr=False)


class Pool:
    """Runs jobs in the order given; ``watch`` is called whenever something is new, and often."""

    def __init__(self, requests: Mapping[str, Request], parallel: int) -> None:
        self.jobs = [Job(name, request) for name, request in requests.items()]
        self.parallel = min(parallel, len(self.jobs))
        self.waiting = deque(self.jobs)
        self.running: list[Job] = []
        self.interrupted = False
        self._selector = selectors.DefaultSelector()

    def run(self, watch: Callable[[Pool, Job | None], None]) -> None:
        """Run all jobs to their end.

        Raises:
            KnellError: One of them was malformed input; the others are ended.
        """
        try:
            while self.waiting or self.running:
                try:
                    self._turn(watch)
                except KeyboardInterrupt:
                    if self.interrupted:
                        raise
                    self._interrupt()
        finally:
            for job in self.running:
                if job.process is not None:
                    job.process.kill()
                    _close(job.process)
            self._selector.close()

    def _turn(self, watch: Callable[[Pool, Job | None], None]) -> None:
        while self.waiting and len(self.running) < self.parallel:
            self._start(self.waiting.popleft())
        for key, _ in self._selector.select(_TICK):
            job: Job = key.data
            data = os.read(key.fd, 1 << 16)
            job.unread += data
            *lines, job.unread = job.unread.split(b"\n")
            for line in lines:
                self._hear(job, json.loads(line))
            if not data:
                self._selector.unregister(key.fileobj)
                self._finish(job)
                watch(self, job)
        watch(self, None)

    def _start(self, job: Job) -> None:
        job.started = time.monotonic()
        job.process = subprocess.Popen(  # noqa: S603  # our own program
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self.running.append(job)
        assert job.process.stdin is not None
        assert job.process.stdout is not None
        self._selector.register(job.process.stdout, selectors.EVENT_READ, job)
        try:
            job.process.stdin.write(job.request.text().encode() + b"\n")
            job.process.stdin.close()
        except BrokenPipeError:
            pass  # it ended already; reading its output will tell

    def _hear(self, job: Job, message: dict[str, object]) -> None:
        match message:
            case {"ready": True}:
                job.ready = True
            case {"progress": dict() as progress}:
                job.progress = Progress(**progress)
            case {"report": {"run": dict(), "stories": dict()} as report}:
                job.report = Report(**report)  # type: ignore[arg-type]  # as the worker made it
            case {"error": str() as error}:
                raise KnellError(error, place=f"configuration {job.name}")
            case {"failure": str() as failure}:
                job.failure = failure

    def _finish(self, job: Job) -> None:
        assert job.process is not None
        code = _close(job.process)
        job.ended = time.monotonic()
        self.running.remove(job)
        if job.report is None and job.failure is None and self.interrupted:
            job.failure = INTERRUPTED
        elif job.report is None and job.failure is None:
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            job.failure = f"its process ended with {how}"

    def _interrupt(self) -> None:
        self.interrupted = True
        for job in self.waiting:
            job.failure = INTERRUPTED
        self.waiting.clear()
        for job in self.running:
            if job.process is not None:
                job.process.send_signal(signal.SIGINT if job.ready else signal.SIGKILL)


def _close(process: subprocess.Popen[bytes]) -> int:
    """Let go of a process that has ended or is about to; its exit code."""
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()


def peak_of_all(jobs: Sequence[Job]) -> int:
    """At most this much memory was resident at any one time: ours and that of the processes."""
    spans = [
        (job.started, job.ended, job.report.run["peak_memory_bytes"])
        for job in jobs
        if job.report is not None
    ]
    together = (
        sum(size for begin, end, size in spans if begin <= moment < end) for moment, _, _ in spans
    )
    return peak(children=False) + max(together, default=0)
