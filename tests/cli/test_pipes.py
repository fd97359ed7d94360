"""The command as a program: pipes, terminals that are none, signals, encodings."""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "knell.cli.main"]

ENDLESS = """
from knell.language import Model, require

m = Model("endless", configs={"default": {}, "other": {}}, suite=("default", "other"))
N = m.int(0, 999)
x, y, z = (m.scalar(name, to=N, init=0) for name in "xyz")

def walk(name, scalar):
    def up():
        require(room=scalar < 999)
        scalar.set(scalar + 1)
    up.__name__ = name
    m.action(up)

for name, scalar in (("one", x), ("two", y), ("three", z)):
    walk(name, scalar)
m.ends((x == 999) & (y == 999) & (z == 999))
m.always("near", x < 3, about="x stays near")
"""


@pytest.fixture
def endless(tmp_path) -> str:
    path = tmp_path / "endless.py"
    path.write_text(ENDLESS)
    return str(path)


def test_no_colour_and_no_control_characters_in_a_pipe(knell, relay) -> None:
    done = knell("check", relay, FORCE_COLOR="1", TERM="xterm-256color")
    assert done.code == 1
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.out + done.err
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert done.err == ""


def test_a_closed_output_leaves_the_verdict() -> None:
    command = shlex.join([*COMMAND, "check", "die-hard"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} >&-"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, "the puzzle is solved, so the property is violated"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check {}", "check {} --json -", "models", "--help"])
def test_a_reader_that_stops_reading_is_no_error(relay, command) -> None:
    argv = [*COMMAND, *command.format(relay).split()]
    done = subprocess.run(
        ["/bin/bash", "-c", f"{shlex.join(argv)} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "" or "--json" in command
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.stdout == ("1\n" if relay in command.format(relay) else "0\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_said_in_one_line(relay) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "check", relay], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_an_encoding_that_is_poor(knell, relay) -> None:
    done = knell("check", relay, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.code == 1
    assert done.out.isascii()
    assert "idle -> busy" in done.out


def interrupt(argv: list[str]) -> tuple[int, str, str]:
    """Interrupt the command a moment after its heading shows that it is at work."""
    process = subprocess.Popen(
        [*COMMAND, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    heading = process.stdout.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, heading + out, err


def test_ctrl_c_ends_a_search_with_what_is_known(endless) -> None:
    code, out, err = interrupt(["check", endless])
    assert code == 1, err
    assert "near is violated" in out
    assert "not complete: " in out
    assert "interrupted" in out
    assert "Traceback" not in out + err


def test_ctrl_c_ends_a_suite_with_what_is_known(endless) -> None:
    code, out, err = interrupt(["check", endless, "--suite", "--workers", "1"])
    assert code == 1, err
    assert "interrupted" in out
    assert "not checked: other: interrupted before anything was known" in out
    assert "Traceback" not in out + err


def test_nothing_known_is_inconclusive(endless) -> None:
    code, out, err = interrupt(["check", endless, "--property", "deadlock"])
    assert code == 4, out + err
    assert "Traceback" not in out + err


def test_a_terminal_gets_colour(relay) -> None:
    master, slave = pty.openpty()
    with os.fdopen(master, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [*COMMAND, "check", relay],
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
        )
        os.close(slave)
        text = b"".join(iter(lambda: _read(terminal), b""))
    assert process.wait(timeout=60) == 1
    assert b"\x1b[1;31m" in text
    assert "✗ one_busy is violated".encode() in text


def _read(terminal) -> bytes:
    try:
        return bytes(terminal.read(4096))
    except OSError:  # how Linux says that the other end is closed
        return b""


def test_json_on_standard_output_alone(knell, turns) -> None:
    done = knell("check", turns, "--json", "-")
    assert done.out.startswith("{")
    assert done.out.endswith("}\n")
    assert "turns, configuration default" in done.err
