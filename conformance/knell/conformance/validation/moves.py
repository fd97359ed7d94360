"""Which steps of the model a line may be, and which hidden ones may have come before it.

A line is one step of the model, or none: an action that the model has done already, said again.
Hidden steps are what a node cannot log: faults that strike it, time that passes, and what it
does without a line because it is no action of its own. There are few before any one line, all of
the node that wrote it; `HIDDEN` names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

from knell.conformance.validation.lines import LINES_LOST, Line
from knell.conformance.validation.universe import Epochs, Universe, UnknownNameError
from knell.spec.vocabulary import Cause

_SECOND: Final = "a second entry of one epoch in a group, which the model does not have"

HIDDEN: Final = {
    "detect_by_cc": ("strike",),
    "detect_by_member": ("strike",),
    "detect_by_engine": ("strike",),
    "initiate_by_engine": ("component_dies",),
    "initiate_by_sentinel": ("component_dies",),
    "promote": ("hear_promoted",),
    "cold_start": ("meet",),
    "bootstrap": ("meet",),
    "begin_act": ("lease_alone",),
    "finish_act": ("lease_alone",),
}
"""For each action the hidden steps of the same epoch that may come before it."""

UNSEEN: Final = ("member_leaves", "reap_gated")
"""Hidden steps before any line of who speaks after lines were lost: members died meanwhile."""

ELSEWHERE: Final = {"bootstrap": "process_ends", "fence": "process_ends"}
"""For each action a hidden step of any epoch that may come before it."""

AFTER: Final = {
    "fence": ("hear_fence",),
    "bootstrap": ("hear_bootstrap", "lease_alone"),
    "cold_start": ("lease_alone",),
}
"""What a line is besides: a node hears its own operator; a founder is alone, and needs no lease."""

FORGETS: Final = frozenset({"end_clustering"})
"""Actions with which the memory of a process ends, and with it what it has told."""

RESTORED: Final = ("hear_fence", "hear_lapsed", "hear_bootstrap")
"""Statements that a node may know again when it starts."""

LOST: Final = (
    "strike",
    "component_dies",
    "member_joins",
    "detect_by_cc",
    "detect_by_member",
    "detect_by_engine",
    "report_reaches_cc",
    "initiate_by_engine",
    "initiate_by_sentinel",
    "initiate_for_critical_member",
    "learn_own_leave",
    "request_stop",
    "notify_member",
    "member_acknowledges",
    "member_departs",
    "member_leaves",
    "force_out",
    "reap_gated",
    "begin_act",
    "finish_act",
    "hear_distress",
    "hear_quiesced",
    "hear_member_gone",
    "hear_promoted",
    "hear_announce",
    "hear_of_announce",
    "promote",
    "propose",
    "accept",
    "commit",
    "learn_commit",
    "cold_start",
    "grant_lease",
    "quiesce",
    "end_clustering",
)
"""What may be missing where lines were lost."""


class Move(NamedTuple):
    """One instance of an action."""

    action: str
    values: tuple[int, ...]


def moves_of(line: Line, epochs: Epochs, state: bytes, *, lags: bool = False) -> list[Move]:
    """The steps that a line is, one after the other.

    Who speaks after lines were lost (`lags`) may not know that a member was gated before it died.

    Raises:
        UnknownNameError: The line names an action, parameter or value that there is not.
    """
    if line.action == LINES_LOST:
        return []
    universe = epochs.universe
    found = [move_of(line, epochs)]
    if lags and line.action == "member_leaves":
        i, g = found[0].values
        if state[universe.cell("member", i, g)] == universe.member_states.index("gated"):
            found = [Move("reap_gated", (i, g))]
    if line.action == "receive_grant":
        found = [*_granted_again(found[0], state, universe), *found]
    if line.action not in AFTER:
        return found
    own = epochs.inc(line.epoch)
    values = dict(zip(_names(universe, line.action), found[0].values, strict=True))
    given = {"o": own, "i": own} | values
    for name in AFTER[line.action]:
        if name in universe.steps:
            parameters = universe.steps[name].action.parameters
            found.append(Move(name, tuple(given[p.name] for p in parameters)))
    return found


def _granted_again(move: Move, state: bytes, universe: Universe) -> list[Move]:
    """The grant that a line receives, if the model has lost it.

    Of several grants under way the model has one, gone with the first that arrives. The next was
    made as well: by then if the one who made it still grants, else to no effect.
    """
    i, g, o = move.values
    again = Move("grant_lease", (o, g, i))
    under_way = state[universe.cell("granted", o, g, i)]
    refused = universe.steps["grant_lease"].refusal(state, *again.values)
    return [] if under_way or refused is not None else [again]


def _names(universe: Universe, action: str) -> list[str]:
    return [parameter.name for parameter in universe.steps[action].action.parameters]


def move_of(line: Line, epochs: Epochs) -> Move:
    """The step that a line is, as it says.

    Raises:
        UnknownNameError: The line names an action, parameter or value that there is not.
    """
    name, universe = line.action, epochs.universe
    step = universe.steps.get(name)
    if step is None:
        raise UnknownNameError(f"there is no action {name!r}")
    parameters = step.action.parameters
    if [p.name for p in parameters] != list(line.args) and {p.name for p in parameters} != set(
        line.args
    ):
        wanted = ", ".join(p.name for p in parameters)
        raise UnknownNameError(f"{name} takes {wanted}")
    values = []
    for parameter in parameters:
        text = line.args[parameter.name]
        if parameter.of is universe.world.Inc:
            values.append(epochs.inc(epochs.of(text)))
        elif parameter.of is universe.world.Group:
            if text not in universe.groups:
                raise UnknownNameError(f"there is no group {text!r}")
            values.append(universe.groups[text])
        else:
            values.append(_cause(parameter.of is universe.world.Component, text, universe))
    if name != "fence" and epochs.inc(line.epoch) != values[0]:
        node, number = line.epoch
        first = line.args[parameters[0].name]
        raise UnknownNameError(f"{node}.{number} cannot tell what {first} did")
    return Move(name, tuple(values))


def _cause(is_component: bool, text: str, universe: Universe) -> int:
    if text not in set(Cause):
        raise UnknownNameError(f"there is no cause {text!r}")
    if not is_component:
        return 0
    component = universe.component(text)
    if component is None:
        raise UnknownNameError(f"{text} is no component")
    return component


def beyond_the_model(line: Line, state: bytes, epochs: Epochs) -> str | None:
    """Why the model cannot follow from this line on; None if it can."""
    if line.action == "give_up_entry":
        return _SECOND
    if line.action == "member_joins":
        try:
            move = move_of(line, epochs)
        except UnknownNameError:
            return None
        member = epochs.universe.member_states[state[epochs.universe.cell("member", *move.values)]]
        return None if member == "absent" else _SECOND
    return None


def hidden_before(line: Line, epochs: Epochs, *, lags: bool = False) -> Iterator[Move]:
    """The hidden steps of the line's epoch that may come before it."""
    if line.seq == 1:
        return
    own = epochs.inc(line.epoch)
    group = epochs.universe.groups.get(line.args.get("g", ""))
    for name in (*HIDDEN.get(line.action, ()), *(UNSEEN if lags else ())):
        if name == "meet" and group is not None:
            yield Move(name, (own, group, own))  # a node need not be told what it holds itself
        else:
            yield from instances(epochs.universe, name, own)
    if line.action in ELSEWHERE:
        for other in range(epochs.universe.width):
            yield from instances(epochs.universe, ELSEWHERE[line.action], other)


