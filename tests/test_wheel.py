"""The wheel: it holds every module and works where there is no checkout."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command, cwd):
    """Run a command to its end and return what it printed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel into an empty environment; return its folder of commands.

    Its dependencies are those of the environment that runs the tests, so that no
    network is needed. The checkout is out of its sight.
    """
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    commands = folder / "bin"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    into = ("--python", commands / "python", "install", "--no-deps", "--no-index")
    run(*pip, *into, wheel, cwd=folder)
    (packages,) = folder.glob("lib/*/site-packages")
    dependencies = sysconfig.get_path("purelib")
    (packages / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")
    return commands


def test_it_holds_every_file_of_the_packages(wheel):
    expected = {
        str(path.relative_to(root))
        for root in (ROOT / "spec", ROOT / "model", ROOT / "impl", ROOT / "conformance")
        for path in (root / "knell").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("knell/")}
    assert names == expected | {"knell/spec/claims.toml"}


def test_the_installed_package_is_used_and_knows_the_claims(installed, tmp_path):
    program = (
        "import knell.spec.claims as claims;print(claims.__file__);print(len(claims.load_claims()))"
    )
    place, count = run(installed / "python", "-c", program, cwd=tmp_path).splitlines()
    assert Path(place).is_relative_to(installed.parent)
    assert count == "30"


def test_the_installed_command_finds_that_s2_holds(installed, tmp_path):
    options = ("--set", "config=small", "--property", "S2", "--json", "-")
    result = json.loads(run(installed / "knell", "check", *options, cwd=tmp_path))
    assert [(each["id"], each["verdict"]) for each in result["properties"]] == [("S2", "holds")]
