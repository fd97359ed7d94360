"""The parts of a measurement by their names, and a run of some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from knell.bench import protocol, two_phase
from knell.bench.plan import Plan, Talk
from knell.bench.rows import Row
from knell.spec.errors import KnellError

PARTS: Final[dict[str, Callable[[Plan, Talk], Iterator[Row]]]] = {
    "spin": two_phase.against_spin,
    "memory": two_phase.against_memory,
    "reference": two_phase.against_reference,
    "growth": two_phase.growth,
    "symmetry": two_phase.symmetry,
    "walks": two_phase.walks,
    "start": protocol.start,
    "protocol": protocol.protocol,
    "large": protocol.large,
    "cluster": two_phase.cluster,
    "failures": protocol.known,
}
"""The parts by their names."""


def run_parts(
    names: Iterable[str], plan: Plan, talk: Talk, take: Callable[[Row], None]
) -> list[str]:
    """Measure; each row is handed to ``take`` as soon as it is there.

    Returns:
        The parts that failed. What they had measured before was taken, and the others are
        measured all the same.
    """
    failed = []
    for name in names:
        try:
            for each in PARTS[name](plan, talk):
                take(each)
        except KnellError as error:
            talk.note(f"The part {name} failed: {error}.")
            failed.append(name)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others are worth having
            talk.note(f"The part {name} failed: {type(error).__name__}: {error}.")
            failed.append(name)
    return failed
