"""What a complete search shows to say nothing: actions never taken, premises that never held.

A green verdict on "wherever P, also Q" is worth little in a model that never reaches P. Such
conjuncts, and properties that no model could break, are named in warnings.
"""

from __future__ import annotations

from collections.abc import Iterator

from knell.checker.explored import Explored
from knell.checker.questions import Premise, Questions
from knell.language.grounding import Program


def taken_by_action(program: Program, taken: list[int]) -> dict[str, int]:
    """How often each action was executed."""
    counts = {action.name: 0 for action in program.model.actions}
    for instance, n in zip(program.instances, taken, strict=True):
        counts[instance.action.name] += n
    return counts


def warnings(program: Program, questions: Questions, found: Explored) -> list[str]:
    """The warnings of a complete search."""
    taken = taken_by_action(program, found.taken)
    lines = [f"action {name} was never taken" for name, n in taken.items() if n == 0]
    lines += [f"property {id} is true whatever the model does" for id in questions.trivial]
    for premise in _unseen(questions, found):
        id, conjunct = premise.declared.id, premise.conjunct
        what = "its premise" if conjunct == id else f"the premise of {conjunct}"
        if id not in questions.trivial:
            lines.append(f"property {id} is vacuous: {what} never held")
    return lines


def _unseen(questions: Questions, found: Explored) -> Iterator[Premise]:
    """The premises that held in no state, and of no step."""
    for watch, about in enumerate(questions.watched):
        if isinstance(about, Premise) and watch not in found.hits:
            yield about
    for number, premise in enumerate(questions.awaited):
        if number not in found.awaited:
            yield premise
