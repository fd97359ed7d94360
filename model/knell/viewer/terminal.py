"""A trace as text: what it shows, why, and the run with its lanes, in as few columns as there are.

Whatever a trace says is printed as plain characters: a text that holds a control sequence
is written out, so that it can do nothing to a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any, Final, Protocol

from knell.spec.errors import KnellError
from knell.viewer.bundle import Bundle
from knell.viewer.history import History
from knell.viewer.sentences import comparing, side, telling
from knell.viewer.strip import Strip

_MOST_CHOICES: Final = 40


class Style(Protocol):
    """How text is laid out: `knell`'s console has it."""

    @property
    def width(self) -> int:
        """Columns."""
        ...

    def paint(self, text: str, *colors: str) -> str:
        """The text in colours, or as it is."""
        ...

    def wrap(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """The text in lines that fit."""
        ...


def render_text(
    bundle: Bundle, style: Style, other: Bundle | None = None, step: int | None = None
) -> list[str]:
    """The lines that tell a trace.

    Args:
        bundle: The packed trace.
        style: How to lay it out.
        other: A trace to compare it with.
        step: Tell only the state after this step, what holds there and what could happen.

    Raises:
        KnellError: The trace has no such step.
    """
    text = _Text(History(harmless(bundle)), style)
    if step is not None:
        return list(text.moment(step))
    if other is not None:
        return list(text.comparison(History(harmless(other))))
    return list(text.story())


def render_reasons(bundle: Bundle, style: Style) -> list[str]:
    """The lines that tell why a trace violates its property, and what would have prevented it."""
    return list(_Text(History(harmless(bundle)), style).reasons())


def harmless(data: Any) -> Any:
    r"""The data with control characters written out in each text.

    >>> harmless(["a" + chr(27) + "]0;title" + chr(7)])
    ['a\\x1b]0;title\\x07']
    """
    match data:
        case str():
            return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in data)
        case list() | tuple():
            return [harmless(each) for each in data]
        case dict():
            return {harmless(key): harmless(each) for key, each in data.items()}
    return data


