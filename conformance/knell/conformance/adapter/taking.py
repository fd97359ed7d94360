"""Taking steps at an adapter, and noting what came of them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Container, Iterator
from typing import Final

from knell.conformance.adapter.judge import DoubtfulError, Judge, NotSupportedError
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.peer import PeerError
from knell.conformance.mapping.actions import RULES
from knell.conformance.mapping.possible import is_possible
from knell.conformance.replay.coverage import begin
from knell.conformance.replay.divergence import Divergence, Finding, identify

Take = Callable[[int], list[Finding]]
"""How a step is taken: `Judge.take`, or the reading of a reply that is there already."""

_PATIENCE = 3
"""How often an adapter may fail; each time it is started afresh."""

_OF_THE_HARNESS: Final = {"fatal", "dead", "reported"}


def _meant(name: str, unknown: set[str]) -> str:
    """What an adapter may have meant by a name that is none, as the end of a reason."""
    close = difflib.get_close_matches(name, sorted(unknown), n=1)
    return f"; it says {close[0]!r}" if close else ""


class Taking:
    """What is left to take of the model at one adapter, and what was found.

    Args:
        judge: The judge, which has the adapter.
        enough: Asked now and then; when it says so, what is left stays uncovered.
        most: After how many kinds of divergences to end.

    Attributes:
        left: For each state of the model the instances that have yet to be taken.
        allowed: By instance, whether the adapter does it.
    """

    def __init__(self, judge: Judge, enough: Callable[[], bool], most: int | None) -> None:
        self.judge = judge
        self.graph = judge.graph
        self.most = most
        self._enough = enough
        self.names = [each.action.name for each in judge.expected.instances]
        self.coverage = begin(self.graph, self.names)
        self.runs = 0
        self._failed = 0
        self._known: set[str] = set()
        self._tried: set[int] = set()
        does = self._skip()
        self.allowed = [name in does for name in self.names]
        self.left = [
            {instance for instance in steps if self.allowed[instance]} for steps in self.graph.steps
        ]

    def _skip(self) -> Container[str]:
        """Note what the adapter does not do, and return what it does."""
        hello = self.judge.talk.hello
        does = {*hello.actions, "strike"}
        for name in sorted({name for name in self.names if name not in does}):
            number = self.coverage.by_action[name]
            why = f"not among the adapter's actions: {number} transitions"
            self.coverage.skipped[name] = why + _meant(name, {*hello.actions} - {*RULES})
        shown = {*hello.observables, *_OF_THE_HARNESS}
        variables = {
            place.variable.name for part in self.judge.expected.places[:-1] for place in part
        }
        for name in sorted(variables - shown):
            why = "not among the adapter's observables"
            self.coverage.skipped[f"variable {name}"] = why + _meant(
                name, {*hello.observables} - variables
            )
        return does

    @property
    def is_over(self) -> bool:
        """Whether to end: enough was found, or failed, or time is up."""
        found = len(self.coverage.divergences)
        enough = self._failed >= _PATIENCE or (self.most is not None and found >= self.most)
        return enough or self._enough()

    def guarded(self, do: Callable[[], None], *, begin: bool = True) -> bool:
        """Run something; a failure of the adapter ends the run, not the campaign."""
        try:
            if begin:
                self.runs += 1
                found = self.judge.begin(f"r{self.runs}")
                self.note([], found, enabled=True)
                if found:
                    return False
            do()
        except DoubtfulError:
            self.coverage.doubtful += 1
            return False
        except (PeerError, MalformedError) as error:
            self._failed += 1
            if (told := self._tell(error)) not in self.coverage.failures:
                self.coverage.failures.append(told)
            self.judge.talk.restart()
            return False
        return True

    def advance(self, path: list[int], at: int, instance: int, take: Take | None = None) -> int:
        """Take a step that the model enables; the state after it, or -1 if that is not certain."""
        self.coverage.replays += 1
        self.coverage.steps += 1
        path.append(instance)
        try:
            findings = (take or self.judge.take)(instance)
        except NotSupportedError as error:
            self.coverage.skipped[self.names[instance]] = str(error)
            self.left[at].discard(instance)
            return -1
        if instance in self.left[at]:
            self.left[at].discard(instance)
            self.coverage.covered += 1
            self.coverage.covered_by_action[self.names[instance]] += 1
        self.note(path, findings, enabled=True)
        target = self.graph.steps[at][instance].target
        return -1 if findings or target not in self.judge.standing.belief else target

    def attempt(self, path: list[int], instance: int, take: Take | None = None) -> bool:
        """Ask for what the model disables; whether it changed nothing, as it has to."""
        self.coverage.tried += 1
        self.coverage.steps += 1
        try:
            findings = (take or self.judge.take)(instance)
        except NotSupportedError as error:
            self.coverage.skipped[self.names[instance]] = str(error)
            return True
        self.note([*path, instance], findings, enabled=False)
        return not findings

    def still(self, at: int) -> list[int]:
        """What is left to take in a state of the model and leaves it where it is."""
        return [i for i in sorted(self.left[at]) if self.graph.steps[at][i].target == at]

    def moving(self, at: int) -> list[int]:
        """What is left to take in a state of the model and leads to another."""
        return [i for i in sorted(self.left[at]) if self.graph.steps[at][i].target != at]

    def disabled(self, at: int) -> Iterator[int]:
        """What the model disables in a state, but somebody could be asked for; told once."""
        if at in self._tried:
            return
        self._tried.add(at)
        world = self.judge.world.at(self.graph.states[at])
        yield from [
            number
            for number, instance in enumerate(self.judge.expected.instances)
            if number not in self.graph.steps[at]
            and self.allowed[number]
            and is_possible(world, instance)
            and self.judge.can_ask(number)
        ]

    def note(self, path: list[int], findings: list[Finding], *, enabled: bool) -> None:
        """Note what differs at the end of a run, once for each kind of difference."""
        if not findings:
            return
        name = self.names[path[-1]] if path else "reset"
        kind = identify(name, findings, enabled=enabled)
        if kind in self._known:
            return
        self._known.add(kind)
        steps = tuple(str(self.judge.expected.instances[each]) for each in path)
        self.coverage.divergences.append(
            Divergence(kind, steps, tuple(path), enabled, tuple(findings))
        )

    def _tell(self, error: Exception) -> str:
        state = self.judge.standing.belief[0]
        complaints = self.judge.talk.peer.complaints()
        said = f"; it complains: {complaints[-300:]}" if complaints else ""
        where = " ".join(self.judge.expected.phases(self.graph.states[state]))
        return f"{error} (in state {where}){said}"
