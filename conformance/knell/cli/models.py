"""`knell models`: what can be checked."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, TypedDict

from knell.cli.console import Style
from knell.cli.exits import Exit
from knell.cli.outputs import check_writable, human, write_json
from knell.cli.registry import listed, load
from knell.language.model import Model
from knell.language.properties import Property
from knell.language.settings import ParameterValue, Settings


class DeclaredJson(TypedDict):
    """A property of a model."""

    id: str
    kind: str
    claims: list[str]
    about: str


class MutantJson(TypedDict):
    """A planted fault."""

    id: str
    about: str
    config: str | None
    hazard: str | None
    killed_by: list[str]


class ModelJson(TypedDict):
    """A model: contract up to ``mutants``, the rest is ours to change."""

    name: str
    parameters: dict[str, ParameterValue]
    properties: list[DeclaredJson]
    mutants: list[MutantJson]
    about: str
    configs: dict[str, dict[str, ParameterValue]]
    suite: list[str]
    parameters_about: dict[str, str]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "models",
        help="list models with parameters, properties and mutants",
        usage="knell models [MODEL ...] [options]",
        description="List models with their parameters, configurations, properties and mutants.",
        epilog="examples:\n  knell models\n  knell models node-shutdown\n  knell models --json -\n",
    )
    parser.add_argument(
        "models", nargs="*", metavar="MODEL", help="a name, or file.py[:name]; default: all"
    )
    parser.add_argument("--json", metavar="FILE", help="write the list; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the models."""
    check_writable("--json", args.json)
    console = human(args.json)
    found = [describe(target) for target in args.models or listed()]
    write_json(args.json, found)
    for model in found:
        console.lines(_lines(model, console.style, brief=not args.models))
    return Exit.HOLDS


def describe(target: str) -> ModelJson:
    """A model with the properties of all its configurations."""
    model = load(target)
    return {
        "name": model.name,
        "parameters": {name: each.default for name, each in model.parameters.items()},
        "properties": [
            {
                "id": each.id,
                "kind": each.kind,
                "claims": list(each.claims),
                "about": each.about,
            }
            for each in all_properties(target, model).values()
        ],
        "mutants": [
            {
                "id": each.id,
                "about": each.about,
                "config": each.config,
                "hazard": each.hazard,
                "killed_by": list(each.killed_by),
            }
            for each in model.mutants
        ],
        "about": model.about,
        "configs": {name: dict(values) for name, values in model.configs.items()},
        "suite": list(model.suite),
        "parameters_about": {name: each.about for name, each in model.parameters.items()},
    }


def all_properties(target: str, model: Model) -> dict[str, Property]:
    """The properties that the model declares in any configuration, by id."""
    found = {each.id: each for each in model.properties}
    for config in model.configs:
        for each in load(target, Settings(config)).properties:
            found.setdefault(each.id, each)
    return found


def _lines(model: ModelJson, style: Style, *, brief: bool) -> Iterator[str]:
    yield style.paint(model["name"], "bold", "cyan")
    yield from style.wrap(model["about"].partition("\n")[0], "  ")
    sizes = "  ".join(f"{name}={_show(value)}" for name, value in model["parameters"].items())
    yield from _entry("parameters", sizes, style)
    yield from _entry("configurations", "  ".join(model["configs"]), style)
    properties, mutants = model["properties"], model["mutants"]
    if brief:
        yield from _entry("properties", "  ".join(each["id"] for each in properties), style)
        yield from _entry("mutants", "  ".join(each["id"] for each in mutants), style)
        yield ""
        return
    yield from _section(
        "parameters in words", [(n, a) for n, a in model["parameters_about"].items() if a], style
    )
    yield from _section(
        "properties",
        [(each["id"], f"{each['kind']}. {each['about']}") for each in properties],
        style,
    )
    yield from _section("mutants", [(each["id"], _mutant(each)) for each in mutants], style)
    yield ""


def _mutant(mutant: MutantJson) -> str:
    notes = [f"killed by {', '.join(mutant['killed_by'])}"]
    if mutant["config"]:
        notes.append(f"in {mutant['config']}")
    if mutant["hazard"]:
        notes.append(f"hazard {mutant['hazard']}")
    return f"{mutant['about']} ({'; '.join(notes)})"


def _entry(name: str, text: str, style: Style) -> list[str]:
    hanging = " " * 18
    return style.wrap(text, f"  {name:14}  ", hanging) if text else []


def _section(title: str, rows: list[tuple[str, str]], style: Style) -> Iterator[str]:
    if rows:
        yield style.paint(f"  {title}", "dim")
    for name, about in rows:
        yield from style.wrap(f"{style.paint(name, 'bold')}: {about}", "    ", "      ")


def _show(value: ParameterValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
