"""Several states of the implementation for one of the model: in what they differ, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final

import msgspec

from knell.conformance.replay.product import Product
from knell.conformance.sim.node import Node

_DEADLINES = "a deadline that has passed before it is needed, or not"
_CLOCKS = "when something happened: the model has no time"
_RELAY = "what is kept for relay or has to be sent again, and in what wording"
_TWICE = "a sentinel keeps books of its own, and repeats what the engine has done"

REASONS: Final[Mapping[str, str]] = {
    "forced": _DEADLINES,
    "signal_over": _DEADLINES,
    "now": _CLOCKS,
    "peers.contact_at": _CLOCKS,
    "unacked": _RELAY,
    "resend_after": _RELAY,
    "store": _RELAY,
    "members.killed": "a member that acknowledged, or was forced out",
    "members.killable": "a kill that has failed already, or not yet",
    "dead engine": "what an engine knew when it died, beyond the records that are compared",
    "members.reported": "a report of a member is a message, which the model forgets with CC",
    "latch": "the first cause, which nobody decides by",
    "at_latch": "who was active when the latch closed: no rule reads it, monitors do",
    "peers.admitted": "of a left epoch nothing is known but that it is over",
    "groups.proposal": "who has accepted an open proposal, before that is counted",
    "groups.primaries": "a primary that is gone by now, heard of before or not: it counts for none",
    "groups.last_primary": "who founds a cold group, which these configurations leave out",
    "groups.proposer": "by which of two primaries the same list was told, which cold starts ask",
    "disk": "the same, as it is stored",
    "groups.lease_until": "a lease that its group does not need",
    "groups.doubted": "whether members were told that their group is in doubt, which informs them",
    "quiesced": "QUIESCED of an epoch that a later one of its node has released already",
    "lingering": "an act that a dead engine had accepted, of a member that is cut off by now",
    "network": "the cause that a statement gives: it informs people",
}
"""What may differ, and why that is no difference to the model."""


def spread(product: Product) -> Counter[str]:
    """In what the states of the implementation differ: how many states of the model each is about.

    Fields of cores are named without the core, those of records with the kind of record. What a
    sentinel has beside its engine is `sentinel`.
    """
    first: dict[int, tuple[tuple[int, ...], int]] = {}
    found: dict[int, set[str]] = {}
    nodes = product.table.nodes

    @cache
    def between(a: int, b: int) -> frozenset[str]:
        return frozenset(_differences(nodes[a], nodes[b]))

    for state, here, network in product.pairs:
        there, other = first.setdefault(state, (here, network))
        if (there, other) == (here, network):
            continue
        what = found.setdefault(state, set())
        if other != network:
            what.add("network")
        for a, b in zip(there, here, strict=True):
            if a != b:
                what |= between(a, b)
    return Counter(each for names in found.values() for each in names)


def reason_of(name: str) -> str | None:
    """Why states may differ in this, or None if nobody has said why."""
    return _TWICE if name == "sentinel" else REASONS.get(name)


def _differences(a: Node, b: Node) -> Iterator[str]:
    for each in fields(Node):
        if each.name not in {"engine", "sentinel"} and getattr(a, each.name) != getattr(
            b, each.name
        ):
            yield each.name
    if a.engine_runs or b.engine_runs or a.over is not None:
        yield from _in_cores(a.engine, b.engine)
    elif a.engine != b.engine:
        yield "dead engine"
    if a.sentinel != b.sentinel:
        yield "sentinel"


def _in_cores(a: Any, b: Any) -> Iterator[str]:
    for each in fields(a):
        one, two = getattr(a, each.name), getattr(b, each.name)
        if one == two or each.name == "digest":
            continue
        records = isinstance(one, dict) and any(
            isinstance(record, msgspec.Struct) for record in one.values()
        )
        if records and one.keys() == two.keys() and each.name != "store":
            yield from (f"{each.name}.{field}" for key in one for field in _in(one[key], two[key]))
        else:
            yield each.name


def _in(a: Any, b: Any) -> Iterator[str]:
    """The fields in which two records differ."""
    return (name for name in a.__struct_fields__ if getattr(a, name) != getattr(b, name))
