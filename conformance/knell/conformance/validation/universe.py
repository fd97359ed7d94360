"""Names of a log as elements of the model, and states of the model for a log.

Each epoch that a log names gets a slot of its node. When a node has used up its slots and starts
again, its two oldest ones are *folded* into one, which then stands for all epochs up to there. So
a log may have any number of epochs. What was said by or about one of them counts as said about
all; of what others know of them only that stays which they know of each. Of the primaries among
them the last one counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Any, Final

from knell.checker.lifted import Lifted, Step
from knell.conformance.validation.lines import Epoch, MalformedLogError
from knell.language.layout import Cell
from knell.language.symbols import Variable
from knell.protocol.apart import GroupConfig, Sizes, build

_COMPONENTS: Final = {
    "cluster_control": "cc",
    "name_server": "names",
    "monitor": "monitor",
    "engine": "engine",
    "sentinel": "sentinel",
}


_KNOWN: Final = frozenset({"heard", "heard_release", "heard_gone", "released", "knows_primary"})
"""What an observer knows of an epoch; of a folded one, what it knows of each."""


class UnknownNameError(Exception):
    """A line names what the cluster does not have."""


class Universe:
    """The model for logs of one size."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.model, self.world = build(sizes)
        self.lifted = Lifted(self.model)
        self.groups = {group.name: index for index, group in enumerate(sizes.groups)}
        self.nodes = {node: index for index, node in enumerate(sizes.nodes)}
        self.bases: dict[str, int] = {}
        for cell in reversed(self.lifted.layout.cells):
            self.bases[cell.variable.name] = cell.index
        self.width = len(sizes.nodes) * sizes.slots
        self._folds: dict[str, list[tuple[int, ...]]] = {}
        self._fresh = self.lifted.initial()

    @property
    def steps(self) -> Mapping[str, Step]:
        """The actions of the model."""
        return self.lifted.steps

    def cell(self, variable: str, *args: int) -> int:
        """The index of a cell."""
        return self.lifted.layout.at(self._variables[variable], args)

    @cached_property
    def _variables(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in self.model.variables}

    @cached_property
    def phases(self) -> tuple[str, ...]:
        """The names of the phases, in the model's order."""
        return self.world.Phase.names

    @cached_property
    def member_states(self) -> tuple[str, ...]:
        """The names of the states of members, in the model's order."""
        return self.world.MemberState.names

    @cached_property
    def initial(self) -> bytes:
        """The state before the log: the lists stand as configured, and every node is down."""
        state = self.lifted.initial()
        crash = self.steps["node_crashes"]
        for slot in range(0, self.width, self.sizes.slots):
            state = crash.after(state, slot)
            # Nobody has met an epoch of that time.
            state = _put(state, self.cell("announced", slot), 0)
        return state

    def component(self, cause: str) -> int | None:
        """The component whose death a cause is."""
        name = _COMPONENTS.get(cause)
        return self.world.Component.parse(name) if name is not None else None

    # Folding

    def folded(self, state: bytes, node: str) -> bytes:
        """The state with the two oldest slots of a node in one; the last one is free."""
        first = self.nodes[node] * self.sizes.slots
        if node not in self._folds:
            self._folds[node] = list(self._sources(first))
        cells = self.lifted.layout.cells
        return bytes(
            state[found[0]]
            if len(found) == 1
            else self._merged(cells[at], [state[each] for each in found], state, first)
            if found
            else self._fresh[at]
            for at, found in enumerate(self._folds[node])
        )

    def _sources(self, first: int) -> Iterator[tuple[int, ...]]:
        """For each cell those that its content comes from; none for the free slot."""
        last = first + self.sizes.slots - 1
        layout, inc = self.lifted.layout, self.world.Inc
        for cell in layout.cells:
            choices: list[tuple[int, ...]] = []
            for of, arg in zip(cell.variable.domain, cell.args, strict=True):
                if of is not inc or not first <= arg <= last:
                    choices.append((arg,))
                elif arg == first:
                    choices.append((first, first + 1))
                else:
                    choices.append((arg + 1,) if arg < last else ())
            yield tuple(layout.at(cell.variable, args) for args in product(*choices))

    def _merged(self, cell: Cell, contents: list[int], state: bytes, first: int) -> int:
        """What two slots have in one: the first content is that of the older one."""
        name = cell.variable.name
        if name in _KNOWN:
            return min(contents)
        if name == "phase":
            return contents[-1]
        if name == "member" and self._gated in contents:
            return self._gated
        if name == "committed_before":
            for slot, content in ((first + 1, contents[-1]), (first, contents[0])):
                if state[self.cell("promoted", slot, cell.args[1])]:
                    return content
        return max(contents)

    @cached_property
    def _gated(self) -> int:
        return self.member_states.index("gated")


