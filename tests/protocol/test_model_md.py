"""The tables of ``spec/MODEL.md`` and ``spec/PROPERTIES.md`` say what the model says.

``python tests/protocol/test_model_md.py`` writes the tables of ``MODEL.md`` anew; the last column
of the table of configurations, their purpose, is kept as it stands there.
"""

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from knell.language import Action, Model, Settings
from knell.language.expressions import Expr, Read
from knell.language.loading import load_model
from knell.language.settings import ParameterValue
from knell.language.substitution import walk
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.mutants import MUTANTS
from knell.protocol.parameters import CONFIGS, SUITE
from knell.spec.ids import Hazard, Property

SPEC = Path(__file__).parents[2] / "spec"
MODEL_MD = SPEC / "MODEL.md"
COUNTS = tomllib.loads(Path(__file__).with_name("counts.toml").read_text())
KINDS = {
    "always": "Always",
    "action": "Action property",
    "leads_to": "Leads-to",
}
UNREAD = {
    "rounds",
    "first_cause",
    "warned",
    "departed",
    "leaves",
    "admitted",
    "heard_later",
    "heard_fence",
    "stopping",
}


@cache
def model(config: str) -> Model:
    return load_model(NODE_SHUTDOWN, Settings(config=config))


def actions() -> dict[str, Action]:
    return {action.name: action for config in CONFIGS for action in model(config).actions}


def region(name: str) -> str:
    """What stands between the marks of a table."""
    return MODEL_MD.read_text().split(f": {name} -->\n")[1].split("<!-- end -->")[0]


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def shown(value: ParameterValue) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# The tables


def parameters() -> str:
    lines = [row("name", "meaning", "default"), row("---", "---", "---")]
    for parameter in model("default").parameters.values():
        about = parameter.about
        if parameter.choices:
            about += f" ({', '.join(f'`{choice}`' for choice in parameter.choices)})"
        lines.append(row(f"`{parameter.name}`", about, shown(parameter.default)))
    return "".join(lines)


def purposes() -> dict[str, str]:
    rows = [line.strip(" |\n").split(" | ") for line in region("configurations").splitlines()]
    return {cells[0].strip("`"): cells[-1] for cells in rows if len(cells) == 6}


def configurations() -> str:
    purpose = purposes()
    lines = [
        row("name", "sets", "states", "generated", "depth", "purpose"),
        row("---", "---", "---:", "---:", "---:", "---"),
    ]
    for name, values in CONFIGS.items():
        counts = COUNTS.get(name, {})
        numbers = [f"{counts[k]:,}" if counts else "" for k in ("distinct", "generated", "depth")]
        lines.append(row(f"`{name}`", _sets(values), *numbers, purpose.get(name, "?")))
    return "".join(lines)


def _sets(values: Mapping[str, ParameterValue]) -> str:
    return " ".join(f"`{key}={shown(value).strip('`')}`" for key, value in values.items()) or "—"


def mutants() -> str:
    lines = [
        row("id", "hazard", "configuration", "killed by", "what it does"),
        row("---", "---", "---", "---", "---"),
    ]
    lines += [
        row(f"`{m.id}`", m.hazard or "", f"`{m.config}`", ", ".join(m.killed_by), m.about)
        for m in MUTANTS
    ]
    return "".join(lines)


def fair() -> str:
    return _listed(a.name for a in actions().values() if a.fairness)


def environment() -> str:
    return _listed(a.name for a in actions().values() if a.environment)


def _listed(names: Iterator[str]) -> str:
    return textwrap.fill(", ".join(f"`{name}`" for name in names) + ".", 118) + "\n"


TABLES = {
    "parameters": parameters,
    "configurations": configurations,
    "mutants": mutants,
    "fair": fair,
    "environment": environment,
}


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_fresh(name: str) -> None:
    expected = TABLES[name]()
    assert folded(region(name)) == folded(expected), f"it should read:\n{expected}"


def test_each_configuration_says_what_it_is_for() -> None:
    assert set(purposes()) >= set(CONFIGS)
    assert "?" not in purposes().values()


def test_the_suite_stands_first() -> None:
    assert tuple(CONFIGS)[: len(SUITE)] == SUITE


