"""Each row of the table of outcomes (`spec/PROTOCOL.md` §8) has a test that bears its name."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
ROWS = re.compile(r"^\| F(\d+) \|", re.MULTILINE)
NAMES = re.compile(r'def test(?:_f\d+)+|id="f\d+')


def test_every_row_names_its_test():
    text = (HERE.parents[1] / "spec" / "PROTOCOL.md").read_text(encoding="utf-8")
    rows = {int(number) for number in ROWS.findall(text)}
    tested = {
        int(number)
        for path in HERE.rglob("test_*.py")
        for name in NAMES.findall(path.read_text(encoding="utf-8"))
        for number in re.findall(r"f(\d+)", name)
    }
    assert len(rows) > 50
    assert sorted(rows - tested) == []
    assert sorted(tested - rows) == []
