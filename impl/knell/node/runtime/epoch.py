"""What one start of a node prepares before anything of it runs (§9.1, §7.5).

The order is that of the specification: the lock, the death of what is left of earlier epochs, the
new epoch on disk, the incarnation, the frames of the failure path. The processes of the node are
forked from the one that prepared all this, so each has it in memory.
"""

from __future__ import annotations

import os
import re
import select
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nacl.signing import VerifyKey

from knell.node.core import messages as ms
from knell.node.core.values import Settings
from knell.node.runtime.cgroups import Cgroups
from knell.node.runtime.config import SOCKETS, Config, endpoint
from knell.node.runtime.disk import Disk
from knell.node.runtime.journal import Journal
from knell.node.runtime.keys import public_key, read_key
from knell.node.runtime.logs import Logs
from knell.node.runtime.proofs import Proofs
from knell.node.runtime.sessions import Sessions, pairs
from knell.node.runtime.transport import Transport
from knell.node.runtime.watch import Page, start_time
from knell.spec.errors import KnellError
from knell.spec.vocabulary import Cause

_PATIENCE: Final = 10_000
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_RECEIVE_BUFFER: Final = 1024 * 1024


@dataclass(slots=True)
class Prepared:
    """An epoch, ready to begin."""

    config: Config
    settings: Settings
    disk: Disk
    epoch: int
    incarnation: int
    transport: Transport
    page: Page
    journal: Journal
    cgroups: Cgroups

    @property
    def run(self) -> Path:
        """The folder of the node's sockets."""
        return self.config.at(self.config.node.run)

    def logs(self, process: str) -> Logs:
        """The log for people of one of the node's processes."""
        return Logs(self.config.node.log, node=self.settings.me, epoch=self.epoch, process=process)

    def remember(self, pid: int) -> None:
        """Note a process of this epoch, so that the next one can make sure that it is dead.

        Raises:
            KnellError: It can't be noted, so it must not run.
        """
        path = self.disk.folder / "processes"
        try:
            with path.open("a", encoding="ascii") as file:
                file.write(f"\n{pid} {start_time(pid)} {_boot()}")  # a line may be torn
        except OSError as error:
            raise KnellError(
                f"cannot be written: {error.strerror}", place=str(path), mend="make room"
            ) from None


def keys_of(config: Config) -> tuple[dict[str, VerifyKey], list[VerifyKey]]:
    """The public keys of nodes and of operators."""
    nodes = {each.name: public_key(each.key, f"peer {each.name}") for each in config.peer}
    return nodes, [public_key(each, "operators.keys") for each in config.operators.keys]


def addresses_of(config: Config) -> dict[str, tuple[tuple[str, int], tuple[str, int]]]:
    """For each node its address for traffic and its urgent one."""
    return {
        each.name: (endpoint(each.address, each.name), endpoint(each.urgent, each.name))
        for each in config.peer
    }


def prepare(config: Config) -> Prepared:
    """Do all that comes before the first frame of an epoch.

    Raises:
        KnellError: The node cannot start.
    """
    me = config.node.name
    key = read_key(config.at(config.node.key))
    nodes, operators = keys_of(config)
    if nodes[me] != key.verify_key:
        raise KnellError(
            "is not the private half of the node's key",
            place=config.node.key,
            mend=f"set the key of peer {me} to {bytes(key.verify_key).hex()}",
        )
    disk = Disk(config.at(config.node.state))
    disk.open()
    _bury(disk.folder / "processes")
    _open_run(config.at(config.node.run))
    addresses = addresses_of(config)
    traffic, urgent = (_bind(address) for address in addresses[me])
    disk.verify()
    epoch = disk.next_epoch()
    incarnation = int.from_bytes(os.urandom(6)) + 1
    proofs = Proofs(key, nodes, operators)
    announce = proofs.prove(ms.Signed(ms.Announce(me, epoch, incarnation)))
    sessions = Sessions(me, epoch, incarnation, key, announce, pairs(me, key, nodes), proofs)
    transport = Transport(traffic, urgent, addresses=addresses, sessions=sessions, proofs=proofs)
    transport.wire = config.node.wire
    for cause in Cause:
        transport.prepare(ms.Distress(me, epoch, incarnation, cause))
    transport.prepare(ms.Quiesced(me, epoch, incarnation))
    journal = Journal(disk.folder / "trace.ndjson", me, epoch, "sentinel")
    return Prepared(
        config,
        config.settings,
        disk,
        epoch,
        incarnation,
        transport,
        Page(),
        journal,
        Cgroups(),
    )


def _open_run(folder: Path) -> None:
    """Make the folder of sockets, for this user alone; one that others use stays as it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in folder.iterdir():
            if each.name not in SOCKETS or not each.is_socket():
                raise KnellError(
                    f"holds {each.name!r}, which is no socket of a node",
                    place=str(folder),
                    mend="name a folder of the node's own in node.run",
                )
        folder.chmod(0o700)
    except OSError as error:
        raise KnellError(
            f"cannot be used: {error.strerror}", place=str(folder), mend="make it writable"
        ) from None


def _bind(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise KnellError(
            f"cannot be bound: {error.strerror}",
            place=f"{address[0]}:{address[1]}",
            mend="free the address, or configure another",
        ) from None
    return sock


def _boot() -> str:
    return _BOOT.read_text(encoding="ascii").strip()


def _bury(path: Path) -> None:
    """Kill what runs of earlier epochs, and wait until it is surely dead."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise KnellError(
            f"cannot be read: {error.strerror}", place=str(path), mend="make it readable"
        ) from None
    boot = _boot()
    # Lines that a loss of power has torn are of an earlier boot, of which nothing runs.
    for pid, started in re.findall(rf"^(\d+) (\d+) {boot}$", text, re.MULTILINE):
        if int(started) and start_time(int(pid)) == int(started):
            _kill(int(pid), int(started))
    path.unlink()


def _kill(pid: int, started: int) -> None:
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if start_time(pid) != started:
            return
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return
        except OSError:
            dead = bool(poll.poll(0))
        else:
            dead = bool(poll.poll(_PATIENCE))
        if not dead:
            raise KnellError(
                f"process {pid} of an earlier epoch still runs and can't be killed",
                place="start",
                mend="end it, then start again",
            )
    finally:
        os.close(pidfd)
