"""The space-time diagram of a trace: its lanes, who takes each step, and the arrows.

Lanes are found, not declared. In the protocol's traces they are the nodes, by the variable
`phase`; in others the keys of the first function that gives names a state. Epochs of one
node, `n1.1` and `n1.2`, share a lane. With extras an arrow runs from the step that wrote
something about one lane to the step of another lane that read it; without them it is
guessed from the parameters, and marked as a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from knell.spec.trace import Trace
from knell.spec.values import Map, Value
from knell.viewer.cells import Cells

STATE: Final = "phase"
MEMBER: Final = "member"
PRIMARY: Final = "primary"
CUT_OFF: Final = "partitioned"
SIGNALS: Final = frozenset({"distress", "quiesced"})
"""What a node sends to all: it is drawn even where nobody reads it."""

MOST_LANES: Final = 64

_EPOCH: Final = re.compile(r"(?P<node>.+)\.(?P<epoch>\d+)")
_CELL: Final = re.compile(r"(?P<variable>[^\[]+)(?:\[(?P<first>[^,\]]+).*)?")


def scene_of(trace: Trace, cells: Cells, extras: Mapping[str, Any] | None) -> dict[str, Any]:
    """The lanes with the cells that say their state, each step's lane, and the arrows."""
    first = trace.states[0].values
    variable = _state_variable(first)
    names = _names(first, variable)[:MOST_LANES]
    lanes = _lanes(names)
    lane_of = {key: number for number, lane in enumerate(lanes) for key, _ in lane["epochs"]}
    for lane in lanes:
        lane["state"] = [_cell(cells, variable, key) for key, _ in lane["epochs"]]
        lane["members"] = _members(first, cells, lane)
        lane["cut"] = _cut_off(first, cells, lane, names)
    takers = [_taker(state.parameters, lane_of) for state in trace.states[1:]]
    arrows = list(_arrows(trace, takers, lane_of, extras))
    return {
        "variable": variable,
        "lanes": lanes,
        "takers": takers,
        "arrows": arrows,
        "unheard": list(_unheard(trace, takers, lane_of, arrows)),
    }


def _state_variable(first: Mapping[str, Value]) -> str | None:
    """The variable whose keys are the lanes."""
    usable = [
        (name, value)
        for name, value in first.items()
        if isinstance(value, Map) and len(value) and all(isinstance(key, str) for key in value)
    ]
    named = [name for name, _ in usable if name == STATE]
    states = [name for name, table in usable if all(isinstance(v, str) for v in table.values())]
    return next(iter([*named, *states, *(name for name, _ in usable)]), None)


def _names(first: Mapping[str, Value], variable: str | None) -> list[str]:
    """The keys of that variable; without one, those that come first in the keys of most others."""
    table = first.get(variable) if variable else None
    if isinstance(table, Map):
        return [str(key) for key in table]
    found: Counter[tuple[str, ...]] = Counter()
    for value in first.values():
        keys = list(value) if isinstance(value, Map) else []
        firsts = [key[0] for key in keys if isinstance(key, tuple) and key]
        if keys and len(firsts) == len(keys) and all(isinstance(key, str) for key in firsts):
            found[tuple(dict.fromkeys(str(key) for key in firsts))] += 1
    return list(found.most_common(1)[0][0]) if found else []


def _lanes(names: list[str]) -> list[dict[str, Any]]:
    """Lanes with their epochs: of `n1.1` and `n1.2` one; of other names one each."""
    parts = [_EPOCH.fullmatch(name) for name in names]
    if not names or not all(parts):
        return [{"name": name, "epochs": [[name, 0]]} for name in names]
    lanes: dict[str, dict[str, Any]] = {}
    for name, match in zip(names, parts, strict=True):
        assert match is not None
        lane = lanes.setdefault(match["node"], {"name": match["node"], "epochs": []})
        lane["epochs"].append([name, int(match["epoch"])])
    return list(lanes.values())


def _cell(cells: Cells, variable: str | None, key: Value) -> int | None:
    root = cells.root(variable) if variable else None
    return None if root is None else cells.find(root, key)


