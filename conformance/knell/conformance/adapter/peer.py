"""An adapter as the harness sees it: a child process, or one in the same process for tests."""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, Final, Protocol

import msgspec

from knell.conformance.adapter import wire
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.own import OwnAdapter
from knell.spec.errors import KnellError

_reply = msgspec.json.Decoder(wire.Reply)


class PeerError(Exception):
    """The adapter failed: no reply in time, no reply at all, or no process any more."""


class Peer(Protocol):
    """Somebody who answers requests."""

    def ask(self, request: wire.Request) -> wire.Reply:
        """Ask, and wait for the reply.

        Raises:
            PeerError: There is none.
            MalformedError: It is no reply.
        """
        ...

    def ask_all(self, requests: Sequence[wire.Request]) -> list[wire.Reply]:
        """Ask for several things at once, and wait for all replies; fails as `ask` does."""
        ...

    def restart(self) -> None:
        """Begin afresh."""
        ...

    def close(self) -> None:
        """End the adapter."""
        ...

    def complaints(self) -> str:
        """The end of what it wrote to its standard error."""
        ...


def read_reply(line: bytes, request: wire.Request) -> wire.Reply:
    """Decode a line as the reply to a request."""
    try:
        reply = _reply.decode(line)
    except msgspec.DecodeError as error:
        raise MalformedError(f"{error}: {_shown(line)}", place=f"reply to {request.cmd}") from None
    if reply.id != request.id:
        raise MalformedError(
            f"id {reply.id} answers request {request.id}", place=f"reply to {request.cmd}"
        )
    if bool(bytes(reply.ok)) == (reply.err is not None):
        raise MalformedError("one of ok and err is needed", place=f"reply to {request.cmd}")
    return reply


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", errors="replace").strip()
    return text if len(text) <= 120 else f"{text[:120]}..."


_UNDER_WAY: Final = 2**15
"""Bytes of requests that are under way at most: less than a pipe holds, so that no write waits for
an adapter that waits for its replies to be read."""


def _portions(
    requests: Sequence[wire.Request],
) -> Iterator[list[tuple[wire.Request, bytes]]]:
    """Requests with their lines, as many at a time as may be under way."""
    some: list[tuple[wire.Request, bytes]] = []
    size = 0
    for request in requests:
        line = wire.encode(request) + b"\n"
        if some and size + len(line) > _UNDER_WAY:
            yield some
            some, size = [], 0
        some.append((request, line))
        size += len(line)
    if some:
        yield some


class Loopback:
    """Our own adapter in this process; what it is told and says is encoded all the same."""

    def __init__(self) -> None:
        self._adapter = OwnAdapter()

    def ask(self, request: wire.Request) -> wire.Reply:
        decoded = msgspec.json.decode(wire.encode(request), type=wire.Request)
        return read_reply(wire.encode(self._adapter.answer(decoded)), request)

    def ask_all(self, requests: Sequence[wire.Request]) -> list[wire.Reply]:
        return [self.ask(each) for each in requests]

    def restart(self) -> None:
        self._adapter = OwnAdapter()

    def close(self) -> None:
        pass

    def complaints(self) -> str:
        return ""


class Child:
    """An adapter that is a child process, in a process group of its own.

    Args:
        command: The command, as a shell would read it; no shell is started.

    Raises:
        KnellError: There is no such command.
    """

    def __init__(self, command: str) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise KnellError(f"{error}", place="--adapter", mend="check the quotes") from None
        if not self._command:
            raise KnellError("no command", place="--adapter", mend="give one")
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._said = ""
        self._rest = b""
        self.restart()

    def ask(self, request: wire.Request) -> wire.Reply:
        self._write(wire.encode(request) + b"\n")
        return read_reply(self._line(request.deadline_ms / 1000), request)

    def ask_all(self, requests: Sequence[wire.Request]) -> list[wire.Reply]:
        replies = []
        for some in _portions(requests):
            self._write(b"".join(line for _, line in some))
            replies += [read_reply(self._line(each.deadline_ms / 1000), each) for each, _ in some]
        return replies

    def _write(self, lines: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise PeerError("the adapter is not running")
        try:
            process.stdin.write(lines)
            process.stdin.flush()
        except OSError as error:
            raise PeerError(f"the adapter has ended: {self._status(error)}") from None

    def _line(self, seconds: float) -> bytes:
        """The next line, before the deadline."""
        assert self._process is not None
        assert self._process.stdout is not None
        if self._lines:
            return self._lines.popleft()
        deadline = time.monotonic() + seconds
        output = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(output, select.POLLIN)
        while not self._lines:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(1000 * left):
                raise PeerError(f"no reply within {seconds:g} s")
            got = os.read(output, wire.LONGEST)
            if not got:
                raise PeerError(f"the adapter has ended: {self._status()}")
            *lines, self._rest = (self._rest + got).split(b"\n")
            if any(len(line) > wire.LONGEST for line in (*lines, self._rest)):
                raise PeerError(f"a line of more than {wire.LONGEST} bytes")
            self._lines.extend(lines)
        return self._lines.popleft()

    def _status(self, error: OSError | None = None) -> str:
        """How the child ended, as far as that is known by now."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=1)
            return f"signal {-code}" if code < 0 else f"exit status {code}"
        return str(error) if error is not None else "its standard output is closed"

    def restart(self) -> None:
        self.close()
        self._rest = b""
        self._lines: deque[bytes] = deque()
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 # closed with the adapter
        try:
            self._process = subprocess.Popen(  # noqa: S603 # the command is the user's own
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            self.close()
            raise KnellError(
                f"cannot start {self._command[0]!r}: {error.strerror}",
                place="--adapter",
                mend="check the command",
            ) from None

    def close(self) -> None:
        self._said = self.complaints()
        errors, self._errors = self._errors, None
        if errors is not None:
            errors.close()
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.2)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def complaints(self) -> str:
        if self._errors is None:
            return self._said
        file = self._errors.fileno()
        size = os.fstat(file).st_size
        return os.pread(file, 2_000, max(0, size - 2_000)).decode(errors="replace").strip()
