"""Every two values of two parameters go together, or are refused in one line.

A few rows are drawn, with a fixed seed, so that each pair of values stands in one of them. Each
row is built for two nodes, and its first states are searched: what is cheap to reach must be safe.
"""

import random
from functools import cache
from itertools import combinations

import pytest

from knell.checker import Options, check
from knell.language import Model, Settings
from knell.language.loading import load_model
from knell.language.settings import ParameterValue, settings
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.parameters import CAUSES, COMPONENTS, PLACEMENTS, declare
from knell.spec.errors import KnellError

FLAG: tuple[ParameterValue, ...] = (False, True)
VALUES: dict[str, tuple[ParameterValue, ...]] = {
    "nodes": (2,),
    "groups": (1, 2),
    "members": (0, 1),
    "returning": (0, 1),
    "placement": PLACEMENTS,
    "dependent": FLAG,
    "signals": (1, 2),
    "failures": (-1, 0, 1),
    "causes": tuple(CAUSES),
    "components": tuple(COMPONENTS),
    "crashes": (-1, 0, 1),
    "heartbeat_losses": (0, 1),
    "stops": (0, 1),
    "member_failures": (0, 1),
    "goodbyes": FLAG,
    "critical": FLAG,
    "unkillable": FLAG,
    "tokens": FLAG,
    "acts": FLAG,
    "coarse": FLAG,
    "isolations": (0, 1),
    "fences": FLAG,
    "cold_starts": FLAG,
    "leases": FLAG,
}
Row = dict[str, ParameterValue]
Choice = tuple[str, ParameterValue]
Pair = frozenset[Choice]

REFUSED = {
    frozenset({("leases", True), ("groups", 2)}),
    frozenset({("leases", True), ("returning", 1)}),
    frozenset({("cold_starts", True), ("returning", 0)}),
    frozenset({("cold_starts", True), ("leases", True)}),
}
"""The pairs that no row may hold."""

STATES = 400


def pairs_of(row: Row) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def every_pair() -> set[Pair]:
    return {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(VALUES, 2)
        for a in VALUES[one]
        for b in VALUES[other]
    }


def is_refused(row: Row) -> bool:
    """Whether the model does not take these parameters."""
    try:
        with settings(Settings(values=row)):
            declare(Model("parameters alone"))
    except KnellError:
        return True
    return False


@cache
def rows() -> tuple[Row, ...]:
    """Rows that hold every pair but the refused ones, each the best of a few that were drawn."""
    drawn = random.Random(2)  # noqa: S311  # a seed, so that the rows stay the same
    found: list[Row] = []
    missing = every_pair() - REFUSED
    while missing:
        wanted = min(missing, key=sorted_text)
        candidates = [_completed(wanted, missing, drawn) for _ in range(5)]
        best = max(candidates, key=lambda row: len(pairs_of(row) & missing))
        missing -= pairs_of(best)
        found.append(best)
    return tuple(found)


def sorted_text(pair: object) -> str:
    return str(sorted(pair, key=str)) if isinstance(pair, frozenset) else str(pair)


def _completed(pair: Pair, missing: set[Pair], drawn: random.Random) -> Row:
    """A row with this pair, each further value the one that adds most of what is missing."""
    row = dict(pair)
    others = [name for name in VALUES if name not in row]
    drawn.shuffle(others)
    for name in others:
        allowed = [v for v in VALUES[name] if not _new_pairs(row, name, v) & REFUSED]
        drawn.shuffle(allowed)
        row[name] = max(allowed, key=lambda v: len(_new_pairs(row, name, v) & missing))
    return {name: row[name] for name in VALUES}


def _new_pairs(row: Row, name: str, value: ParameterValue) -> set[Pair]:
    return {frozenset({choice, (name, value)}) for choice in row.items()}


def test_the_rows_hold_every_pair() -> None:
    held = set().union(*map(pairs_of, rows()))
    assert held == every_pair() - REFUSED


@pytest.mark.parametrize("pair", sorted(REFUSED, key=sorted_text), ids=sorted_text)
def test_a_refused_pair_is_refused_in_one_line(pair: Pair) -> None:
    chosen = {"nodes": 2, "groups": 1, **dict(pair)}
    with pytest.raises(KnellError) as caught:
        load_model(NODE_SHUTDOWN, Settings(values=chosen))
    assert "\n" not in str(caught.value)


def test_each_row_is_built_and_its_first_states_are_safe() -> None:
    for row in rows():
        assert not is_refused(row), row
        model = load_model(NODE_SHUTDOWN, Settings(values=row))
        safety = tuple(p.id for p in model.properties if p.kind in ("always", "action"))
        result = check(model, Options(properties=safety, max_states=STATES))
        violated = {p.id for p in result.properties if p.verdict == "violated"}
        assert violated <= ({"S2"} if row["signals"] == 1 else set()), row
