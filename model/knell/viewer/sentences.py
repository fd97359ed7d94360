"""What a trace shows, in sentences; the page says the same in `web/headline.js`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from knell.viewer.history import History
from knell.viewer.prevention import prevented, remedy

_MOST_PARAMETERS: Final = 4
"""Parameters in which two runs differ, at most."""


@dataclass
class Sentence:
    """The head of a story.

    Attributes:
        verdict: `S2 is violated`.
        bad: Whether that is bad news.
        statement: What the property says, with its claims.
        how: How it came about, in one sentence.
        why: The assignments that made it so.
        remedy: What would have prevented it.
        fairness: How each fair action fares in a loop.
    """

    verdict: str
    bad: bool
    statement: str
    how: str
    why: list[str] = field(default_factory=list)
    remedy: list[str] = field(default_factory=list)
    fairness: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Parting:
    """The step at which two runs part, or None, a sentence that says so, and a remedy if known."""

    step: int | None
    text: str
    remedy: str = ""


def telling(run: History) -> Sentence:
    """The sentences on one run."""
    verdict, bad = _verdict(run)
    declared = run.extras.get("properties", {}).get(run.meta["property"] or "", {})
    claims = declared.get("claims") or run.meta.get("claims") or []
    shown = f" ({', '.join(claims)})" if claims else ""
    about = declared.get("about")
    return Sentence(
        verdict,
        bad,
        f"{shown}: {about}" if about else shown,
        _how(run),
        _why(run),
        remedy(run),
        _fairness(run),
    )


def turning_point(run: History) -> int:
    """The step that breaks the property, or the one since which an endless run hangs."""
    if run.meta["kind"] == "leads_to" and run.loop is not None:
        changes = (int(each["since"]) for each in run.extras.get("waits", ()))
        return max([_waits_from(run), *changes])
    return next((k for k in range(1, run.last + 1) if run.violated(k)), run.last)


def _waits_from(run: History) -> int:
    """Where the wait of an endless run begins."""
    premise = run.extras.get("premise")
    return int(premise if premise is not None else run.loop or 0)


def _verdict(run: History) -> tuple[str, bool]:
    kind, name = run.meta["kind"], run.meta["property"]
    if kind == "reachable":
        return f"{name or 'A witness'} can be reached", False
    if kind == "deadlock":
        return "The run gets stuck", True
    if run.meta["divergence"]:
        return "The implementation differs from the model", True
    if name and kind == "run":
        return f"{name} is not shown by induction", True
    broken = name or next((n for k in range(1, run.last + 1) if (n := run.violated(k))), None)
    return (f"{broken} is violated", True) if broken else ("A run", False)


def _how(run: History) -> str:
    bindings = run.meta["bindings"] or {}
    values = ", ".join(f"{name} = {value}" for name, value in bindings.items())
    shown = f", with {values}" if values else ""
    parts = [str(name) for name in run.meta["conjuncts"] or () if name != run.meta["property"]]
    broken = (
        f": {' and '.join(parts)} {'do' if len(parts) > 1 else 'does'} not hold" if parts else ""
    )
    turn = turning_point(run)
    match run.meta["kind"]:
        case "leads_to" if run.loop is not None:
            round_ = (
                f"the run goes round from state {run.loop} for ever"
                if run.bundle["closing"]
                else f"after step {run.last} nobody is obliged to move"
            )
            start = _waits_from(run)
            hangs = f" It hangs since step {turn}, {run.call(turn)}." if turn > start else ""
            return f"From step {start} on it waits {_awaited(run, shown)}: {round_}.{hangs}"
        case "deadlock":
            return f"After step {run.last} no action is enabled, and the model does not end here."
        case "reachable":
            return f"Step {run.last}, {run.call(run.last)}, reaches it{shown}."
        case "always" | "action":
            if run.last == 0:
                return f"The initial state breaks it{broken}{shown}."
            return f"{_breaker(run, turn)}{broken}{shown}.{_allowance(run, turn)}"
    if run.meta["divergence"]:
        return _differing(run, run.meta["divergence"])
    if run.meta["property"]:
        if run.last == 0:
            return "An initial state lacks it."
        return (
            f"Step {turn}, {run.call(turn)}, leads from a state that has it to one that lacks it. "
            "Nobody says that the first of them can be reached."
        )
    if run.loop is not None:
        return f"An endless run: after step {run.last} it goes on from state {run.loop}."
    return f"{run.last} {'step' if run.last == 1 else 'steps'} from the initial state."


def _awaited(run: History, shown: str) -> str:
    """What never comes: the cells that would have to hold something else."""
    goals = [each for each in run.extras.get("waits", ()) if each["goal"]]
    cells = ", or ".join(f"{each['cell']} = {' or '.join(each['for'])}" for each in goals)
    return f"for {cells}, which never comes{shown}" if cells else f"for what never comes{shown}"


def _breaker(run: History, turn: int) -> str:
    """Who breaks the property, and how: the lane whose step it is, unless it is no doing of its."""
    lanes = run.takers(turn)
    if not lanes or run.about(turn).get("environment"):
        return f"Step {turn}, {run.call(turn)}, breaks it"
    who = run.bundle["scene"]["lanes"][lanes[0]]["name"]
    return f"In step {turn} {who} breaks it by {run.call(turn)}"


def _allowance(run: History, turn: int) -> str:
    """The latest step without which the one that breaks the property could not be taken."""
    allowed = run.extras.get("allowed", ())
    if not allowed:
        return ""
    step = allowed[0][2]
    cells = " and ".join(f"{cell} = {value}" for cell, value, writer in allowed if writer == step)
    return f" Step {turn} was allowed by step {step}, {run.call(step)}, which set {cells}."


def _differing(run: History, divergence: dict[str, Any]) -> str:
    """Which step an implementation takes otherwise."""
    if divergence["enabled"]:
        return f"Step {run.last}, {run.call(run.last)}, has another outcome there."
    return f"After step {run.last} the model does not allow {divergence['step']}."


def _why(run: History) -> list[str]:
    if run.meta["divergence"]:
        return [
            f"{what}: expected {expected}, observed {observed}"
            for what, expected, observed in run.meta["divergence"]["findings"]
        ]
    turn = turning_point(run)
    flips = [
        flip for flip in run.extras.get("flips", ()) if flip["property"] == run.meta["property"]
    ]
    here = [flip for flip in flips if flip["step"] == turn] or flips[-1:]
    return [
        *(
            f"step {turn} was allowed since {_set_by(run, *cause)}"
            for cause in run.extras.get("allowed", ())
        ),
        *(_set_by(run, *cause) for cause in (here[0]["because"] if here else ())),
        *(
            f"{_set_by(run, each['cell'], each['value'], each['since'])}, "
            f"and never becomes {' or '.join(each['for'])}"
            for each in run.extras.get("waits", ())
        ),
    ]


def _set_by(run: History, cell: str, value: str, step: int) -> str:
    """What a cell holds, and the step that set it."""
    return f"{cell} = {value}: {f'step {step}, {run.call(step)}' if step else 'since the start'}"


def _fairness(run: History) -> list[str]:
    """How the fair actions fare; those that fare alike in one line."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, fair, how in run.extras.get("fairness", ()):
        groups.setdefault((fair, how), []).append(name)
    return [f"{how} ({fair}): {', '.join(names)}" for (fair, how), names in groups.items()]