def test_the_other_actions_are_in_the_table_of_what_is_not_owed() -> None:
    neither = {a.name for a in actions().values() if not a.fairness and not a.environment}
    table = MODEL_MD.read_text().split("| action | why it is not fair |\n")[1].split("\n\n")[0]
    named = [name for line in table.splitlines()[1:] for name in line.split("|")[1].split(",")]
    assert {name.strip() for name in named} == neither


def test_records_kept_for_properties_are_read_by_nothing_else() -> None:
    text = MODEL_MD.read_text().split("no rule reads them:")[1].split(".")[0]
    assert set(re.findall(r"`(\w+)`", text)) == UNREAD
    for action in actions().values():
        read = {name for clause in action.guard for name in _read(clause.formula)}
        for update in action.updates:
            parts = (update.value, update.condition, *update.args)
            own = {update.variable.name}
            read |= {name for part in parts for name in _read(part)} - own
        assert not read & UNREAD, action.name


def _read(formula: Expr) -> set[str]:
    return {part.variable.name for part in walk(formula) if isinstance(part, Read)}


# PROPERTIES.md


def sections() -> dict[str, str]:
    parts = re.split(r"(?m)^## ", (SPEC / "PROPERTIES.md").read_text())
    return {part.split(" ")[0]: part for part in parts if re.match(r"[SL]\d+ ", part)}


def item(id: str, name: str) -> str:
    found = re.search(rf"(?s)\*\*{name}\.\*\*(.*?)(?=\n- |\*\*\w+\.\*\*|\n\n|\Z)", sections()[id])
    assert found, f"{id} has no {name}"
    return found[1]


@pytest.mark.parametrize("id", [str(id) for id in Property])
def test_properties_md_names_kind_conjuncts_and_witness(id: str) -> None:
    declared = [p for config in CONFIGS for p in model(config).properties if p.id == id]
    assert declared
    kind = item(id, "Kind")
    assert {KINDS[p.kind] for p in declared} == {kind.strip().split(":")[0].split(".")[0]}
    if id.startswith("S"):
        conjuncts = {clause.name for p in declared for clause in p.clauses}
        conjuncts |= {step.name for p in declared for step in p.steps}
        assert set(re.findall(r"`(\w+)`", kind)) == conjuncts
        witnesses = re.findall(r"`(\w+)`", item(id, "Witness"))
        assert {p.witness for p in declared} == {witnesses[0]}
        assert set(witnesses[1:]) <= {*_reachable(), *actions()}


def _reachable() -> set[str]:
    return {p.id for config in CONFIGS for p in model(config).properties if p.kind == "reachable"}


def test_every_witness_of_the_model_is_named_in_properties_md() -> None:
    named = {name for id in sections() for name in re.findall(r"`(\w+)`", item(id, "Witness"))}
    assert _reachable() <= named


@pytest.mark.parametrize("id", [str(id) for id in Property])
def test_the_hazards_of_a_property_are_those_whose_mutants_it_kills(id: str) -> None:
    killed = {m.hazard for m in MUTANTS if m.hazard and id in m.killed_by}
    assert set(re.findall(r"\bH\d+\b", item(id, "Hazards"))) == killed


@pytest.mark.parametrize("hazard", [str(hazard) for hazard in Hazard])
def test_the_table_of_hazards_names_mutant_and_killers(hazard: str) -> None:
    text = (SPEC / "PROPERTIES.md").read_text()
    [line] = [line for line in text.splitlines() if line.startswith(f"| {hazard} |")]
    mutant, killers = line.strip(" |").split(" | ")[-2:]
    expected = [m for m in MUTANTS if m.hazard == hazard]
    assert mutant in {f"`{m.id}`: {m.about}" for m in expected}
    assert set(killers.split(", ")) == {id for m in expected for id in m.killed_by}


def write() -> None:
    """Write the tables of ``MODEL.md`` anew."""
    for name, table in TABLES.items():
        mark = f": {name} -->\n"
        text = MODEL_MD.read_text()
        MODEL_MD.write_text(text.replace(mark + region(name), mark + table()))


if __name__ == "__main__":
    write()
