"""What the README shows works when it is pasted, and says what is so.

Its ``sh`` blocks are run as one script, those of ``spec/MODEL.md`` as another. A command whose line
ends in ``# exit N`` must exit with that code, every other with 0. Blocks marked ``console`` need a
checkout, or change the machine, and are not run. ``python tests/project/test_readme.py`` writes
the README's table of configurations anew.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from knell.protocol.mutants import MUTANTS
from knell.protocol.parameters import SUITE

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
COUNTS = tomllib.loads((ROOT / "tests/protocol/counts.toml").read_text(encoding="utf-8"))
MODEL_MD = ROOT / "spec" / "MODEL.md"


def blocks(path: Path) -> list[str]:
    return re.findall(r"(?ms)^```sh\n(.*?)^```", path.read_text(encoding="utf-8"))


def script(parts: list[str]) -> str:
    """The blocks as one script, which names the first line that exits otherwise than it says."""
    return "set -eu\n" + "".join(checked(line) for part in parts for line in part.splitlines())


def checked(line: str) -> str:
    found = re.fullmatch(r"(.*?)\s+# exit (\d)", line)
    if not found:
        return f"{line}\n"
    command, code = found.groups()
    said = f"exit $got, not {code}: {command}"
    return f'got=0; {command} || got=$?; [ $got = {code} ] || {{ echo "{said}" >&2; exit 99; }}\n'


@pytest.mark.parametrize("path", [README, MODEL_MD], ids=lambda path: path.name)
def test_what_is_shown_works(path, tmp_path):
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        ["bash", "-c", script(blocks(path))],  # noqa: S607  # whichever bash a reader uses
        cwd=tmp_path,
        env=env,
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"


def test_the_files_that_it_links_to_exist():
    linked = re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", README.read_text(encoding="utf-8"))
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_what_is_installed_lies_where_the_reader_stands():
    """The tour leaves the checkout's root: a path to install from must follow."""
    text = README.read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    place, installed = ROOT, []
    for line in re.findall(r"(?m)^\$ (.*)", text):
        place = place.joinpath(*re.findall(r"\bcd (\S+)", line))
        for path, extra in re.findall(r"pip install '(\.+)\[(\w+)\]'", line):
            installed.append(extra)
            assert (place / path).resolve() == ROOT, line
            assert extra in extras["optional-dependencies"]
    assert installed == ["all", "node"]


def test_each_exit_code_is_checked():
    assert "exit 99" in checked("knell check --mutant x   # exit 1")
    assert checked("knell check") == "knell check\n"
    ran = subprocess.run(["bash", "-c", script(["false  # exit 0"])], check=False)  # noqa: S607
    assert ran.returncode == 99


def region() -> str:
    return README.read_text(encoding="utf-8").split(": suite -->\n")[1].split("<!-- end -->")[0]


def table() -> str:
    """The configurations of the suite, with their counts, and their purpose from `MODEL.md`."""
    listed = (
        MODEL_MD.read_text(encoding="utf-8").split(": configurations -->\n")[1].split("<!--")[0]
    )
    purpose = dict(re.findall(r"(?m)^\| `([\w-]+)` \|.*\| ([^|]+) \|$", listed))
    lines = ["| configuration | states | what it is for |", "| --- | ---: | --- |"]
    lines += [f"| `{name}` | {COUNTS[name]['distinct']:,} | {purpose[name]} |" for name in SUITE]
    return "\n".join(lines) + "\n"


def test_the_table_of_configurations_is_fresh():
    assert region() == table()


def test_the_numbers_in_the_text_are_so():
    text = README.read_text(encoding="utf-8")
    assert f"{COUNTS['default']['distinct']:,} states" in text
    assert f"{len(MUTANTS)} mutants" in " ".join(text.split())


if __name__ == "__main__":
    mark = ": suite -->\n"
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(mark + region(), mark + table()), encoding="utf-8")
