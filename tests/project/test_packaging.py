"""The project as a package: one namespace, no private places, one version."""

import importlib
import pkgutil
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import knell

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = ("spec", "model", "impl", "conformance")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked_files():
    """Return the files that git tracks, or skip where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607  # whichever git the developer uses
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def packages():
    return [info.name for info in pkgutil.iter_modules(knell.__path__, "knell.")]


def test_the_namespace_is_implicit():
    for root in SOURCE_ROOTS:
        assert not (ROOT / root / "knell" / "__init__.py").exists()


def test_each_folder_of_the_namespace_is_a_package():
    folders = [
        folder
        for root in SOURCE_ROOTS
        for folder in (ROOT / root / "knell").glob("*/")
        if any(folder.glob("**/*.py"))
    ]
    assert folders
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("name", packages())
def test_each_package_opens_with_a_docstring(name):
    assert (importlib.import_module(name).__doc__ or "").strip()


def test_each_source_root_is_in_the_wheel_and_in_each_tool():
    existing = [root for root in SOURCE_ROOTS if (ROOT / root / "knell").is_dir()]
    tool = PROJECT["tool"]
    assert tool["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        f"{r}/knell" for r in existing
    ]
    assert set(existing) <= set(tool["hatch"]["build"]["dev-mode-dirs"])
    assert set(existing) <= set(tool["mypy"]["files"])
    assert set(existing) <= set(tool["mypy"]["mypy_path"].split(":"))
    assert set(existing) <= set(tool["pyright"]["include"])
    assert set(existing) <= set(tool["pyright"]["extraPaths"])


def test_each_package_is_under_the_architecture_rules():
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == set(packages())


def test_the_typed_packages_say_so():
    for name in packages():
        (folder,) = importlib.import_module(name).__path__
        assert (Path(folder) / "py.typed").is_file(), f"{name} lacks py.typed"


def test_the_installed_version_is_the_one_of_the_project():
    assert metadata.version("knell") == PROJECT["project"]["version"]


# A path of one developer's machine, or the host of a package registry, works for
# nobody else.
PRIVATE = re.compile(r"(?<![\w.])/(home|root|work|Users)/\w|pypi\.org|pythonhosted\.org")


def test_no_file_names_a_private_place():
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if PRIVATE.search(line) and path != Path(__file__):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


@pytest.mark.parametrize("text", ["cd /Users/ada/knell", "at pypi,org/simple".replace(",", ".")])
def test_what_is_private_is_found(text):
    assert PRIVATE.search(text)


@pytest.mark.parametrize("text", ["tests/work/x", "spec/adr", "~/knell", "/home"])
def test_what_is_not_private_is_not(text):
    assert not PRIVATE.search(text)
