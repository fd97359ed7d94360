"""Judge mutants of the core: `python -m tests.node.core.mutation [MODULE...]`.

Prints the score of each module, each survivor that `survivors.toml` does not explain, and each
entry of that table that is no survivor any more. Exit codes: 0 all is explained, 1 something is
not, 2 bad input.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

import pytest

from tests.node.core.mutation.judge import Judge, Outcome
from tests.node.core.mutation.mutants import mutants
from tests.node.core.mutation.survivors import CORE, groups

JUDGES = (
    "tests/node/core",
    "tests/node/sim/test_outcomes.py",
    *(
        f"tests/conformance/test_planted.py::test_the_core_itself_conforms[{config}]"
        for config in ("shutdown", "silence", "stop")
    ),
    *(
        f"tests/conformance/validation/test_simulated.py::test_is_explained[{seed}]"
        for seed in range(3)
    ),
)
"""What may kill: unit tests, the simulator with its monitor, replay, logs that the model judges."""

NO_JUDGE = "tests/node/core/test_names.py"
"""It reads the core's source, which no mutant changes."""


def main(modules: tuple[str, ...]) -> int:
    """Judge the mutants of these modules, or of all; return the exit code."""
    known = sorted(path.stem for path in CORE.glob("*.py"))
    strange = [each for each in modules if each not in known]
    if strange:
        print(f"error: no module of the core: {', '.join(strange)}; there are {', '.join(known)}")
        return 2
    chosen = list(mutants(modules))
    outcomes: list[Outcome] = []
    started = time.monotonic()

    def tell(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if not outcome.killer:
            print(f"\nlives: {outcome.mutant.id}", flush=True)

    quiet = ["-qq", "-s", "--assert=plain", "-p", "no:cacheprovider", f"--deselect={NO_JUDGE}"]
    if pytest.main([*quiet, *JUDGES], plugins=[Judge(chosen, tell)]) or not outcomes:
        print("error: the tests fail without a mutant; run them first")
        return 1
    return _report(outcomes, modules, time.monotonic() - started)


def _report(outcomes: list[Outcome], modules: tuple[str, ...], seconds: float) -> int:
    table = [each for _, named in groups() for each in named]
    lives = [each.mutant.id for each in outcomes if not each.killer]
    total = Counter(each.mutant.module for each in outcomes)
    killed = Counter(each.mutant.module for each in outcomes if each.killer)
    print(f"\n{'module':12} {'mutants':>8} {'killed':>8} {'explained':>10}  score")
    for module in (*total, None):
        count, dead = (
            (total.total(), killed.total()) if module is None else (total[module], killed[module])
        )
        known = [each for each in lives if each in table and each.startswith(f"{module or ''}")]
        print(f"{module or 'all':12} {count:8} {dead:8} {len(known):10}  {dead / count:.1%}")
    by = Counter(each.killer.partition("::")[0] for each in outcomes if each.killer)
    print("killed by", ", ".join(f"{name} {count}" for name, count in by.most_common()))
    print(f"{len(outcomes)} mutants in {seconds:.0f} s")
    unexplained = [each for each in lives if each not in table]
    stale = [
        each
        for each in table
        if each not in lives and (not modules or each.partition(".")[0] in modules)
    ]
    for each in unexplained:
        print("not explained:", each)
    for each in stale:
        print("no survivor, yet in the table:", each)
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
