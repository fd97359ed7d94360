"""CC, name server and monitor: small processes that can each fail by themselves (§3.2-§3.4).

Each has one connection to the engine and one slot of the shared page. A component that loses the
engine ends.

| process | what it does |
| --- | --- |
| CC | passes each shutdown message on as a notice (§7.4); checks what is stored |
| name server | holds which nodes serve which group, and answers who asks |
| monitor | gives the time of the heartbeats |
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

from knell.node.runtime import watch
from knell.node.runtime.disk import Disk
from knell.node.runtime.watch import (
    CONTROL,
    MONITOR,
    NAMES,
    Page,
    close_all_but,
    come_first,
    stand_back,
)
from knell.spec.vocabulary import Cause

BEAT_MS: Final = 50
"""How often a process of the daemon shows that it is alive."""

LOOK_EVERY: Final = 2.0
"""How many seconds pass between two checks of what is stored."""

TICK: Final = b"tick"
NAMES_OF: Final = {CONTROL: "cc", NAMES: "names", MONITOR: "monitor"}


def fork(
    slot: int, page: Page, beat_ms: int, *, disk: Disk, first: bool
) -> tuple[int, socket.socket]:
    """Start a component; return its process and the engine's end of the connection."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        close_all_but({theirs.fileno()})
        if first:
            come_first()
        match slot:
            case watch.CONTROL:
                _control(theirs, page, disk)
            case watch.NAMES:
                _names(theirs, page)
            case _:
                _monitor(theirs, page, beat_ms)
    finally:
        stand_back()  # before those who have to hear that the node ends
        os._exit(0)


def _serve(
    link: socket.socket,
    page: Page,
    slot: int,
    answer: Callable[[bytes], bytes],
    idle: Callable[[], None] = lambda: None,
) -> None:
    """Answer what comes, and show life in between."""
    poll = select.poll()
    poll.register(link, select.POLLIN)
    while True:
        page.beat(slot)
        if not poll.poll(BEAT_MS):
            idle()
            continue
        packet = link.recv(65_536)
        if not packet:
            return
        said = answer(packet)
        if said:
            link.send(said)


def _control(link: socket.socket, page: Page, disk: Disk) -> None:
    looked = time.monotonic()

    def look() -> None:
        """Check what is stored; a corrupt record is a fatal cause that CC finds itself (§7.3)."""
        nonlocal looked
        if time.monotonic() - looked < LOOK_EVERY:
            return
        looked = time.monotonic()
        if disk.check():
            link.send(json.dumps(["", [Cause.OBJECT.value]]).encode())

    _serve(link, page, CONTROL, lambda report: report, look)


def _names(link: socket.socket, page: Page) -> None:
    known: dict[str, object] = {}

    def answer(packet: bytes) -> bytes:
        said = json.loads(packet)
        if "set" in said:
            known[said["set"]] = said["nodes"]
            return b""
        return json.dumps({**said, "nodes": known.get(said["get"], [])}).encode()

    _serve(link, page, NAMES, answer)


def _monitor(link: socket.socket, page: Page, beat_ms: int) -> None:
    poll = select.poll()
    poll.register(link, select.POLLIN)
    step = min(BEAT_MS, beat_ms)
    waited = 0
    while True:
        page.beat(MONITOR)
        if poll.poll(step) and not link.recv(1024):
            return
        waited += step
        if waited >= beat_ms:
            waited = 0
            link.send(TICK)
