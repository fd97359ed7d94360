"""Where model and implementation differ: after which run, at which step, in what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that differs."""

    what: str
    expected: str
    observed: str

    @property
    def kind(self) -> str:
        """What differs, whichever node it is about: the variable, without its arguments."""
        return self.what.partition("[")[0]

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, observed {self.observed}"


def identify(action: str, findings: Iterable[Finding], *, enabled: bool) -> str:
    """The name of a kind of divergence: the action, and what differs after it.

    >>> identify("quiesce", [Finding("phase[n1]", "failing", "quiesced")], enabled=False)
    'quiesce/unbidden/phase'
    """
    kinds = "+".join(sorted({each.kind for each in findings}))
    return f"{action}/{kinds}" if enabled else f"{action}/unbidden/{kinds}"


@dataclass(frozen=True)
class Divergence:
    """A run that shows a difference; its last step is the one that differs.

    Attributes:
        id: A name that is stable while the difference is.
        steps: The actions of the run.
        instances: Their numbers in the model.
        enabled: Whether the model allows the last step; if not, it must change nothing.
        findings: What differs after it.
    """

    id: str
    steps: tuple[str, ...]
    instances: tuple[int, ...]
    enabled: bool
    findings: tuple[Finding, ...]
