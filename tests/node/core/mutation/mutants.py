"""The mutants of the core as mutmut makes them, and how a function becomes its mutant.

mutmut writes a file that holds each function and all its mutants. Here they are taken out of it:
a mutant is the source of one function, so that a process can put it into force by exchanging the
function's code, with no wrapper in the way.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from types import FunctionType

from mutmut.mutation.file_mutation import mutate_file_contents

from tests.node.core.mutation.survivors import CORE, flat, functions

_SENTENCE = re.compile(r'"[^"]* [^"]*"')


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
        function: Where it is, as `shutdown.latch` or `draft.Draft.tell`.
        was: The lines that are changed, without indentation.
        becomes: What stands in their place.
        lines: The numbers of the lines of the statement that is changed.
        source: The whole function, changed.
        nth: Which one it is, where a function has such lines more than once.
    """

    function: str
    was: str
    becomes: str
    lines: frozenset[int]
    source: str
    nth: int = 1

    @property
    def module(self) -> str:
        """The module of the core, as `shutdown`."""
        return self.function.partition(".")[0]

    @property
    def id(self) -> str:
        """What names it in the table of survivors."""
        again = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.function}: {self.was} -> {self.becomes}{again}"

    @property
    def is_wording(self) -> bool:
        """Whether nothing but a sentence for people is worded differently."""
        return _SENTENCE.sub("", self.was) == _SENTENCE.sub("", self.becomes)

    def apply(self) -> None:
        """Change the function in this process, for everyone who holds it."""
        module = importlib.import_module(f"knell.node.core.{self.module}")
        _, *classes, name = self.function.split(".")
        place: object = module
        for each in classes:
            place = getattr(place, each)
        function = vars(place)[name]
        flags = __future__.annotations.compiler_flag
        made: dict[str, FunctionType] = {}
        exec(compile(self.source, str(CORE), "exec", flags), vars(module), made)  # noqa: S102
        (mutated,) = made.values()
        function.__code__ = mutated.__code__
        function.__defaults__ = mutated.__defaults__
        function.__kwdefaults__ = mutated.__kwdefaults__


def mutants(modules: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Make the mutants of some modules of the core, or of all."""
    for path in sorted(CORE.glob("*.py")):
        if not modules or path.stem in modules:
            yield from (each for each in _of_file(path) if not each.is_wording)


def _of_file(path: Path) -> Iterator[Mutant]:
    mutated = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
    lines, spans = mutated.code.splitlines(), mutated.line_span_by_function_name
    places = dict(functions(path))
    seen: Counter[str] = Counter()
    for mangled in mutated.mutant_names:
        key = mangled.partition("__mutmut_")[0]
        name = key.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
        old, new = (
            _from_def(lines[spans[each].start - 1 : spans[each].end], each, name)
            for each in (f"{key}__mutmut_orig", mangled)
        )
        found = _mutant(f"{path.stem}.{name}", old, new, places[name])
        seen[found.id] += 1
        yield replace(found, nth=seen[found.id])


def _from_def(lines: list[str], mangled: str, name: str) -> list[str]:
    """The lines of a function under its own name, without the comments above it."""
    first = next(at for at, line in enumerate(lines) if line.lstrip().startswith("def "))
    head = lines[first].replace(mangled, name.rpartition(".")[2], 1)
    return [head, *lines[first + 1 :]]


def _mutant(function: str, old: list[str], new: list[str], place: ast.FunctionDef) -> Mutant:
    changes = SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    parts = [part for part in changes if part[0] != "equal"]
    (_, start, _, new_start, _), (_, _, end, _, new_end) = parts[0], parts[-1]
    changed = range(place.lineno + start, place.lineno + max(end, start + 1))
    return Mutant(
        function,
        flat(old[start:end]),
        flat(new[new_start:new_end]),
        frozenset().union(*(_statement(place, number) for number in changed)),
        textwrap.dedent("\n".join(new)),
    )


def _statement(place: ast.FunctionDef, number: int) -> range:
    """The lines of the innermost statement at a line; of a compound one, those of its head."""
    found = range(number, number + 1)
    for node in ast.walk(place):  # outer ones first
        if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or 0):
            within = [each.lineno for each in ast.walk(node) if isinstance(each, ast.stmt)]
            end = min((each for each in within if each > node.lineno), default=node.end_lineno or 0)
            found = range(node.lineno, max(end, number) + 1)
    return found
