"""Warnings about a suite as a whole: what no configuration shows.

One configuration leaves much out on purpose, so its own warnings count for little there. What
counts is an action that none of them takes, and a witness that none of them finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knell.cli.report import PropertyJson, RunJson
from knell.language.model import Model


def of_suite(models: dict[str, Model], runs: Sequence[RunJson]) -> list[str]:
    """The warnings, each a sentence."""
    return [*_never_taken(runs), *_never_witnessed(models, runs), *_everywhere(runs)]


def _never_taken(runs: Sequence[RunJson]) -> Iterator[str]:
    taken: dict[str, int] = {}
    for run in runs:
        for action in run["actions"]:
            taken[action["name"]] = taken.get(action["name"], 0) + action["taken"]
    for name, times in taken.items():
        if not times:
            yield f"action {name} is taken in no configuration"


def _never_witnessed(models: dict[str, Model], runs: Sequence[RunJson]) -> Iterator[str]:
    rows = [row for run in runs for row in run["properties"]]
    found = {row["id"] for row in rows if row["kind"] == "reachable" and row["verdict"] == "holds"}
    sought = {row["id"]: None for row in rows if row["kind"] == "reachable"}
    for name in sought:
        if name not in found:
            yield f"{name} is reached in no configuration{_whose(rows, name)}"
    for name, witness in _witnesses(models).items():
        if witness not in sought and name in {row["id"] for row in rows}:
            yield f"{name}: its witness {witness} is sought in no configuration"


def _whose(rows: list[PropertyJson], witness: str) -> str:
    owners = dict.fromkeys(row["id"] for row in rows if row["witness"] == witness)
    return f", so nothing shows that {', '.join(owners)} is not vacuous" if owners else ""


def _witnesses(models: dict[str, Model]) -> dict[str, str]:
    return {
        each.id: each.witness
        for model in models.values()
        for each in model.properties
        if each.witness is not None
    }


def _everywhere(runs: Sequence[RunJson]) -> Iterator[str]:
    """What is said of a property in every configuration that has it."""
    texts = dict.fromkeys(text for run in runs for text in run["warnings"])
    for text in texts:
        what, _, rest = text.partition(" ")
        having = [
            run
            for run in runs
            if any(rest.startswith(f"{row['id']} ") for row in run["properties"])
        ]
        if what == "property" and all(text in run["warnings"] for run in having):
            yield f"{text}, in no configuration" if len(having) > 1 else text
