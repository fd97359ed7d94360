"""Whether some behaviour of the model explains a history, found by going through it once.

The lines are taken one after the other; of those that may come next, one that takes nothing away
from others is preferred, and the end of an epoch comes as late as it can. Messages are never
unsent, so a line that is possible stays possible unless somebody *ends* something: a phase, a
lease, a cold group. If the walk gets stuck at a line because such an ending came too early, it
goes back and lets that ending wait for the line, unless it is among the line's own causes.
Where a node could not log a step, or has lost lines, hidden steps are tried, in bounds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from knell.conformance.validation.history import CRASH, History
from knell.conformance.validation.lines import LINES_LOST, Epoch, Line
from knell.conformance.validation.moves import (
    FORGETS,
    LOST,
    RESTORED,
    Move,
    beyond_the_model,
    hidden_before,
    instances,
    move_of,
    moves_of,
    says_again,
)
from knell.conformance.validation.records import Told
from knell.conformance.validation.universe import (
    Epochs,
    Universe,
    UnknownNameError,
)

MOST_HIDDEN: Final = 3
"""Hidden steps between two lines, at most."""

_TRIES: Final = 20_000
_RETURNS: Final = 400
_KEPT: Final = 4_000

_LATE: Final = {
    "learn_commit": 1,
    "cold_start": 1,
    "bootstrap": 1,
    "stop_granting": 1,
    "lease_passes": 2,
    "lapse": 2,
    "report_reaches_cc": 3,
    "detect_by_cc": 3,
    "detect_by_engine": 3,
    "initiate_by_engine": 3,
    "initiate_by_sentinel": 3,
    "initiate_for_critical_member": 3,
    "learn_own_leave": 3,
    "request_stop": 3,
    LINES_LOST: 4,
    "quiesce": 4,
    "end_clustering": 5,
    "restart": 5,
    CRASH: 6,
}
"""Actions that end something for others: the later the better."""


_NEEDS_REST: Final = frozenset({"bootstrap"})
"""Actions that only restarts can make impossible, as others have to be down."""


class InconclusiveError(Exception):
    """The bounds, or the model, do not suffice to tell."""


@dataclass(frozen=True)
class Position:
    """How far the walk is: a value."""

    state: bytes
    epochs: Epochs
    taken: int = 0


class Refusal(NamedTuple):
    """Why a line could not come next."""

    line: Line
    reasons: tuple[str, ...]


class Stuck(NamedTuple):
    """The furthest that the walk came."""

    taken: int
    refusals: tuple[Refusal, ...]


@dataclass
class _Memory:
    """A position from which to go on in another way."""

    position: Position
    line: Line
    after: Position
    done: dict[Epoch, int]
    told: dict[Epoch, Told]
    lost: frozenset[Epoch]


@dataclass
class Search:
    """One walk through one history."""

    universe: Universe
    history: History
    position: Position = field(init=False)

    def __post_init__(self) -> None:
        self.position = Position(self.universe.initial, Epochs(self.universe))
        self._done: dict[Epoch, int] = dict.fromkeys(self.history.lines, 0)
        self._told: dict[Epoch, Told] = {}
        self._lost: frozenset[Epoch] = frozenset()
        self._memories: deque[_Memory] = deque(maxlen=_KEPT)
        self._waits: dict[int, list[Line]] = {}
        self._current = dict.fromkeys(self.history.epochs, 0)
        self._returns = 0
        self._total = sum(map(len, self.history.lines.values()))
        self.furthest = Stuck(0, ())

    def run(self) -> bool:
        """Walk to the end; return whether that was possible.

        Raises:
            InconclusiveError: It could not be told.
        """
        while self.position.taken < self._total:
            if not self._advance() and not self._go_back():
                return False
        return True

    # What may come next

    def _heads(self) -> list[Line]:
        """The lines whose predecessors and causes have been taken, the least harmful first."""
        found = []
        for node, numbers in self.history.epochs.items():
            line = self._head(node, numbers)
            if line is not None and self._may_come(line):
                found.append(line)
        found.sort(key=lambda line: _LATE.get(line.action, 0))
        return found

    def _head(self, node: str, numbers: list[int]) -> Line | None:
        for index in range(self._current[node], len(numbers)):
            epoch = node, numbers[index]
            done, lines = self._done[epoch], self.history.lines[epoch]
            if done < len(lines):
                self._current[node] = index
                return lines[done]
        return None

    def _is_taken(self, line: Line) -> bool:
        return self._done[line.epoch] >= line.seq

    def _may_come(self, line: Line) -> bool:
        causes = self.history.causes(line)
        if causes and not any(map(self._is_taken, causes)):
            return False
        return all(map(self._is_taken, self._waits.get(id(line), ())))

    # Steps

    def _advance(self) -> bool:
        """Take one line, by itself or after hidden steps."""
        heads = self._heads()
        for _, alike in groupby(heads, lambda line: _LATE.get(line.action, 0)):
            lines = list(alike)
            if any(self._take(line, self.position.state) for line in lines):
                return True
            if any(self._after_hidden(line, self._hidden(line)) for line in lines):
                return True
        for epoch in sorted(self._lost):
            missing = self._missing(self.position.epochs.inc(epoch))
            for line in heads:
                if self._after_hidden(line, missing):
                    return True
        self._note(heads)
        return False

    def _hidden(self, line: Line) -> list[Move]:
        return list(hidden_before(line, self.position.epochs, lags=self._lags(line)))

    def _missing(self, own: int) -> list[Move]:
        return [move for action in LOST for move in instances(self.universe, action, own)]

    def _after_hidden(self, line: Line, moves: list[Move]) -> bool:
        """Try a line after some hidden steps, the fewest first."""
        states = [self.position.state]
        seen = set(states)
        tries = 0
        for _ in range(MOST_HIDDEN):
            further = []
            for state in states:
                for move in moves:
                    tries += 1
                    if tries > _TRIES:
                        return False
                    step = self.universe.steps[move.action]
                    if step.refusal(state, *move.values) is not None:
                        continue
                    after = step.after(state, *move.values)
                    if after in seen:
                        continue
                    seen.add(after)
                    if self._take(line, after):
                        return True
                    further.append(after)
            states = further
            if not states:
                break
        return False

    def _take(self, line: Line, state: bytes) -> bool:
        """Take a line in a state, if the model and the records allow it."""
        beyond = beyond_the_model(line, state, self.position.epochs)
        if beyond is not None:
            raise InconclusiveError(f"{line.place}: {beyond}")
        try:
            found = self._explained(line, state)
        except UnknownNameError:
            return False
        if found is None:
            return False
        after, epochs, told = found
        position = Position(after, epochs, self.position.taken + 1)
        self._remember(line, position)
        self.position = position
        self._done[line.epoch] = line.seq
        if told is not None:
            self._told[line.epoch] = told
        if line.action in {LINES_LOST, CRASH} or line.epoch in self.history.lossy:
            self._lose(line)
        return True

    def _explained(self, line: Line, state: bytes) -> tuple[bytes, Epochs, Told | None] | None:
        """The state after a line, and what is told by then; none if the line cannot come here."""
        epochs = self.position.epochs
        if line.seq == 1:
            epochs, state = epochs.started(line.epoch, state)
        after, told = self._step(line, state, epochs), self._tell(line)
        if after is None:
            return None
        if line.action == "restart":
            after = self._restored(line, after, epochs)
        if told is not None and told.mismatches(after, epochs):
            return None
        return after, epochs, told

    def _lose(self, line: Line) -> None:
        """From where lines were lost on, until the epoch is over, its node may have done more."""
        if line.action in {CRASH, "end_clustering"}:
            self._lost -= {line.epoch}
            return
        lines = self.history.lines[line.epoch]
        following = lines[line.seq] if line.seq < len(lines) else None
        if following is not None and following.action in {LINES_LOST, CRASH}:
            self._lost |= {line.epoch}

    def _step(self, line: Line, state: bytes, epochs: Epochs) -> bytes | None:
        """The state after the line; none if the model has no such step."""
        if self._overlaps(line):
            return state
        for move in moves_of(line, epochs, state, lags=self._lags(line)):
            step = self.universe.steps[move.action]
            if step.refusal(state, *move.values) is None:
                state = step.after(state, *move.values)
            elif not self._says_again(line, move, state):
                return None
        return state

    def _overlaps(self, line: Line) -> bool:
        """Whether another act of the member is still under way: together they count as one."""
        told = self._tell(line) if line.action == "finish_act" else None
        return told is not None and line.args.get("g") in told.records.get("acting", ())

    def _restored(self, line: Line, state: bytes, epochs: Epochs) -> bytes:
        """The state once the node knows again what it has stored of others' statements."""
        told, own = self._tell(line), epochs.inc(line.epoch)
        for action in RESTORED:
            for move in instances(self.universe, action, own):
                step = self.universe.steps[action]
                if told is None or step.refusal(state, *move.values) is not None:
                    continue
                after = step.after(state, *move.values)
                if len(told.mismatches(after, epochs)) < len(told.mismatches(state, epochs)):
                    state = after
        return state

    def _says_again(self, line: Line, move: Move, state: bytes) -> bool:
        return says_again(move, state, self.universe, lags=self._lags(line))

    def _lags(self, line: Line) -> bool:
        told = self._told.get(line.epoch)
        return told is not None and told.lags

    def _tell(self, line: Line) -> Told | None:
        if line.action == CRASH:
            return None
        if line.action == LINES_LOST:
            return Told(line.epoch, lags=True)
        if line.action in FORGETS:
            kept = {"phase", "member"} & line.post.keys()
            return Told(line.epoch).after({name: line.post[name] for name in kept})
        return self._told.get(line.epoch, Told(line.epoch)).after(line.post)

    # Going back

    def _remember(self, line: Line, after: Position) -> None:
        if line.action in _LATE:
            told = dict(self._told)
            memory = _Memory(self.position, line, after, dict(self._done), told, self._lost)
            self._memories.append(memory)

    def _go_back(self) -> bool:
        """Let an ending wait for a line that it has made impossible."""
        heads = self._heads()
        for memory in reversed(self._memories):
            for line in heads:
                if not self._hurt(line, memory):
                    continue
                if self._returns >= _RETURNS:
                    raise InconclusiveError(f"{line.place}: too many orders to try")
                self._returns += 1
                self._waits.setdefault(id(memory.line), []).append(line)
                self.position, self._lost = memory.position, memory.lost
                self._done, self._told = dict(memory.done), dict(memory.told)
                self._current = dict.fromkeys(self.history.epochs, 0)
                while self._memories and self._memories[-1] is not memory:
                    self._memories.pop()
                self._memories.pop()
                return True
        return False

    def _hurt(self, line: Line, memory: _Memory) -> bool:
        """Whether an ending has made a line impossible, and could as well come after it."""
        ending = memory.line
        if ending.epoch[0] == line.epoch[0]:
            return False
        if line.action in _NEEDS_REST:
            # The whole cluster must be at rest: a start is what it cannot stand.
            return ending.action == "restart" and not self._needs(line, ending)
        before, after = self._failing(line, memory.position), self._failing(line, memory.after)
        now = self._failing(line, self.position)
        return bool((after - before) & now) and not self._needs(line, ending)

    def _failing(self, line: Line, position: Position) -> frozenset[str]:
        """The clauses that a line fails in a position; none where it cannot be read."""
        try:
            move = move_of(line, position.epochs)
        except UnknownNameError:
            return frozenset()
        step = self.universe.steps[move.action]
        return frozenset(clause.name for clause in step.refusals(position.state, *move.values))

    def _needs(self, line: Line, other: Line) -> bool:
        """Whether the other line must come before this one."""
        stack, seen = [line], {id(line)}
        while stack:
            each = stack.pop()
            if each is other:
                return True
            before = self.history.before(each)
            causes = self.history.causes(each)
            nexts = [before, *(causes if len(causes) == 1 else ()), *self._waits.get(id(each), ())]
            for needed in nexts:
                if (
                    needed is not None
                    and id(needed) not in seen
                    and not self._precedes(needed, other)
                ):
                    seen.add(id(needed))
                    stack.append(needed)
        return False

    def _precedes(self, line: Line, other: Line) -> bool:
        """Whether a line stands before another on one node."""
        return line.epoch[0] == other.epoch[0] and (line.epoch, line.seq) < (other.epoch, other.seq)

    # What to say about it

    def _note(self, heads: list[Line]) -> None:
        if self.position.taken >= self.furthest.taken:
            refusals = tuple(Refusal(line, tuple(self._reasons(line))) for line in heads)
            self.furthest = Stuck(self.position.taken, refusals)

    def _reasons(self, line: Line) -> Iterator[str]:
        """For each candidate the clause that fails, or what the records say otherwise."""
        state, epochs = self.position.state, self.position.epochs
        try:
            if line.seq == 1:
                epochs, state = epochs.started(line.epoch, state)
            for move in moves_of(line, epochs, state, lags=self._lags(line)):
                step = self.universe.steps[move.action]
                failing = step.refusals(state, *move.values)
                if not failing:
                    state = step.after(state, *move.values)
                elif not self._overlaps(line) and not self._says_again(line, move, state):
                    clauses = ", ".join(clause.name for clause in failing)
                    yield f"{line.name}: {clauses} fails"
                    return
            told = self._tell(line)
            if told is not None:
                yield from map(str, told.mismatches(state, epochs))
        except UnknownNameError as error:
            yield str(error)
