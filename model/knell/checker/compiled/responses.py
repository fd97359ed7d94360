"""In which states a response starts to wait, and in which it lacks its goal, as native code.

``ask_starts(ctx, from, to, words)`` and ``ask_lacks(ctx, numbers, count, words)`` write a bit for
each response, 64 to a word. They return the state that met an error of the model, or -1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, address, read
from knell.checker.compiled.liveness import WIDTH
from knell.checker.compiled.terms import terms_of

if TYPE_CHECKING:
    from knell.checker.compiled.packing import Packing
    from knell.checker.questions import Questions
    from knell.language.ground import Ground

_ONE = (("ptr", "state"), ("ptr", "words"), ("ptr", "ctx"))


def responses(questions: Questions, packing: Packing) -> Iterator[str]:
    """The functions; none where nothing is to be answered."""
    terms = questions.program.terms
    asked = questions.responses
    if not asked:
        return
    lacks = [terms.not_(one.goal) for one in asked]
    starts = [terms.and_(one.premise, lack) for one, lack in zip(asked, lacks, strict=True)]
    for name, conditions in (("starts", starts), ("lacks", lacks)):
        for word in range(words_of(len(asked))):
            yield _word(name, word, conditions[word * WIDTH : (word + 1) * WIDTH], packing)
    yield _ask_starts(packing, words_of(len(asked)))
    yield _ask_lacks(packing, words_of(len(asked)))


def words_of(count: int) -> int:
    """The words that some responses take."""
    return -(-count // WIDTH)


def _word(name: str, word: int, conditions: Sequence[Ground], packing: Packing) -> str:
    code = Code(f"{name}{word}", _ONE, inline="noinline")
    terms = terms_of(code, packing, conditions)
    value = "0"
    for bit, condition in enumerate(conditions):
        holds = code.widen(terms.truth(condition))
        value = code.op("or", value, code.op("shl", holds, bit))
    code.store(value, code.at("%words", word))
    return code.text()


def _ask_starts(packing: Packing, words: int) -> str:
    parameters = (("ptr", "ctx"), ("i64", "from"), ("i64", "to"), ("ptr", "words"))
    code = Code("ask_starts", parameters, "i64")
    with code.count("%from", "%to") as u:
        _ask(code, ("starts", words), u, code.sub(u, "%from"), packing)
    code.give(-1)
    return code.text()


def _ask_lacks(packing: Packing, words: int) -> str:
    parameters = (("ptr", "ctx"), ("ptr", "numbers"), ("i64", "count"), ("ptr", "words"))
    code = Code("ask_lacks", parameters, "i64")
    with code.count(0, "%count") as k:
        _ask(code, ("lacks", words), code.load(code.at("%numbers", k)), k, packing)
    code.give(-1)
    return code.text()


def _ask(code: Code, what: tuple[str, int], state: str, row: str, packing: Packing) -> None:
    """Ask all responses of one state; leave with its number if that is an error."""
    name, words = what
    states = address(code, "%ctx", At.STATES)
    here = code.at(states, code.op("mul", state, packing.words))
    into = code.at("%words", code.op("mul", row, words))
    for word in range(words):
        code.call(f"{name}{word}", f"ptr {here}, ptr {into}, ptr %ctx")
    with code.when(code.compare("ne", read(code, "%ctx", At.ERROR), 0)):
        code.give(state)
