"""The JSON that scripts rely on, held to a strict schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

STATES = {"distinct": int, "generated": int, "depth": int, "complete": bool}
SECONDS = {"compile": float, "search": float, "total": float}
PROPERTY = {
    "id": str,
    "kind": {"always", "action", "leads_to", "reachable", "deadlock"},
    "claims": [str],
    "verdict": {"holds", "violated", "unknown"},
    "trace": (str, None),
    "about": str,
    "witness": (str, None),
    "steps": (int, None),
}
RUN = {
    "schema": {1},
    "model": str,
    "config": {...: (int, bool, str)},
    "mutant": (str, None),
    "engine": str,
    "workers": int,
    "symmetry": bool,
    "states": STATES,
    "seconds": SECONDS,
    "peak_memory_bytes": int,
    "properties": [PROPERTY],
    "actions": [{"name": str, "taken": int}],
    "verdict": {"holds", "violated", "inconclusive"},
    "config_name": (str, None),
    "warnings": [str],
    "reasons": [str],
    "notes": [str],
}
SUITE = {
    "schema": {1},
    "runs": [RUN],
    "verdict": {"holds", "violated", "inconclusive"},
    "warnings": [str],
    "failures": [str],
    "peak_memory_bytes": int,
}
VALUE = (int, bool, str)
MODELS = [
    {
        "name": str,
        "parameters": {...: VALUE},
        "properties": [
            {
                "id": str,
                "kind": {"always", "action", "leads_to", "reachable"},
                "claims": [str],
                "about": str,
            }
        ],
        "mutants": [
            {
                "id": str,
                "about": str,
                "config": (str, None),
                "hazard": (str, None),
                "killed_by": [str],
            }
        ],
        "about": str,
        "configs": {...: {...: VALUE}},
        "suite": [str],
        "parameters_about": {...: str},
    }
]
CLAIMS = {
    "schema": {1},
    "model": str,
    "claims": [
        {
            "id": str,
            "text": str,
            "section": str,
            "actions": [{"name": str, "taken": int}],
            "properties": [{"id": str, "verdict": {"holds", "violated", "unknown"}}],
            "scenario": str,
            "verdict": {"holds", "violated", "unknown", "no evidence"},
        }
    ],
    "verdict": {"holds", "violated", "inconclusive"},
}


def hold_to(value: Any, shape: Any, place: str = "$") -> None:
    """Fail unless the value has exactly this shape."""
    match shape:
        case dict() if ... in shape:
            assert isinstance(value, dict), place
            for key, item in value.items():
                hold_to(item, shape[...], f"{place}.{key}")
        case dict():
            assert isinstance(value, dict), place
            assert list(value) == list(shape), place
            for key, part in shape.items():
                hold_to(value[key], part, f"{place}.{key}")
        case list():
            assert isinstance(value, list), place
            for index, item in enumerate(value):
                hold_to(item, shape[0], f"{place}[{index}]")
        case set():
            assert type(value) in {type(each) for each in shape}, place
            assert value in shape, place
        case tuple():
            assert any(value is None if each is None else type(value) is each for each in shape), (
                place
            )
        case _:
            assert type(value) is shape, place


def as_json(done) -> Any:
    return json.loads(done.out)


@pytest.mark.parametrize(
    "argv",
    [
        ["check", "two-phase-commit", "--no-symmetry"],
        ["check", "die-hard"],
        ["check", "die-hard", "--max-states", "3"],
        ["check", "die-hard", "--property", "not_four"],
        ["check", "die-hard", "--simulate", "3"],
    ],
)
def test_check(invoke, argv) -> None:
    hold_to(as_json(invoke(*argv, "--json", "-")), RUN)


def test_the_numbers_of_a_check(invoke) -> None:
    run = as_json(invoke("check", "two-phase-commit", "--no-symmetry", "--json", "-"))
    assert run["model"] == "two-phase-commit"
    assert run["config"] == {"RM": 3}
    assert run["states"] == {"distinct": 288, "generated": 1146, "depth": 11, "complete": True}
    assert run["symmetry"] is False
    assert run["workers"] == 1
    assert run["verdict"] == "holds"
    assert 2**20 < run["peak_memory_bytes"] < 2**36
    assert {row["name"]: row["taken"] for row in run["actions"]}["decide_commit"] == 1


def test_check_of_a_mutant(invoke, relay) -> None:
    run = as_json(invoke("check", relay, "--mutant", "greedy", "--json", "-"))
    hold_to(run, RUN)
    assert run["mutant"] == "greedy"
    assert run["config_name"] == "quiet"
    assert run["config"] == {"Node": 2, "mails": False}


def test_suite(invoke, turns) -> None:
    suite = as_json(invoke("check", turns, "--suite", "--json", "-"))
    hold_to(suite, SUITE)
    assert [run["config_name"] for run in suite["runs"]] == ["default", "large"]
    assert suite["verdict"] == "holds"
    assert suite["peak_memory_bytes"] >= max(run["peak_memory_bytes"] for run in suite["runs"])


def test_models(invoke, relay) -> None:
    hold_to(as_json(invoke("models", "--json", "-")), MODELS)
    (model,) = as_json(invoke("models", relay, "--json", "-"))
    hold_to([model], MODELS)
    assert model["parameters"] == {"Node": 2, "mails": True}
    assert model["configs"]["quiet"] == {"mails": False}
    assert model["mutants"] == [
        {
            "id": "greedy",
            "about": "a node takes what it has",
            "config": "quiet",
            "hazard": "H3",
            "killed_by": ["calm"],
        }
    ]


def test_a_file_holds_what_standard_output_would(invoke, turns, tmp_path) -> None:
    path = tmp_path / "out.json"
    done = invoke("check", turns, "--json", path)
    assert done.out.startswith("turns")
    hold_to(json.loads(path.read_text()), RUN)


def test_people_read_standard_error_while_json_goes_to_standard_output(invoke, turns) -> None:
    done = invoke("check", turns, "--json", "-")
    json.loads(done.out)
    assert done.err.startswith("turns, configuration default\n")


def test_what_a_model_prints_is_not_mixed_into_json(invoke, turns, tmp_path) -> None:
    path = tmp_path / "loud.py"
    path.write_text(Path(turns).read_text() + "\nprint('loud')\n")
    for more in ([], ["--suite"]):
        done = invoke("check", path, *more, "--json", "-")
        json.loads(done.out)
        assert "loud" in done.err
