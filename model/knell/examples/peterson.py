"""Peterson's algorithm: two processes share a critical section by three shared variables.

A process that wants to enter says so and then gives precedence to the other. It enters when the
other does not want to, or when precedence has come back to it. The order of the two
announcements is the whole point: swap them, and both may enter.

Source: Peterson in the TLA+ Examples (locks_auxiliary_vars); its labels have names here.
"""

from knell.language import Model, exists, forall, iff, implies, require

m = Model("peterson", "Two processes share a critical section.")
P = m.sort("P", names=["p1", "p2"], symmetric=False)  # p1 has precedence at first
Label = m.enum("Label", "idle", "wanting", "yielding", "waiting", "critical", "leaving")

other = m.rigid("other", P, to=P, value={"p1": "p2", "p2": "p1"})

at = m.var("at", P, to=Label, init="idle")  # the program counter
wants = m.rel("wants", P)  # shared: who wants to enter
turn = m.scalar("turn", to=P, init="p1")  # shared: who has precedence


@m.action  # not fair: nobody has to want
def start(p: P):
    require(idle=at[p] == "idle")
    at[p] = "wanting"


@m.action(fair="weak")
def say_so(p: P):
    require(wanting=at[p] == "wanting")
    wants[p] = True
    at[p] = "yielding"


@m.action(fair="weak")
def give_precedence(p: P):
    require(yielding=at[p] == "yielding")
    turn.set(other[p])
    at[p] = "waiting"


@m.action(fair="weak")
def enter(p: P):
    require(waiting=at[p] == "waiting", may=~wants[other[p]] | (turn == p))
    at[p] = "critical"


@m.action(fair="weak")
def finish(p: P):
    require(critical=at[p] == "critical")
    at[p] = "leaving"


@m.action(fair="weak")
def leave(p: P):
    require(leaving=at[p] == "leaving")
    wants[p] = False
    at[p] = "idle"


def inside(p):
    return at[p].is_in("critical", "leaving")


m.always("mutual_exclusion", ~forall(P, inside), witness="someone_inside")
m.always(
    "why",
    {
        "wish_is_known": forall(P, lambda p: iff(wants[p], ~at[p].is_in("idle", "wanting"))),
        "other_held_off": forall(
            P,
            lambda p: implies(
                inside(p),
                (turn == p) | at[other[p]].is_in("idle", "wanting", "yielding"),
            ),
        ),
    },
    about="The invariant that carries the proof.",
    witness="someone_inside",
)
m.leads_to("whoever_wants_enters", P, lambda p: (at[p] == "wanting", at[p] == "critical"))
m.reachable("someone_inside", exists(P, inside))
