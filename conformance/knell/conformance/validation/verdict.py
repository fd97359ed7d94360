"""The answer to whether logs are a behaviour of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from knell.conformance.validation.history import History
from knell.conformance.validation.lines import Epoch, Line, read
from knell.conformance.validation.search import InconclusiveError, Search, Stuck
from knell.conformance.validation.universe import Universe, sizes_of
from knell.language.errors import ModelError
from knell.protocol.apart import FEWEST_SLOTS, Sizes


class Verdict(StrEnum):
    """What is said of logs."""

    ACCEPT = "accept"
    REJECT = "reject"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Rejection:
    """A line that could not come next, and why."""

    place: str
    epoch: str
    seq: int
    line: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RunVerdict:
    """What is said of one run: how many of its lines a behaviour explains, and what stops it."""

    run: str
    verdict: Verdict
    lines: int
    explained: int
    rejections: tuple[Rejection, ...] = ()
    why: str = ""


def validate(paths: Iterable[Path]) -> list[RunVerdict]:
    """Judge logs, run by run.

    Raises:
        MalformedLogError: They break a rule of `spec/LOGS.md`.
        KnellError: A file cannot be read.
    """
    return [_judge(run, epochs) for run, epochs in read(paths).items()]


def _judge(run: str, epochs: dict[Epoch, list[Line]]) -> RunVerdict:
    total = sum(map(len, epochs.values()))
    history = History(epochs)
    first = next(iter(epochs.values()))[0]
    try:
        search = Search(_universe(sizes_of(history.config, first.place)), history)
    except ModelError as error:
        return RunVerdict(run, Verdict.INCONCLUSIVE, total, 0, why=str(error))
    try:
        accepted = search.run()
    except InconclusiveError as error:
        taken = search.position.taken
        return RunVerdict(run, Verdict.INCONCLUSIVE, total, taken, why=str(error))
    if accepted:
        return RunVerdict(run, Verdict.ACCEPT, total, total)
    return _rejected(run, total, search.furthest)


def _rejected(run: str, total: int, stuck: Stuck) -> RunVerdict:
    rejections = tuple(
        Rejection(line.place, f"{line.epoch[0]}.{line.epoch[1]}", line.seq, line.name, reasons)
        for line, reasons in stuck.refusals
        if reasons
    )
    return RunVerdict(run, Verdict.REJECT, total, stuck.taken, rejections)


@lru_cache(maxsize=8)
def _universe(sizes: Sizes) -> Universe:
    """The model for a log; of a large cluster fewer epochs are told apart."""
    try:
        return Universe(sizes)
    except ModelError:
        return Universe(replace(sizes, slots=FEWEST_SLOTS))
