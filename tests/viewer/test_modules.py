"""The page's modules: typed, small, and our own."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import knell.viewer

WEB = Path(knell.viewer.__file__).with_name("web")
TYPESCRIPT = "typescript@5.9"


def test_the_modules_pass_the_typescript_compiler(tmp_path):
    npx = shutil.which("npx")
    if npx is None:
        if os.environ.get("CI"):
            pytest.fail("npx is missing; where CI is set, the modules must be checked")
        pytest.skip("npx is missing (apt-get install npm): the page's modules were not checked")
    done = subprocess.run(
        [npx, "--yes", "--package", TYPESCRIPT, "tsc", "--project", str(WEB)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        check=False,
    )
    if done.returncode and "error TS" not in done.stdout and not os.environ.get("CI"):
        pytest.skip("the TypeScript compiler could not be had: the modules were not checked")
    assert done.stdout.strip() == ""
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sorted(WEB.glob("*.js")), ids=lambda path: path.name)
def test_each_module_is_small_says_what_it_is_for_and_makes_no_markup(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    assert text.count("\n") <= 400
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", text)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
