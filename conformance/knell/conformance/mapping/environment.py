"""Acts of the environment: what the harness does to a node without telling a core anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from knell.conformance.mapping.moves import Asked, Change
from knell.conformance.sim.node import Node


def _strike(asked: Asked) -> Change:
    """A fatal error is there; nobody has found it (§7.1)."""
    return Change(replace(asked.node, fatal=asked.node.fatal | {asked.kind}))


def _component_dies(asked: Asked) -> Change:
    """A component dies (§7.17); what a dead engine had accepted may take effect still."""
    node, component = asked.node, asked.kind
    changed = replace(node, dead=node.dead | {component})
    if component == "sentinel":
        changed = replace(changed, sentinel=None)
    if component == "engine":
        acting = (g for g, member in node.engine.members.items() if member.primary_acts)
        changed = replace(changed, lingering=frozenset(acting))
    return Change(changed)


def _node_crashes(asked: Asked) -> Change:
    """The node loses power (§7.17)."""
    return Change(asked.node.crashed())


def _daemon_dies(asked: Asked) -> Change:
    """Engine and sentinel die together; the members outlive them (§7.17)."""
    return Change(asked.node.without_daemon())


def orphan_ends(asked: Asked) -> Change:
    """A member that has lost both channels ends, and nobody is there to notice (§7.17)."""
    return Change(asked.node.without_orphan(asked.group))


def unheard_report(asked: Asked) -> Change:
    """A member reports through an engine that is dead: nobody reads what it writes (§7.2)."""
    report = asked.group, asked.kind
    node = replace(asked.node, reports=asked.node.reports | {report})
    return Change(node, (("report", *report),))


def without_act(node: Node, group: str) -> Node:
    """The node once the act that its dead engine had accepted is done."""
    return replace(node, lingering=node.lingering - {group})


ENVIRONMENT: Final[dict[str, Callable[[Asked], Change]]] = {
    "strike": _strike,
    "component_dies": _component_dies,
    "node_crashes": _node_crashes,
    "daemon_dies": _daemon_dies,
}
"""Actions that the model calls the environment's: they are never tried where it says no."""
