"""A violated property told step by step, for a reader who sees the model for the first time.

First what is violated, then the run: of each step its number, its action with parameters, what
the action is, and only what it changed; at the end which conjunct broke, and for which values.
A run that never ends shows where its loop begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from knell.checker.results import PropertyResult, Run
from knell.cli.changes import Describer
from knell.cli.console import Style, visible
from knell.language.evaluate import Evaluator
from knell.language.expressions import Bound
from knell.language.grounding import Instance
from knell.language.layout import Layout
from knell.language.model import Model
from knell.language.properties import Property

_INDENT = "      "


def tell(model: Model, found: PropertyResult, style: Style) -> list[str]:
    """The lines of the story; without a run there is only a beginning."""
    return list(_Story(model, found, style).lines())


class _Story:
    def __init__(self, model: Model, found: PropertyResult, style: Style) -> None:
        self.model = model
        self.found = found
        self.style = style
        self.property = next((each for each in model.properties if each.id == found.id), None)
        self.describer = Describer(model, style)

    def lines(self) -> Iterator[str]:
        yield from self._opening()
        run = self.found.run
        if run is None:
            yield from self.style.wrap(self._without_run(), "  ")
            return
        yield ""
        yield from self._run(run)
        yield ""
        yield from self._ending(run)

    # What is violated

    def _opening(self) -> Iterator[str]:
        claims = f" ({', '.join(self.found.claims)})" if self.found.claims else ""
        name = self.style.paint(f"✗ {self.found.id} is violated{claims}", "bold", "red")
        about = self.property.about if self.property else ""
        yield from self.style.wrap(f"{name}: {about}" if about else name, "", "  ")

    def _without_run(self) -> str:
        if self.found.kind == "reachable":
            return "No reachable state satisfies it: the whole state space was searched."
        return "There is no run to show."

    # The run

    def _run(self, run: Run) -> Iterator[str]:
        premise = _where_premise_starts(self.model, self.property, self.found, run)
        yield f"  {self.style.paint('start', 'bold')}"
        for text in self.describer.initial(run.states[0]):
            yield from self.style.wrap(text, _INDENT, _INDENT + "  ")
        for index, state in enumerate(run.states):
            if index:
                yield from self._step(index, run.steps[index - 1], run.states[index - 1], state)
            if index == premise:
                yield self._remark("here the premise holds; the goal never comes")
            if index == run.loop and len(run.steps) == len(run.states):
                yield self._remark("the loop starts here")
        if run.loop is not None:
            yield from self._back(run, run.loop)

    def _step(
        self, number: int, step: Instance, before: tuple[int, ...], after: tuple[int, ...]
    ) -> Iterator[str]:
        yield self._heading(number, step)
        first = step.action.about.strip().partition("\n")[0]
        if first:
            yield from (self.style.paint(line, "dim") for line in self.style.wrap(first, _INDENT))
        changes = list(self.describer.changes(before, after)) or ["nothing changes"]
        for text in changes:
            yield from self.style.wrap(text, _INDENT + "  ", _INDENT + "    ")

    def _heading(self, number: int, step: Instance) -> str:
        parameters = ", ".join(f"{name}={value}" for name, value in step.parameters.items())
        name = self.style.paint(step.action.name, "bold", "cyan")
        left = f"  {number:<3} {name}({parameters})"
        notes = []
        if step.action.environment:
            notes.append(self.style.paint("environment", "yellow"))
        if step.action.section:
            notes.append(_section(step.action.section))
        right = " · ".join(notes)
        if not right:
            return left
        gap = max(2, self.style.width - visible(left) - visible(right))
        return f"{left}{' ' * gap}{right}"

    def _back(self, run: Run, loop: int) -> Iterator[str]:
        last = len(run.states) - 1
        if len(run.steps) > last:
            yield from self._step(last + 1, run.steps[last], run.states[last], run.states[loop])
            where = f"after step {loop}" if loop else "at the start"
            yield self._remark(f"↺ back to the state {where}, and so on for ever")
        else:
            yield self._remark("↺ nobody is obliged to move: it stays like this for ever")

    def _remark(self, text: str) -> str:
        return self.style.paint(f"  ─── {text} ───", "yellow")

    # What broke

    def _ending(self, run: Run) -> Iterator[str]:
        values = ", ".join(f"{name} = {value}" for name, value in self.found.bindings.items())
        shown = f", with {values}" if values else ""
        places = [clause.place for clause in self.found.broken]
        if not places and self.property is not None:
            places = [self.property.place]
        seen = ", ".join(dict.fromkeys(Path(place).name for place in places))
        stated = f" ({seen})" if seen else ""
        yield from self.style.wrap(f"{self._verdict(run)}{shown}{stated}.", "  ")

    def _verdict(self, run: Run) -> str:
        steps = len(run.steps)
        at = f"After step {steps}" if steps else "In this initial state"
        match self.found.kind:
            case "deadlock":
                return f"{at} no action is enabled, and the model does not end here"
            case "leads_to":
                return f"{self.found.id} is broken: the goal never follows the premise"
            case "action":
                return f"Step {steps} breaks {self._conjuncts()}"
        return f"{at} {self._conjuncts()} is broken"

    def _conjuncts(self) -> str:
        names = [clause.name for clause in self.found.broken]
        if not names or names == [self.found.id]:
            return self.found.id
        return f"{' and '.join(names)} of {self.found.id}"


def _where_premise_starts(
    model: Model, declared: Property | None, found: PropertyResult, run: Run
) -> int | None:
    """The first state of an endless run with the premise of a leads-to and never the goal."""
    if declared is None or declared.kind != "leads_to" or run.loop is None:
        return None
    premise, goal = declared.clauses
    env = _read(declared.bound, found.bindings)
    if env is None:
        return None
    evaluator = Evaluator(Layout(model))
    start = None
    for index, state in reversed(list(enumerate(run.states))):
        if evaluator.value(goal.formula, state, env):
            return start
        if evaluator.value(premise.formula, state, env):
            start = index
    return start


def _read(bound: tuple[Bound, ...], bindings: Mapping[str, str]) -> dict[Bound, int] | None:
    """The values that the bindings name, or None unless each variable has one."""
    env = {}
    for variable in bound:
        values = {variable.of.show(value): value for value in variable.of.values()}
        value = values.get(bindings.get(variable.name, ""))
        if value is None:
            return None
        env[variable] = value
    return env


def _section(section: str) -> str:
    return section if section.startswith("§") else f"§{section}"
