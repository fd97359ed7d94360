"""What is demanded of the steps of most instances alike, asked once per state.

Only where that fails is it asked of each instance by itself, in functions that are seldom called:
whether the instance is enabled, and whether its own share holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knell.checker.compiled.code import COLD, Code
from knell.checker.compiled.context import At, address
from knell.checker.compiled.packing import Packing
from knell.checker.compiled.terms import terms_of
from knell.checker.demands import Demands
from knell.language.ground import Ground
from knell.language.grounding import Program

_SIGNATURE = (("ptr", "state"), ("i64", "u"), ("ptr", "ctx"))


@dataclass(frozen=True)
class Common:
    """Writes the functions ``common0``, ``common1``, …, one for each number of a demand."""

    program: Program
    packing: Packing
    demands: Demands

    def texts(self) -> Iterator[str]:
        """The functions, and those that they need."""
        terms = self.program.terms
        yield _note_misstep()
        for k in dict.fromkeys(k for _, k in self.demands.shares):
            guard = terms.and_(*(term for _, term in self.program.instances[k].guard))
            yield self._condition(f"enabled{k}", guard)
        for number, leaves in self.demands.shared.items():
            yield from self._suspect(number)
            code = Code(f"common{number}", _SIGNATURE)
            misstep = code.at(address(code, "%ctx", At.MISSTEPS), 2 * number)
            known = code.load(misstep)  # in this state, perhaps, of a later instance
            none, here = code.compare("slt", known, 0), code.compare("eq", known, "%u")
            with code.when(code.op("or", none, here, "i1")):
                holds = terms_of(code, self.packing, leaves).truth(terms.and_(*leaves))
                with code.when(code.op("xor", holds, "true", "i1")):
                    code.call(f"suspect{number}", "ptr %state, i64 %u, ptr %ctx")
            yield code.text()

    def _suspect(self, number: int) -> Iterator[str]:
        """Ask every instance for its share; those with the same share are asked together."""
        groups: dict[Ground, list[int]] = {}
        for (about, k), share in self.demands.shares.items():
            if about == number:
                groups.setdefault(share, []).append(k)
        code = Code(f"suspect{number}", _SIGNATURE, inline=COLD)
        for n, (share, instances) in enumerate(groups.items()):
            name = f"share{number}_{n}"
            yield self._condition(name, share)
            holds = code.call(name, "ptr %state, ptr %ctx", "i1")
            with code.when(code.op("xor", holds, "true", "i1")):
                for k in instances:
                    enabled = code.call(f"enabled{k}", "ptr %state, ptr %ctx", "i1")
                    with code.when(enabled):
                        note_misstep(code, number, k)
        yield code.text()

    def _condition(self, name: str, term: Ground) -> str:
        code = Code(name, (("ptr", "state"), ("ptr", "ctx")), "i1", inline=COLD)
        code.give(terms_of(code, self.packing, [term]).truth(term))
        return code.text()


def note_misstep(code: Code, number: int, k: int) -> None:
    """Note that a step of the instance breaks a property."""
    code.call("note_misstep", f"i64 {number}, i64 {k}, i64 %u, ptr %ctx")


def _note_misstep() -> str:
    """The first state counts, and there the least instance."""
    parameters = (("i64", "number"), ("i64", "k"), ("i64", "u"), ("ptr", "ctx"))
    code = Code("note_misstep", parameters, inline=COLD)
    pair = code.at(address(code, "%ctx", At.MISSTEPS), code.op("mul", "%number", 2))
    state, instance = code.load(pair), code.load(code.at(pair, 1))
    none = code.compare("slt", state, 0)
    here = code.compare("eq", state, "%u")
    less = code.op("and", here, code.compare("ugt", instance, "%k"), "i1")
    with code.when(code.op("or", none, less, "i1")):
        code.store("%u", pair)
        code.store("%k", code.at(pair, 1))
    return code.text()
