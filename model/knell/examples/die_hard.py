"""Die hard: measure 4 gallons with a jug of 3, a jug of 5 and a tap.

The heroes of the film must put exactly 4 gallons on a scale. The jugs have no marks, so all that
can be done is to fill one, to empty one, or to pour from one to the other until either is empty
or full.

The model claims that the big jug never holds 4 gallons. That claim is *meant to be violated*:
its shortest counterexample, of seven states, is the solution of the puzzle.

Source: DieHard in the TLA+ Examples.
"""

from knell.language import Model, ite

m = Model("die-hard", "Measure 4 gallons with two jugs: the counterexample is the solution.")

small = m.scalar("small", to=m.int(0, 3), init=0)  # gallons in the jug of 3
big = m.scalar("big", to=m.int(0, 5), init=0)  # gallons in the jug of 5


@m.action
def fill_small():
    small.set(3)


@m.action
def fill_big():
    big.set(5)


@m.action
def empty_small():
    small.set(0)


@m.action
def empty_big():
    big.set(0)


@m.action
def small_to_big():
    fits = small + big <= 5
    big.set(ite(fits, small + big, 5))
    small.set(ite(fits, 0, small + big - 5))


@m.action
def big_to_small():
    fits = small + big <= 3
    small.set(ite(fits, small + big, 3))
    big.set(ite(fits, 0, small + big - 3))


m.always(
    "not_four",
    big != 4,
    about="The big jug never holds 4 gallons; a counterexample solves the puzzle.",
    witness="solved",
)
m.reachable("solved", big == 4)
