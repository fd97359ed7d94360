"""`knell models`: what can be checked, for people and for scripts."""

from __future__ import annotations

import json

from knell.cli.registry import DEFAULT, listed, load


def test_the_protocol_comes_first(invoke) -> None:
    names = [each["name"] for each in json.loads(invoke("models", "--json", "-").out)]
    assert names == list(listed())
    assert names[0] == DEFAULT


def test_each_listed_model_bears_its_name() -> None:
    for name in listed():
        assert load(name).name == name


def test_properties_of_all_configurations_are_listed(invoke) -> None:
    (model,) = json.loads(invoke("models", DEFAULT, "--json", "-").out)
    ids = [each["id"] for each in model["properties"]]
    assert len(ids) == len(set(ids))
    assert {*(f"S{k}" for k in range(1, 16)), *(f"L{k}" for k in range(1, 7))} <= set(ids)


def test_every_mutant_says_what_kills_it(invoke) -> None:
    (model,) = json.loads(invoke("models", DEFAULT, "--json", "-").out)
    ids = {each["id"] for each in model["properties"]}
    assert model["mutants"]
    for mutant in model["mutants"]:
        assert mutant["killed_by"], mutant
        assert set(mutant["killed_by"]) <= ids, mutant
        assert mutant["config"] in {None, *model["configs"]}, mutant


def test_people_see_the_details_of_a_model_that_they_name(invoke, relay) -> None:
    out = invoke("models", relay).out
    assert "mails: jobs are mailed" in out
    assert "greedy: a node takes what it has (killed by calm; in quiet; hazard H3)" in out
    assert "one_busy: always. At most one node is busy at any time." in out
