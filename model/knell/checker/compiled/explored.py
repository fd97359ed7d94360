"""What the compiled search knows so far, read from its contexts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from knell.checker.compiled.context import At
from knell.checker.explored import ROOT, Explored
from knell.checker.source import Packed

if TYPE_CHECKING:
    from knell.checker.compiled.search import CompiledSearch

_NEVER = 1 << 62


def first(numbers: Any) -> list[int]:
    """The least number of each column; -1 stands for none, and becomes a very large one."""
    least: list[int] = np.where(np.asarray(numbers) < 0, _NEVER, numbers).min(axis=0).tolist()
    return least


class States(Sequence[Packed]):
    """The states that were found, unpacked as they are asked for."""

    def __init__(self, search: CompiledSearch) -> None:
        self.search = search

    def __len__(self) -> int:
        return int(self.search.context[At.COUNT])

    @overload
    def __getitem__(self, number: int) -> Packed: ...
    @overload
    def __getitem__(self, number: slice) -> list[Packed]: ...
    def __getitem__(self, number: int | slice) -> Packed | list[Packed]:
        if isinstance(number, slice):
            return [self[k] for k in range(*number.indices(len(self)))]
        words = self.search.packing.words
        packed = self.search.states[number * words : (number + 1) * words].tolist()
        return self.search.packing.unpack(packed)


class CompiledExplored(Explored):
    """What the compiled search knows so far, read from its context."""

    def __init__(self, search: CompiledSearch, instances: int) -> None:
        self.search = search
        super().__init__(taken=[0] * instances)
        self.states = States(search)  # type: ignore[assignment]  # read, never written

    def refresh(self) -> None:
        """Read the context."""
        search = self.search
        context, contexts = search.context, search.contexts
        self.expanded = int(context[At.EXPANDED])
        for k, count in zip(search.firsts, search.taken.sum(axis=0).tolist(), strict=True):
            if k is not None:
                self.taken[k] = count
        hits = enumerate(first(search.hits))
        self.hits = {k: state for k, state in hits if state < _NEVER}
        pairs = search.missteps.reshape(len(contexts), -1, 2).tolist()
        self.missteps = {
            k: min((u, i) for u, i in some if u >= 0)
            for k, some in enumerate(zip(*pairs, strict=True))
            if any(u >= 0 for u, _ in some)
        }
        deadlock = first(contexts[:, [At.DEADLOCK]])[0]
        self.deadlock = deadlock if deadlock < _NEVER else None
        seen: list[int] = search.seen.sum(axis=0).tolist()
        self.awaited = {k for k, one in enumerate(seen[: len(search.questions.awaited)]) if one}

    def path(self, state: int) -> tuple[list[int], list[int]]:
        states, instances = [state], []
        while (parent := self.search.parent(states[-1]))[0] != ROOT:
            states.append(parent[0])
            instances.append(parent[1])
        return states[::-1], instances[::-1]
