"""A naive checker: breadth-first search by the meaning of the language, and nothing else."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from knell.checker.replay import broken_clauses, is_deadlock, is_enabled
from knell.checker.results import Run
from knell.language.evaluate import extend
from knell.language.grounding import Instance, Program
from knell.language.model import Model

State = tuple[int, ...]


@dataclass
class Naive:
    """What the search finds; ``shortest`` maps property ids to the least number of states."""

    program: Program
    depth: dict[State, int] = field(default_factory=dict)
    steps: list[tuple[State, Instance, State]] = field(default_factory=list)
    shortest: dict[str, int] = field(default_factory=dict)


def explore(model: Model, most: int) -> Naive | None:
    """Explore everything; ``None`` if there are more than ``most`` states."""
    program = Program(model)
    evaluator = program.evaluator
    found = Naive(program)
    queue = list(program.initial())
    found.depth = dict.fromkeys(queue, 1)
    instances = [
        Instance(action, env, (), (), ())
        for action in model.actions
        for env in extend({}, action.parameters)
    ]
    for state in queue:
        if len(queue) > most:
            return None
        note(found, model, state)
        for instance in instances:
            if not is_enabled(evaluator, instance.action, state, instance.env):
                continue
            after = evaluator.execute(instance.action, state, instance.env)
            found.steps.append((state, instance, after))
            step = Run((state, after), (instance,))
            for declared in model.properties:
                if declared.kind == "action" and broken_clauses(evaluator, declared, step):
                    found.shortest.setdefault(declared.id, found.depth[state] + 1)
            if after not in found.depth:
                found.depth[after] = found.depth[state] + 1
                queue.append(after)
    return found


def note(found: Naive, model: Model, state: State) -> None:
    """Judge the properties of single states."""
    evaluator, run, depth = found.program.evaluator, Run((state,), ()), found.depth[state]
    for declared in model.properties:
        if declared.kind in ("always", "reachable"):
            broken = bool(broken_clauses(evaluator, declared, run))
            if broken == (declared.kind == "always"):
                found.shortest.setdefault(declared.id, depth)
    if is_deadlock(evaluator, found.program, state):
        found.shortest.setdefault("deadlock", depth)


def orbits(found: Naive, model: Model) -> int:
    """How many orbits of states there are, by trying all permutations that keep rigid functions."""
    group = [p for p in all_permutations(model) if keeps_rigids(model, p)]
    return len({min(permuted(found.program, p, state) for p in group) for state in found.depth})


def all_permutations(model: Model):
    choices = [list(itertools.permutations(range(sort.size))) for sort in model.sorts]
    for chosen in itertools.product(*choices):
        yield dict(zip(model.sorts, chosen, strict=True))


def rename(permutation, of, value: int) -> int:
    return permutation[of][value] if of in permutation else value


def keeps_rigids(model: Model, permutation) -> bool:
    for rigid in model.rigids:
        for point, value in rigid.table.items():
            image = tuple(
                rename(permutation, of, v) for of, v in zip(rigid.domain, point, strict=True)
            )
            if rigid.table[image] != rename(permutation, rigid.to, value):
                return False
    return True


def permuted(program: Program, permutation, state: State) -> State:
    result = [0] * len(state)
    for cell in program.layout.cells:
        domain = cell.variable.domain
        args = tuple(rename(permutation, of, v) for of, v in zip(domain, cell.args, strict=True))
        place = program.layout.find(cell.variable, args)
        assert place is not None
        result[place] = rename(permutation, cell.to, state[cell.index])
    return tuple(result)