def instances(universe: Universe, action: str, own: int) -> Iterator[Move]:
    """Every instance of an action that an epoch may do."""
    step = universe.steps.get(action)
    if step is not None:
        _, *others = step.action.parameters
        for values in product(*(other.of.values() for other in others)):
            yield Move(action, (own, *values))


def says_again(move: Move, state: bytes, universe: Universe, *, lags: bool) -> bool:
    """Whether a line says what the model has done, or does not need to do."""

    def holds(variable: str, *args: int) -> bool:
        return bool(state[universe.cell(variable, *args)])

    match move:
        case Move("begin_act", (i, g)):
            return holds("acting", i, g)  # acts of one member that overlap count as one
        case Move("hear_announce", (o, j)):
            # A late answer of an epoch that is folded by now: it is over, whoever admits it.
            return j % universe.sizes.slots == 0 and not holds("heard", o, j)
        case Move("receive_grant"):
            return True  # of several grants under way the model has one; to take none is safe
        case Move("hear_promoted", (o, g, i)):
            return holds("heard", o, i) or holds("heard_gone", o, g, i)
        case Move("notify_member" | "member_acknowledges" | "force_out", (i, g)) if lags:
            member = universe.member_states[state[universe.cell("member", i, g)]]
            return member in {"notified", "gated", "gone"}
        case Move("member_leaves" | "reap_gated", (i, g)) if lags:
            return universe.member_states[state[universe.cell("member", i, g)]] == "gone"
        case Move("meet", (j, g, i)):
            # A telling may be old: whoever told it is down since, or has an entry.
            up = universe.phases[state[universe.cell("phase", i)]] == "active"
            return holds("view", j, i) and (not up or holds("is_entry", i, g))
        case Move("quiesce", (i,)) if lags:
            return universe.phases[state[universe.cell("phase", i)]] == "quiesced"
    return False
