"""What a node told of its records, held against a state of the model (`spec/LOGS.md` §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from knell.conformance.validation.lines import Epoch
from knell.conformance.validation.universe import Epochs, UnknownNameError

_RANKS: Final = ("absent", "active", "notified", "gated", "gone")


class Demand(NamedTuple):
    """A cell must have one of these contents, unless another cell holds."""

    cell: int
    allowed: frozenset[int]
    record: str
    about: str
    unless: int | None = None


class Mismatch(NamedTuple):
    """A record that the model has otherwise."""

    record: str
    about: str
    told: str
    model: str

    def __str__(self) -> str:
        where = f" of {self.about}" if self.about else ""
        return f"{self.record}{where}: the log has {self.told}, the model {self.model}"


class Told:
    """All records that one epoch has told so far; a value.

    `lags` after lines were lost: who speaks then may know less of the members than is so.
    """

    def __init__(self, epoch: Epoch, *, lags: bool = False) -> None:
        self.epoch = epoch
        self.lags = lags
        self.records: dict[str, Any] = {}
        self._epochs: Epochs | None = None
        self._demands: dict[str, list[Demand]] = {}

    def after(self, post: Mapping[str, Any]) -> Told:
        """What is told after one more line."""
        if not post:
            return self
        told = Told(self.epoch, lags=self.lags)
        told.records = {**self.records, **post}
        told._epochs = self._epochs
        stale = {*post, *(("released",) if "list" in post else ())}
        told._demands = {name: each for name, each in self._demands.items() if name not in stale}
        return told

    def mismatches(self, state: bytes, epochs: Epochs) -> list[Mismatch]:
        """The records that a state of the model has otherwise.

        Raises:
            UnknownNameError: A record is not of the form that the specification gives.
        """
        if self._epochs is not epochs:
            self._epochs, self._demands = epochs, {}
        if len(self._demands) < len(self.records):
            self._read(epochs)
        return [
            _mismatch(demand, state, epochs)
            for demands in self._demands.values()
            for demand in demands
            if state[demand.cell] not in demand.allowed
            and not (demand.unless is not None and state[demand.unless])
        ]

    def _read(self, epochs: Epochs) -> None:
        reader = _Reader(self, epochs)
        for name in self.records.keys() - self._demands.keys():
            read = _READERS.get(name, _Reader.nothing)
            try:
                self._demands[name] = read(reader, name, self.records[name])
            except (TypeError, ValueError, AttributeError, KeyError) as error:
                raise UnknownNameError(f"the record {name} has a strange value: {error}") from None


def _mismatch(demand: Demand, state: bytes, epochs: Epochs) -> Mismatch:
    to = epochs.universe.lifted.layout.cells[demand.cell].to
    told = " or ".join(to.show(value + to.lo) for value in sorted(demand.allowed))
    return Mismatch(demand.record, demand.about, told, to.show(state[demand.cell] + to.lo))


class _Reader:
    """Reads the records of one epoch."""

    def __init__(self, told: Told, epochs: Epochs) -> None:
        self.epochs = epochs
        self.universe = epochs.universe
        self.own = epochs.inc(told.epoch)
        self.node = told.epoch[0]
        self.lags = told.lags
        self.records = told.records

    def demand(self, record: str, about: str, allowed: set[int], *args: int) -> Demand:
        return Demand(self.universe.cell(record, *args), frozenset(allowed), record, about)

    def nothing(self, name: str, record: Any) -> list[Demand]:  # noqa: ARG002 # one shape for all
        """A record that the model does not have."""
        return []

    def phase(self, name: str, record: Any) -> list[Demand]:
        return [self.demand(name, "", {self.universe.phases.index(record)}, self.own)]

    def member(self, name: str, record: Any) -> list[Demand]:
        states = self.universe.member_states
        found = []
        for group, told in record.items():
            further = _RANKS[_RANKS.index(told) :] if self.lags else (told,)
            allowed = {states.index(each) for each in further}
            found.append(self.demand(name, group, allowed, self.own, self.group(group)))
        return found

    def of_groups(self, name: str, record: Any) -> list[Demand]:
        return [
            self.demand(name, group, {int(group in _texts(record))}, self.own, index)
            for group, index in self.universe.groups.items()
        ] + [self.demand(name, group, {1}, self.own, self.group(group)) for group in record]

    def of_epochs(self, name: str, record: Any) -> list[Demand]:
        named = {self.inc(text) for text in _texts(record)} - {None}
        if any(self.epochs.of(text)[0] == self.node for text in record):
            raise UnknownNameError(f"the record {name} is about other nodes")
        return [
            self.demand(name, f"{node}.{number}", {int(inc in named)}, self.own, inc)
            for node, number, inc in self.others()
        ]

    def upto(self, name: str, record: Any) -> list[Demand]:
        """A number for each node: this epoch and all older ones, no later ones."""
        self.check(record)
        return [
            self.demand(
                name, f"{node}.{number}", {int(number <= record.get(node, 0))}, self.own, inc
            )
            for node, number, inc in self.others()
        ]

    def last(self, name: str, record: Any) -> list[Demand]:
        """A number for each node: this epoch, no later ones; older ones perhaps."""
        self.check(record)
        return [
            self.demand(
                name, f"{node}.{number}", {int(number == record.get(node, 0))}, self.own, inc
            )
            for node, number, inc in self.others()
            if number >= record.get(node, 0)
        ]

    def lists(self, name: str, record: Any) -> list[Demand]:
        """The entries of each list; released ones may have been taken out of it."""
        found = []
        for group, texts in record.items():
            index = self.group(group)
            named = {self.inc(text) for text in _texts(texts)}
            for inc in range(self.universe.width):
                if self.epochs.is_folded(inc):
                    continue
                cell = self.universe.cell("list_of", self.own, index, inc)
                gone = self.universe.cell("released", self.own, index, inc)
                allowed, about = frozenset({int(inc in named)}), f"{self.show(inc)} in {group}"
                unless = None if inc in named else gone
                found.append(Demand(cell, allowed, name, about, unless))
        return found

    def released(self, name: str, record: Any) -> list[Demand]:
        """Which entries of the lists are released, the own one aside."""
        return [
            self.demand(name, f"{text} in {group}", {int(text in out)}, self.own, index, inc)
            for group, texts in self.records.get("list", {}).items()
            for index, out in [(self.group(group), _texts(record.get(group, [])))]
            for text in texts
            if (inc := self.inc(text)) is not None and inc != self.own
        ]

    def others(self) -> list[tuple[str, int, int]]:
        """The epochs of other nodes: node, number, element of the model."""
        return [
            (node, number, self.epochs.inc((node, number)))
            for node, numbers in self.epochs.used.items()
            for number in numbers[1:]
            if node != self.node
        ]

    def check(self, record: Any) -> None:
        """Refuse epochs that there are not."""
        for node, number in record.items():
            if node not in self.epochs.used or node == self.node:
                raise UnknownNameError(f"there is no other node {node}")
            if number > self.epochs.used[node][-1]:
                raise UnknownNameError(f"{node}.{number} has not started")

    def show(self, inc: int) -> str:
        """The epoch that has this slot."""
        node, slot = divmod(inc, self.universe.sizes.slots)
        name = self.universe.sizes.nodes[node]
        used = self.epochs.used[name]
        return f"{name}.{used[slot]}" if slot < len(used) else f"{name}.?"

    def group(self, name: str) -> int:
        index = self.universe.groups.get(name)
        if index is None:
            raise UnknownNameError(f"there is no group {name}")
        return index

    def inc(self, name: str) -> int | None:
        """The element of an epoch; none if it was folded."""
        inc = self.epochs.inc(self.epochs.of(name))
        return None if self.epochs.is_folded(inc) else inc


def _texts(record: Any) -> list[str]:
    if not isinstance(record, list) or not all(isinstance(each, str) for each in record):
        raise TypeError("expected a list of texts")
    return record


_READERS: Final[dict[str, Callable[[_Reader, str, Any], list[Demand]]]] = {
    "phase": _Reader.phase,
    "member": _Reader.member,
    "primary": _Reader.of_groups,
    "acting": _Reader.of_groups,
    "view": _Reader.of_epochs,
    "heard": _Reader.upto,
    "left": _Reader.last,
    "partitioned": _Reader.of_epochs,
    "list": _Reader.lists,
    "released": _Reader.released,
}
