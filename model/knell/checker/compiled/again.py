"""Expansions that are done again, to answer what no search keeps: parents, and single steps."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from knell.checker.compiled.context import At
from knell.checker.compiled.errors import misstep_of
from knell.checker.compiled.loop import SPAN
from knell.checker.source import Packed

if TYPE_CHECKING:
    from knell.checker.compiled.search import CompiledSearch

_NUMBER = ctypes.c_int64


class Again:
    """Does expansions of a search again."""

    def __init__(self, search: CompiledSearch) -> None:
        self.search = search
        self._unread: Any = None  # what the native code counts, and nobody wants to know

    def scratch(self) -> Any:
        """A context in which doing expansions again changes nothing that counts."""
        search = self.search
        scratch = search.context.copy()
        size = search.taken.size + search.missteps.size + search.seen.size
        self._unread = np.zeros(size, dtype=np.int64)
        for at in (At.TAKEN, At.MISSTEPS, At.SEEN):
            scratch[at] = self._unread.ctypes.data
        scratch[At.DEADLOCK] = scratch[At.UNSEEN] = scratch[At.ERROR] = 0
        return scratch

    def parent(self, number: int) -> tuple[int, int]:
        """The state from which one that is not initial was found, and by which instance."""
        search = self.search
        spans = -(-int(search.context[At.EXPANDED]) // SPAN)
        marks = search.marks[: max(1, spans)]
        span = int(np.searchsorted(marks, number, side="right")) - 1
        scratch = self.scratch()
        start, end = span * SPAN, min((span + 1) * SPAN, int(search.context[At.COUNT]))
        find = search.native.function("parent_of", *[_NUMBER] * 5)
        found = find(scratch.ctypes.data, number, start, end)
        assert found >= 0
        return int(found), int(search.by[0, scratch[At.ERROR_DETAIL]])

    def settled(self, state: Packed) -> Packed:
        """The representative of a state."""
        packing = self.search.packing
        words = np.array(packing.pack(state), dtype=np.int64)
        self.search.native.function("settle", None, _NUMBER)(words.ctypes.data)
        return packing.unpack(words.tolist())

    def steps_from(self, state: Packed) -> list[tuple[int, Packed]]:
        """The instances that lead somewhere, and where."""
        search = self.search
        expand = search.native.function("expand", *[_NUMBER] * 5)
        words = np.array(search.packing.pack(state), dtype=np.int64)
        scratch = self.scratch()
        n = expand(words.ctypes.data, 0, 0, scratch.ctypes.data)
        if scratch[At.ERROR]:
            raise misstep_of(scratch)
        width = search.packing.words
        found = search.made[0, : n * width].reshape(n, width).tolist()
        return [
            (k, search.packing.unpack(after))
            for k, after in zip(search.by[0, :n].tolist(), found, strict=True)
        ]
