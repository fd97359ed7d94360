"""What must hold whatever fails: judged over all lines of nodes and members, and the store's log.

`judge` knows what one failure has to lead to; the ledger knows only what may never be, so it can
follow a cluster through any number of failures. Lines are read as they are added.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from knell.node.demo.store import Written

Line = dict[str, Any]

_LATCHES: Final = {
    "detect_by_cc": "i",
    "report_reaches_cc": "i",
    "initiate_by_engine": "i",
    "initiate_by_sentinel": "i",
    "initiate_for_critical_member": "i",
    "request_stop": "i",
    "learn_own_leave": "i",
}
_ONCE: Final = ("quiesce", "end_clustering")


class Tail:
    """Reads what was added to a file since the last look.

    Args:
        path: The file; it may come later, and start anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def read(self) -> list[Line]:
        """The whole lines that are new."""
        try:
            with self._path.open("rb") as file:
                if self._path.stat().st_size < self._at:
                    self._at = 0
                file.seek(self._at)
                raw = file.read()
        except FileNotFoundError:
            return []
        whole = raw.rfind(b"\n") + 1
        self._at += whole
        return [json.loads(line) for line in raw[:whole].splitlines()]


class Ledger:
    """Keeps account of a cluster; `faults` is what was found."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.actions: Counter[str] = Counter()
        self._signalled: set[tuple[str, int]] = set()
        self._newest: dict[str, int] = {}
        self._closed: dict[tuple[str, int], int] = {}
        self._told: set[tuple[str, int, str, str]] = set()
        self._done: set[tuple[str, str, str]] = set()
        self._unexplained: set[str] = set()
        self._written = 0

    def take(self, lines: Iterable[Line], log: list[Written]) -> None:
        """Judge what is new."""
        lines = sorted(lines, key=lambda line: int(line["t"]))
        for line in lines:
            if "action" in line:
                self._action(line)
        for line in lines:
            if line.get("member") == "node_left":
                self._leave(line)
        self._unexplained = {name for name in self._unexplained if not self._has_reason(name)}
        self._acts(log)

    def close(self) -> None:
        """No more lines will come."""
        self.faults += [f"{name} was left for no reason" for name in sorted(self._unexplained)]

    def _action(self, line: Line) -> None:
        action, about = line["action"], line["args"]
        self.actions[action] += 1
        if action == "restart":
            node, _, epoch = about["j"].rpartition(".")
            self._newest[node] = max(self._newest.get(node, 0), int(epoch))
        elif action in _LATCHES:
            self._signalled.add(_epoch(about["i"]))
        if action in _ONCE:
            # A sentinel that takes over does again what its engine may have done (§7.6).
            key = (action, about["i"], str(line.get("process")))
            if key in self._done:
                self.faults.append(f"{about['i']} did {action} twice")
            self._done.add(key)
        if action == "quiesce":
            self._closed[_epoch(about["i"])] = int(line["t"])

    def _leave(self, line: Line) -> None:
        node, epoch = line["about"]["news"]["epoch"]
        name = f"{node}.{epoch}"
        key = (line["node"], line["epoch"], line["group"], name)
        if key in self._told:
            self.faults.append(f"{line['group']} on {line['node']} was told twice that {name} left")
        self._told.add(key)
        if not self._has_reason(name):
            self._unexplained.add(name)  # its line may come later

    def _has_reason(self, name: str) -> bool:
        """Whether an epoch has signalled, or a later one of its node has started (S14)."""
        node, epoch = _epoch(name)
        return (node, epoch) in self._signalled or self._newest.get(node, 0) > epoch

    def _acts(self, log: list[Written]) -> None:
        """No act after the gate has closed (S1), none of an earlier primary after a later (S2)."""
        for each in log[self._written :]:
            write = each.write
            closed = self._closed.get((write.node, write.epoch))
            if closed is not None and write.at > closed:
                self.faults.append(f"{write.node}.{write.epoch} acted after its gate had closed")
        self._written = len(log)
        highest: dict[str, int] = {}
        for each in sorted(log, key=lambda written: written.write.at):
            group, token = each.write.group, each.write.token
            if token < highest.get(group, 0):
                self.faults.append(f"{each.write.node} acted in {group} beside a later primary")
            highest[group] = max(highest.get(group, 0), token)


def _epoch(name: str) -> tuple[str, int]:
    node, _, epoch = name.rpartition(".")
    return node, int(epoch)
