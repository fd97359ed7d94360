"""A vote by quorums: nodes vote once, and what a whole quorum votes for is decided.

Any two quorums share a node, and a node votes only once. So two quorums cannot vote for different
values, and at most one value is decided, however many nodes and quorums there are: `knell prove`
proves it for any number. The proof needs a quantifier alternation: for every two quorums there
is a node in both. That leads from quorums to nodes and never back, so the proof is decided.

Source: the toy consensus of the Ivy examples, after Padon, McMillan and others.
"""

from itertools import combinations

from knell.language import Model, exists, forall, implies, require

m = Model("quorum-vote", "Nodes vote once; what a quorum votes for is decided, and nothing else.")
Node = m.sort("Node", size=3)
Value = m.sort("Value", size=2)

majorities = list(combinations(Node.names, Node.size // 2 + 1))
members = {f"q{k}": chosen for k, chosen in enumerate(majorities, start=1)}
Quorum = m.sort("Quorum", names=tuple(members))
member = m.rigid("member", Node, Quorum, value=lambda n, q: n in members[q])

m.axiom(
    "quorums_meet",
    forall(Quorum, Quorum, lambda p, q: exists(Node, lambda n: member[n, p] & member[n, q])),
)

voted = m.rel("voted", Node)  # who has voted
vote = m.rel("vote", Node, Value)  # for what
decided = m.rel("decided", Value)  # what a whole quorum has voted for


@m.action
def cast(n: Node, v: Value):
    require(first=~voted[n])
    voted[n] = True
    vote[n, v] = True


@m.action
def decide(q: Quorum, v: Value):
    require(agreed=forall(Node, lambda n: implies(member[n, q], vote[n, v])))
    decided[v] = True


m.ends(exists(Value, lambda v: decided[v]) | forall(Node, lambda n: voted[n]))

m.always(
    "one_decision",
    forall(Value, Value, lambda v, w: implies(decided[v] & decided[w], v == w)),
    about="At most one value is decided.",
    witness="a_decision",
)
m.reachable("a_decision", exists(Value, lambda v: decided[v]))

m.invariant("votes_are_cast", forall(Node, Value, lambda n, v: implies(vote[n, v], voted[n])))
m.invariant(
    "one_vote",
    forall(Node, Value, Value, lambda n, v, w: implies(vote[n, v] & vote[n, w], v == w)),
)
m.invariant(
    "decided_by_a_quorum",
    forall(
        Value,
        lambda v: implies(
            decided[v],
            exists(Quorum, lambda q: forall(Node, lambda n: implies(member[n, q], vote[n, v]))),
        ),
    ),
)