def side(run: History, other: History) -> str:
    """What a run is a run of, as far as it tells it from the other: `one-signal (signals = 1)`."""
    names, others = _variant(run), _variant(other)
    there = other.meta["config"] or {}
    apart = [
        f"{name} = {value}"
        for name, value in (run.meta["config"] or {}).items()
        if name in there and there[name] != value
    ]
    if not apart and names == others:
        return str(run.bundle["name"])
    more = ", …" if len(apart) > _MOST_PARAMETERS else ""
    return f"{names} ({', '.join(apart[:_MOST_PARAMETERS])}{more})" if apart else names


def _variant(run: History) -> str:
    """The configuration of a run, and its mutant."""
    mutant = run.meta["mutant"]
    config = str(run.extras.get("config") or run.meta["model"] or "")
    return f"{config}, mutant {mutant}" if mutant else config


def comparing(run: History, other: History) -> Parting:
    """Where two runs part, and what would have prevented what one of them shows."""
    step = _parting(run, other)
    if step is None:
        return Parting(None, "The traces are the same from start to end.")
    if step == 0:
        return Parting(0, "The traces differ from the start.")
    calls = [each.call(step) if step <= each.steps else "the end" for each in (run, other)]
    same = "first state is" if step == 1 else f"first {step} states are"
    parts = f"The {same} the same; they part at step {step}: {calls[0]} against {calls[1]}."
    return Parting(step, parts, prevented(run, other, "first") or prevented(other, run, "second"))


def _parting(run: History, other: History) -> int | None:
    for step in range(max(run.steps, other.steps) + 1):
        if step > run.steps or step > other.steps or run.call(step) != other.call(step):
            return step
        if step <= min(run.last, other.last):
            mine, theirs = dict(run.holding(step)), dict(other.holding(step))
            if any(cells != theirs[name] for name, cells in mine.items() if name in theirs):
                return step
    return None
