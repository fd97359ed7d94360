"""Requests as no member should make them: mutated, cut, repeated, out of place, too many."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

REQUESTS: Final = (
    b'{"op":"join","group":"store"}',
    b'{"op":"join","group":"nobody"}',
    b'{"op":"attach","group":"store","join":1}',
    b'{"op":"reporter","group":"store","join":1}',
    b'{"op":"report","causes":["object"]}',
    b'{"op":"trouble","text":"none"}',
    b'{"op":"act","id":1}',
    b'{"op":"send","id":2,"data":"AAAA"}',
    b'{"op":"acknowledge"}',
    b'{"op":"leave"}',
    b'{"op":"status"}',
    b'{"op":"order","group":"store"}',
    b'{"op":"statement","statement":"AAAA","proof":"AAAA"}',
)
_SOCKETS: Final = ("engine.sock", "sentinel.sock", "operator.sock")
_AT_ONCE: Final = 4
_ORDERS: Final = (b"stop", b"reload", b"switchover", b"fail")
"""What an operator's socket would rightly obey."""


def pester(run: Path, count: int, seed: int) -> int:
    """Send fuzzed requests to the sockets of a node; return how many were sent."""
    draw = random.Random(seed)  # noqa: S311 # to be repeatable
    sent = 0
    while sent < count:
        name = draw.choice(_SOCKETS)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.connect(str(run / name))
            for _ in range(draw.randrange(1, _AT_ONCE + 1)):
                packet = mutated(draw)
                if any(order in packet for order in _ORDERS):
                    continue
                try:
                    sock.send(packet)
                except OSError:
                    break  # the node hangs up on what it can't read
                sent += 1
    return sent


def mutated(draw: random.Random) -> bytes:
    """One request, most likely spoilt."""
    packet = bytearray(draw.choice(REQUESTS))
    if draw.random() < 0.8:
        packet[draw.randrange(len(packet))] = draw.randrange(256)
    if draw.random() < 0.2:
        del packet[draw.randrange(1, len(packet)) :]
    if draw.random() < 0.1:
        packet *= draw.randrange(2, 5)
    if draw.random() < 0.001:
        packet += bytes(100_000)
    return bytes(packet)


def pester_as_member(run: Path, count: int, seed: int) -> int:
    """Join, then send requests that a member may make but would not: out of place, repeated.

    In a process of its own: the node ends the processes of its members.
    """
    program = f"from knell.node.demo import pester; pester.misbehave({str(run)!r}, {count}, {seed})"
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 # ourselves
    return count


def misbehave(run: str, count: int, seed: int) -> None:
    """Be a member that asks for anything at any time."""
    draw = random.Random(seed)  # noqa: S311 # to be repeatable
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.connect(f"{run}/engine.sock")
        sock.send(b'{"op":"join","group":"spare"}')
        sock.recv(100_000)
        for _ in range(count):
            packet = draw.choice((*REQUESTS[5:9], b'{"op":"send","id":3,"data":""}'))
            sock.send(packet)
            with contextlib.suppress(BlockingIOError):
                sock.recv(100_000, socket.MSG_DONTWAIT)
