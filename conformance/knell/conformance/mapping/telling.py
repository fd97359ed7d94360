"""Whom a move tells: the engine, or the sentinel in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from knell.conformance.mapping.moves import Asked, Move, Stutter, Tell, To
from knell.conformance.sim.node import Node
from knell.node.core import events as ev

Plan: TypeAlias = Callable[[Asked], Move | None]
"""The move that an instance of an action is at a node, or None."""


def engine(event: Callable[[Asked], ev.Event]) -> Plan:
    """The engine is told the event, if there is one."""

    def plan(asked: Asked) -> Move | None:
        return Tell(To.ENGINE, event(asked)) if asked.node.engine_runs else None

    return plan


def speaker(asked: Asked, event: ev.Event, *before: ev.Event) -> Move | None:
    """The engine is told the event, or the sentinel that has taken its place (§7.6)."""
    node = asked.node
    if node.engine_runs:
        return Tell(To.ENGINE, event, before=[Stutter(To.ENGINE, each) for each in before])
    if not node.sentinel_runs:
        return None
    taken = () if node.taken_over or node.engine.latch is None else (takeover(node),)
    return Tell(
        To.SENTINEL, event, before=[Stutter(To.SENTINEL, each) for each in (*taken, *before)]
    )


def takeover(node: Node) -> ev.Event:
    """The sentinel learns that the engine is dead, and what its latch said (§4.4)."""
    return ev.EngineLost(node.engine.latch, node.engine.reporter)


class Rule(NamedTuple):
    """How an action is done.

    Attributes:
        plan: The move at a node, or None.
        hears: The kind of the message about the other parameters that arrives.
        other: What has to be true of the second node, for the environment to bring this about.
    """

    plan: Plan
    hears: str | None = None
    other: Callable[[Node], bool] | None = None
