"""`knell prove` on the command line: exit codes, JSON, traces."""

from __future__ import annotations

import json

import pytest

from knell.spec.trace import load


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["peterson", "--k-induction", "1"], 0),
        (["die-hard", "--bmc", "7"], 1),
        (["die-hard", "--bmc", "6"], 4),
        (["two-phase-commit", "--k-induction", "1"], 4),
        (["die-hard", "--bmc", "0"], 2),
        (["die-hard", "--bmc", "3", "--property", "nothing"], 2),
        (["no-such-model", "--bmc", "3"], 2),
    ],
)
def test_exit_codes(invoke, argv, code) -> None:
    assert invoke("prove", *argv).code == code


def test_json_of_a_refutation(invoke, tmp_path) -> None:
    done = invoke("prove", "die-hard", "--bmc", "9", "--json", "-", "--trace-dir", tmp_path)
    assert done.code == 1
    result = json.loads(done.out)
    assert result["schema"] == 1
    assert result["method"] == "bmc"
    assert result["verdict"] == "refuted"
    rows = {row["id"]: row for row in result["properties"]}
    assert rows["not_four"]["depth"] == 7
    trace = load(rows["not_four"]["trace"])
    assert len(trace.states) == 7
    assert trace.states[-1].violated == "not_four"


def test_people_read_the_run(invoke) -> None:
    done = invoke("prove", "die-hard", "--bmc", "7")
    assert "not_four is violated" in done.out
    assert "refuted" in done.out


def test_json_of_k_induction(invoke) -> None:
    result = json.loads(invoke("prove", "peterson", "--k-induction", "1", "--json", "-").out)
    assert {row["verdict"] for row in result["obligations"]} == {"proved"}
    assert result["scope"] == {}
