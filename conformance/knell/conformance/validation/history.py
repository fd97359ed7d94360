"""The lines of one run as a partial order: by number within an epoch, by cause across nodes.

No clock is read. Before a line can have happened, its predecessor on the node must have, and the
line that sent the message whose arrival it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from knell.conformance.validation.lines import LINES_LOST, Epoch, Line, MalformedLogError

CRASH: Final = "node_crashes"
"""What becomes of an epoch that has lost its end: written into the order, never into a log."""

_OVER: Final = frozenset({"end_clustering"})


@dataclass(eq=False)
class History:
    """One run of a cluster.

    Raises:
        MalformedLogError: No order of the lines satisfies their causes.
    """

    lines: dict[Epoch, list[Line]]
    senders: dict[str, list[Line]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lose_ends()
        for lines in self.lines.values():
            for line in lines:
                for name in line.said:
                    self.senders.setdefault(name, []).append(line)
        self._check_causes()
        self._check_cycles()

    @cached_property
    def config(self) -> dict[str, Any]:
        """The nodes and groups, as the first line of each epoch tells them."""
        told: tuple[dict[str, Any], Line] | None = None
        for lines in self.lines.values():
            config = lines[0].post.get("config")
            if not isinstance(config, dict):
                raise MalformedLogError(
                    "the first line of an epoch tells no config",
                    place=lines[0].place,
                    mend="see spec/LOGS.md §3",
                )
            if told is not None and config != told[0]:
                raise MalformedLogError(
                    f"tells another config than {told[1].place}", place=lines[0].place
                )
            told = told or (config, lines[0])
        assert told is not None
        return told[0]

    @cached_property
    def epochs(self) -> dict[str, list[int]]:
        """The epochs of each node, in order."""
        found: dict[str, list[int]] = {}
        for node, epoch in sorted(self.lines):
            found.setdefault(node, []).append(epoch)
        return found

    @cached_property
    def lossy(self) -> frozenset[Epoch]:
        """The epochs that have declared a loss, or whose next epoch has."""
        return frozenset(
            epoch
            for epoch, lines in self.lines.items()
            if any(line.action in {LINES_LOST, CRASH} for line in lines)
        )

    def before(self, line: Line) -> Line | None:
        """The line before this one on its node."""
        if line.seq > 1:
            return self.lines[line.epoch][line.seq - 2]
        node, number = line.epoch
        earlier = [each for each in self.epochs[node] if each < number]
        return self.lines[node, earlier[-1]][-1] if earlier else None

    def causes(self, line: Line) -> list[Line]:
        """The lines that sent the message whose arrival this one is; one of them is enough."""
        return self.senders.get(line.caused_by, []) if line.caused_by is not None else []

    def _lose_ends(self) -> None:
        """An epoch that did not end in order, and is surely over, has lost its end."""
        for node, numbers in self.epochs.items():
            for number in numbers:
                lines = self.lines[node, number]
                last = lines[-1]
                is_over = number != numbers[-1] or last.action == LINES_LOST
                if is_over and not any(line.action in _OVER for line in lines):
                    args = {"i": f"{node}.{number}"}
                    lines.append(
                        Line(last.place, last.epoch, last.seq + 1, CRASH, args, (), None, {})
                    )

    def _check_causes(self) -> None:
        for lines in self.lines.values():
            for line in lines:
                if line.caused_by is not None and not self.causes(line) and not self.lossy:
                    raise MalformedLogError(
                        f"nobody has sent {line.caused_by}",
                        place=line.place,
                        mend="give the logs of all nodes, and declare what was lost",
                    )

    def _check_cycles(self) -> None:
        """Put all lines in some order, of those messages that have one sender only."""
        waiting: dict[int, int] = {}
        after: dict[int, list[Line]] = {}
        ready: list[Line] = []
        for lines in self.lines.values():
            for line in lines:
                needed = [self.before(line), *(self.causes(line) if self._is_clear(line) else ())]
                present = [each for each in needed if each is not None]
                waiting[id(line)] = len(present)
                for each in present:
                    after.setdefault(id(each), []).append(line)
                if not present:
                    ready.append(line)
        done = 0
        while ready:
            line = ready.pop()
            done += 1
            for each in after.get(id(line), ()):
                waiting[id(each)] -= 1
                if not waiting[id(each)]:
                    ready.append(each)
        if done < len(waiting):
            stuck = [
                line for lines in self.lines.values() for line in lines if waiting[id(line)] > 0
            ]
            raise MalformedLogError(
                "would have to come before itself, by its number and its cause",
                place=stuck[0].place,
            )

    def _is_clear(self, line: Line) -> bool:
        return len(self.causes(line)) == 1
