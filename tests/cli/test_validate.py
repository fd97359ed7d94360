"""`knell validate`: verdicts, exit codes, JSON, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knell.cli.main import main

LOGS = Path(__file__).parents[1] / "conformance" / "logs"
LOG = LOGS / "cause.ndjson"


def told(capsys, *argv):
    code = main(["validate", *map(str, argv)])
    return code, *capsys.readouterr()


def damaged(tmp_path, change):
    lines = [json.loads(line) for line in LOG.read_text().splitlines()]
    path = tmp_path / "log.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in change(lines)))
    return path


def test_accept(capsys):
    code, out, err = told(capsys, LOG)
    assert (code, err) == (0, "")
    assert "accept" in out


def test_reject_names_the_line_and_the_clause(capsys, tmp_path):
    def change(lines):
        at = next(at for at, line in enumerate(lines) if line["action"] == "quiesce")
        lines[at]["action"] = "end_clustering"
        return lines

    path = damaged(tmp_path, change)
    result = tmp_path / "result.json"
    code, out, _ = told(capsys, path, "--json", result)
    assert code == 1
    assert "end_clustering" in out
    assert "fails" in out
    document = json.loads(result.read_text())
    assert document["verdict"] == "reject"
    (run,) = document["runs"]
    assert 0 < run["explained"] < run["lines"]
    assert run["rejections"][0]["place"].startswith(str(path))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda lines: lines[:3] + lines[4:], "is missing before this one"),
        (lambda lines: [*lines, lines[0]], "twice"),
        (lambda lines: [{**lines[0], "v": 2}, *lines[1:]], "is of version 2"),
        (lambda lines: [{**lines[0], "seq": "1"}, *lines[1:]], "is no line of a log"),
        (lambda lines: [{**lines[0], "post": {}}, *lines[1:]], "tells no config"),
    ],
)
def test_malformed_is_one_line_and_exit_2(capsys, tmp_path, change, what):
    code, out, err = told(capsys, damaged(tmp_path, change))
    assert (code, out) == (2, "")
    assert what in err
    assert err.count("\n") == 1


def test_no_action_is_inconclusive(capsys, tmp_path):
    path = tmp_path / "notes.ndjson"
    path.write_text('{"note":"sentinel started"}\n')
    code, out, _ = told(capsys, path)
    assert code == 4
    assert "no line" in out


@pytest.mark.parametrize("name", ["nowhere.ndjson", "."])
def test_what_is_no_log(capsys, tmp_path, name):
    code, out, err = told(capsys, tmp_path / name)
    assert (code, out, err.count("\n")) == (2, "", 1)
