"""For each action of the model: the one event of one core, or the one act of the environment.

A rule is asked for the move that an instance of its action is at a node. It says None if nobody is
there who could be told, or nothing that could be told: a dead engine hears nothing, a message that
was not sent does not arrive. Whether the *protocol* allows the action is not the rule's business:
the core has to know, and it is asked also where the model says no.
"""

from __future__ import annotations

from typing import Final

from knell.conformance.mapping.environment import ENVIRONMENT, orphan_ends
from knell.conformance.mapping.failing import FAILING
from knell.conformance.mapping.observing import OBSERVING
from knell.conformance.mapping.returning import RETURNING
from knell.conformance.mapping.telling import Rule

RULES: Final[dict[str, Rule]] = {
    **{name: Rule(plan) for name, plan in ENVIRONMENT.items()},
    "orphan_ends": Rule(orphan_ends),
    **{name: Rule(plan) for name, plan in FAILING.items()},
    **OBSERVING,
    **RETURNING,
}
"""All actions of the configurations that can be replayed."""
