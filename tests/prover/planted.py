"""Where the proof for any size fails if a fault is planted: the table of `mutants.toml`.

``python -m tests.prover.planted`` adds what is missing, which takes minutes: take rows away to
have them found anew. For each fault that breaks a safety property the table names an obligation
that fails, of a claimed property if there is one; or nothing, where the configuration for any
size leaves out what the fault is about.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from knell.language import Model, Mutant, Settings
from knell.language.loading import load_model
from knell.language.simplify import canonical
from knell.protocol import NODE_SHUTDOWN
from knell.protocol.mutants import MUTANTS
from knell.prover.inductive import How, Induction
from knell.prover.pool import Task, solve_all
from knell.prover.problem import Conjunct, Problem, content
from knell.prover.solve import Effort

TABLE = Path(__file__).with_name("mutants.toml")
ANY_SIZE = "any-size"
SAFETY = [m for m in MUTANTS if any(id.startswith("S") for id in m.killed_by)]
_HEAD = (
    "# Which obligation of the proof for any size fails if a fault is planted; empty where that\n"
    "# proof leaves out what the fault is about. Written by: python -m tests.prover.planted\n\n"
)


def planted(mutant: Mutant) -> Model:
    """The configuration for any size with the fault."""
    return load_model(NODE_SHUTDOWN, Settings(ANY_SIZE, mutant=mutant.id))


def table() -> dict[str, str]:
    """The obligations that are said to fail, by fault."""
    found: dict[str, str] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return found


def failing(mutant: Mutant, sound: Model, how: How) -> str:
    """An obligation that fails with the fault; empty if the fault changes nothing here.

    Where the sound model is proved, only an action or a conjunct that the fault changes can fail.
    """
    model = planted(mutant)
    known = set(content(sound))
    texts = zip(model.actions, content(model), strict=True)
    changed = [action for action, text in texts if text not in known]
    if not changed:
        return ""
    induction = Induction(model, how)
    induction._persistence()
    problem = induction.problem
    said = {(c.id, canonical(c.formula)) for c in _conjuncts(Problem(sound))}
    other = {c.id for c in _conjuncts(problem) if (c.id, canonical(c.formula)) not in said}
    queries = [
        Task(query, action, problem.step(action))
        for action in model.actions
        for query in problem.inductions(action, None if action in changed else other)
        if not query.is_trivial
    ]
    claims = {c.id for c in (*problem.conjuncts, *problem.claims) if c.declared is not None}
    for claimed in (True, False):
        tasks = [task for task in queries if (task.query.conjunct in claims) == claimed]
        answers = solve_all(model, tasks, Effort(how.seconds, shown=False), how.workers)
        broken = [tasks[k].query for k, solved in answers if solved.answer == "sat"]
        if broken:
            return min(f"{query.action} / {query.conjunct}" for query in broken)
    raise AssertionError(f"{mutant.id} changes {[a.name for a in changed]}, and all is kept")


def _conjuncts(problem: Problem) -> list[Conjunct]:
    return [*problem.conjuncts, *problem.claims]


def write() -> None:
    """Write the table."""
    sound = load_model(NODE_SHUTDOWN, Settings(ANY_SIZE))
    known = table() if TABLE.exists() else {}
    lines = []
    for mutant in SAFETY:
        row = known[mutant.id] if mutant.id in known else failing(mutant, sound, How(seconds=60))
        lines.append(f'{mutant.id} = "{row}"\n')
        sys.stdout.write(lines[-1])
        sys.stdout.flush()
    TABLE.write_text(_HEAD + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write()
