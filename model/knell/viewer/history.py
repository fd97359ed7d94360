"""What each cell of a packed trace holds at each step, told from the changes alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from knell.viewer.bundle import ABSENT, Bundle
from knell.viewer.cells import Shown

_MISSING: Final = "absent"
_MANY: Final = 6
"""More cells than this that hold the same are counted, not named."""


class History:
    """A packed trace, for asking."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.meta: dict[str, Any] = bundle["meta"]
        self.extras: dict[str, Any] = bundle["extras"] or {}
        self.last: int = len(bundle["steps"])
        self.loop: int | None = bundle["loop"]
        self._parents, self._labels = bundle["cells"]
        self._when: list[list[int]] = [[] for _ in self._labels]
        self._what: list[list[int]] = [[] for _ in self._labels]
        self._record(0, bundle["first"])
        for number, step in enumerate(bundle["steps"], start=1):
            self._record(number, step[2])

    def _record(self, number: int, changes: list[int]) -> None:
        for cell, value in zip(changes[::2], changes[1::2], strict=True):
            self._when[cell].append(number)
            self._what[cell].append(value)

    @property
    def steps(self) -> int:
        """The number of the last step; one that leads back into a loop counts."""
        return self.last + (1 if self.bundle["closing"] else 0)

    def at(self, cell: int, step: int) -> Shown | None:
        """What a cell holds after a step."""
        latest = bisect_right(self._when[cell], step) - 1
        value = self._what[cell][latest] if latest >= 0 else ABSENT
        return None if value == ABSENT else tuple(self.bundle["values"][value])

    def text(self, cell: int | None, step: int) -> str:
        """The text of what a cell holds."""
        shown = None if cell is None else self.at(cell, step)
        return _MISSING if shown is None else shown[1]

    def name(self, cell: int) -> str:
        """The cell's name: `phase[n1]`."""
        parent = self._parents[cell]
        label = str(self._labels[cell])
        return label if parent < 0 else f"{self.name(parent)}[{label}]"

    def is_inside(self, cell: int) -> bool:
        """Whether the cell is part of another."""
        return bool(self._parents[cell] >= 0)

    def action(self, step: int) -> str:
        """The action of a step."""
        if step > self.last:
            return str(self.bundle["closing"][0])
        return str(self.bundle["steps"][step - 1][0] or "a step without a name")

    def parameters(self, step: int) -> dict[str, str]:
        """The parameters of a step's action."""
        if step > self.last:
            return dict(self.bundle["closing"][1])
        return dict(self.bundle["steps"][step - 1][1])

    def call(self, step: int) -> str:
        """A step in one line: `promote(o=n3, g=g1)`."""
        if step == 0:
            return "start"
        shown = ", ".join(f"{name}={value}" for name, value in self.parameters(step).items())
        return f"{self.action(step)}({shown})"

    def about(self, step: int) -> dict[str, Any]:
        """What is declared about a step's action."""
        if step == 0:
            return {}
        name = self.action(step)
        known: dict[str, Any] = self.extras.get("actions", {})
        found = known.get(name) or self.bundle["actions"].get(name)
        return found or {}

    def notes(self, step: int) -> dict[str, str]:
        """What the trace notes on a step beside what it is: of a log, say, what was observed."""
        return dict(self.bundle["steps"][step - 1][4]) if 0 < step <= self.last else {}

    def violated(self, step: int) -> str | None:
        """The property that a step is said to break."""
        if not 0 < step <= self.last or self.meta["kind"] == "leads_to":
            return None  # a wait without end is broken by no single step
        name: str | None = self.bundle["steps"][step - 1][3]
        return name

    def takers(self, step: int) -> list[int]:
        """The lanes of a step, the taker's first."""
        if not 0 < step <= self.last:
            return []
        lanes: list[int] = self.bundle["scene"]["takers"][step - 1]
        return lanes

    def changes(self, step: int) -> Iterator[tuple[str, str | None, str | None]]:
        """What a step changes: a sign or nothing, then the cell and its values in words.

        Yields the cell's name, the old text and the new one; of relations and sets the
        new text is None where a point is gone, and the old one where it is new.
        """
        changes: list[int] = self.bundle["steps"][step - 1][2]
        for cell, value in zip(changes[::2], changes[1::2], strict=True):
            new = None if value == ABSENT else self.bundle["values"][value]
            old = self.at(cell, step - 1)
            kinds = {each[0] for each in (new, old) if each is not None}
            if kinds == {"c"}:
                continue
            if kinds == {"e"} or (kinds == {"b"} and self.is_inside(cell)):
                holds = new is not None and new[1] != "false"
                yield (self.name(cell), None, "") if holds else (self.name(cell), "", None)
            else:
                yield self.name(cell), self.text(cell, step - 1), new[1] if new else _MISSING

    def holding(self, step: int) -> Iterator[tuple[str, list[str]]]:
        """The state by variable: the cells that hold something; those of one value together."""
        for root in self.bundle["vars"]:
            if root is None:
                continue
            groups: dict[str, list[str]] = {}
            for path, text in self._inside(root, step):
                groups.setdefault(text, []).append(path)
            most = max((len(paths) for paths in groups.values()), default=0)
            yield (
                str(self._labels[root]),
                [
                    _group(text, paths, whole=len(groups) > 1 and len(paths) == most > _MANY)
                    for text, paths in groups.items()
                ],
            )

    @cached_property
    def _children(self) -> list[list[int]]:
        children: list[list[int]] = [[] for _ in self._labels]
        for cell, parent in enumerate(self._parents):
            if parent >= 0:
                children[parent].append(cell)
        return children

    def _inside(self, cell: int, step: int, path: str = "") -> Iterator[tuple[str, str]]:
        """The paths below a cell that hold something, and what; a relation's holds nothing else."""
        shown = self.at(cell, step)
        if shown is None or (shown == ("b", "false") and path):
            return
        if shown[0] == "c":
            for child in self._children[cell]:
                yield from self._inside(child, step, f"{path}[{self._labels[child]}]")
        else:
            yield path, "" if path and (shown[0] == "e" or shown[1] == "true") else shown[1]


def _group(text: str, paths: list[str], *, whole: bool) -> str:
    """Cells that hold the same, in words."""
    where = f"elsewhere ({len(paths)})" if whole else " ".join(paths)
    return " = ".join(part for part in (where, text) if part)
