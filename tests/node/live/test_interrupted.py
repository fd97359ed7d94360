"""A demonstration that is broken off leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from knell.cli.exits import Exit
from knell.cli.main import main
from knell.node.demo.echo import Yardstick


def _mentioned(folder):
    """The processes whose command line names a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = each.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in text:
            found.append(int(each.parent.name))
    return found


def _until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def short():
    """A folder whose path is short enough for sockets, wherever the tests run."""
    with tempfile.TemporaryDirectory(prefix="kn-") as folder:
        yield Path(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_runs_on(short, number):
    """Not even if nobody could clean up: the nodes stop when who has started them is gone."""
    program = "import sys, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from knell.cli.main import main; sys.exit(main(['demo', '--nodes', '1']))"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(short)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as demo:
        _until(lambda: len(_mentioned(short)) == 5)
        if number is signal.SIGINT:
            os.killpg(demo.pid, number)  # as a terminal does
        else:
            demo.send_signal(number)
        out, said = demo.communicate(timeout=30)
    _until(lambda: not _mentioned(short))
    if number is not signal.SIGKILL:
        assert demo.returncode == Exit.INCONCLUSIVE
        assert (out, said.decode().count("\n")) == (b"", 1)
        assert list(short.iterdir()) == []


async def _close() -> None:
    await Yardstick().close()


def test_a_yardstick_that_was_never_opened_ends_nobody():
    """It killed its own process group."""
    asyncio.run(_close())


@pytest.mark.parametrize(
    ("name", "said"), [("x" * 90, "is too long for sockets"), ("", "no folder")]
)
def test_a_place_that_will_not_do_is_said_in_one_line(tmp_path, monkeypatch, capsys, name, said):
    (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / (name or "none")))
    assert main(["demo"]) == Exit.USAGE
    assert said in capsys.readouterr().err
    assert list((tmp_path / name).iterdir()) == []
