"""A simple allocator: clients ask for sets of resources and get them piece by piece.

A client without resources and without wishes may ask for any set. The allocator grants any part
of what is asked for and free; a client may return any part of what it holds, at any time. The
allocator is simple: it never deadlocks only because clients return what they hold even while
they still wait for more. Every wish is granted if each grant is strongly fair.

The language has no sets as values; a set of resources is an element of an enumeration of the
sets that there are, and ``has`` tells its members.

Source: SimpleAllocator in the TLA+ Examples.
"""

from itertools import combinations

from knell.language import Model, each, exists, forall, implies, require, when

m = Model("simple-allocator", "Clients ask for sets of resources and get them piece by piece.")
Client = m.sort("Client", size=3)
Resource = m.sort("Resource", size=2)

members = {
    "+".join(some): some
    for size in range(1, Resource.size + 1)
    for some in combinations(Resource.names, size)
}
Some = m.enum("Some", *members)  # the sets of resources, without the empty one
has = m.rigid("has", Some, Resource, value=lambda s, r: r in members[s])

unsatisfied = m.rel("unsatisfied", Client, Resource)  # asked for and not granted yet
held = m.rel("held", Client, Resource)  # granted and not returned yet


def all_of(s, holds):
    """Whether all resources in the set ``s`` satisfy ``holds``."""
    return forall(Resource, lambda r: implies(has[s, r], holds(r)))


def free(r):
    return ~exists(Client, lambda c: held[c, r])


def has_wish(c):
    return exists(Resource, lambda r: unsatisfied[c, r])


def holds_any(c):
    return exists(Resource, lambda r: held[c, r])


@m.action
def ask(c: Client, s: Some):
    require(satisfied=~has_wish(c), empty_handed=~holds_any(c))
    for r in each(Resource):
        unsatisfied[c, r] = has[s, r]


@m.action(fair="strong")
def grant(c: Client, s: Some):
    require(asked=all_of(s, lambda r: unsatisfied[c, r]), free=all_of(s, free))
    for r in each(Resource):
        with when(has[s, r]):
            unsatisfied[c, r] = False
            held[c, r] = True


@m.action(fair="weak")
def give_back(c: Client, s: Some):
    require(held=all_of(s, lambda r: held[c, r]))
    for r in each(Resource):
        with when(has[s, r]):
            held[c, r] = False


m.always(
    "mutual_exclusion",
    forall(Client, Client, Resource, lambda c, d, r: implies(held[c, r] & held[d, r], c == d)),
    witness="a_grant",
)
m.leads_to("gives_back", Client, lambda c: (~has_wish(c), ~holds_any(c)))
m.leads_to("obtains", Client, Resource, lambda c, r: (unsatisfied[c, r], held[c, r]))
m.leads_to("satisfied_again", Client, lambda c: (True, ~has_wish(c)))
m.reachable("a_grant", exists(Client, holds_any))
