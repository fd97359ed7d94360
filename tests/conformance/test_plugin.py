"""The pytest plugin: conformance shows up as tests of a project that has nothing else of ours."""

import re
import subprocess
import sys

import pytest

OWN = f"{sys.executable} -m knell.conformance.adapter.own"
SMALL = ["--knell-set=components=none", "--knell-set=crashes=0", "--knell-set=heartbeat_losses=0"]

MUTE = """
import json, sys
hello = {"version": 1, "impl": {"name": "x"}, "modes": ["sim"], "features": [],
         "actions": [], "observables": ["phase"]}
for line in sys.stdin:
    request = json.loads(line)
    reply = {"ok": hello} if request["cmd"] == "hello" else {"err": {"code": 13}}
    print(json.dumps({"id": request["id"], **reply}), flush=True)
"""


def project(folder, *args):
    """What pytest says in a project of one test."""
    (folder / "test_own.py").write_text("def test_own(): pass", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *args]
    done = subprocess.run(  # our own interpreter
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_each_action_is_a_test(tmp_path):
    code, output = project(tmp_path, f"--knell-adapter={OWN}", *SMALL)
    assert code == 0, output
    passed = set(re.findall(r"PASSED .*?(\w+)$", output, re.MULTILINE))
    assert {"test_own", "quiesce", "hear_distress", "promote", "run"} <= passed


def test_what_was_not_replayed_fails(tmp_path):
    code, output = project(tmp_path, f"--knell-adapter={OWN}", *SMALL, "--knell-budget=0.000001")
    assert code == 1
    assert "transitions were not replayed" in output
    assert "nothing was replayed" in output


def test_what_is_not_supported_is_skipped_with_its_reason_and_nothing_is_green(tmp_path):
    script = tmp_path / "mute.py"
    script.write_text(MUTE, encoding="utf-8")
    code, output = project(tmp_path, f"--knell-adapter={sys.executable} {script}", *SMALL)
    assert code == 1
    assert "not among the adapter's actions" in output
    assert "fails with 13" in output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--knell-adapter="], "--knell-adapter: no command"),
        ([f"--knell-adapter={OWN}", "--knell-config=smal"], "smal"),
        ([f"--knell-adapter={OWN}", "--knell-set=nodes"], "--knell-set"),
    ],
)
def test_bad_usage_is_told_in_a_line(args, message, tmp_path):
    code, output = project(tmp_path, *args)
    assert code == 4
    assert message in output
    assert "Traceback" not in output
