"""What fails without each auxiliary invariant of the proofs for any size: `needed.toml`.

``python -m tests.prover.needed`` writes the table anew, which takes minutes. A row names an
obligation that fails without the invariant: of a property, or of an invariant whose own row tells
what is lost then. What fails without one invariant fails all the more without others besides, so
who follows the rows comes to a property that is not proved any more.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from knell.language import Model, Settings
from knell.language.loading import load_model
from knell.protocol import NODE_SHUTDOWN
from knell.prover.inductive import How
from knell.prover.needs import Needs

TABLE = Path(__file__).with_name("needed.toml")
ANY_SIZE = ("any-size", "any-size-lease")
"""The configurations that are proved for any size."""

_HEAD = (
    "# Which obligation fails without an auxiliary invariant of the proofs for any size.\n"
    "# Written by: python -m tests.prover.needed\n"
)


def sound(config: str) -> Model:
    """A configuration, without any fault planted."""
    return load_model(NODE_SHUTDOWN, Settings(config))


def table() -> dict[str, dict[str, str]]:
    """The obligations that are said to fail, by configuration and invariant."""
    found: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return found


def split(obligation: str) -> tuple[str, str]:
    """The action and the conjunct of an obligation."""
    action, conjunct = obligation.split(" / ")
    return action, conjunct


class _Rows:
    """The rows of one configuration, as they are found."""

    def __init__(self, model: Model) -> None:
        self.needs = Needs(model, How(seconds=60))
        self.found: dict[str, str] = {}
        self.open = {clause.name: self._failing(clause.name) for clause in model.invariants}

    def settle(self) -> Mapping[str, str]:
        """Find a row for each invariant; those that lose a property at once come first."""
        while self.open:
            settled = dict(self._settled())
            assert settled, f"no property is lost without {', '.join(self.open)}"
            self.found |= settled
            for name in settled:
                del self.open[name]
        return self.found

    def _settled(self) -> Iterator[tuple[str, str]]:
        """Invariants without which something fails that is known to lose a property."""
        for name, failing in self.open.items():
            for obligation in failing:
                conjunct = split(obligation)[1]
                if conjunct in self.found or self.needs.is_claimed(conjunct):
                    yield name, obligation
                    break

    def _failing(self, name: str) -> list[str]:
        """The obligations of which a counterexample shows that they fail without the invariant."""
        failing = self.needs.failing({name}, dict(self.needs.cores))
        return [f"{q.action} / {q.conjunct}" for q, answer in failing if answer == "sat"]


def write() -> None:
    """Write the table."""
    lines = [_HEAD]
    for config in ANY_SIZE:
        rows = _Rows(sound(config)).settle()
        lines.append(f"\n[{config}]\n")
        lines += [f'{c.name} = "{rows[c.name]}"\n' for c in sound(config).invariants]
    TABLE.write_text("".join(lines), encoding="utf-8")
    sys.stdout.write("".join(lines))


if __name__ == "__main__":
    write()
