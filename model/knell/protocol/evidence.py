"""What ties the model to the spec: the claims that each action and property answers."""

from __future__ import annotations

from functools import cache

from knell.spec.claims import Claim, load_claims
from knell.spec.ids import Property


@cache
def _claims() -> tuple[Claim, ...]:
    return tuple(load_claims().values())


def claims_of_action(name: str) -> tuple[str, ...]:
    """The claims whose evidence names the action."""
    return tuple(claim.id for claim in _claims() if name in claim.actions)


def claims_of(id: str) -> tuple[str, ...]:
    """The claims whose evidence names the property."""
    return tuple(claim.id for claim in _claims() if id in claim.properties)


def statement(id: str) -> str:
    """The property in one sentence."""
    return Property(id).about
