"""The successor kernel: from a state to its enabled instances and the states that they lead to.

One function an action (or a part of one that has many instances), so that the time to compile
grows with the model and no faster. Inside it, neighbouring instances that share a clause are
tested together. The order of the instances is kept.

An instance whose guard and updates take a few operations is executed without a branch: its
successor is written in any case, and the next one overwrites it if it was not enabled. A branch
that is taken one time in three costs more than that. Successors that equal the state are dropped
here: they count as executions and lead nowhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knell.checker.compiled.code import COLD, Code
from knell.checker.compiled.common import Common, note_misstep
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.packing import Packing
from knell.checker.compiled.rows import Row, conjuncts, longest
from knell.checker.compiled.terms import Terms, note_error, terms_of
from knell.checker.demands import Demands
from knell.checker.source import parts_first
from knell.language.ground import Ground
from knell.language.grounding import Program

Numbered = Mapping[int, Sequence[tuple[int, Ground]]]

_CHEAP = 12  # operations that are done rather than branched around
_ROWS = 48  # instances of one function
_COPIED = 3  # words of a state that is not written word by word
_NESTED = 12  # levels of branches
_SIGNATURE = (("ptr", "state"), ("i64", "u"), ("i64", "n"), ("ptr", "ctx"))
ARGUMENTS = "ptr %state, i64 %u, i64 {n}, ptr %ctx"


@dataclass
class Moves:
    """Writes the kernel of a program.

    ``demands`` maps instances to what must hold of their steps, ``premises`` to what is to be
    seen of them at least once: pairs of a number and a term over the state before.
    """

    program: Program
    packing: Packing
    demands: Numbered = field(default_factory=dict)
    premises: Numbered = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asked = Demands(self.program, self.demands)
        self.awaiting: dict[str, Sequence[tuple[int, Ground]]] = {}
        names: dict[tuple[tuple[int, Ground], ...], str] = {}
        self.awaits: dict[int, str] = {}
        for k, wanted in self.premises.items():
            name = names.setdefault(tuple(wanted), f"await{len(names)}")
            self.awaiting[name] = wanted
            self.awaits[k] = name

    def texts(self) -> Iterator[str]:
        """The functions; the last is ``expand``, from a state to all its moves."""
        common = Common(self.program, self.packing, self.asked)
        yield from common.texts()
        for name, wanted in self.awaiting.items():
            yield self._await(name, wanted)
        parts: list[tuple[str, int]] = []
        actions = {action: k for k, action in enumerate(self.program.model.actions)}
        numbered = list(enumerate(self.program.instances))
        for action, some in itertools.groupby(numbered, key=lambda pair: pair[1].action):
            rows = [Row(k, conjuncts(term for _, term in one.guard)) for k, one in some]
            for start in range(0, len(rows), _ROWS):
                name = f"move{len(parts)}"
                parts.append((name, actions[action]))
                yield _Part(self, name, rows[start : start + _ROWS]).text()
        yield self._expand(parts)

    def _await(self, name: str, some: Sequence[tuple[int, Ground]]) -> str:
        """A function that notes which of some premises hold, of those that never did so far."""
        code = Code(name, (("ptr", "state"), ("ptr", "ctx")), inline=COLD)
        seen = address(code, "%ctx", At.SEEN)
        for number, premise in some:
            flag = code.at(seen, number)
            with code.when(code.compare("eq", code.load(flag), 0)):
                holds = terms_of(code, self.packing, [premise]).truth(premise)
                with code.when(holds):
                    code.store(1, flag)
                    code.bump(place_of(code, "%ctx", At.UNSEEN), -1)
        return code.text()

    def _expand(self, parts: Sequence[tuple[str, int]]) -> str:
        code = Code("expand", _SIGNATURE, "i64")
        n, total = "%n", "0"
        taken = address(code, "%ctx", At.TAKEN)
        for name, action in parts:
            both = code.call(name, ARGUMENTS.format(n=n), "i64")
            n = code.op("and", both, 0xFFFFFFFF)
            executed = code.op("lshr", both, 32)
            code.bump(code.at(taken, action), executed)
            total = code.add(total, executed)
        stuck = code.compare("eq", total, 0)
        if self.asked.shared:
            with code.when(code.op("xor", stuck, "true", "i1")):
                for number in self.asked.shared:
                    code.call(f"common{number}", "ptr %state, i64 %u, ptr %ctx")
        with code.when(stuck):
            first = code.compare("slt", read(code, "%ctx", At.DEADLOCK), 0)
            with code.when(first):
                ends = code.call("is_end", "ptr %state, ptr %ctx", "i1")
                with code.when(code.op("xor", ends, "true", "i1")):
                    code.store("%u", place_of(code, "%ctx", At.DEADLOCK))
        code.give(n)
        return code.text()


class _Part:
    """The function of some instances of one action."""

    def __init__(self, moves: Moves, name: str, rows: Sequence[Row]) -> None:
        self.moves = moves
        self.instances = moves.program.instances
        self.packing = moves.packing
        self.code = code = Code(name, _SIGNATURE, "i64")
        self.words = [code.load(code.at("%state", w)) for w in range(self.packing.words)]
        self.terms = Terms(code, self.packing, self.words, "%ctx")
        self.moves_at = address(code, "%ctx", At.MOVES)
        self.by = address(code, "%ctx", At.BY)
        self.n = code.slot("%n")
        self.taken = code.slot(0)
        self._tree(list(rows), _NESTED)
        shifted = code.op("shl", code.load(self.taken), 32)
        code.give(code.op("or", shifted, code.load(self.n)))

    def text(self) -> str:
        """The function's text."""
        return self.code.text()

    def _tree(self, rows: list[Row], levels: int) -> None:
        while rows:
            clause, length = longest(rows) if levels else (None, 1)
            group, rows = rows[:length], rows[length:]
            if clause is None:
                self._leaf(group[0])
                continue
            with self.code.when(self.terms.truth(clause)), self.terms.scope():
                self._tree([row.without(clause) for row in group], levels - 1)

    def _leaf(self, row: Row) -> None:
        k = row.instance
        if not row.clauses:
            self._execute(k)
        elif self._is_cheap(row):
            enabled = self.terms.together(row.clauses, "and")
            changed, words = self._successor(k)
            self._put(k, words, self.code.op("and", enabled, changed, "i1"))
            self.code.bump(self.taken, self.code.widen(enabled))
        else:
            self._guarded(k, row.clauses)

    def _guarded(self, k: int, clauses: Sequence[Ground]) -> None:
        """Test the clauses, those that can fail only if all before them hold."""
        sure = list(itertools.takewhile(lambda clause: not clause.fallible, clauses))
        now, later = (sure, clauses[len(sure) :]) if sure else (clauses[:1], clauses[1:])
        test = self.terms.together(now, "and") if sure else self.terms.truth(now[0])
        with self.code.when(test), self.terms.scope():
            if later:
                self._guarded(k, later)
            else:
                self._execute(k)

    def _is_cheap(self, row: Row) -> bool:
        k = row.instance
        instance = self.instances[k]
        if instance.checks or k in self.moves.asked.own or k in self.moves.premises:
            return False
        roots = [*row.clauses, *(content for _, content in instance.updates)]
        if any(root.fallible for root in roots) or self.packing.words > 2:
            return False
        costs = sum(1 for part in parts_first(roots) if part.kind not in ("const", "cell"))
        return costs + len(row.clauses) + len(instance.updates) <= _CHEAP

    def _execute(self, k: int) -> None:
        """Execute the instance, whose guard holds."""
        code, instance = self.code, self.instances[k]
        for number, (wrong, _) in enumerate(instance.checks):
            with code.when(self.terms.truth(wrong)):
                note_error(code, "%ctx", -1 - k, number)
        for number, demand in self.moves.asked.own.get(k, ()):
            self._demand(k, number, demand)
        if k in self.moves.awaits:
            unseen = code.compare("ne", read(code, "%ctx", At.UNSEEN), 0)
            with code.when(unseen):
                code.call(self.moves.awaits[k], "ptr %state, ptr %ctx")
        code.bump(self.taken)
        changed, words = self._successor(k)
        if changed != "false":
            self._put(k, words, changed)

    def _demand(self, k: int, number: int, demand: Ground) -> None:
        broken = self.code.op("xor", self.terms.truth(demand), "true", "i1")
        with self.code.when(broken):
            note_misstep(self.code, number, k)

    def _successor(self, k: int) -> tuple[str, list[str]]:
        """Whether the instance changes the state, and the words that it leads to."""
        code = self.code
        words = list(self.words)
        masks: dict[int, int] = {}
        computed: dict[int, list[str]] = {}
        for (condition, word), (mask, wanted) in self._constants(k).items():
            masks[word] = masks.get(word, 0) | mask
            parts = computed.setdefault(word, [])
            if condition is None:
                parts.append(str(wanted))
                continue
            kept = code.op("and", self.words[word], mask)
            parts.append(code.select(self.terms.truth(condition), wanted, kept))
        for cell, content in self.instances[k].updates:
            if _written(cell, content) is None:
                place = self.packing.fields[cell]
                masks[place.word] = masks.get(place.word, 0) | place.mask
                shifted = code.op("shl", self.terms.number(content), place.shift)
                computed.setdefault(place.word, []).append(shifted)
        changed = "false"
        for word, mask in masks.items():
            value = code.op("and", self.words[word], ~mask)
            for part in computed[word]:
                if part != "0":
                    value = code.op("or", value, part)
            words[word] = value
            differs = code.compare("ne", value, self.words[word])
            changed = differs if changed == "false" else code.op("or", changed, differs, "i1")
        return changed, words

    def _constants(self, k: int) -> dict[tuple[Ground | None, int], tuple[int, int]]:
        """The constants that the instance writes, in any case or under a condition.

        Those of one condition and word are written together: as a mask and bits in it.
        """
        found: dict[tuple[Ground | None, int], tuple[int, int]] = {}
        for cell, content in self.instances[k].updates:
            written = _written(cell, content)
            if written is not None:
                condition, value = written
                place = self.packing.fields[cell]
                mask, bits = found.get((condition, place.word), (0, 0))
                both = (mask | place.mask, bits | value << place.shift)
                found[condition, place.word] = both
        return found

    def _put(self, k: int, words: Sequence[str], counts: str) -> None:
        """Write a successor; it stays if it counts."""
        code = self.code
        n = code.load(self.n)
        target = code.at(self.moves_at, code.op("mul", n, self.packing.words))
        if len(words) > _COPIED:
            code.call(
                "llvm.memcpy.p0.p0.i64", f"ptr {target}, ptr %state, i64 {8 * len(words)}, i1 0"
            )
        for w, word in enumerate(words):
            if len(words) <= _COPIED or word != self.words[w]:
                code.store(word, code.at(target, w))
        code.store(k, code.at(self.by, n, "i32"), "i32")
        code.store(code.add(n, code.widen(counts)), self.n)


def _written(cell: int, content: Ground) -> tuple[Ground | None, int] | None:
    """The constant that an update writes, and the condition under which it does."""
    if content.kind == "const":
        return None, content.value
    if content.kind == "ite" and not content.fallible:
        condition, then, otherwise = content.parts
        is_own = otherwise.kind == "cell" and otherwise.value == cell
        if is_own and then.kind == "const":
            return condition, then.value
    return None
