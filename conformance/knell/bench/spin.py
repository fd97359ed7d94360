"""One search of SPIN on the exported text: how it is built, run and read."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knell.export.promela import to_promela
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.spec.errors import KnellError

FLAGS = ("-O3", "-DSAFETY", "-DNOREDUCE", "-DVECTORSZ=8192", "-DMEMLIM=16000")
_DEEPEST = 1 << 23  # steps of the depth-first stack; more where that was too few
_MEBIBYTE = 1 << 20
_SECONDS = 400  # that a tool may take


@dataclass(frozen=True)
class Spun:
    """Seconds, states and bytes of one search of SPIN."""

    search_seconds: float
    stored: int
    bytes_each: float


@dataclass(frozen=True)
class Spin:
    """A model's text in a folder, with its two verifiers: depth-first and breadth-first."""

    folder: Path
    states: int

    @staticmethod
    def missing() -> str | None:
        """Why SPIN can't be measured here; None if it can."""
        gone = [tool for tool in ("spin", "cc") if shutil.which(tool) is None]
        return f"{' and '.join(gone)} not found" if gone else None

    def write(self, path: Path, chosen: Settings) -> None:
        """Write the model's text."""
        text = to_promela(load_model(path, chosen))
        (self.folder / "model.pml").write_text(text, encoding="utf-8")

    def build(self, kind: str) -> float:
        """Generate and compile one verifier, ``dfs`` or ``bfs``; returns the seconds."""
        start = time.perf_counter()
        self._run("spin", "-a", "model.pml")
        breadth = ("-DBFS",) if kind == "bfs" else ()
        self._run("cc", *FLAGS, *breadth, "-w", "-o", kind, "pan.c")
        return time.perf_counter() - start

    def search(self, kind: str) -> Spun:
        """Run one verifier to the end."""
        depth = _DEEPEST
        slots = max(18, math.ceil(math.log2(max(2, self.states))) + 1)
        while True:
            told = self._run(f"./{kind}", "-n", "-E", f"-w{slots}", f"-m{depth}")
            if "max search depth too small" not in told:
                return _read(told)
            depth *= 4

    def _run(self, *command: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603  # tools by their names
                command,
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            why = f"{command[0]} took more than {_SECONDS} seconds"
            raise KnellError(why, place="knell bench") from None
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise KnellError(f"{command[0]} failed: {last}", place="knell bench")
        return done.stdout


def check_stored(spun: Sequence[Spun], states: int) -> None:
    """Refuse a comparison of different state spaces."""
    if any(each.stored != states for each in spun):
        raise KnellError(f"SPIN stores {spun[0].stored:,} states, not {states:,}")


def _read(told: str) -> Spun:
    """What a verifier says of its search; a search that is not complete is no measurement."""
    if "truncated" in told or "out of memory" in told or "not completed" in told:
        raise KnellError("SPIN's search was cut short", place="knell bench")
    stored = int(_number(told, r"(\d+) states, stored"))
    for_states = _number(told, r"([\d.]+)\s+actual memory usage for states", optional=True)
    if for_states is None:
        for_states = _number(told, r"([\d.]+)\s+equivalent memory usage for states")
    hashed = _number(told, r"([\d.]+)\s+memory used for hash table", optional=True) or 0
    return Spun(
        _number(told, r"elapsed time ([\d.]+)", optional=True) or 0.01,
        stored,
        ((for_states or 0) + hashed) * _MEBIBYTE / stored,
    )


def _number(text: str, pattern: str, *, optional: bool = False) -> float:
    found = re.search(pattern, text)
    if found is None:
        if optional:
            return None  # type: ignore[return-value]
        raise KnellError("SPIN's output is not understood", place="knell bench")
    return float(found[1])
