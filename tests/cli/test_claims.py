"""`knell claims`: thirty claims, each with its evidence and a verdict that the evidence bears."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knell.cli.evidence import NO_EVIDENCE, check_names, judge, overall
from knell.cli.registry import DEFAULT, load
from knell.cli.report import worst
from knell.language.settings import Settings
from knell.spec.claims import load_claims
from knell.spec.errors import KnellError
from knell.spec.ids import CLAIM_IDS, Property


@pytest.fixture(scope="module")
def models():
    first = load(DEFAULT)
    return [load(DEFAULT, Settings(config)) for config in first.suite]


def runs_of(models, verdict: Callable[[str], str] = lambda _: "holds", taken: int = 1):
    """Results as a suite would give them."""
    return [run_of(model, verdict, taken) for model in models]


def run_of(model, verdict, taken):
    properties = [
        {"id": each.id, "verdict": verdict(each.id), "witness": each.witness}
        for each in model.properties
    ]
    verdicts = [verdict(each.id) for each in model.properties]
    return {
        "model": model.name,
        "mutant": None,
        "config_name": model.config,
        "config": dict(model.values),
        "properties": properties,
        "actions": [{"name": action.name, "taken": taken} for action in model.actions],
        "verdict": worst(["inconclusive" if v == "unknown" else v for v in verdicts]),
    }


@pytest.fixture
def results(models, tmp_path):
    """Writes results to a file."""

    def write(**how) -> str:
        path = tmp_path / "results.json"
        document = {"schema": 1, "runs": runs_of(models, **how), "verdict": "holds"}
        path.write_text(json.dumps(document))
        return str(path)

    return write


def test_all_thirty_hold_where_all_properties_do(invoke, results) -> None:
    done = invoke("claims", "--results", results())
    assert done.code == 0, done.out
    shown = [line.split()[0] for line in done.out.splitlines() if line.startswith("C")]
    assert tuple(shown) == CLAIM_IDS
    assert done.out.splitlines()[-1] == "holds: 30 claims"
    assert len(done.out.splitlines()) == 34, "a line a claim"
    for line in done.out.splitlines():
        assert len(line) <= 80


@pytest.mark.parametrize(("verdict", "code"), [("violated", 1), ("unknown", 4)])
def test_a_property_that_does_not_hold(invoke, results, verdict, code) -> None:
    path = results(verdict=lambda name: verdict if name == "S3" else "holds")
    done = invoke("claims", "--results", path, "--json", "-")
    assert done.code == code
    rows = {row["id"]: row for row in json.loads(done.out)["claims"]}
    assert rows["C12"]["verdict"] == verdict
    assert rows["C2"]["verdict"] == "holds"
    last = " ".join(done.err.split()).rpartition(": 30 claims")[2]
    assert last.startswith("; not shown: ")
    assert "C12" in last


def test_actions_that_were_never_taken_show_nothing(invoke, results) -> None:
    done = invoke("claims", "--results", results(taken=0))
    assert done.code == 4
    assert "C8   ✗ no evidence: " in done.out
    assert "(never taken)" in invoke("claims", "C8", "--results", results(taken=0)).out


def test_one_claim_is_shown_in_full(invoke, results) -> None:
    done = invoke("claims", "c8", "C12", "--results", results())
    assert done.code == 0
    shown = [line.split()[0] for line in done.out.splitlines() if line.startswith("C")]
    assert shown == ["C8", "C12"]
    assert "     properties  S2:holds" in done.out
    assert "     scenario    " in done.out
    assert done.out.splitlines()[-1] == "holds: 2 claims"


def test_a_claim_that_is_not_there(invoke) -> None:
    done = invoke("claims", "C31")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "there is no claim 'C31'; give one of C1 to C30" in done.err


def test_a_suite_that_did_not_decide_everything_is_refused(invoke, results) -> None:
    path = Path(results())
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "failures": {"partition": "killed"}}))
    done = invoke("claims", "--results", str(path))
    assert done.code == 2
    assert "the suite did not decide partition" in done.err


def test_a_claim_whose_property_no_run_decided_is_unknown() -> None:
    claims = {"C1": load_claims()["C1"]}
    actions = [{"name": name, "taken": 1} for name in claims["C1"].actions]
    (row,) = judge(claims, [{"properties": [], "actions": actions}])
    assert row["verdict"] == "unknown"
    assert overall([row], []) == "inconclusive"


def test_a_property_without_a_witness_in_any_run_shows_nothing(invoke, results) -> None:
    path = results(verdict=lambda name: "unknown" if name == "S2_failover" else "holds")
    done = invoke("claims", "--results", path, "--json", "-")
    rows = {row["id"]: row for row in json.loads(done.out)["claims"]}
    assert (done.code, rows["C8"]["verdict"], rows["C2"]["verdict"]) == (4, "unknown", "holds")


@pytest.mark.parametrize("name", ["deadlock", "heals", "S12_preempted"])
def test_the_claims_are_no_better_than_the_runs(invoke, results, name) -> None:
    path = Path(results(verdict=lambda each: "violated" if each == name else "holds"))
    if name == "deadlock":  # no property of the model: a verdict of the run
        document = json.loads(path.read_text())
        document["runs"][0]["verdict"] = "violated"
        path.write_text(json.dumps(document))
    done = invoke("claims", "--results", str(path))
    assert done.code == 1
    assert "violated: 30 claims" in done.out
    assert "not all holds in default" in " ".join(done.out.split())


def test_a_claim_without_properties_has_no_evidence() -> None:
    claim = replace(load_claims()["C1"], properties=())
    (row,) = judge({"C1": claim}, [])
    assert row["verdict"] == NO_EVIDENCE
    assert overall([row], []) == "inconclusive"


def test_what_the_claims_name_is_in_the_model() -> None:
    check_names(load_claims(), DEFAULT)


@pytest.mark.parametrize(
    ("actions", "properties", "said"),
    [
        (("no_such_action",), (), "claims.toml: C3: model peterson has no action"),
        ((), (Property.S6,), "claims.toml: C3: model peterson has no property 'S6'"),
    ],
)
def test_a_claim_that_names_what_the_model_lacks(actions, properties, said) -> None:
    claim = replace(load_claims()["C3"], actions=actions, properties=properties)
    with pytest.raises(KnellError, match=said):
        check_names({"C3": claim}, "peterson")


def test_every_claim_that_the_model_names_agrees_with_the_table(models) -> None:
    claims = load_claims()
    for model in models:
        for declared in model.properties:
            for name in declared.claims:
                assert declared.id in claims[name].properties, (declared.id, name)
        for action in model.actions:
            for name in action.claims:
                assert action.name in claims[name].actions, (action.name, name)


def test_results_that_lack_a_configuration(invoke, models, tmp_path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"schema": 1, **runs_of(models)[0]}))
    done = invoke("claims", "--results", str(path))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "lacks configuration small of the suite" in done.err


def test_results_with_other_values(invoke, results) -> None:
    path = Path(results())
    document = json.loads(path.read_text())
    document["runs"][0]["config"]["failures"] = 0
    path.write_text(json.dumps(document))
    done = invoke("claims", "--results", str(path))
    assert done.code == 2
    assert "lacks configuration default of the suite, with its own values" in done.err
