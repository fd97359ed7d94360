"""`knell conform`: exit codes, and what it writes."""

import json
import sys
from xml.etree.ElementTree import parse

import pytest

from knell.cli.main import main
from knell.spec.trace import load

PAIR = [
    f"--set={name}={value}"
    for name, value in {
        "groups": 1,
        "placement": "same",
        "nodes": 2,
        "components": "none",
        "crashes": 0,
        "heartbeat_losses": 0,
    }.items()
]
OWN = f"{sys.executable} -m knell.conformance.adapter.own"
MUTANT = "--mutant=quiesce-early"


def conform(*args):
    return main(["conform", *PAIR, *args])


def test_our_cores_conform(tmp_path, capsys):
    files = {name: tmp_path / name for name in ("json", "junit", "html", "markdown")}
    assert conform(*(f"--{name}={path}" for name, path in files.items())) == 0
    found = json.loads(files["json"].read_text())
    assert found["schema"] == 1
    assert found["transitions"]["covered"] == found["transitions"]["model"] > 0
    assert (found["divergences"], found["skipped"], found["verdict"]) == ([], [], "conforms")
    suite = parse(files["junit"]).getroot()[0]  # noqa: S314 # our own
    assert suite.get("failures") == suite.get("errors") == suite.get("skipped") == "0"
    assert {case.get("classname") for case in suite} == {"knell.conform.default.sim"}
    assert "quiesce" in {case.get("name") for case in suite}
    assert "§7.11" in files["html"].read_text()
    assert "| knell.node |" in files["markdown"].read_text()
    assert "transitions/s" in capsys.readouterr().out


def test_several_implementations_stand_side_by_side(tmp_path):
    page, result = tmp_path / "page.html", tmp_path / "result.json"
    args = ["--adapter=ours", f"--adapter={OWN}", f"--html={page}", f"--json={result}"]
    assert conform(*args) == 0
    runs = json.loads(result.read_text())["runs"]
    assert len({each["transitions"]["covered"] for each in runs}) == 1
    assert page.read_text().count("<th>knell.node") == 2


def test_a_divergence_is_told_and_kept_as_a_trace(tmp_path, capsys):
    result = tmp_path / "result.json"
    assert conform(MUTANT, f"--trace-dir={tmp_path}", f"--json={result}") == 1
    first = json.loads(result.read_text())["divergences"][0]
    trace = load(first["trace"])
    kept = trace.meta["divergence"]
    assert isinstance(kept, dict)
    assert kept["id"] == first["id"]
    assert len(trace.states) == len(first["run"]) + 1
    shown = capsys.readouterr().out
    assert "- expected" in shown
    assert "+ observed" in shown
    assert main(["view", first["trace"]]) in {0, 1}
    assert first["step"].partition("(")[0] in capsys.readouterr().out


def test_known_failures_are_strict(tmp_path, capsys):
    result, known = tmp_path / "result.json", tmp_path / "known.txt"
    conform(MUTANT, f"--json={result}")
    ids = [each["id"] for each in json.loads(result.read_text())["divergences"]]
    known.write_text("# the model is wrong\n" + "\n".join(ids))
    assert conform(MUTANT, f"--known-failing={known}") == 0
    assert conform(f"--known-failing={known}") == 1
    assert "does not: " in capsys.readouterr().out
    known.write_text("\n".join(ids[1:]) or "other/phase")
    assert conform(MUTANT, f"--known-failing={known}") == 1


def test_annotations_for_github(monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert conform(MUTANT) == 1
    assert "::error title=diverges: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--only=quiesce"], 0, "conforms"),
        (["--only=finish_act"], 4, "nothing was replayed"),
        (["--only=quiesc"], 2, "quiesce"),
        (["--budget-seconds=0.000001"], 4, "nothing was replayed"),
        (["--set=returning=2"], 2, "cannot be replayed"),
        (["--set=returning=1", "--set=cold_starts=true"], 2, "cannot be replayed yet"),
        (["--coverage=random", "--budget-seconds=0.3"], 4, "inconclusive"),
        (["--coverage=pairs", "--no-snapshots", f"--adapter={OWN}"], 2, "--coverage pairs"),
        (["--validate-only"], 2, "--validate-only"),
        (["--adapter=/nowhere/x"], 2, "--adapter"),
        (["--known-failing=/nowhere/x"], 2, "--known-failing"),
        ([f"--adapter={sys.executable} -c pass"], 3, "exit status 0"),
        ([f"--adapter={sys.executable} /nowhere/x.py"], 3, "/nowhere/x.py'"),
        (["--adapter=cat"], 3, "one of ok and err"),
        ([f"--adapter={OWN}", "--validate-only"], 0, "0 of them"),
        ([f"--adapter={sys.executable} -c pass", "--validate-only"], 3, "exit status 0"),
        (
            [f"--adapter={OWN}", "--coverage=random", "--seed=3", "--budget-seconds=0.3"],
            4,
            "inconclusive",
        ),
        (["--coverage=pairs"], 0, "pairs of transitions covered"),
    ],
)
def test_exit_codes(args, code, message, capsys):
    assert conform(*args) == code
    output = capsys.readouterr()
    assert message in output.out + output.err
    assert "internal error" not in output.err


def test_a_list_of_known_failures_is_checked(tmp_path, capsys):
    known = tmp_path / "known.txt"
    for text in ("nonsense", "a/b\na/b"):
        known.write_text(text)
        assert conform(f"--known-failing={known}") == 2
        assert "known.txt:" in capsys.readouterr().err
