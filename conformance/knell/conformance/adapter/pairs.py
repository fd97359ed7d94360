"""Every pair of consecutive transitions at an adapter: each step after each that leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from knell.conformance.adapter.exploring import reading, taken, threes
from knell.conformance.adapter.judge import Moment
from knell.conformance.adapter.taking import Taking


def pairs_of(taking: Taking) -> int:
    """How many pairs of transitions the adapter supports, in all states of the model."""
    allowed = [[i for i in steps if taking.allowed[i]] for steps in taking.graph.steps]
    return sum(
        len(allowed[taking.graph.steps[state][i].target])
        for state, here in enumerate(allowed)
        for i in here
    )


def take_pairs(taking: Taking, moments: Mapping[int, Moment], way: Mapping[int, list[int]]) -> int:
    """Take each transition, and after it each that follows; return how many pairs were taken.

    Args:
        taking: What there is to take.
        moments: A moment of the adapter for each state of the model.
        way: How each of these states is reached.
    """
    covered = 0
    for state, moment in moments.items():
        if taking.is_over:
            break
        found: list[int] = []
        if taking.guarded(
            partial(_after_each, taking, state, moment, way[state], found), begin=False
        ):
            covered += sum(found)
    return covered


def _after_each(
    taking: Taking, state: int, moment: Moment, way: list[int], found: list[int]
) -> None:
    """Take each step out of one state, and all that follow it."""
    judge, steps = taking.judge, taking.graph.steps[state]
    firsts = [i for i in steps if taking.allowed[i]]
    judge.standing = moment.standing.copy()
    requests = [each for i in firsts for each in taken(judge, moment, i, keep=True)]
    replies = judge.talk.ask_all(requests)
    for first, (_, reply, keep) in zip(firsts, threes(replies), strict=True):
        judge.standing = moment.standing.copy()
        at = taking.advance(list(way), state, first, reading(judge, reply))
        if at >= 0 and keep is not None:
            found.append(_all_of(taking, at, judge.kept(keep), [*way, first]))


def _all_of(taking: Taking, state: int, moment: Moment, way: list[int]) -> int:
    """Take every step out of a state, from this moment; return how many."""
    judge = taking.judge
    seconds = [i for i in taking.graph.steps[state] if taking.allowed[i]]
    replies = judge.talk.ask_all([judge.request(i, at=moment) for i in seconds])
    for second, reply in zip(seconds, replies, strict=True):
        judge.standing = moment.standing.copy()
        taking.advance(list(way), state, second, reading(judge, reply))
    return len(seconds)