class _Text:
    def __init__(self, run: History, style: Style) -> None:
        self.run = run
        self.style = style

    # The whole run

    def story(self) -> Iterator[str]:
        """Headline, reasons, and each step."""
        yield from self._headline()
        yield ""
        strip = Strip(self.run, self.style.width, self.style.paint)
        yield from strip.heading()
        for step in range(self.run.steps + 1):
            yield from self.step(step, strip)
        if self.run.loop is not None and not self.run.bundle["closing"]:
            yield from self._remark("↺ nobody is obliged to move: it stays like this for ever")
        for limit in self.run.extras.get("limits", ()):
            yield from self.style.wrap(f"note: {limit}", "  ", "    ")

    def _headline(self) -> Iterator[str]:
        told = telling(self.run)
        color = "red" if told.bad else "green"
        title = self.style.paint(f"{'✗' if told.bad else '✓'} {told.verdict}", "bold", color)
        yield from self.style.wrap(f"{title}{told.statement}", "", "  ")
        yield from self.style.wrap(told.how, "  ")
        yield from self.reasons()

    def reasons(self) -> Iterator[str]:
        """Why, what would have prevented it, and how the fair actions fare."""
        told = telling(self.run)
        yield from self._block("why", told.why)
        yield from self._block("what would have prevented it", told.remedy)
        yield from self._block("how the fair actions fare in the end", told.fairness)

    def _block(self, heading: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield ""
            yield f"  {self.style.paint(heading, 'bold')}"
            for line in lines:
                yield from self.style.wrap(line, "    ", "      ")

    def step(self, step: int, strip: Strip) -> Iterator[str]:
        run = self.run
        if step == run.loop and run.bundle["closing"]:
            yield from self._remark("the loop starts with the state below")
        yield from strip.row(step)
        about = str(run.about(step).get("about") or "") if step else ""
        for line in self.style.wrap(about, "        "):
            yield self.style.paint(line, "dim")
        if 0 < step <= run.last:
            for change in _changes(run, step):
                yield from self.style.wrap(self._tinted(change), "         ", "           ")
            for key, note in run.notes(step).items():
                yield from self.style.wrap(f"{key}: {note}", "         ", "           ")
        elif step > run.last:
            yield from self._remark(
                f"↺ back to the state after step {run.loop}, and so on for ever"
            )

    def _tinted(self, change: str) -> str:
        color = {"+": "green", "-": "red"}.get(change[0])
        return self.style.paint(change, color) if color else change

    def _remark(self, text: str) -> Iterator[str]:
        for line in self.style.wrap(f"─── {text}", "  ", "      "):
            yield self.style.paint(line, "yellow")

    # One moment

    def moment(self, step: int) -> Iterator[str]:
        """The state after a step, the conjuncts that do not hold, and the choices."""
        run = self.run
        if step > run.last:
            raise KnellError(
                f"the trace has no step {step}", place="--step", mend=f"give 0 to {run.last}"
            )
        yield self.style.paint(f"after step {step}: {run.call(step)}", "bold")
        about = run.about(step).get("about") if step else None
        if about:
            yield from self.style.wrap(str(about), "  ")
        empty = []
        for variable, cells in run.holding(step):
            if cells:
                yield from self.style.wrap(f"{variable}: {', '.join(cells)}", "  ", "      ")
            else:
                empty.append(variable)
        if empty:
            yield from self.style.wrap(f"empty: {', '.join(empty)}", "  ", "      ")
        broken = set(self._broken(step, "always"))
        lines = [f"✗ {each}" for kind in ("always", "action") for each in self._broken(step, kind)]
        yield from self._block("does not hold here", lines)
        choices = run.extras.get("choices")
        if choices and step < len(choices["states"]):
            yield from self._block("could happen next", list(_enabled(choices, step, broken)))
            yield from self._block("could not", list(_disabled(choices, step)))

    def _broken(self, step: int, kind: str) -> Iterator[str]:
        for part in self.run.extras.get("conjuncts", ()):
            if step in part["broken"] and part["kind"] == kind:
                named = part["conjunct"] != part["property"]
                yield f"{part['property']} {part['conjunct']}" if named else part["property"]

    # Two runs

    def comparison(self, other: History) -> Iterator[str]:
        """Where two runs part, and how each goes on."""
        parting = comparing(self.run, other)
        yield from self.style.wrap(parting.text, "")
        if parting.remedy:
            yield from self.style.wrap(parting.remedy, "")
        if parting.step is None:
            return
        for run, twin in ((self.run, other), (other, self.run)):
            yield ""
            title = f"{side(run, twin)}: {telling(run).verdict}"
            yield from (self.style.paint(line, "bold") for line in self.style.wrap(title, "", "  "))
            strip = Strip(run, self.style.width, self.style.paint)
            yield from strip.heading()
            start = max(0, parting.step - 1)
            if start:
                yield f"  …    the same up to step {start}"
            for step in range(start, run.steps + 1):
                yield from _Text(run, self.style).step(step, strip)


def _changes(run: History, step: int) -> list[str]:
    """What a step changes, a line each; points of one relation share a line."""
    lines: dict[tuple[str, str], list[str]] = {}
    for name, old, new in run.changes(step):
        if old is None or new is None:
            variable, bracket, rest = name.partition("[")
            lines.setdefault(("+" if old is None else "-", variable), []).append(bracket + rest)
        else:
            lines.setdefault(("", f"{name}: {old} → {new}"), [])
    return [
        f"{sign} {text}{' '.join(points)}" if sign else text
        for (sign, text), points in lines.items()
    ] or ["nothing changes"]


def _instance(choices: dict[str, Any], number: int) -> str:
    action, parameters = choices["instances"][number]
    return f"{action}({', '.join(f'{name}={value}' for name, value in parameters.items())})"


def _enabled(choices: dict[str, Any], step: int, broken: Set[str]) -> Iterator[str]:
    found = choices["states"][step]["enabled"]
    for number, changes, breaks in found[:_MOST_CHOICES]:
        worse = [each for each in breaks if each not in broken]
        notes = [
            "" if changes else "changes nothing",
            f"✗ breaks {', '.join(worse)}" if worse else "",
            "already broken" if len(breaks) > len(worse) else "",
        ]
        yield " ".join([_instance(choices, number), *filter(None, notes)])
    if len(found) > _MOST_CHOICES:
        yield f"… and {len(found) - _MOST_CHOICES} more"


def _disabled(choices: dict[str, Any], step: int) -> Iterator[str]:
    """For each action the instance that lacks least, and what it lacks."""
    disabled: dict[int, list[str]] = {}
    for state in choices["states"][: step + 1]:
        for number, clauses in state["disabled"].items():
            if clauses is None:
                disabled.pop(int(number), None)
            else:
                disabled[int(number)] = clauses
    nearest: dict[str, int] = {}
    for number, clauses in disabled.items():
        action = choices["instances"][number][0]
        if action not in nearest or len(clauses) < len(disabled[nearest[action]]):
            nearest[action] = number
    for number in nearest.values():
        yield f"{_instance(choices, number)}: {', '.join(disabled[number])}"
