"""A disk that is full, or that lost something: one line at the start, an orderly end later."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess

import pytest

from knell.node.core import messages as ms
from knell.node.core.values import Durable
from knell.node.runtime.disk import Disk
from knell.node.runtime.epoch import _boot, _bury
from knell.node.runtime.journal import Journal, mend
from knell.node.runtime.watch import start_time
from knell.spec.errors import KnellError
from tests.node.live.clusters import running


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path / "state")
    disk.open()
    assert disk.next_epoch() == 1
    disk.write("g1", Durable())
    disk.keep(ms.Signed(ms.Fence("n2", 1), b"proof"))
    disk.verify()
    yield disk
    os.close(disk.lock)


def _one(disk, kind):
    (path,) = (disk.folder / kind).iterdir()
    return path


@pytest.mark.parametrize("kind", ["groups", "kept", "epoch"])
@pytest.mark.parametrize("length", [0, 7, 16, -1])
def test_f11_what_was_cut_off_is_corrupt(disk, kind, length):
    path = disk.folder / kind if kind == "epoch" else _one(disk, kind)
    path.write_bytes(path.read_bytes()[:length])
    assert disk.check() == [str(path)]
    with pytest.raises(KnellError, match="is corrupt"):
        disk.next_epoch() if kind == "epoch" else disk.verify()


def test_an_epoch_is_not_counted_from_one_again(disk):
    """Peers have left the low numbers; the node would end as soon as it meets one."""
    (disk.folder / "epoch").unlink()
    with pytest.raises(KnellError, match="epoch: is corrupt"):
        disk.verify()


@pytest.mark.parametrize("kind", ["groups", "kept"])
def test_what_cannot_be_read_is_said_in_one_line(disk, kind):
    path = _one(disk, kind)
    path.unlink()
    path.mkdir()
    with pytest.raises(KnellError, match="cannot be read: Is a directory"):
        disk.verify()


def test_what_cannot_be_written_is_said_in_one_line(disk):
    (disk.folder / "epoch~").mkdir()
    with pytest.raises(KnellError, match="cannot be written: Is a directory"):
        disk.next_epoch()


def test_a_torn_list_of_processes_stops_no_start(tmp_path):
    with subprocess.Popen(["/bin/sleep", "100"]) as left:
        path = tmp_path / "processes"
        path.write_bytes(
            b"\0\0\0\n12\n99 1\xff\n\n" + f"{left.pid} {start_time(left.pid)} {_boot()}".encode()
        )
        _bury(path)
        assert left.wait() == -9
    assert not path.exists()


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_log_without_room_stops_nothing_and_says_what_it_lost(tmp_path):
    path = tmp_path / "log"
    full, real = (os.open(name, os.O_WRONLY | os.O_CREAT) for name in ("/dev/full", path))
    journal = Journal(path, "n1", 1, "engine", owns=True, file=real)
    line = {"t": 1, "action": "act", "args": {}, "msg_id": None, "caused_by": None}
    for target, times in ((real, 1), (full, 2), (real, 1)):
        journal.descriptor = target
        for _ in range(times):
            journal._waiting.append((dict(line), None))
            journal.note("something")
            journal.flush()
    actions = [(each["seq"], each["action"]) for each in _lines(path) if "action" in each]
    assert actions == [(1, "act"), (2, "lines_lost"), (3, "act")]


def test_the_last_action_is_found_behind_many_notes(tmp_path):
    path = tmp_path / "log"
    note = json.dumps({"note": "x" * 1_000}) + "\n"
    path.write_text('{"action":"act","seq":7}\n' + 1_000 * note + '{"action":"a', encoding="utf-8")
    assert mend(path) == {"action": "act", "seq": 7}
    assert path.read_text(encoding="utf-8").endswith(note)
    assert mend(tmp_path / "none") is None


def test_a_node_whose_disk_is_full_ends_in_order(monkeypatch):
    """It can't store its promotion: the engine ends, and the sentinel says so without a log."""
    monkeypatch.delenv("KNELL_KEEP_LOGS")  # a log that has not even the end explains nothing

    async def play() -> None:
        async with running(3) as cluster:
            first, second, third = cluster.nodes.values()
            for name in ("engine", "sentinel"):
                resource.prlimit(second.processes[name], resource.RLIMIT_FSIZE, (1, 1))
            first.ask({"op": "stop"})
            await cluster.until("n2 has ended", lambda: second.has_ended)
            assert second.root.wait() == 1
            await cluster.until(
                "n3 leads",
                lambda: all(
                    each["live_primary"] == "n3.1"
                    for each in third.stands()["groups"]
                    if each["member"]
                ),
            )

    asyncio.run(asyncio.wait_for(play(), 60))
