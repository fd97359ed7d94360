"""The steps that a search finds where a leads-to is asked, and what is asked of their states."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from knell.checker.compiled.context import At
from knell.checker.compiled.errors import misstep_of
from knell.checker.compiled.graph import Graph
from knell.checker.compiled.memory import Memory, physical_bytes
from knell.checker.compiled.native import Native
from knell.checker.compiled.responses import words_of

_NUMBER = ctypes.c_int64


class KeptEdges:
    """The memory of the steps, four bytes for a target and four for an instance.

    ``room`` says of how many states there may be steps, and how many may be found at once.
    """

    def __init__(self, context: Any, native: Native, responses: int, room: tuple[int, int]) -> None:
        states, spare = room
        most = physical_bytes() // 8
        self.context = context
        self.native = native
        self.words = words_of(responses)
        self._memory = (Memory(states * 8), Memory(most * 4), Memory(most * 4))
        places = (At.EDGE_FIRST, At.EDGE_TARGETS, At.EDGE_INSTANCES)
        for at, memory in zip(places, self._memory, strict=True):
            context[at] = memory.address
        context[At.EDGE_ROOM] = most - spare

    def graph(self) -> Graph:
        """The steps, where they are kept."""
        first, targets, instances = self._memory
        edges = int(self.context[At.EDGES])
        return Graph(
            first.view(np.int64, int(self.context[At.EXPANDED]) + 1),
            targets.view(np.int32, edges),
            instances.view(np.int32, edges),
        )

    def starts(self, states: int) -> Any:
        """The responses that start to wait in each of the first states, as words of bits."""
        return self._ask("ask_starts", states, 0, states)

    def lacks(self, states: Any) -> Any:
        """The responses that lack their goals in some states, as words of bits."""
        numbers = np.ascontiguousarray(states, dtype=np.int64)
        return self._ask("ask_lacks", len(numbers), numbers.ctypes.data, len(numbers))

    def _ask(self, function: str, rows: int, *arguments: int) -> Any:
        words = np.zeros((rows, self.words), dtype=np.uint64)
        ask = self.native.function(function, *[_NUMBER] * 5)
        failed = ask(self.context.ctypes.data, *arguments, words.ctypes.data)
        if failed >= 0:
            misstep = misstep_of(self.context)
            misstep.state = int(failed)
            raise misstep
        return words
