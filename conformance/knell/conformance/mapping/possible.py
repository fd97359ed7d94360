"""What the world can bring about in a state of the model, whatever the protocol says of it.

An action that the model disables is tried where somebody is there to be told, and where there is
something to tell. A dead engine hears nothing; what was not sent does not arrive; an error that is
not there is not found. Acts of the environment are never tried where the model says no.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from knell.checker.source import Packed
from knell.language.grounding import Instance
from knell.language.layout import Layout

_RUNNING = frozenset({"active", "failing", "quiesced"})


class World:
    """A state of the model, asked about what is there."""

    def __init__(self, layout: Layout) -> None:
        self._cells = {str(cell): cell for cell in layout.cells}
        self.state: Packed = b""

    def at(self, state: Packed) -> World:
        """Look at this state from now on."""
        self.state = state
        return self

    def value(self, name: str, *args: str) -> str:
        """The value of a variable, as text; "false" where the configuration lacks it."""
        cell = self._cells.get(_cell_name(name, args))
        return "false" if cell is None else cell.to.show(self.state[cell.index] + cell.to.lo)

    def holds(self, name: str, *args: str) -> bool:
        """Whether a relation holds."""
        return self.value(name, *args) == "true"

    def runs(self, node: str) -> bool:
        """Whether the epoch is not over."""
        return self.value("phase", node) in _RUNNING

    def engine(self, node: str) -> bool:
        """Whether there is an engine."""
        return self.runs(node) and not self.holds("dead", node, "engine")

    def speaker(self, node: str) -> bool:
        """Whether there is an engine or a sentinel."""
        return self.engine(node) or (self.runs(node) and not self.holds("dead", node, "sentinel"))

    def process(self, node: str, group: str) -> bool:
        """Whether the member has a process."""
        return self.runs(node) and self.value("member", node, group) not in {"absent", "gone"}


@lru_cache(maxsize=10_000)
def _cell_name(name: str, args: tuple[str, ...]) -> str:
    return f"{name}[{', '.join(args)}]" if args else name


Asked = dict[str, str]
Condition = Callable[[World, Asked], bool]


def _engine(world: World, p: Asked) -> bool:
    return world.engine(_actor(p))


def _speaker(world: World, p: Asked) -> bool:
    return world.speaker(p["i"])


def _actor(parameters: Asked) -> str:
    return next(iter(parameters.values()))


def _sent(variable: str) -> Condition:
    def condition(world: World, p: Asked) -> bool:
        about = (p["i"], p["g"]) if "g" in p else (p["i"],)
        return world.engine(p["o"]) and world.holds(variable, *about)

    return condition


CONDITIONS: Final[dict[str, Condition]] = {
    "detect_by_cc": lambda w, p: (
        w.engine(p["i"]) and not w.holds("dead", p["i"], "cc") and w.holds("fatal", p["i"], p["c"])
    ),
    "detect_by_member": lambda w, p: (
        w.engine(p["i"]) and w.process(p["i"], p["g"]) and w.holds("fatal", p["i"], p["c"])
    ),
    "report_reaches_cc": lambda w, p: (
        w.engine(p["i"])
        and not w.holds("dead", p["i"], "cc")
        and w.holds("reported", p["i"], p["g"], p["c"])
    ),
    "initiate_by_engine": lambda w, p: w.engine(p["i"]) and w.holds("dead", p["i"], p["c"]),
    "initiate_by_sentinel": lambda w, p: (
        w.speaker(p["i"]) and not w.engine(p["i"]) and w.value("phase", p["i"]) == "active"
    ),
    "notify_member": _speaker,
    "member_acknowledges": lambda w, p: w.speaker(p["i"]) and w.process(p["i"], p["g"]),
    "force_out": _speaker,
    "reap_gated": lambda w, p: w.speaker(p["i"]) and w.value("member", p["i"], p["g"]) == "gated",
    "quiesce": _speaker,
    "end_clustering": _speaker,
    "act": lambda w, p: w.engine(p["i"]) and w.process(p["i"], p["g"]),
    "begin_act": lambda w, p: w.engine(p["i"]) and w.process(p["i"], p["g"]),
    "finish_act": lambda w, p: w.engine(p["i"]),
    "hear_distress": _sent("distress"),
    "hear_quiesced": _sent("quiesced"),
    "hear_member_gone": _sent("member_gone"),
    "hear_promoted": _sent("promoted"),
    "forge": lambda w, p: w.engine(p["o"]) and w.holds("view", p["o"], p["i"]),
    "promote": _engine,
    "route_work": _engine,
    "miss_heartbeats": lambda w, p: w.engine(p["o"]) and w.value("phase", p["i"]) == "crashed",
    "regain_heartbeats": lambda w, p: (
        p["o"] != p["i"] and w.engine(p["o"]) and w.value("phase", p["i"]) in {"active", "failing"}
    ),
    "initiate_for_critical_member": _engine,
    "hear_announce": lambda w, p: w.engine(p["o"]) and w.holds("announced", p["j"]),
    "propose": _engine,
    "accept": lambda w, p: w.engine(p["o"]) and w.holds("proposed", p["q"], p["g"], p["j"]),
    "commit": _engine,
    "learn_commit": lambda w, p: w.engine(p["j"]) and w.holds("committed", p["q"], p["g"], p["j"]),
}
"""By action, what has to be there. An action that is not listed is the environment's."""

BY_THE_HARNESS: Final[dict[str, Condition]] = {
    "strike": lambda w, p: True,  # noqa: ARG005 # one shape for all
    "detect_by_member": lambda w, p: not w.engine(p["i"]),
    "forge": lambda w, p: not w.holds("view", p["o"], p["i"]),
}
"""Enabled actions that reach no implementation: where nobody reads, or none of its events is."""


def is_possible(world: World, instance: Instance) -> bool:
    """Whether a disabled action is to be tried in the state that the world is looked at in."""
    condition = CONDITIONS.get(instance.action.name)
    if condition is None or (instance.action.environment and instance.action.name != "forge"):
        return False
    return condition(world, instance.parameters)
