"""Each claim, what shows it, and whether it does: the table of claims joined with a suite's runs.

A claim holds if each of its properties holds in every configuration that has it and is witnessed
in one of them, and each of its actions was taken in one of them. A property that no run decided or
witnessed is unknown; an action that no run took shows nothing, so the claim lacks evidence. The
whole table is never better than the worst of the runs it stands on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypedDict

from knell.cli.registry import load
from knell.cli.report import SCHEMA
from knell.language.model import Model
from knell.language.settings import Settings
from knell.spec.claims import Claim
from knell.spec.errors import KnellError

NO_EVIDENCE: Final = "no evidence"


class TakenJson(TypedDict):
    """An action that realizes a claim, and how often the runs took it."""

    name: str
    taken: int


class JudgedJson(TypedDict):
    """A property that shows a claim, and its verdict over all runs."""

    id: str
    verdict: str


class ClaimJson(TypedDict):
    """A claim, its evidence, and the verdict."""

    id: str
    text: str
    section: str
    actions: list[TakenJson]
    properties: list[JudgedJson]
    scenario: str
    verdict: str


def check_names(claims: Mapping[str, Claim], target: str) -> None:
    """Refuse a claim that names an action or property which the model has in no configuration."""
    models = [load(target)]
    models += [load(target, Settings(config)) for config in models[0].configs]
    actions = {action.name for model in models for action in model.actions}
    properties = {each.id for model in models for each in model.properties}
    for claim in claims.values():
        for what, names, known in (
            ("action", claim.actions, actions),
            ("property", [str(name) for name in claim.properties], properties),
        ):
            for name in names:
                if name not in known:
                    raise KnellError(
                        f"model {models[0].name} has no {what} {name!r} in any configuration",
                        place=f"claims.toml: {claim.id}",
                        mend=f"name one that it has, or declare the {what}",
                    )


def judge(claims: Mapping[str, Claim], runs: Sequence[Mapping[str, Any]]) -> list[ClaimJson]:
    """The verdict on each claim, from the runs of a suite."""
    verdicts: dict[str, set[str]] = {}
    witnesses: dict[str, set[str]] = {}
    taken: dict[str, int] = {}
    for run in runs:
        for row in run["properties"]:
            verdicts.setdefault(row["id"], set()).add(row["verdict"])
            if row["witness"] is not None:
                witnesses.setdefault(row["id"], set()).add(row["witness"])
        for action in run["actions"]:
            taken[action["name"]] = taken.get(action["name"], 0) + action["taken"]
    for name, called in witnesses.items():
        if not any("holds" in verdicts.get(each, ()) for each in called):
            verdicts[name].add("unknown")
    return [_judge(claim, verdicts, taken) for claim in claims.values()]


def overall(rows: Sequence[ClaimJson], runs: Sequence[Mapping[str, Any]]) -> str:
    """The verdict on all claims: without evidence for one of them nothing is decided.

    What a run found beside the claims, a deadlock or a witness that is missing, counts as well.
    """
    found = {row["verdict"] for row in (*rows, *runs)}
    if "violated" in found:
        return "violated"
    return "holds" if found == {"holds"} else "inconclusive"


def read_results(path: str, model: Model) -> list[dict[str, Any]]:
    """The runs in a file that ``knell check --suite --json`` wrote.

    Raises:
        KnellError: The file can't be read, holds something else, is about another model, or
            lacks a configuration of the suite as the model defines it.
    """
    place = f"--results {path}"
    mend = f"write one with 'knell check --suite --json {path}'"
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise KnellError(f"cannot be read: {error.strerror}", place=place, mend=mend) from None
    except (ValueError, RecursionError) as error:
        raise KnellError(f"is not JSON: {error}", place=place, mend=mend) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise KnellError(f"holds no results of schema {SCHEMA}", place=place, mend=mend)
    if document.get("failures"):
        undecided = ", ".join(map(str, document["failures"]))
        raise KnellError(f"the suite did not decide {undecided}", place=place, mend=mend)
    runs = document.get("runs", [document])
    if not isinstance(runs, list) or not all(_is_run(run) for run in runs):
        raise KnellError("holds no runs", place=place, mend=mend)
    for run in runs:
        if run["model"] != model.name or run["mutant"] is not None:
            raise KnellError(f"is not about model {model.name} itself", place=place, mend=mend)
    given = [(run["config_name"], run["config"]) for run in runs]
    for name in model.suite:
        if (name, load(model.name, Settings(name)).values) not in given:
            raise KnellError(
                f"lacks configuration {name} of the suite, with its own values",
                place=place,
                mend=mend,
            )
    return runs


def _judge(claim: Claim, verdicts: Mapping[str, set[str]], taken: Mapping[str, int]) -> ClaimJson:
    actions: list[TakenJson] = [
        {"name": name, "taken": taken.get(name, 0)} for name in claim.actions
    ]
    properties: list[JudgedJson] = [
        {"id": str(name), "verdict": _worst(verdicts.get(str(name), set()))}
        for name in claim.properties
    ]
    return {
        "id": claim.id,
        "text": claim.text,
        "section": claim.section,
        "actions": actions,
        "properties": properties,
        "scenario": claim.scenario,
        "verdict": _verdict(actions, properties),
    }


def _verdict(actions: list[TakenJson], properties: list[JudgedJson]) -> str:
    found = {row["verdict"] for row in properties}
    if "violated" in found:
        return "violated"
    if not properties or not actions or any(not row["taken"] for row in actions):
        return NO_EVIDENCE
    return "unknown" if "unknown" in found else "holds"


def _worst(found: set[str]) -> str:
    for verdict in ("violated", "unknown", "holds"):
        if verdict in found:
            return verdict
    return "unknown"


def _is_run(run: object) -> bool:
    """Whether this is a run as far as it is read here."""
    match run:
        case {
            "model": str(),
            "mutant": str() | None,
            "config_name": str() | None,
            "config": dict(),
            "verdict": "holds" | "violated" | "inconclusive",
            "properties": list() as properties,
            "actions": list() as actions,
        }:
            return all(map(_is_property, properties)) and all(map(_is_action, actions))
    return False


def _is_property(row: object) -> bool:
    match row:
        case {
            "id": str(),
            "verdict": "holds" | "violated" | "unknown",
            "witness": str() | None,
        }:
            return True
    return False


def _is_action(row: object) -> bool:
    match row:
        case {"name": str(), "taken": int()}:
            return True
    return False
