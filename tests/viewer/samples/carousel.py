"""A token that never comes round: it goes to and fro between two of three, and the third waits."""

from knell.language import Model, exists, require

m = Model("carousel", "A token is handed on; one place is left out.")
Place = m.sort("Place", names=["p1", "p2", "p3"], symmetric=False)
Mood = m.enum("Mood", "idle", "waiting", "served")

is_third = m.rigid("is_third", Place, value=lambda p: p == "p3")
mood = m.var("mood", Place, to=Mood, init="idle")
token = m.rel("token", Place, init=lambda p: p == "p1")


@m.action(fair="weak")
def hand_on(a: Place, b: Place):
    """The token goes to another place, but never to the third."""
    require(has_it=token[a], another=~token[b], known=~is_third[b])
    token[a] = False
    token[b] = True


@m.action
def ask(p: Place):
    """A place begins to wait."""
    require(idle=mood[p] == "idle")
    mood[p] = "waiting"


@m.action(fair="strong")
def serve(p: Place):
    """Who has the token and waits is served."""
    require(has_it=token[p], waiting=mood[p] == "waiting")
    mood[p] = "served"


m.leads_to("served", Place, lambda p: (mood[p] == "waiting", mood[p] == "served"))
m.reachable("moved", exists(Place, lambda p: token[p] & (p == "p2")))