class Epochs:
    """Which epoch has which slot; a value: changed copies share nothing."""

    def __init__(
        self, universe: Universe, used: Mapping[str, tuple[int, ...]] | None = None
    ) -> None:
        self.universe = universe
        # For each node its epochs by slot, of the first one the latest; 0 is before the log.
        self.used = dict(used or dict.fromkeys(universe.sizes.nodes, (0,)))

    def inc(self, epoch: Epoch) -> int:
        """The element of the model.

        Raises:
            UnknownNameError: There is no such node, or it has not started that epoch.
        """
        node, number = epoch
        slots = self.used.get(node)
        if slots is None:
            raise UnknownNameError(f"there is no node {node}")
        first = self.universe.nodes[node] * self.universe.sizes.slots
        if number in slots[1:]:
            return first + slots.index(number)
        if 0 < number <= slots[0]:
            return first
        raise UnknownNameError(f"{node}.{number} has not started")

    def is_folded(self, inc: int) -> bool:
        """Whether the element stands for more than one epoch, or for the time before the log."""
        return inc % self.universe.sizes.slots == 0

    def of(self, name: str) -> Epoch:
        """Read the name of an epoch."""
        node, dot, number = name.rpartition(".")
        if not dot or not number.isdigit() or not node:
            raise UnknownNameError(f"{name!r} is no epoch; write n1.3")
        return node, int(number)

    def started(self, epoch: Epoch, state: bytes) -> tuple[Epochs, bytes]:
        """Give a slot to a new epoch, folding the oldest ones if it must."""
        node, number = epoch
        slots = self.used[node]
        if len(slots) == self.universe.sizes.slots:
            state, slots = self.universe.folded(state, node), slots[1:]
        return Epochs(self.universe, {**self.used, node: (*slots, number)}), state


def sizes_of(config: Mapping[str, Any], place: str) -> Sizes:
    """Read the config of a log.

    Raises:
        MalformedLogError: It is not as `spec/LOGS.md` says.
    """
    try:
        nodes = tuple(str(node) for node in config["nodes"])
        groups = tuple(
            GroupConfig(
                str(group["name"]),
                tuple(str(node) for node in group["nodes"]),
                leased=group["takeover"] == "lease",
                tokens=group["fencing"] == "token",
                critical=bool(group["critical"]),
                depends_on=tuple(str(other) for other in group["depends_on"]),
            )
            for group in config["groups"]
        )
    except (KeyError, TypeError) as error:
        raise MalformedLogError(
            f"tells no proper config: {error!r}", place=place, mend="see spec/LOGS.md §3"
        ) from None
    names = {group.name for group in groups}
    for group in groups:
        if not set(group.nodes) <= set(nodes) or not set(group.depends_on) <= names:
            raise MalformedLogError(
                f"group {group.name} names what the config does not have", place=place
            )
    if not nodes or not groups:
        raise MalformedLogError("tells of no nodes or no groups", place=place)
    return Sizes(nodes, groups)


def _put(state: bytes, cell: int, value: int) -> bytes:
    changed = bytearray(state)
    changed[cell] = value
    return bytes(changed)
