"""The member of the demonstration: acts whenever it may, and writes down what it is told.

It reports a fatal error when it gets a real-time signal, whose number says the cause; it does so
from the signal handler, as a program would that is in trouble.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Final

import msgspec

from knell.node.demo.store import Write, connect
from knell.node.member import ClusteringEnding, Member, MemberError, RefusedError, join
from knell.node.member import messages as mm
from knell.node.runtime.loops import new_loop
from knell.node.runtime.watch import clock
from knell.spec.vocabulary import Cause

CAUSES: Final = tuple(Cause)
ACT_EVERY: Final = float(os.environ.get("KNELL_ACT_EVERY", "0.02"))


def signal_for(cause: Cause) -> int:
    """The signal on which a worker reports this cause."""
    return signal.SIGRTMIN + 1 + CAUSES.index(cause)


class Worker:
    """One member at work."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._events = os.open(
            os.environ["KNELL_EVENTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._store = connect(os.environ["KNELL_STORE"])
        self._member: Member | None = None
        self._primary = False

    def note(self, what: str, about: object = None) -> None:
        """Write a line."""
        member = self._member
        line = {
            "t": clock(),
            "member": what,
            "group": self._group,
            "node": os.environ["KNELL_NODE"],
            "epoch": member.epoch if member else 0,
            "about": about,
        }
        os.write(self._events, msgspec.json.encode(line) + b"\n")

    def report(self, number: int, frame: object) -> None:  # noqa: ARG002 # a signal handler
        """Report the cause that a signal stands for."""
        cause = CAUSES[number - signal.SIGRTMIN - 1]
        if self._member is not None:
            at = clock()
            self._member.report_failure(cause)
            self.note("reported", {"cause": cause.value, "at": at})

    def heard(self, event: mm.Happened) -> None:
        """Write down an event."""
        self.note(str(type(event).__struct_config__.tag), event)
        if isinstance(event, mm.Primary):
            self._primary = event.news.own

    async def run(self) -> None:
        """Take part until clustering ends."""
        for cause in CAUSES:
            signal.signal(signal_for(cause), self.report)
        self._member = member = await join(self._group, on_event=self.heard)
        self.note("joined", os.getpid())
        acting = asyncio.create_task(self._act(member))
        ending = await member.ended()
        self.note("ending", ending.cause)
        acting.cancel()
        os._exit(0)  # at once: the node waits for the end of this process

    async def _act(self, member: Member) -> None:
        while True:
            await asyncio.sleep(ACT_EVERY)
            if not self._primary:
                continue
            try:
                act = await member.act()
            except RefusedError as error:
                self.note("refused", str(error))
                continue
            except ClusteringEnding:
                return
            at = clock()
            write = Write(member.node, member.epoch, act.group, act.token, at)
            self._store.send(msgspec.json.encode(write))
            if self._store.recv(16) != b"true":
                self.note("store refused", act.token)


def main() -> int:
    """Be the member that the node has started."""
    worker = Worker(os.environ["KNELL_GROUP"])
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(worker.run())
    except MemberError as error:
        worker.note("failed", str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
