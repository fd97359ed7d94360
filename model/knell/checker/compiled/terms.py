"""Ground terms in LLVM's assembly, over a packed state.

A term that cannot fail is computed without branches, once in each scope: everything in the ground
language is total, so computing a part that laziness would skip changes nothing but the time it
takes. Terms that can fail are computed where their place in an ``and``, an ``or`` or an ``ite``
says so, and nowhere else.

A failure is noted in the ``error`` place of the context, unless there is one, and the value is 0
from then on: whoever called looks there before believing anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from knell.checker.compiled.code import Code
from knell.checker.compiled.context import At, place_of
from knell.checker.compiled.errors import NotCompilableError
from knell.checker.compiled.packing import Packing
from knell.checker.source import cells_of
from knell.language.ground import Ground

_WIDEST = 1 << 62
_BOOLEAN = ("not", "and", "or", "==", "<")


class Terms:
    """Writes terms into one function that has a state's words, or a pointer to them."""

    def __init__(self, code: Code, packing: Packing, words: Sequence[str], context: str) -> None:
        self.code = code
        self.packing = packing
        self.words = words
        self.context = context
        self._scopes: list[dict[tuple[Ground, bool], str]] = [{}]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is computed in here is not known outside."""
        self._scopes.append({})
        yield
        self._scopes.pop()

    def truth(self, term: Ground) -> str:
        """The term as an ``i1``."""
        return self._known(term, True)

    def number(self, term: Ground) -> str:
        """The term as an ``i64``."""
        return self._known(term, False)

    def _known(self, term: Ground, boolean: bool) -> str:
        for scope in self._scopes:
            if (term, boolean) in scope:
                return scope[term, boolean]
        value = self._truth(term) if boolean else self._number(term)
        self._scopes[-1][term, boolean] = value
        return value

    def _truth(self, term: Ground) -> str:
        code = self.code
        match term.kind:
            case "const":
                return "true" if term.value else "false"
            case "cell":
                field = self.packing.fields[term.value]
                here = code.op("and", self.words[field.word], field.mask)
                return code.compare("ne", here, 0)
            case "not":
                return code.op("xor", self.truth(term.parts[0]), "true", "i1")
            case "and" | "or":
                return self._junction(term)
            case "==" | "<":
                a, b = (self.number(part) for part in term.parts)
                return code.compare("eq" if term.kind == "==" else "slt", a, b)
            case "ite":
                return self._choice(term, boolean=True)
            case "fail":
                self._fail(term.value)
                return "false"
        return code.compare("ne", self.number(term), 0)

    def _number(self, term: Ground) -> str:
        code = self.code
        if term.lo < -_WIDEST or term.hi > _WIDEST:
            raise NotCompilableError(
                f"a number of the model may need more than 62 bits: {term.lo}..{term.hi}"
            )
        if term.kind in _BOOLEAN:
            return code.widen(self.truth(term))
        match term.kind:
            case "const":
                return str(term.value)
            case "cell":
                field = self.packing.fields[term.value]
                shifted = code.op("lshr", self.words[field.word], field.shift)
                return code.op("and", shifted, (1 << field.bits) - 1)
            case "ite":
                return self._choice(term, boolean=False)
            case "fail":
                self._fail(term.value)
                return "0"
        a, b = (self.number(part) for part in term.parts)
        return self._arithmetic(term, a, b)

    def _arithmetic(self, term: Ground, a: str, b: str) -> str:
        code = self.code
        match term.kind:
            case "+":
                return code.add(a, b)
            case "-":
                return code.sub(a, b)
            case "*":
                return code.op("mul", a, b)
        divisor = term.parts[1].value
        if term.parts[0].lo >= 0:
            return code.op("udiv" if term.kind == "//" else "urem", a, b)
        rest = code.op("srem", a, b)
        below = code.compare("slt", rest, 0)
        rest = code.add(rest, code.select(below, divisor, 0))
        return rest if term.kind == "%" else code.op("sdiv", code.sub(a, rest), b)

    def _junction(self, term: Ground) -> str:
        """A conjunction or disjunction, lazily from the first part that can fail."""
        code = self.code
        sure = [part for part in term.parts if not part.fallible]
        if len(sure) == len(term.parts):
            return self.together(term.parts, term.kind)
        result = code.slot(self.truth(term.parts[0]), "i1")
        done = code.label("decided")
        with self.scope():
            for part in term.parts[1:]:
                further = code.label("further")
                so_far = code.load(result, "i1")
                yes, no = (further, done) if term.kind == "and" else (done, further)
                code.branch(so_far, yes, no)
                code.place(further)
                code.store(self.truth(part), result, "i1")
            code.place(done)
        return code.load(result, "i1")

    def together(self, parts: Sequence[Ground], kind: str) -> str:
        """The ``and`` or the ``or`` of terms that cannot fail.

        What compares cells of one word with constants is one comparison: of the word, masked.
        """
        masks: dict[int, int] = {}
        wanted: dict[int, int] = {}
        values = []
        for part in parts:
            literal = _literal(part, holds=kind == "and")
            field = None if literal is None else self.packing.fields[literal[0]]
            if literal is None or field is None or masks.get(field.word, 0) & field.mask:
                values.append(self.truth(part))
                continue
            masks[field.word] = masks.get(field.word, 0) | field.mask
            wanted[field.word] = wanted.get(field.word, 0) | literal[1] << field.shift
        for word, mask in masks.items():
            masked = self.code.op("and", self.words[word], mask)
            how = "eq" if kind == "and" else "ne"
            values.append(self.code.compare(how, masked, wanted[word]))
        value = values[0]
        for other in values[1:]:
            value = self.code.op(kind, value, other, "i1")
        return value

    def _choice(self, term: Ground, *, boolean: bool) -> str:
        code, of = self.code, "i1" if boolean else "i64"
        compute = self.truth if boolean else self.number
        condition, a, b = term.parts
        test = self.truth(condition)
        if not (a.fallible or b.fallible):
            return code.select(test, compute(a), compute(b), of)
        result = code.slot("false" if boolean else "0", of)
        yes, no, after = code.label("then"), code.label("else"), code.label("after")
        code.branch(test, yes, no)
        for label, part in ((yes, a), (no, b)):
            code.place(label)
            with self.scope():
                code.store(compute(part), result, of)
            code.goto(after)
        code.place(after)
        return code.load(result, of)

    def _fail(self, index: int) -> None:
        note_error(self.code, self.context, index, 0)


def terms_of(code: Code, packing: Packing, roots: Iterable[Ground]) -> Terms:
    """Writes terms into a function of ``%state`` and ``%ctx``; only what they read is loaded."""
    needed = {packing.fields[cell].word for cell in cells_of(roots)}
    words = [code.load(code.at("%state", w)) if w in needed else "" for w in range(packing.words)]
    return Terms(code, packing, words, "%ctx")


def _literal(term: Ground, *, holds: bool) -> tuple[int, int] | None:
    """The cell and the content of it that make the term hold (or fail), if that is all it says."""
    while term.kind == "not":
        term, holds = term.parts[0], not holds
    if term.kind == "cell" and term.hi == 1:
        return term.value, int(holds)
    if term.kind == "==" and holds and term.parts[0].kind == "cell":
        cell, content = term.parts
        if content.kind == "const" and content.value >= 0:
            return cell.value, content.value
    return None


def note_error(code: Code, context: str, what: int, detail: int) -> None:
    """Note an error, unless one was noted before: a failure, or (negative) a broken check."""
    place = place_of(code, context, At.ERROR)
    first = code.compare("eq", code.load(place), 0)
    with code.when(first):
        code.store(what + 1 if what >= 0 else what, place)
        code.store(detail, place_of(code, context, At.ERROR_DETAIL))
