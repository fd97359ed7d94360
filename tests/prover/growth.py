"""How a proof grows with actions and conjuncts: ``python -m tests.prover.growth``.

A chain of stations passes a token on; each station has an action and an invariant of its own, so
a chain of k has k actions and k + 1 conjuncts, in an obligation for each pair. Seconds are of the
processor, all processes together, so they can be compared though others work too.
"""

import resource
import sys

from knell.language import Model, Settings, forall, implies, require
from knell.language.settings import settings
from knell.prover.inductive import How, Induction


def chain(length: int) -> Model:
    """Stations that a token of each kind passes in order, and that remember it."""
    with settings(Settings()):
        m = Model("chain")
        T = m.sort("T", size=2)
        seen = [m.rel(f"seen_{k}", T) for k in range(length + 1)]

        def passing(k: int) -> None:
            def go(t: T):
                if k:
                    require(before=seen[k - 1][t])
                seen[k][t] = True

            go.__name__ = f"pass_{k}"
            m.action(go)

        for k in range(length):
            passing(k)
        for k in range(1, length):
            m.invariant(
                f"in_order_{k}", forall(T, lambda t, k=k: implies(seen[k][t], seen[k - 1][t]))
            )
        m.always("whole", forall(T, lambda t: implies(seen[length - 1][t], seen[0][t])))
        return m.finish()


def seconds() -> float:
    """Seconds of the processor so far, with those of processes that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(length: int) -> tuple[int, float]:
    """The number of obligations of a chain, and the seconds that its proof took."""
    model = chain(length)
    begun = seconds()
    result = Induction(model, How(workers=1, search_seconds=0)).prove()
    assert result.verdict == "proved"
    return len(result.obligations), seconds() - begun


def show() -> None:
    """Print how the time grows as actions and conjuncts double."""
    last = None
    for length in (10, 20, 40, 80):
        number, used = measure(length)
        ratio = f", {used / last:.1f} times the last" if last else ""
        sys.stdout.write(f"{length} actions, {number} obligations: {used:.2f} s{ratio}\n")
        last = used


if __name__ == "__main__":
    show()
