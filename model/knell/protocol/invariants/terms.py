"""Words that the invariants share."""

from __future__ import annotations

from knell.language.expressions import Expr
from knell.protocol.world import World


def over(w: World, i: Expr) -> Expr:
    """The epoch has been, and is no more."""
    return w.phase[i].is_in("ended", "crashed")


def dormant(w: World, i: Expr) -> Expr:
    """Nothing of the epoch runs, so that it remembers nothing."""
    return w.phase[i].is_in("absent", "ended", "crashed")


def out(w: World, i: Expr, g: Expr) -> Expr:
    """The entry acts no more in this group, and never will."""
    return w.phase[i].is_in("quiesced", "ended", "crashed") | w.member_gone[i, g]
