"""The trace seam names actions as the specification does."""

import re
from pathlib import Path

import knell.node.core

SPEC = Path(__file__).parents[3] / "spec"
APPENDIX = (SPEC / "PROTOCOL.md").read_text(encoding="utf-8").split("## Appendix A", 1)[1]
APART = (SPEC / "LOGS.md").read_text(encoding="utf-8").split("## 2. Actions", 1)[1]
NAMES = set(re.findall(r"\| (\w+) \| §", APPENDIX)) | set(re.findall(r"\n\| `(\w+)` \|", APART))


def test_each_traced_action_stands_in_the_specification():
    (folder,) = knell.node.core.__path__
    text = "".join(path.read_text(encoding="utf-8") for path in Path(folder).glob("*.py"))
    first = re.findall(r"\.trace\(\s*([^,]+),", text)
    traced = {name for part in first for name in re.findall(r'"(\w+)"', part)}
    assert {"reap_gated", "finish_act", "act", "member_joins"} <= traced
    assert traced <= NAMES
