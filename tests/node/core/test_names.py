"""The trace seam names actions as the specification does."""

import re
from pathlib import Path

import knell.node.core

ROOT = Path(__file__).parents[3]
APPENDIX = (ROOT / "spec/PROTOCOL.md").read_text(encoding="utf-8").split("## Appendix A", 1)[1]
NAMES = set(re.findall(r"\| (\w+) \| §", APPENDIX))


def test_each_traced_action_stands_in_the_appendix():
    (folder,) = knell.node.core.__path__
    text = "".join(path.read_text(encoding="utf-8") for path in Path(folder).glob("*.py"))
    traced = set(re.findall(r'\.trace\(\s*"(\w+)"', text))
    ways_out = text.split("def _way_out", 1)[1].split("# Steps", 1)[0]
    traced |= set(re.findall(r'"(\w+_\w+)"', ways_out)) | {"act", "finish_act"}
    assert traced
    assert traced <= NAMES
