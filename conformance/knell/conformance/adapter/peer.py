"""An adapter as the harness sees it: a child process, or one in the same process for tests."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
import time
from typing import IO, Protocol

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


class Loopback:
    """Our own adapter in this process; what it is told and says is encoded all the same."""

    def __init__(self) -> None:
        self._adapter = OwnAdapter()

    def ask(self, request: wire.Request) -> wire.Reply:
        decoded = msgspec.json.decode(wire.encode(request), type=wire.Request)
        return read_reply(wire.encode(self._adapter.answer(decoded)), request)

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
        self._buffer = b""
        self.restart()

    def ask(self, request: wire.Request) -> wire.Reply:
        process = self._process
        if process is None or process.stdin is None:
            raise PeerError("the adapter is not running")
        try:
            process.stdin.write(wire.encode(request) + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise PeerError(f"the adapter has ended: {self._status(error)}") from None
        return read_reply(self._line(request.deadline_ms / 1000), request)

    def _line(self, seconds: float) -> bytes:
        """The next line, before the deadline."""
        assert self._process is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise PeerError(f"no reply within {seconds:g} s")
                got = os.read(self._process.stdout.fileno(), wire.LONGEST)
                if not got:
                    raise PeerError(f"the adapter has ended: {self._status()}")
                self._buffer += got
                if len(self._buffer.partition(b"\n")[0]) > wire.LONGEST:
                    raise PeerError(f"a line of more than {wire.LONGEST} bytes")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _status(self, error: OSError | None = None) -> str:
        """How the child ended, as far as that is known by now."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=1)
            return f"signal {-code}" if code < 0 else f"exit status {code}"
        return str(error) if error is not None else "its standard output is closed"

    def restart(self) -> None:
        self.close()
        self._buffer = b""
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
