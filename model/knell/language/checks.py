"""What may stand where: a formula uses only what has a value at its place.

A guard reads the state before the step, so ``.next`` has no value there; an axiom reads no state
at all; a variable means something only inside the quantifier, ``each`` or action that binds it.
"""

from __future__ import annotations

from collections.abc import Iterable

from knell.language.errors import ModelError
from knell.language.expressions import Bound, Count, Expr, Quantified, Read
from knell.language.substitution import children


def meaningful(
    formula: Expr,
    where: str,
    *,
    bound: Iterable[Bound] = (),
    state: bool = True,
    after: bool = False,
) -> Expr:
    """The formula, if it uses only ``bound`` variables, and the state where it may.

    ``state`` tells whether it may read the state, ``after`` also that after the step.
    """
    _check(formula, where, frozenset(bound), state, after)
    return formula


def _check(formula: Expr, where: str, known: frozenset[Bound], state: bool, after: bool) -> None:
    match formula:
        case Bound() if formula not in known:
            raise ModelError(
                f"{where}: {formula.name} is used outside the quantifier or action that binds it"
            )
        case Read(variable=variable) if not state:
            raise ModelError(
                f"{where} reads the state: {variable.name}",
                mend="only rigid functions and arguments have a value here",
            )
        case Read(variable=variable, primed=True) if not after:
            raise ModelError(
                f"{where}: {variable.name}.next has no value outside a step",
                mend="speak of steps in m.step(...)",
            )
        case Quantified(bound=bound) | Count(bound=bound):
            known |= frozenset(bound)
    for part in children(formula):
        _check(part, where, known, state, after)
