"""Ground terms as Python source.

A generated function first names the cells that it reads (``c5`` is the content of cell 5 of the
state ``s``), then the terms that are shared. A term is shared if several others contain it; it
becomes a local variable, computed once, unless its evaluation could fail, for then it must be
evaluated only where its place in an ``and``, an ``or`` or an ``ite`` says so. Everything else in
the ground language is total, so computing it early changes nothing but the time it takes.

Python's parser bounds the nesting of parentheses, so a term that is too deep becomes a function
of the state of its own. So does a large one that could fail, which may not be shared otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from knell.language.ground import Ground

Packed: TypeAlias = bytes | tuple[int, ...]
Names: TypeAlias = Mapping[Ground, str]

_LEAVES = ("const", "cell", "fail")
_LEVEL = 4  # a level of parentheses, against 1 for a link of a chain
_DEEPEST = 40 * _LEVEL
_LARGEST = 500  # terms written out


def parts_first(roots: Iterable[Ground]) -> list[Ground]:
    """All terms in ``roots``, each once, every term after its parts."""
    done: dict[Ground, None] = {}
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        term, ready = stack.pop()
        if term in done:
            continue
        if ready or not term.parts:
            done[term] = None
        else:
            stack.append((term, True))
            stack.extend((part, False) for part in reversed(term.parts))
    return list(done)


def cells_of(roots: Iterable[Ground]) -> list[int]:
    """The indices of the cells that the terms read, ascending."""
    return sorted(term.value for term in parts_first(roots) if term.kind == "cell")


def shared(roots: Iterable[Ground], known: Names, uses: int) -> list[Ground]:
    """The terms worth a local variable: used at least ``uses`` times, parts before wholes.

    A use is an occurrence as a root or as a part of another term. Terms of one operator over
    leaves cost less than they would save.
    """
    counts: dict[Ground, int] = {}
    stack = list(roots)
    while stack:
        term = stack.pop()
        counts[term] = counts.get(term, 0) + 1
        if counts[term] == 1 and term not in known:
            stack.extend(term.parts)
    often = [t for t, n in counts.items() if n >= uses and t not in known and _is_costly(t)]
    chosen = set(often)
    return [term for term in parts_first(often) if term in chosen]


def _is_costly(term: Ground) -> bool:
    return not term.fallible and any(part.kind not in _LEAVES for part in term.parts)


class Source:
    """Writes terms and collects the functions that they need beside the one being written."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self._calls: dict[Ground, str] = {}
        self._extents: dict[Ground, tuple[int, int]] = {}
        self._locals = 0

    def share(self, roots: Iterable[Ground], known: Names, uses: int) -> tuple[list[str], Names]:
        """Statements that compute what ``roots`` share, and all names known afterwards."""
        names = dict(known)
        lines = []
        for term in shared(roots, known, uses):
            self._locals += 1
            name = f"v{self._locals}"
            lines.append(f"{name} = {self.text(term, names)}")
            names[term] = name
        return lines, names

    def text(self, term: Ground, names: Names) -> str:
        """The term as a Python expression; a truth value may come out as ``bool`` or 0 and 1."""
        if term in names:
            return names[term]
        match term.kind:
            case "const":
                return str(term.value) if term.value >= 0 else f"({term.value})"
            case "cell":
                return f"c{term.value}"
            case "fail":
                return f"fail({term.value})"
        return self._calls[term] if self._is_cut(term) else f"({self._operation(term, names)})"

    def _operation(self, term: Ground, names: Names) -> str:
        """The text of a term that has parts, without parentheses around it."""
        first = term.parts[0]
        if term.kind == "not":
            if first.kind in ("==", "<") and first not in names:
                a, b = (self.text(part, names) for part in first.parts)
                return f"{a} {'!=' if first.kind == '==' else '>='} {b}"
            return f"not {self.text(first, names)}"
        texts = [self.text(part, names) for part in term.parts]
        link = _link(term)
        if link is not None and texts[link].startswith("("):
            texts[link] = texts[link][1:-1]
        if term.kind == "ite":
            return f"{texts[1]} if {texts[0]} else {texts[2]}"
        return f" {term.kind} ".join(texts)

    def _is_cut(self, term: Ground) -> bool:
        """Whether the term stands in a function of its own; decided for its parts first."""
        for part in parts_first([term]) if term not in self._extents else ():
            if part not in self._extents:
                extent = self._extents[part] = self._extent(part)
                if extent[0] >= _DEEPEST or (part.fallible and extent[1] >= _LARGEST):
                    self._cut(part)
        return term in self._calls

    def _extent(self, term: Ground) -> tuple[int, int]:
        """The depth of the term's text, and how many terms it writes out."""
        depth, size = 0, 1
        for k, part in enumerate(term.parts):
            deep, large = (0, 1) if part in self._calls else self._extents[part]
            depth = max(depth, deep + (1 if k == _link(term) else _LEVEL))
            size += large
        return depth, size

    def _cut(self, term: Ground) -> None:
        """Write a function of the state for the term; those of its parts are written already."""
        name = f"term{len(self._calls)}"
        lines = [f"c{k} = s[{k}]" for k in cells_of([term])]
        lines.append(f"return {self._operation(term, {})}")
        self.functions.append(function(name, lines))
        self._calls[term] = f"{name}(s)"


def _link(term: Ground) -> int | None:
    """The part that makes a chain with the whole (a + b + c), so needs no parentheses."""
    link = {"ite": 2, "+": 0}.get(term.kind)
    return link if link is not None and term.parts[link].kind == term.kind else None


def name_cells(roots: Iterable[Ground], width: int) -> list[str]:
    """Statements that name the cells in ``roots`` of the state ``s``, which has ``width`` cells."""
    wanted = set(cells_of(roots))
    if len(wanted) * 4 <= width:
        return [f"c{k} = s[{k}]" for k in sorted(wanted)]
    return [f"({', '.join(f'c{k}' if k in wanted else '_' for k in range(width))},) = s"]


def function(name: str, lines: Iterable[str]) -> str:
    """The text of a function of the state ``s``."""
    return "\n".join([f"def {name}(s):", *(f" {line}" for line in lines), ""])


def compile_functions(texts: Iterable[str], scope: dict[str, object]) -> dict[str, object]:
    """Run the texts of functions in ``scope``; it then holds the functions under their names."""
    exec(compile("\n".join(texts), "<generated>", "exec"), scope)  # noqa: S102  # our own text
    return scope


def conjuncts(terms: Iterable[Ground]) -> list[Ground]:
    """The conjuncts of a conjunction, each once."""
    parts = (part for t in terms for part in (t.parts if t.kind == "and" else (t,)))
    return list(dict.fromkeys(part for part in parts if part.kind != "const" or not part.value))
