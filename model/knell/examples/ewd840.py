"""EWD 840: detecting that a distributed computation on a ring has ended.

N nodes work; an active node may activate any other by a message, which arrives at once, and may
become passive at any moment. Node 0 wants to know when all are passive. It sends a token round
the ring, from N-1 down to 0. A node that activated one that the token has passed already is
black, and stains the token. When a white token comes back to a node 0 that is white and passive,
all nodes are passive.

Only the token's actions are fair: the computation itself need not end.

Source: EWD840 in the TLA+ Examples, after Dijkstra, Feijen and van Gasteren (note EWD 840).
"""

from knell.language import ANY, Model, exists, forall, implies, ite, require, some, when

m = Model("ewd840", "A token on a ring detects that a distributed computation has ended.")
N = m.number("N", 3, "number of nodes", least=1)
Node = m.int(0, N - 1)
Color = m.enum("Color", "white", "black")

active = m.rel("active", Node, init=ANY)  # who works
color = m.var("color", Node, to=Color, init=ANY)  # black: may have activated a passed node
position = m.scalar("position", to=Node, init=ANY)  # where the token is
token = m.scalar("token", to=Color, init="black")  # black: this round tells nothing


@m.action(fair="weak")
def start_round():
    require(at_0=position == 0, not_conclusive=(token == "black") | (color[0] == "black"))
    position.set(N - 1)
    token.set("white")
    color[0] = "white"


@m.action(fair="weak")
def pass_token(i: Node):
    require(
        not_0=i > 0,
        has_token=position == i,
        free_to_pass=~active[i] | (color[i] == "black") | (token == "black"),
    )
    position.set(i - 1)
    token.set(ite(color[i] == "black", "black", token))
    color[i] = "white"


@m.action
def activate(i: Node, j: Node):
    require(active=active[i], another=i != j)
    active[j] = True
    with when(j > i):
        color[i] = "black"


@m.action
def become_passive(i: Node):
    require(active=active[i])
    active[i] = False


terminated = forall(Node, lambda i: ~active[i])
detected = (position == 0) & (token == "white") & (color[0] == "white") & ~active[0]

m.ends(detected)

m.always("detection_is_right", implies(detected, terminated), witness="a_detection")
m.always(
    "why",
    some(
        forall(Node, lambda i: implies(position < i, ~active[i])),
        exists(Node, lambda j: (j <= position) & (color[j] == "black")),
        token == "black",
    ),
    about="Dijkstra's invariant: passed nodes are passive, or a node or the token tells.",
)
m.leads_to("termination_is_detected", lambda: (terminated, detected))
m.reachable("a_detection", detected)
