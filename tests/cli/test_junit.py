"""JUnit XML for build servers: nothing is green that was not decided."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from knell.cli.junit import junit


def read(path):
    return ET.parse(path).getroot()  # noqa: S314  # our own file


def test_one_configuration(invoke, relay, tmp_path) -> None:
    path = tmp_path / "results.xml"
    invoke("check", relay, "--junit", path, "--trace-dir", tmp_path)
    root = read(path)
    (suite,) = root
    assert suite.get("name") == "relay.default"
    cases = {str(case.get("name")).partition(":")[0]: case for case in suite}
    assert "one_busy: At most one node is busy at any time." in {case.get("name") for case in suite}
    assert {case.get("classname") for case in suite} == {"relay.default"}
    assert list(cases["calm"]) == []
    assert list(cases["someone_busy"]) == []
    (failure,) = cases["one_busy"]
    assert failure.tag == "failure"
    assert "relay-default-one_busy.itf.json" in str(failure.get("message"))
    assert "take(n=node2)" in str(failure.text)
    violated = [name for name, case in cases.items() if case.find("failure") is not None]
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == suite.get("failures") == str(len(violated))


def test_a_suite(invoke, turns, tmp_path) -> None:
    path = tmp_path / "results.xml"
    assert invoke("check", turns, "--suite", "--junit", path).code == 0
    root = read(path)
    assert [suite.get("name") for suite in root] == ["turns.default", "turns.large"]
    assert (root.get("failures"), root.get("errors")) == ("0", "0")


def test_unknown_is_an_error_and_never_green(invoke, turns, tmp_path) -> None:
    path = tmp_path / "results.xml"
    assert invoke("check", turns, "--max-states", 1, "--junit", path).code == 4
    root = read(path)
    errors = root.findall(".//error")
    assert errors
    assert root.get("errors") == str(len(errors))
    for error in errors:
        assert str(error.get("message")).startswith("unknown: ")


def test_a_configuration_that_could_not_be_checked_is_an_error() -> None:
    root = ET.fromstring(junit([], [("turns.large", "its \x1b[1;31mprocess\x00\x1b[0m ended")]))  # noqa: S314  # ours
    error = root.find("./testsuite[@name='turns.large']/testcase/error")
    assert error is not None
    assert error.get("message") == "its process ended"
    assert root.get("errors") == "1"
