"""Whatever a user gets wrong ends with exit code 2 and one line that says how to mend it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from knell.checker import drive

WELL_FORMED = """
from knell.language import Model, require

m = Model("fine", configs={"small": {"N": 1}})
N = m.number("N", 2, least=1)
x = m.scalar("x", to=m.int(0, 3), init=0)

@m.action
def step():
    require(low=x < N)
    x.set(x + 1)

m.always("low", x <= 3)
m.ends(x == N)
"""


def one_line(done) -> str:
    assert done.code == 2, done
    assert "Traceback" not in done.err
    assert done.err.endswith("\n")
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("knell: ")
    assert done.out == ""
    return str(done.err)


@pytest.fixture
def fine(tmp_path) -> str:
    path = tmp_path / "fine.py"
    path.write_text(WELL_FORMED)
    return str(path)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "COMMAND"),
        (["chek"], "COMMAND: there is no 'chek'; did you mean check? choose from"),
        (["check", "--sute"], "did you mean --suite?"),
        (["explore", "--port", "99999"], "give one of 0 to 65535"),
        (["check", "--sym"], "unknown argument '--sym'"),
        (["check", "a", "b"], "unknown argument 'b'"),
        (["check", "no-such-model"], "node-shutdown, two-phase-commit"),
        (["check", "two-phase-comit"], "did you mean two-phase-commit?"),
        (["check", "missing.py"], "missing.py: no such model file"),
        (["check", "some/where"], "some/where: no such model file"),
        (["check", "--set", "RM"], "'RM' sets nothing; write NAME=VALUE"),
        (["check", "--set", "=3"], "write NAME=VALUE"),
        (["check", "--set", "RM="], "write NAME=VALUE"),
        (["check", "two-phase-commit", "--set", "RM=-1"], "parameter RM"),
        (["check", "two-phase-commit", "--set", "RM=0"], "give at least 1"),
        (["check", "two-phase-commit", "--set", "RM=many"], "give an integer"),
        (["check", "two-phase-commit", "--set", "XM=3"], "no parameter XM"),
        (["check", "two-phase-commit", "--set", "config=big"], "no configuration 'big'"),
        (["check", "--set", "node=3"], "did you mean nodes? its parameters"),
        (["check", "two-phase-commit", "--set", "RM=1000000000"], "give at most 1000"),
        (["check", "two-phase-commit", "--set", "RM=3", "--set", "RM=4"], "RM is given twice"),
        (["prove", "two-phase-commit", "--set", "RM=3", "--set", "RM=4"], "RM is given twice"),
        (["check", "--set", "config=small", "--set", "config=fence"], "config is given twice"),
        (["check", "--set", "config=smal"], "did you mean small? its configurations"),
        (["check", "--mutant", "left-mean-released"], "did you mean left-means-released?"),
        (["check", "--mutant", "left-means-released", "--property", "S1"], "only S2 can tell it"),
        (["check", "two-phase-commit", "--property", "agrement"], "did you mean agreement?"),
        (["check", "--symmetry", "--no-symmetry"], "not allowed with argument --symmetry"),
        (["check", "peterson", "--json", "out", "--junit", "out"], "is the place of --json too"),
        (["check", "peterson", "--json", "-", "--html", "-"], "is the place of --json too"),
        (["check", "peterson", "--junit", "out", "--html", "./out"], "is the place of --junit too"),
        (["check", "two-phase-commit", "--mutant", "H99"], "no mutant 'H99'"),
        (["check", "two-phase-commit", "--property", "S99"], "agreement, a_commit"),
        (["check", "two-phase-commit", "--property", "agreement,"], "write ID or ID,ID"),
        (["check", "--engine", "steam"], "--engine"),
        (["check", "--workers", "0"], "'0' is no integer of at least 1"),
        (["check", "--workers", "two"], "'two' is no integer of at least 1"),
        (["check", "--max-states", "-3"], "'-3' is no integer of at least 1"),
        (["check", "--max-depth", "0"], "--max-depth"),
        (["check", "--max-seconds", "nan"], "'nan' is no time"),
        (["check", "--max-seconds", "-1"], "'-1' is no time"),
        (["check", "--max-seconds"], "expected one argument"),
        (["check", "--simulate", "1.5"], "--simulate"),
        (["check", "--seed", "3"], "add --simulate N"),
        (["check", "--simulate", "3", "--seed", "-1"], "'-1' is no integer of at least 0"),
        (["check", "--simulate", "3", "--resume", "there"], "--simulate with --resume"),
        (["check", "--suite", "--mutant", "H1"], "--suite with --mutant"),
        (["check", "--suite", "--set", "config=small"], "--suite with --set config"),
        (["check", "--suite", "--resume", "there"], "--suite with --resume"),
        (["check", "peterson", "--suite"], "lists no suite"),
        (["check", "peterson", "--json", "missing/out.json"], "create missing first"),
        (["check", "peterson", "--json", "."], "is a directory; name a file"),
        (["check", "peterson", "--junit", "missing/out.xml"], "create missing first"),
        (["check", "peterson", "--resume", "missing"], "missing"),
        (["models", "--json", "missing/out.json"], "create missing first"),
        (["models", "no-such-model"], "no model is called"),
        (["claims", "--results", "missing.json"], "cannot be read"),
        (["claims", "--workers", "none"], "--workers"),
    ],
)
def test_what_is_asked_for_is_not_there(invoke, argv, said, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in one_line(invoke(*argv))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def", "syntax error"),
        ("x = (", "syntax error"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("raise SystemExit(7)", "SystemExit"),
        ("", "defines no model"),
        (WELL_FORMED + "\nother = Model('other')", "several models"),
        (WELL_FORMED.replace("x + 1", "x + y"), "name 'y' is not defined"),
        (WELL_FORMED.replace("x < N", "x < 'three'"), "model.py:"),
        (WELL_FORMED.replace("x + 1", "x + 7"), "outside 0..3"),
        (WELL_FORMED.replace('"low", x', '"deadlock", x'), "reserved"),
    ],
)
def test_a_model_is_malformed(invoke, text, said, tmp_path) -> None:
    path = tmp_path / "model.py"
    path.write_text(text)
    line = one_line(invoke("check", path))
    assert said in line
    assert "model.py" in line


def test_bytes_that_are_no_text(invoke, tmp_path) -> None:
    path = tmp_path / "model.py"
    path.write_bytes(b"\x00\xff\xfe")
    assert "model.py" in one_line(invoke("check", path))


def test_a_file_that_ends_the_process(invoke, tmp_path) -> None:
    path = tmp_path / "model.py"
    path.write_text("import os\nos._exit(0)\n")
    assert "model.py:2: SystemExit: 0" in one_line(invoke("check", path))


def test_a_file_that_is_interrupted(invoke, tmp_path) -> None:
    path = tmp_path / "model.py"
    path.write_text("raise KeyboardInterrupt\n")
    assert invoke("check", path).code == 4


def test_the_model_is_no_place_for_a_result(invoke, fine) -> None:
    for flag in ("--json", "--junit", "--html"):
        line = one_line(invoke("check", f"{fine}:fine", flag, fine))
        assert "is the place of the model too" in line
    assert Path(fine).read_text(encoding="utf-8") == WELL_FORMED


def test_a_mutant_where_nothing_that_tells_it_is_asked(invoke, tmp_path) -> None:
    path = tmp_path / "model.py"
    head = 'm = Model("fine", mutants=[Mutant("M", "counts too far", ("one",), config="small")], '
    text = WELL_FORMED.replace('m = Model("fine", ', head).replace("Model, ", "Model, Mutant, ")
    path.write_text(text + '\nif N == 1:\n    m.always("one", x < 2 - m.mutant("M"))\n')
    assert invoke("check", path, "--mutant", "M").code == 1
    line = one_line(invoke("check", path, "--mutant", "M", "--set", "N=2"))
    assert "--mutant M: only one can tell it" in line
    assert "leave out --set config; it means small" in line


def test_a_directory_is_no_model(invoke, tmp_path) -> None:
    assert "is a directory" in one_line(invoke("check", tmp_path))
    (tmp_path / "odd.py").mkdir()
    assert "is a directory" in one_line(invoke("check", tmp_path / "odd.py"))


def test_the_file_has_no_model_of_that_name(invoke, fine) -> None:
    assert "it defines fine" in one_line(invoke("check", f"{fine}:other"))


def test_a_property_of_another_configuration(invoke, tmp_path) -> None:
    path = tmp_path / "model.py"
    path.write_text(WELL_FORMED + '\nif N == 1:\n    m.reachable("one", x == 1)\n')
    line = one_line(invoke("check", path, "--property", "one"))
    assert "--set config=small" in line


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_places_that_may_not_be_written(invoke, fine, tmp_path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for flag in ("--json", "--junit"):
        assert "permission denied" in one_line(invoke("check", fine, flag, closed / "out"))
    assert "cannot be written" in one_line(invoke("check", fine, "--trace-dir", closed / "in"))


def test_a_trace_directory_that_is_a_file(invoke, fine) -> None:
    assert "is no directory" in one_line(invoke("check", fine, "--trace-dir", fine))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk(invoke, fine) -> None:
    done = invoke("check", fine, "--json", "/dev/full")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "No space left" in done.err
    assert done.out.splitlines()[-1] == "holds: 2 properties", "what is known is shown first"


@pytest.mark.parametrize("kind", ["cut short", "emptied", "not there", "another model"])
def test_a_checkpoint_that_does_not_fit(invoke, fine, tmp_path, kind) -> None:
    place = tmp_path / "kept"
    first = "peterson" if kind == "another model" else fine
    assert invoke("check", first, "--max-states", 2, "--checkpoint", place).code == 4
    files = [path for path in place.rglob("*") if path.is_file()]
    assert files
    for path in files:
        if kind == "cut short":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif kind == "emptied":
            path.write_bytes(b"")
        elif kind == "not there":
            path.unlink()
    assert str(place) in one_line(invoke("check", fine, "--resume", place))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"schema": 2, "runs": []}',
        '{"schema": 1}',
        '{"schema": 1, "runs": 3}',
        '{"schema": 1, "runs": [{"model": "node-shutdown"}]}',
        json.dumps(
            {
                "schema": 1,
                "runs": [{"model": "peterson", "mutant": None, "properties": [], "actions": []}],
            }
        ),
        "[" * 100_000,
    ],
)
def test_results_that_are_none(invoke, text, tmp_path) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    assert "results.json" in one_line(invoke("claims", "--results", path))


def test_what_is_refused_late_is_one_line_too(invoke, monkeypatch) -> None:
    monkeypatch.setattr(drive, "_PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(drive, "_ALARM_SECONDS", 0.001)
    assert "missing" in one_line(invoke("check", "--resume", "missing"))


def test_results_that_are_no_text(invoke, tmp_path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(b"\xff\xfe")
    assert "results.json" in one_line(invoke("claims", "--results", path))


def test_input_of_a_configuration_in_a_process_of_its_own(invoke, samples, tmp_path) -> None:
    text = (samples / "relay.py").read_text()
    path = tmp_path / "model.py"
    path.write_text(text.replace('phase[n] = "idle"', 'phase[n] = "idle"; jobs.set(jobs + 1)'))
    done = invoke("check", path, "--suite")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("knell: configuration ")
    assert "outside 0..2" in done.err
