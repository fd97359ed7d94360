"""What ties the model to the spec: the claims that each action and property answers."""

from __future__ import annotations

from functools import cache
from typing import TypedDict

from knell.spec.claims import Claim, load_claims
from knell.spec.ids import Property


@cache
def _claims() -> tuple[Claim, ...]:
    return tuple(load_claims().values())


def claims_of_action(name: str) -> tuple[str, ...]:
    """The claims whose evidence names the action."""
    return tuple(claim.id for claim in _claims() if name in claim.actions)


class Citation(TypedDict):
    """What the spec says of a property, as arguments of its declaration."""

    about: str
    claims: tuple[str, ...]


def cite(id: str) -> Citation:
    """The property's statement in one sentence, and the claims whose evidence names it."""
    claims = tuple(claim.id for claim in _claims() if id in claim.properties)
    return Citation(about=Property(id).about, claims=claims)
