"""From a run that shows a divergence to a shortest one that shows the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knell.conformance.adapter.judge import DoubtfulError, Judge, NotSupportedError
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.peer import PeerError
from knell.conformance.mapping.possible import is_possible
from knell.conformance.replay.divergence import Divergence, identify
from knell.conformance.replay.expected import Graph

_MOST = 400
"""Runs to try."""


def shrink(
    judge: Judge, found: Divergence, states: Sequence[int], way: Callable[[int], list[int]]
) -> Divergence:
    """Try the step in states that are nearer, the nearest first; then leave out single steps.

    Args:
        judge: The judge, which has the adapter.
        found: The divergence.
        states: The states of the model, the nearest first.
        way: The instances on a shortest way to a state.
    """
    if len(found.instances) < 2:
        return found
    best, tries = found, 0
    for state in states:
        run = [*way(state), found.instances[-1]]
        if len(run) >= len(best.instances) or tries >= _MOST:
            break
        if _may_show(judge, state, found):
            tries += 1
            nearer = _again(judge, run, best)
            if nearer is not None:
                return nearer
    return _without_single_steps(judge, best)


def _may_show(judge: Judge, state: int, found: Divergence) -> bool:
    """Whether the step of a divergence can be asked for in a state as it was where it was found."""
    last = found.instances[-1]
    if found.enabled:
        return last in judge.graph.steps[state]
    world = judge.world.at(judge.graph.states[state])
    instance = judge.expected.instances[last]
    return last not in judge.graph.steps[state] and is_possible(world, instance)


def _without_single_steps(judge: Judge, best: Divergence) -> Divergence:
    at = 0
    while at < len(best.instances) - 1:
        fewer = [*best.instances[:at], *best.instances[at + 1 :]]
        smaller = None if follow(judge.graph, fewer[:-1]) is None else _again(judge, fewer, best)
        if smaller is None:
            at += 1
        else:
            best = smaller
    return best


def follow(graph: Graph, way: Sequence[int]) -> int | None:
    """The state of the model to which instances lead, or None if one is not enabled."""
    state = 0
    for instance in way:
        step = graph.steps[state].get(instance)
        if step is None:
            return None
        state = step.target
    return state


def _again(judge: Judge, run: Sequence[int], known: Divergence) -> Divergence | None:
    """The same divergence at the end of this run, if it shows it."""
    if len(run) >= len(known.instances):
        return None
    state = follow(judge.graph, run[:-1])
    if state is None or (run[-1] in judge.graph.steps[state]) != known.enabled:
        return None
    try:
        if judge.begin("shrink"):
            return None
        for instance in run[:-1]:
            if judge.take(instance):
                return None
        findings = judge.take(run[-1])
    except (NotSupportedError, DoubtfulError):
        return None
    except (PeerError, MalformedError):
        judge.talk.restart()
        return None
    action = judge.expected.instances[run[-1]].action.name
    if not findings or identify(action, findings, enabled=known.enabled) != known.id:
        return None
    steps = tuple(str(judge.expected.instances[each]) for each in run)
    return Divergence(known.id, steps, tuple(run), known.enabled, tuple(findings))