def _members(first: Mapping[str, Value], cells: Cells, lane: dict[str, Any]) -> list[list[Any]]:
    """For each group that the lane's node has a member of: its name, and an epoch's two cells.

    The first says the member's state, the second whether it is the group's primary.
    """
    table = first.get(MEMBER)
    if not isinstance(table, Map):
        return []
    keys = [key for key in table if isinstance(key, tuple) and len(key) == 2]
    own = [key for key in keys if key[0] in {name for name, _ in lane["epochs"]}]
    groups = dict.fromkeys(str(key[1]) for key in own)
    return [
        [
            group,
            [_cell(cells, MEMBER, (name, group)) for name, _ in lane["epochs"]],
            [_cell(cells, PRIMARY, (name, group)) for name, _ in lane["epochs"]],
        ]
        for group in groups
    ]


def _cut_off(
    first: Mapping[str, Value], cells: Cells, lane: dict[str, Any], names: list[str]
) -> list[list[Any]]:
    """Who may call the lane's node partitioned: the observer, and the cell that says it."""
    if not isinstance(first.get(CUT_OFF), Map):
        return []
    own = [name for name, _ in lane["epochs"]]
    pairs = [(observer, name) for name in own for observer in names if observer not in own]
    found = [(observer, _cell(cells, CUT_OFF, (observer, name))) for observer, name in pairs]
    return [[observer, cell] for observer, cell in found if cell is not None]


def _taker(parameters: Mapping[str, str], lane_of: Mapping[str, int]) -> list[int]:
    """The lanes among a step's parameters; the first is the one that takes the step."""
    found = (lane_of[value] for value in parameters.values() if value in lane_of)
    return list(dict.fromkeys(found))


def _arrows(
    trace: Trace,
    takers: list[list[int]],
    lane_of: Mapping[str, int],
    extras: Mapping[str, Any] | None,
) -> Iterator[list[Any]]:
    """From step, to step, from lane, to lane, label, and whether it is known or guessed."""
    needs = (extras or {}).get("needs")
    if not needs:
        yield from _guessed(trace, takers)
        return
    for number, (lanes, wanted) in enumerate(zip(takers, needs, strict=False), start=1):
        seen = set()
        for earlier, cell in wanted:
            match = _CELL.fullmatch(cell)
            source = lane_of.get(match["first"] or "") if match else None
            if not lanes or match is None or source is None or source == lanes[0]:
                continue
            if (earlier, source) not in seen and takers[earlier - 1][:1] == [source]:
                seen.add((earlier, source))
                yield [earlier, number, source, lanes[0], match["variable"], "known"]


def _unheard(
    trace: Trace, takers: list[list[int]], lane_of: Mapping[str, int], arrows: list[list[Any]]
) -> Iterator[list[Any]]:
    """Messages that reach some lane too late for this run, or never: step, from, to, which.

    Only of signals, and of the messages of which at least one arrives: of the others nothing
    says that anybody waits for them.
    """
    labels = SIGNALS | {arrow[4] for arrow in arrows if arrow[5] == "known"}
    reached = {(arrow[0], arrow[4], arrow[3]) for arrow in arrows}
    for number, lanes in enumerate(takers, start=1):
        if not lanes:
            continue
        before, after = (trace.states[k].values for k in (number - 1, number))
        for label in sorted(labels & after.keys()):
            old, new = before.get(label), after[label]
            if old is new or not isinstance(old, Map) or not isinstance(new, Map):
                continue
            sent = (key for key, value in new.items() if value is True and old.get(key) is False)
            firsts = {lane_of.get(str(k[0] if isinstance(k, tuple) else k)) for k in sent}
            if lanes[0] not in firsts:
                continue
            for target in sorted(set(lane_of.values()) - {lanes[0]}):
                if (number, label, target) not in reached:
                    yield [number, lanes[0], target, label]


def _guessed(trace: Trace, takers: list[list[int]]) -> Iterator[list[Any]]:
    latest: dict[int, int] = {}
    for number, lanes in enumerate(takers, start=1):
        for source in lanes[1:]:
            if source in latest:
                action = trace.states[number].action or ""
                yield [latest[source], number, source, lanes[0], action, "guessed"]
        if lanes:
            latest[lanes[0]] = number
