"""The table of mutants that live, each with the reason why no test can tell it from the core."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import knell.node.core

CORE = Path(next(iter(knell.node.core.__path__)))

TABLE = Path(__file__).with_name("survivors.toml")


def groups() -> list[tuple[str, list[str]]]:
    """Return each reason with the mutants that it is about, by what names them (`Mutant.id`)."""
    with TABLE.open("rb") as file:
        return [(each["why"], each["mutants"]) for each in tomllib.load(file)["survivors"]]


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a module and the methods of its classes, each with its name."""
    for each in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(each, ast.FunctionDef):
            yield each.name, each
        elif isinstance(each, ast.ClassDef):
            for method in each.body:
                if isinstance(method, ast.FunctionDef):
                    yield f"{each.name}.{method.name}", method


def flat(lines: list[str]) -> str:
    """Write lines as one."""
    return " ".join(line.strip() for line in lines if line.strip())
