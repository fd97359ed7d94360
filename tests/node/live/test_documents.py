"""The tutorial runs as pasted; the document for members says what the code does."""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from msgspec.structs import fields

from knell.node.member import messages as mm
from knell.spec.vocabulary import CLAIMED_CAUSES
from tests.node.live.clusters import Program, running

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CLEAN = "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT; set -eu -o pipefail\n"


def blocks(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    return [match.groups() for match in BLOCK.finditer(text)]


def test_the_tutorial_runs_as_pasted(tmp_path):
    first = random.SystemRandom().randrange(200, 320)  # other ports, so that tests don't meet

    def placed(text):
        return re.sub(r"\b7([12])(?=0|1)", lambda m: f"{first + int(m[1])}", text)

    script = CLEAN
    for language, file, text in blocks("TUTORIAL.md"):
        if file is not None:
            (tmp_path / file).write_text(placed(text), encoding="utf-8")
        elif language == "sh":
            script += placed(text)
    folder = Path(sys.executable).parent
    done = subprocess.run(
        ["timeout", "--signal=INT", "90", "bash", "-c", script],  # noqa: S607 # the reader's shell
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    assert "n1 ends: " in done.stdout
    assert "refused: a later primary has been here" in done.stdout
    assert re.search(r"n[23]\.1 n[23]\.1 n1\.2", done.stdout)
    assert done.stdout.count("clustering has ended") == 3
    counted = [line.split(" by ") for line in (tmp_path / "store.log").read_text().splitlines()]
    assert [int(value) for value, _ in counted] == list(range(1, len(counted) + 1))
    order = list(dict.fromkeys(who for _, who in counted))
    assert order[0] == "n1"
    assert set(order[1:3]) == {"n2", "n3"}


def rows(heading):
    text = (DOCS / "MEMBERS.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1]
    table = text.split("\n## ")[0]
    return {
        match[1]: set(re.findall(r"`(\w+)`", match[2]))
        for match in re.finditer(r"^\| `(\w+)` \| ([^|]*)\|", table, re.MULTILINE)
        if match[1] != "op"
    }


def shapes(union):
    return {
        str(each.__struct_config__.tag): {field.encode_name for field in fields(each)}
        for each in get_args(union)
    }


def test_every_message_of_members_is_documented():
    assert rows("What a member sends") == shapes(mm.Request)
    assert rows("What a member gets") == shapes(mm.Answer)
    text = (DOCS / "MEMBERS.md").read_text(encoding="utf-8")
    assert all(f"`{cause}`" in text for cause in CLAIMED_CAUSES)
    assert f"{mm.LARGEST // 1024} KiB at most" in text


def test_a_member_without_our_library(tmp_path):
    ((_, _, text),) = blocks("MEMBERS.md")
    (tmp_path / "plain.py").write_text(text, encoding="utf-8")

    async def play():
        async with running(1, workers=False) as cluster:
            node = cluster.nodes["n1"]
            program = Program(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, str(tmp_path / "plain.py")),
                    env={
                        **os.environ,
                        "KNELL_RUN": str(node.folder / "run"),
                        "KNELL_GROUP": "store",
                    },
                    stdout=asyncio.subprocess.PIPE,
                )
            )
            await cluster.until("it acts", lambda: program.lines)
            node.root.terminate()
            assert await program.end() == ["token 1", "ending: planned_stop"]

    asyncio.run(play())
