"""Where a proof for any size fails if a fault is planted: the table of `mutants.toml`.

``python -m tests.prover.planted`` adds what is missing, which takes minutes: take rows away to
have them found anew. For each fault that breaks a safety property the table names an obligation
that fails, of a claimed property if there is one, in the first configuration that the fault
changes; where it changes none, the table lists it as left out.
"""

from __future__ import annotations

import re
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
from tests.prover.needed import ANY_SIZE, sound

TABLE = Path(__file__).with_name("mutants.toml")
LEFT_OUT = "left-out"
SAFETY = [m for m in MUTANTS if any(re.fullmatch(r"S\d+|lapses", id) for id in m.killed_by)]
"""Faults that break a safety property; some hide a witness, and others break liveness only."""

_HEAD = (
    "# Which obligation of a proof for any size fails if a fault is planted; those left out\n"
    "# are about what no such proof has. Written by: python -m tests.prover.planted\n"
)


def planted(mutant: Mutant, config: str) -> Model:
    """A configuration with the fault."""
    return load_model(NODE_SHUTDOWN, Settings(config, mutant=mutant.id))


def changed(mutant: Mutant, config: str) -> bool:
    """Whether the fault changes anything in a configuration."""
    return content(planted(mutant, config)) != content(sound(config))


def table() -> dict[str, dict[str, str]]:
    """The obligations that are said to fail, by configuration and fault."""
    found: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return found


def failing(mutant: Mutant, config: str, how: How) -> str:
    """An obligation that fails with the fault.

    Where the sound model is proved, only an action or a conjunct that the fault changes can fail.
    """
    model, without = planted(mutant, config), sound(config)
    known = set(content(without))
    texts = zip(model.actions, content(model), strict=True)
    changed = [action for action, text in texts if text not in known]
    induction = Induction(model, how)
    induction._persistence()
    problem = induction.problem
    said = {(c.id, canonical(c.formula)) for c in _conjuncts(Problem(without))}
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


def row(mutant: Mutant) -> tuple[str, str]:
    """The configuration that shows the fault, and the obligation that fails there."""
    for config in ANY_SIZE:
        if changed(mutant, config):
            return config, failing(mutant, config, How(seconds=60))
    return LEFT_OUT, ""


def write() -> None:
    """Write the table."""
    rows = {id: (config, row) for config, rows in table().items() for id, row in rows.items()}
    for mutant in SAFETY:
        if mutant.id not in rows:
            rows[mutant.id] = row(mutant)
            sys.stdout.write(f"{mutant.id}: {rows[mutant.id]}\n")
            sys.stdout.flush()
    lines = [_HEAD]
    for config in (*ANY_SIZE, LEFT_OUT):
        lines.append(f"\n[{config}]\n")
        own = (m.id for m in SAFETY if rows[m.id][0] == config)
        lines += [f'{id} = "{rows[id][1]}"\n' for id in own]
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write()
