"""Going to each state of the model once, by snapshots of the adapter.

All that is asked for in one state is asked for together, so that an adapter that takes several
requests at once is not waited for each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from knell.conformance.adapter import wire
from knell.conformance.adapter.judge import Judge, Moment, NotSupportedError
from knell.conformance.adapter.taking import Take, Taking
from knell.conformance.adapter.ways import Tree
from knell.conformance.replay.divergence import Finding

_Reply: TypeAlias = "wire.Reply | None"


def explore(taking: Taking, tree: Tree) -> dict[int, Moment]:
    """Take what is left in each state that snapshots lead to; return a moment of each."""
    moments: dict[int, Moment] = {}

    def first() -> None:
        moments[0] = taking.judge.keep()

    fine = taking.guarded(first)
    for state in tree.order:
        if not fine or taking.is_over:
            break
        if state in moments:
            visit = partial(_visit, taking, state, tree.way(state), moments)
            fine = taking.guarded(visit, begin=False)
    return moments


def _visit(taking: Taking, state: int, way: list[int], moments: dict[int, Moment]) -> None:
    """Ask for everything in one state, and compare what came of it."""
    judge, moment = taking.judge, moments[state]
    judge.standing = moment.standing.copy()
    quiet = [*taking.still(state), *taking.disabled(state)]
    moving = taking.moving(state)
    kept = _kept(taking, state, moving, moments)
    requests: list[wire.Request | None] = [judge.going_back(moment)]
    requests += [*(judge.request(each) for each in quiet), judge.looking()]
    for each in moving:
        requests += taken(judge, moment, each, keep=each in kept)
    first, *replies = judge.talk.ask_all(requests)
    assert first is not None
    taking.note(way, judge.gone_back(moment, first), enabled=True)
    heeded = {i: _heeded(judge, i, reply) for i, reply in zip(quiet, replies, strict=False)}
    stayed = replies[len(quiet)]
    assert stayed is not None
    if any(each.findings for each in heeded.values()) or judge.looked(moment, stayed):
        # Something moved, so that what came after it says nothing: once more, one by one.
        for each in quiet:
            judge.go_back(moment)
            if _take_quiet(taking, state, way, each, judge.take):
                enabled = each in taking.graph.steps[state]
                taking.note([*way, each], judge.end(), enabled=enabled)
    else:
        for each in quiet:
            _take_quiet(taking, state, way, each, heeded[each])
    for each, (_, reply, keep) in zip(moving, threes(replies[len(quiet) + 1 :]), strict=True):
        judge.standing = moment.standing.copy()
        at = taking.advance(list(way), state, each, reading(judge, reply))
        if at >= 0 and keep is not None:
            moments[at] = judge.kept(keep)


def _kept(
    taking: Taking, state: int, moving: Iterable[int], moments: Mapping[int, Moment]
) -> set[int]:
    """The steps after which the moment is kept: the first one to each state that was not met."""
    first: dict[int, int] = {}
    for each in moving:
        first.setdefault(taking.graph.steps[state][each].target, each)
    return {each for target, each in first.items() if target not in moments}


def taken(
    judge: Judge, moment: Moment, instance: int, *, keep: bool
) -> Iterator[wire.Request | None]:
    """Three requests: to go back, if the step does not say so itself; the step; to keep it."""
    step = judge.request(instance, at=moment)
    yield judge.going_back(moment) if step is None and keep else None
    yield step
    yield judge.keeping() if keep else None


def threes(replies: Sequence[_Reply]) -> Iterator[tuple[_Reply, _Reply, _Reply]]:
    """Replies to the requests of `taken`, step by step."""
    yield from zip(replies[::3], replies[1::3], replies[2::3], strict=True)


def reading(judge: Judge, reply: _Reply) -> Take:
    """A step that was taken already, and whose reply is there."""
    return lambda instance: judge.heed(instance, reply)


class _Heeded:
    """What a reply was found to say; called, it says so again."""

    def __init__(self, findings: list[Finding], unsupported: NotSupportedError | None) -> None:
        self.findings = findings
        self._unsupported = unsupported

    def __call__(self, _: int) -> list[Finding]:
        if self._unsupported is not None:
            raise self._unsupported
        return self.findings


def _heeded(judge: Judge, instance: int, reply: _Reply) -> _Heeded:
    try:
        return _Heeded(judge.heed(instance, reply), None)
    except NotSupportedError as error:
        return _Heeded([], error)


def _take_quiet(taking: Taking, state: int, way: list[int], instance: int, take: Take) -> bool:
    """Count a step that should change nothing; whether it did not."""
    if instance in taking.graph.steps[state]:
        return taking.advance(list(way), state, instance, take) >= 0
    return taking.attempt(way, instance, take)
