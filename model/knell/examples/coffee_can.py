"""The coffee can: beans are taken out until one is left; which colour will it have?

A can holds black and white beans. Take two at random. If they have the same colour, throw both
away and put in a black one; if not, put the white one back and throw the black one away. Every
step takes one bean away, so one is left at last. The number of white beans stays odd or stays
even, which tells the colour of the last bean before the first is taken.

Every can of up to M beans is an initial state. A can with one bean rests: an action that changes
nothing, so that resting is no deadlock.

Source: CoffeeCan in the TLA+ Examples; the problem is Scholten's, told by Dijkstra and Gries.
"""

from knell.language import ANY, Model, iff, implies, require

m = Model("coffee-can", "Beans are taken out until one is left; its colour is known before.")
M = m.number("M", 100, "most beans in the can", least=1)

black = m.scalar("black", to=m.int(0, M), init=ANY)  # black beans in the can
white = m.scalar("white", to=m.int(0, M), init=ANY)  # white beans in the can
beans = black + white

m.init(some=beans >= 1, not_too_many=beans <= M)


@m.action(fair="weak")
def take_two_black():
    require(two_black=black >= 2)
    black.set(black - 1)


@m.action(fair="weak")
def take_two_white():
    require(two_white=white >= 2)
    white.set(white - 2)
    black.set(black + 1)


@m.action(fair="weak")
def take_one_of_each():
    require(black=black >= 1, white=white >= 1)
    black.set(black - 1)


@m.action
def rest():
    require(one_left=beans == 1)


even = white % 2 == 0

m.step("fewer", implies(beans > 1, black.next + white.next < beans))
m.step("parity_stays", iff(even, white.next % 2 == 0), witness="odd")
m.leads_to("one_left", lambda: (True, beans == 1))
m.leads_to("even_ends_black", lambda: (even, (black == 1) & (white == 0)))
m.leads_to("odd_ends_white", lambda: (~even, (black == 0) & (white == 1)))
m.reachable("odd", ~even)
