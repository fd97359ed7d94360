"""What is asked of a state, as native code: watched conditions, and whether it is an end.

``look`` notes in the context, for each watch, the first state that satisfies it. A watch that has
been satisfied is not evaluated again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, place_of, read
from knell.checker.compiled.packing import Packing
from knell.checker.compiled.terms import terms_of
from knell.checker.questions import Questions
from knell.language.ground import Ground


def asked(questions: Questions, packing: Packing) -> Iterator[str]:
    """The functions ``is_end`` and ``look``."""
    yield _condition("is_end", questions.end, packing)
    names = []
    for number, watch in enumerate(questions.watches):
        text = _watch(f"look{number}", number, watch.leaves, packing, questions)
        if text is not None:
            names.append(f"look{number}")
            yield text
    code = Code("look", (("ptr", "state"), ("i64", "u"), ("ptr", "ctx")))
    for name in names:
        code.call(name, "ptr %state, i64 %u, ptr %ctx")
    if any(leaf.fallible for watch in questions.watches for leaf in watch.leaves):
        note_state(code)
    yield code.text()


def note_state(code: Code) -> None:
    """Note in which state the first error occurred."""
    place = place_of(code, "%ctx", At.ERROR_STATE)
    failed = code.compare("ne", read(code, "%ctx", At.ERROR), 0)
    first = code.compare("slt", code.load(place), 0)
    with code.when(code.op("and", failed, first, "i1")):
        code.store("%u", place)


def _watch(
    name: str, number: int, leaves: Sequence[Ground], packing: Packing, questions: Questions
) -> str | None:
    """The function that looks for one watch, if any state can satisfy it."""
    false = questions.program.terms.false
    leaves = [leaf for leaf in leaves if leaf is not false]
    if not leaves:
        return None
    code = Code(name, (("ptr", "state"), ("i64", "u"), ("ptr", "ctx")))
    first = code.at(address(code, "%ctx", At.HITS), number)
    pending = code.compare("slt", code.load(first), 0)
    with code.when(pending):
        terms = terms_of(code, packing, leaves)
        term = leaves[0] if len(leaves) == 1 else questions.program.terms.or_(*leaves)
        holds = terms.truth(term)
        with code.when(holds):
            code.store("%u", first)
    return code.text()


def _condition(name: str, term: Ground, packing: Packing) -> str:
    code = Code(name, (("ptr", "state"), ("ptr", "ctx")), "i1")
    code.give(terms_of(code, packing, [term]).truth(term))
    return code.text()
