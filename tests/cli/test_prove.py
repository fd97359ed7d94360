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
        (["two-phase-commit", "--without", "heard_was_sent", "--no-cache"], 4),
        (["two-phase-commit", "--without", "heard"], 2),
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


def test_induction_is_the_default(invoke, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = invoke("prove", "two-phase-commit", "--json", "-")
    assert done.code == 0
    result = json.loads(done.out)
    assert result["scope"] == "unbounded"
    assert result["verdict"] == "proved"
    assert result["uncovered"] == ["a_commit", "an_abort"]
    assert result["seeds"] == [0, 1, 7]
    assert f"z3 {result['z3']}, seeds 0 1 7" in invoke("prove", "two-phase-commit").out


def test_a_counterexample_to_induction_is_a_trace(invoke, tmp_path) -> None:
    model = tmp_path / "hasty.py"
    model.write_text(
        "from knell.language import Model, forall\n"
        "m = Model('hasty')\n"
        "P = m.sort('P', size=2)\n"
        "a, b = m.rel('a', P), m.rel('b', P)\n"
        "@m.action\n"
        "def go(p: P):\n"
        "    a[p] = b[p]\n"
        "m.always('never', forall(P, lambda p: ~a[p]))\n",
        encoding="utf-8",
    )
    done = invoke("prove", model, "--trace-dir", tmp_path / "out", "--no-cache")
    assert done.code == 4
    assert "go / never: not-inductive; counterexample to induction with 1 P" in done.out
    (path,) = (tmp_path / "out").iterdir()
    trace = load(path)
    assert [state.action for state in trace.states] == [None, "go"]
    assert trace.states[1].violated == "never"


LOCK = """
from knell.language import Model, forall, implies, require

m = Model("lock")
Client = m.sort("Client", size=3)
has = m.rel("has", Client)
free = m.scalar("free", to=m.int(0, 1), init=1)


@m.action
def take(c: Client):
    require(free=free == 1)
    has[c] = True
    free.set(0)


m.always("one", forall(Client, Client, lambda a, b: implies(has[a] & has[b], a == b)))
"""


def test_a_counterexample_to_induction_opens_in_the_viewer(invoke, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "lock.py"
    path.write_text(LOCK)
    assert invoke("prove", path, "--trace-dir", tmp_path).code == 4
    trace = tmp_path / "lock-default-take-one.itf.json"
    assert load(trace).meta["config"] == {"Client": 2}
    done = invoke("view", trace, "--model", path)
    assert "one is not shown by induction" in done.out
    assert "= true: since the start" in done.out
    assert "= true: step 1, take(c=" in done.out
    assert "not take this run" not in done.out


def test_each_invariant_of_a_proof_is_for_something(invoke) -> None:
    done = invoke("prove", "two-phase-commit", "--needed", "--json", "-")
    assert done.code == 0
    rows = json.loads(done.out)["invariants"]
    assert len(rows) == 5
    assert all(row["needed"] and row["lost"] == ["agreement"] for row in rows)
