"""The members that a node starts itself: their processes, from fork to the last wait."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

from knell.node.runtime.config import GroupTable
from knell.node.runtime.epoch import Prepared
from knell.node.runtime.notify import OF_THE_NODE
from knell.node.runtime.watch import wait_for
from knell.spec.errors import KnellError


class Started:
    """The processes that the configuration names, one a group."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._pidfds: dict[str, int] = {}

    def start_all(self) -> None:
        """Start the member of each group that this node serves."""
        config = self._prepared.config
        for group in config.group:
            if config.node.name in group.nodes:
                self._start(group)

    def start(self, name: str) -> None:
        """Start the member of one group again."""
        self._start(next(each for each in self._prepared.config.group if each.name == name))

    def _start(self, group: GroupTable) -> None:
        if not group.command:
            return
        prepared = self._prepared
        config = prepared.config
        command = [config.path.parent / c if c.startswith("./") else c for c in group.command]
        environment = {
            **{name: value for name, value in os.environ.items() if name not in OF_THE_NODE},
            "KNELL_RUN": str(prepared.run),
            "KNELL_NODE": config.node.name,
            "KNELL_GROUP": group.name,
        }
        try:
            child = subprocess.Popen(  # noqa: S603 # what the owner of the node configured
                command,
                env=environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                preexec_fn=prepared.cgroups.place(group.name),  # noqa: PLW1509 # one thread
            )
        except (OSError, subprocess.SubprocessError) as error:
            prepared.journal.note("member not started", group=group.name, why=str(error))
            return
        child.returncode = 0  # the sentinel waits for it with all other children
        try:
            prepared.remember(child.pid)
        except KnellError as error:
            os.kill(child.pid, signal.SIGKILL)
            prepared.journal.note("member not started", group=group.name, why=str(error))
            return
        if group.name in self._pidfds:
            os.close(self._pidfds[group.name])
        self._pidfds[group.name] = os.pidfd_open(child.pid)

    def end(self) -> None:
        """Kill what still runs, members that never joined among it, and wait for it."""
        for group, pidfd in self._pidfds.items():
            self._prepared.cgroups.kill(group)
            try:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            except ProcessLookupError:
                continue
            except OSError:
                continue  # it has made itself another user's: gated, and beyond this node
            wait_for(pidfd)
        for group in self._pidfds:
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            self._prepared.cgroups.remove(group)
