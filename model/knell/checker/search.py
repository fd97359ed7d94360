"""Breadth-first search: every reachable state once, by order of discovery.

States are expanded in the order in which they were found, and instances in the order of actions,
then of parameters. So the first state that satisfies a condition is reached by a shortest path,
and of all shortest paths by the one whose steps come first in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from knell.checker.chance import Chance
from knell.checker.errors import MisstepError
from knell.checker.explored import ROOT, Edges, Explored, Walks
from knell.checker.kernel import Kernel
from knell.checker.lasso import Analysis, Refuter
from knell.checker.questions import Questions
from knell.checker.snapshot import Snapshot, dump, load
from knell.checker.source import Packed
from knell.checker.watches import Hits, Watches, condition
from knell.language.errors import ModelError
from knell.language.grounding import Program

_SHOWN = 12  # steps in a message
_WITHOUT_END = 1 << 62


class Search:
    """A search that can be run in portions.

    ``canonical`` maps each state to the one that stands for it; without it every state stands
    for itself. Watches are asked of the state itself, which may differ from its representative in
    the cells that a step leaves alone.
    """

    portion = 256  # states between two looks at the clock
    walks_at_once = 1
    workers = 1
    kind = "reference"

    def __init__(
        self,
        program: Program,
        questions: Questions,
        *,
        canonical: Callable[[Packed], Packed] | None = None,
    ) -> None:
        self.program = program
        self.questions = questions
        self.canonical = canonical
        self.kernel = Kernel(program, questions.demands)
        self.watches = Watches(program, questions.watches)
        self.is_end = condition(program, questions.end)
        self.most_states = _WITHOUT_END
        self.explored = Explored(
            taken=[0] * len(program.instances), edges=Edges() if questions.responses else None
        )
        self._pack: Callable[[Sequence[int]], Packed] = bytes if program.layout.bytewise else tuple
        self._numbers: dict[Packed, int] = {}
        self._after: list[tuple[Hits, ...] | None] = [None] * len(program.instances)
        self._refresh_at = 1000
        self._premises = {
            k: [(number, condition(program, term)) for number, term in some]
            for k, some in questions.step_premises.items()
        }

    def start(self) -> None:
        """Find the initial states."""
        found = self.explored
        hits = self.watches.hits()
        for content in self.program.initial():
            raw = self._pack(content)
            state = self.canonical(raw) if self.canonical else raw
            if state not in self._numbers:
                self._numbers[state] = len(found.states)
                found.states.append(state)
                found.parents.append(ROOT)
                found.via.append(ROOT)
                try:
                    self._note(hits(raw), len(found.states) - 1)
                except MisstepError as misstep:
                    raise self.explain(misstep, len(found.states) - 1) from None
        if not found.states:
            raise ModelError(
                "no state satisfies the initial conditions",
                place=self.program.model.place,
                mend="see m.init and the init of the variables",
            )
        found.level_ends.append(len(found.states))

    def dump(self) -> Snapshot:
        """All that the search knows, for a checkpoint."""
        return dump(self.explored, self.program.layout)

    def load(self, notes: dict[str, Any], arrays: list[memoryview]) -> None:
        """Go on from what another search dumped."""
        self.explored = load(notes, arrays, self.program.layout)
        self._numbers = {state: number for number, state in enumerate(self.explored.states)}
        self._forget(self.explored.awaited)

    @property
    def omission(self) -> float | None:
        """How likely it is at most that states were taken for others; None: they are whole."""
        return None

    @property
    def failed(self) -> bool:
        """Whether some property is known to be violated."""
        found = self.explored
        broken = any(self.questions.is_invariant(watch) for watch in found.hits)
        stuck = self.questions.deadlock and found.deadlock is not None
        return broken or stuck or bool(found.missteps)

    def expand(self, until: int) -> None:
        """Expand the next states, at most up to the state ``until``."""
        found = self.explored
        if self.watches.pending and len(found.states) >= self._refresh_at:
            self._refresh()
        try:
            self._expand(until)
        except MisstepError as misstep:
            raise self.explain(misstep, found.expanded) from None

    def _expand(self, until: int) -> None:
        found = self.explored
        states, parents, via, taken = found.states, found.parents, found.via, found.taken
        successors, canonical, broken = self.kernel.successors, self.canonical, self.kernel.broken
        number_of, after, premises = self._numbers.setdefault, self._after, self._premises
        edges = found.edges
        size = len(states)
        for u in range(found.expanded, until):
            if size >= self.most_states:
                break
            state = states[u]
            moves = successors(state)
            for k, raw in moves:
                taken[k] += 1
                target = canonical(raw) if canonical else raw
                v = number_of(target, size)
                if v == size:
                    size += 1
                    states.append(target)
                    parents.append(u)
                    via.append(k)
                    if after[k] != ():
                        self._look(raw, v, k)
                if edges is not None and v != u:
                    edges.targets.append(v)
                    edges.instances.append(k)
                if k in premises:
                    self._await(state, k)
            if edges is not None:
                edges.first.append(len(edges.targets))
            if broken or not moves:
                self._judge(u, moves)
            found.expanded = u + 1

    def walk(self, numbers: range, length: int, seed: int, walks: Walks) -> int:
        """Take random walks of so many states at most; returns the number of the next one."""
        for number in numbers:
            self._take(Chance(seed, number), length, walks)
        return numbers.stop

    def _take(self, chance: Chance, length: int, walks: Walks) -> None:
        found = self.explored
        number = chance.below(found.level_ends[0])
        states = 1
        while states < length:
            moves = self._moves(number)
            walks.generated += len(moves)
            changes = [(k, after) for k, after in moves if after != found.states[number]]
            if not changes:
                break
            number = self._arrive(number, *changes[chance.below(len(changes))])
            states += 1
        walks.longest = max(walks.longest, states)

    def _moves(self, number: int) -> list[tuple[int, Packed]]:
        """The enabled instances of a state, with their successors; what they break is noted."""
        try:
            moves = self.kernel.successors(self.explored.states[number])
        except MisstepError as misstep:
            raise self.explain(misstep, number) from None
        if self.kernel.broken or not moves:
            self._judge(number, moves)
        return moves

    def _arrive(self, number: int, instance: int, state: Packed) -> int:
        """Take one step out of a state; returns the number of the state that it leads to."""
        found = self.explored
        found.taken[instance] += 1
        target = self._numbers.setdefault(state, len(found.states))
        if target == len(found.states):
            found.states.append(state)
            found.parents.append(number)
            found.via.append(instance)
            self._look(state, target, instance)
        return target

    def close(self) -> None:
        """Let go of other threads and processes; nothing more is asked of the search."""

    def analysis(self) -> Refuter:
        """What the graph that was found says of the leads-to properties."""
        return Analysis(self.program, self.questions.responses, self.explored)

    def way_to(self, number: int) -> tuple[list[Packed], list[int]]:
        """The states and instances of a run of the model that ends in a state of this number.

        Where states are representatives the run is made again: from an initial state of the first
        orbit, always by the first instance that leads into the next. So every element keeps its
        identity.
        """
        numbers, path = self.explored.path(number)
        known = [self.explored.states[n] for n in numbers]
        if self.canonical is None:
            return known, path
        canonical, pack = self.canonical, self._pack
        initial = (pack(state) for state in self.program.initial())
        states = [next(state for state in initial if canonical(state) == known[0])]
        path = []
        for orbit in known[1:]:
            moves = self.steps_from(states[-1])
            instance, after = next(move for move in moves if canonical(move[1]) == orbit)
            path.append(instance)
            states.append(after)
        return states, path

    def steps_from(self, state: Packed) -> list[tuple[int, Packed]]:
        """The instances that can change a state, with its successors; nothing is noted."""
        moves = self.kernel.successors(state)
        self.kernel.broken.clear()
        return moves

    def _look(self, state: Packed, number: int, instance: int) -> None:
        """Ask which watched conditions a new state is the first to satisfy."""
        functions = self._after[instance]
        if functions is None:
            functions = self._after[instance] = self.watches.after(instance)
        try:
            for hits in functions:
                mask = hits(state)
                if mask:
                    self._note(mask, number)
        except MisstepError as misstep:
            raise self.explain(misstep, number) from None

    def _note(self, mask: int, state: int) -> None:
        hits = self.explored.hits
        mask &= self.watches.pending
        while mask:
            watch = mask.bit_length() - 1
            mask ^= 1 << watch
            hits.setdefault(watch, state)

    def _refresh(self) -> None:
        """Forget the conditions that are decided, now and then: it costs compiling the rest."""
        self._refresh_at = 8 * len(self.explored.states)
        decided = sum(1 << watch for watch in self.explored.hits)
        pending = self.watches.pending & ~decided
        if pending != self.watches.pending:
            self.watches.keep_only(pending)
            self._after = [None] * len(self._after)

    def _await(self, state: Packed, instance: int) -> None:
        """Ask which premises about steps the instance is the first to satisfy."""
        waiting = self._premises[instance]
        seen = {number for number, holds in waiting if holds(state)}
        if seen:
            self.explored.awaited |= seen
            self._forget(seen)

    def _forget(self, seen: set[int]) -> None:
        """Do not ask again for these premises."""
        for k, some in list(self._premises.items()):
            self._premises[k] = [pair for pair in some if pair[0] not in seen]
            if not self._premises[k]:
                del self._premises[k]

    def _judge(self, state: int, moves: list[tuple[int, Packed]]) -> None:
        """Note what the expansion of a state has broken."""
        found = self.explored
        for number, instance in sorted(self.kernel.broken):
            found.missteps.setdefault(number, (state, instance))
        self.kernel.broken.clear()
        if not moves and found.deadlock is None and not self.is_end(found.states[state]):
            found.deadlock = state

    def explain(self, misstep: MisstepError, number: int) -> ModelError:
        """The error of the model, with the way that leads to it."""
        states, path = self.way_to(number)
        instances = self.program.instances
        steps = [str(instances[k]) for k in path]
        if misstep.failure is not None:
            return arrived_at(self.program.failures[misstep.failure], steps)
        if self.canonical is not None:  # the same mistake, of an instance with other parameters
            try:
                self.steps_from(states[-1])
            except MisstepError as own:
                misstep = own
        error = instances[misstep.instance].checks[misstep.check][1]
        return arrived_at(error, [*steps, str(instances[misstep.instance])])


def arrived_at(error: ModelError, steps: list[str]) -> ModelError:
    """The error, with the steps from an initial state that lead to it."""
    shown = ", ".join(steps if len(steps) <= _SHOWN else ["...", *steps[-_SHOWN:]])
    where = f"reached by {len(steps)} step(s): {shown}" if steps else "in an initial state"
    return ModelError(f"{error.message}, {where}", place=error.place, mend=error.mend)
