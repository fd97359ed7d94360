"""What the machine's memory allows: random reads of lines, asked for ahead, as a search does."""

from __future__ import annotations

import ctypes
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from knell.checker.compiled.code import DECLARATIONS, Code
from knell.checker.compiled.memory import Memory
from knell.checker.compiled.native import Native
from knell.checker.compiled.table import high_product

_LINE = 64  # bytes
_BATCH = 64  # reads that are asked for before the first is made
_FACTOR = 0x9E3779B97F4A7C15


def nanoseconds_a_read(size: int, workers: int = 1, reads: int = 20_000_000) -> float:
    """Nanoseconds from one random read of a line to the next, over so many bytes in all."""
    memory = Memory(size)
    memory.view(np.uint8)[::4096] = 1  # every page is there
    native = Native(f"{DECLARATIONS}\n{_reader()}")
    number = ctypes.c_int64
    read = native.function("read_at_random", *[number] * 5)
    each = reads // workers // _BATCH
    with ThreadPoolExecutor(workers) as pool:
        start = time.perf_counter()
        seeds = range(1, workers + 1)
        done = [pool.submit(read, memory.address, size // _LINE, each, seed) for seed in seeds]
        for one in done:
            one.result()
        return (time.perf_counter() - start) * 1e9 / (each * workers * _BATCH)


def _reader() -> str:
    """``read_at_random(table, lines, batches, seed)``: the sum of what was read."""
    parameters = (("ptr", "table"), ("i64", "lines"), ("i64", "batches"), ("i64", "seed"))
    code = Code("read_at_random", parameters, "i64")
    total, chance = code.slot(0), code.slot("%seed")
    places = code.slot("zeroinitializer", f"[{_BATCH} x i64]")
    with code.count(0, "%batches"):
        with code.count(0, _BATCH) as k:
            word = code.op("mul", code.add(code.load(chance), _FACTOR), _FACTOR)
            word = code.op("xor", word, code.op("lshr", word, 29))
            code.store(word, chance)
            line = high_product(code, code.op("mul", word, _FACTOR), "%lines")
            place = code.op("mul", line, _LINE // 8)
            code.store(place, code.at(places, k))
            code.prefetch(code.at("%table", place))
        with code.count(0, _BATCH) as k:
            code.bump(total, code.load(code.at("%table", code.load(code.at(places, k)))))
    code.give(code.load(total))
    return code.text()
