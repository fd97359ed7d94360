"""What is demanded of steps, split into what many instances share and what each has alone.

A conjunct such as "whoever has ended does not move" speaks of everybody, and a step moves only
somebody: grounded for each instance it is nearly the same formula every time. The part that at
least half of the instances share is asked once per state. Only where it fails is it asked again,
instance by instance, for each has a share of its own in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from knell.checker.source import Packed, conjuncts
from knell.checker.watches import condition, specialise
from knell.language.ground import Ground
from knell.language.grounding import Instance, Program


class Demands:
    """The demands on all instances; each is a number and a term over the state before.

    ``shared`` maps numbers to what most instances have in common, ``own`` maps instances to the
    rest of their demands, with what their guards say folded in. ``shares`` maps numbers and
    instances to what the instance has in common with most.
    """

    def __init__(
        self, program: Program, demands: Mapping[int, Sequence[tuple[int, Ground]]]
    ) -> None:
        self.program = program
        leaves = {
            (number, k): _leaves(term) for k, some in demands.items() for number, term in some
        }
        counts = Counter(
            (number, leaf)
            for (number, _), some in leaves.items()
            for leaf in some
            if not leaf.fallible
        )
        common = {pair for pair, n in counts.items() if 2 * n >= len(program.instances) > 3}
        self.shared: dict[int, list[Ground]] = {}
        for number, leaf in counts:
            if (number, leaf) in common:
                self.shared.setdefault(number, []).append(leaf)
        self.own: dict[int, list[tuple[int, Ground]]] = {}
        self.shares: dict[tuple[int, int], Ground] = {}
        terms = program.terms
        for (number, k), some in leaves.items():
            rest = [leaf for leaf in some if (number, leaf) not in common]
            own = specialise(terms, terms.and_(*rest), known_contents(program.instances[k]))
            if own is not terms.true:
                self.own.setdefault(k, []).append((number, own))
            if len(rest) < len(some):
                share = (leaf for leaf in some if (number, leaf) in common)
                self.shares[number, k] = terms.and_(*share)
        self._conditions: dict[Ground, Callable[[Packed], int]] = {}

    def broken(self, number: int, state: Packed, instances: Iterable[int]) -> list[tuple[int, int]]:
        """The instances whose share does not hold, where what they have in common does not."""
        return [
            (number, k)
            for k in instances
            if (number, k) in self.shares and not self._holds(self.shares[number, k], state)
        ]

    def _holds(self, term: Ground, state: Packed) -> bool:
        if term not in self._conditions:
            self._conditions[term] = condition(self.program, term)
        return bool(self._conditions[term](state))


def known_contents(instance: Instance) -> dict[int, int]:
    """The contents of cells that the instance's guard fixes."""
    contents = {}
    for clause in conjuncts(term for _, term in instance.guard):
        match clause:
            case Ground(kind="cell", value=cell):
                contents[cell] = 1
            case Ground(kind="not", parts=(Ground(kind="cell", value=cell),)):
                contents[cell] = 0
            case Ground(
                kind="==", parts=(Ground(kind="cell", value=cell), Ground(kind="const", value=it))
            ):
                contents[cell] = it
    return contents


def _leaves(term: Ground) -> tuple[Ground, ...]:
    """The parts of a conjunction, if they can be asked in any order."""
    return term.parts if term.kind == "and" and not term.fallible else (term,)
